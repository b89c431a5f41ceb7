"""How a rule is written: what a table holds about people, and what becomes of it."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import Factory, field, frozen

# What every table of its sort has, and says nothing of anybody.
_COMMON: Final = frozenset({"version", "tenant_id"})


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@frozen
class Retention:
    """Rows are removed so many days after the moment in `column`; 0: with the account alone."""

    kind: str
    column: str
    days: int


@frozen
class Personal:
    """A table whose rows are about a person, and are removed with them.

    `by`: the columns that name the person. `shown`: what the export gives them, in `file`.
    `left_out`: the other columns, each with the reason. `cleared`: those that point to somebody
    else, and to nobody once that one is erased. `single`: there is one row at most. `kept`: how
    long, where no `retention` says so.
    """

    kind: type[Any]  # an entity's
    table: str
    what: str  # for the person who reads their export
    file: str | None
    shown: tuple[str, ...] = field(default="", converter=_names)
    left_out: Mapping[str, str] = Factory(dict)
    by: tuple[str, ...] = field(default="user_id", converter=_names)
    cleared: tuple[str, ...] = field(default="", converter=_names)
    single: bool = False
    kept: str = "as long as the account"
    retention: Retention | None = None

    @property
    def columns(self) -> frozenset[str]:
        """All that the rule speaks of."""
        return frozenset((*self.shown, *self.left_out, *self.by, *_COMMON))


@frozen
class Sealed:
    """A table whose rows stay, and in which a person is a pseudonym: what is personal in them is
    sealed by the person's key, and nothing once that is destroyed."""

    table: str
    what: str
    file: str
    personal: tuple[str, ...] = field(converter=_names)
    plain: tuple[str, ...] = field(converter=_names)
    kept: str

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((*self.personal, *self.plain, *_COMMON))


@frozen
class Nobodys:
    """A table that holds nothing about a person. `cleared`: as with a `Personal` one."""

    table: str
    because: str
    names: tuple[str, ...] = field(converter=_names)
    cleared: tuple[str, ...] = field(default="", converter=_names)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((*self.names, *self.cleared, *_COMMON))


Holding = Personal | Sealed | Nobodys
