"""Personal access tokens: what a program signs in with in a person's stead, narrowed to scopes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.access import EVERY_SCOPE, IN_PERSON, Action
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Name

SCOPES: Final = (EVERY_SCOPE, *(action.value for action in Action if action not in IN_PERSON))
DEFAULT_LIFE: Final = timedelta(days=90)
LONGEST_LIFE: Final = timedelta(days=366)
MOST_TOKENS: Final = 50  # a person
MOST_SCOPES: Final = 32
# How old a token's `last_used_at` may get before it is written anew.
TOUCH_AFTER: Final = timedelta(minutes=10)


def as_tuple(scopes: Iterable[str]) -> tuple[str, ...]:
    """As storage has them, which knows lists alone."""
    return tuple(scopes)


def _as_set(scopes: Iterable[str]) -> frozenset[str]:
    return frozenset(scopes)


@frozen
class PersonalToken:
    """Only its hash is kept. It is over, too, when the person's `security_epoch` is another one by
    now: with a new password, a new address, or a deactivation."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    name: str
    scopes: tuple[str, ...] = field(converter=as_tuple)
    token_hash: bytes
    security_epoch: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    version: int = 1


@frozen
class TokenUse:
    """The token by which somebody asks, as storage found it."""

    id: str
    scopes: frozenset[str] = field(converter=_as_set)


@frozen
class ScopeName:
    def broken_by(self, value: str) -> tuple[str, str] | None:
        if value in SCOPES:
            return None
        return "invalid_value", f"must be one of {', '.join(SCOPES)}"

    def schema(self) -> Mapping[str, Any]:
        return {"enum": list(SCOPES)}


Scope = Annotated[str, ScopeName()]


@frozen
class SomeScopes:
    def broken_by(self, value: list[str]) -> tuple[str, str] | None:
        if not value:
            return "too_short", "needs at least one scope"
        if len(value) > MOST_SCOPES:
            return "too_long", f"takes at most {MOST_SCOPES} scopes"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"minItems": 1, "maxItems": MOST_SCOPES}


Scopes = Annotated[list[Scope], SomeScopes()]


@frozen
class NewToken:
    """`scopes`: names of permissions, or `*` for all that one may. Without `expires_at` it lives
    for 90 days; at most it does for 366."""

    name: Name
    scopes: Scopes
    expires_at: datetime | None = None

    __attrs_post_init__ = obey_rules


def expiry_of(expires_at: datetime | None, now: datetime) -> datetime:
    """Raises Invalid (`in_the_past`, `invalid_value`)."""
    expires_at = expires_at or now + DEFAULT_LIFE
    if expires_at <= now:
        raise Invalid([Fault("/expires_at", "in_the_past", "lies in the past")])
    if expires_at > now + LONGEST_LIFE:
        detail = f"lies more than {LONGEST_LIFE.days} days ahead"
        raise Invalid([Fault("/expires_at", "invalid_value", detail)])
    return expires_at


@frozen
class TokenView:
    """`last_used_at`: to within ten minutes."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@frozen
class MadeToken:
    """`token`: shown this once."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    token: str = field(repr=False)


def token_view_of(token: PersonalToken) -> TokenView:
    return TokenView(
        token.id,
        token.name,
        token.scopes,
        token.created_at,
        token.expires_at,
        token.last_used_at,
    )


def made_view_of(made: PersonalToken, token: str) -> MadeToken:
    view = token_view_of(made)
    return MadeToken(
        view.id,
        view.name,
        view.scopes,
        view.created_at,
        view.expires_at,
        view.last_used_at,
        token,
    )
