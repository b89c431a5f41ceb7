from datetime import datetime
from typing import Annotated

from attrs import field, frozen

from faraday_core.identity.addresses import Email
from faraday_core.identity.model import User, UserView
from faraday_core.identity.passwords import Password
from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Role, ScopeType
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Name, Text
from faraday_core.kernel.words import words_of

SearchText = Annotated[str, Text(1, 100)]
Id = Annotated[str, Text(1, 64)]


@frozen
class NewUser:
    """An account that somebody else makes. Without a password its person is invited by mail to
    choose one."""

    email: Email
    full_name: Name
    organization_id: Id
    role: Role = Role.STUDENT
    password: Password | None = field(default=None, repr=False)


@frozen
class UserFields:
    """What somebody else writes of an account. `email`: None leaves it as it is."""

    full_name: Name
    is_active: bool = True
    email: Email | None = None

    __attrs_post_init__ = obey_rules


@frozen
class UserFilter:
    """`q`: what a word of the name, or the address, begins with. `include_service`: with the
    programs that are among them. `source_id`: the id that a roster's source gives them, active or
    not."""

    organization_id: Id | None = None
    role: Role | None = None
    q: SearchText | None = None
    is_active: bool | None = None
    include_inactive: bool = False
    include_service: bool = False
    source_system: SearchText | None = None
    source_id: SearchText | None = None

    __attrs_post_init__ = obey_rules

    @property
    def activity(self) -> bool | None:
        """Those who are active, those who are not, or (None) both."""
        if self.is_active is not None:
            return self.is_active
        return None if self.include_inactive or self.source_id is not None else True


@frozen
class Listing:
    """A person's place in a list: by their id, or by the word of theirs that was searched for."""

    id: str
    view: UserView
    term: str = ""


@frozen
class Account:
    """The state of somebody's account, for whoever has to help them."""

    locked_until: datetime | None
    has_password: bool
    has_second_factor: bool


def terms_of(user: User) -> frozenset[str]:
    """What a person is found by: the words of their name, and their address."""
    return terms_of_name(user.full_name, user.email_key)


def terms_of_name(full_name: str, email_key: str | None) -> frozenset[str]:
    return frozenset(words_of(f"{full_name} {email_key or ''}"))


@frozen
class AccessQuestion:
    """`resource`: the id of an organisation, a department, a team or a person, or "platform"."""

    action: Action
    resource: Id

    __attrs_post_init__ = obey_rules


@frozen
class Because:
    """A role that decides."""

    role: Role
    scope_type: ScopeType
    scope_id: str | None


@frozen
class AccessView:
    allowed: bool
    because: tuple[Because, ...]
