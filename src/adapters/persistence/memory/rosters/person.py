from attrs import define

from adapters.persistence.memory.rosters.work import Thing
from faraday_core.identity.model import User
from faraday_core.roster.rows import Standing


@define
class Person(Thing):
    """`adopts`: that the account had no source so far. `holder`: somebody else who has the
    address. `is_vacant`: that they have no claim to it. `ends_holder`: whose it is no more."""

    adopts: bool = False
    holder: User | None = None
    is_vacant: bool = False
    is_protected: bool = False
    is_elsewhere: bool = False
    ends_holder: User | None = None

    @property
    def only_ends(self) -> bool:
        return not self.adopts and self.row.standing is Standing.DELETED and self.old is not None

    @property
    def key(self) -> str | None:
        """By which the address is known that they would have."""
        key: str | None = self.values["email_key"]
        return key

    @property
    def old_key(self) -> str | None:
        return self.old.email_key if self.old is not None else None

    @property
    def has_new_key(self) -> bool:
        return self.key != self.old_key

    @property
    def is_written(self) -> bool:
        """Whether the account itself changes, and not only what belongs to it."""
        return self.deed == "update" and self.differs
