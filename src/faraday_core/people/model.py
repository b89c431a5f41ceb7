import re
from datetime import datetime
from typing import Annotated
from unicodedata import combining, normalize

from attrs import field, frozen

from faraday_core.identity.addresses import Email
from faraday_core.identity.model import Person, User
from faraday_core.identity.passwords import Password
from faraday_core.kernel.actor import Role
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Name, Text

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
    """What somebody else writes of an account."""

    full_name: Name
    is_active: bool = True

    __attrs_post_init__ = obey_rules


@frozen
class UserFilter:
    """`q`: what a word of the name, or the address, begins with."""

    organization_id: Id | None = None
    role: Role | None = None
    q: SearchText | None = None
    is_active: bool | None = None
    include_inactive: bool = False

    __attrs_post_init__ = obey_rules

    @property
    def activity(self) -> bool | None:
        """Those who are active, those who are not, or (None) both."""
        if self.is_active is not None:
            return self.is_active
        return None if self.include_inactive else True


@frozen
class Listing:
    """A person's place in a list: by their id, or by the word of theirs that was searched for."""

    id: str
    person: Person
    term: str = ""


@frozen
class Account:
    """The state of somebody's account, for whoever has to help them."""

    locked_until: datetime | None
    has_password: bool
    has_second_factor: bool


def terms_of(user: User) -> frozenset[str]:
    """What a person is found by: the words of their name, and their address."""
    return frozenset(words_of(f"{user.full_name} {user.email_key or ''}"))


def words_of(text: str) -> list[str]:
    """Without regard to case and accents, as people type names."""
    letters = normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not combining(letter))
    return [word for word in re.split(r"[\s,;]+", bare) if word]
