"""What one import works on: its rows as they came, and what has been found about them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from attrs import Factory, define, frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.organizations.membership import UserOrganization
from faraday_core.records.model import BirthDate, Guardianship
from faraday_core.roster.reading import FileRead
from faraday_core.roster.rows import JOIN, Kind, Row, RowFault, Standing
from faraday_core.roster.runs import ImportRun

T = TypeVar("T")
LAST_POSITION = 999  # of a reference whose column its file does not show


class Deed(StrEnum):
    """What is to be done about a thing. `SKIP`: it is gone already, and never was here."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    UNCHANGED = "unchanged"
    REFUSE = "refuse"
    SKIP = "skip"


LEFT_OUT = frozenset({Deed.REFUSE, Deed.SKIP})


@frozen
class Noted:
    """A refusal or a warning, before its file's name is put to it."""

    file: int
    line: int
    heading: str | None
    code: str
    detail: str


@define
class Named:
    """A thing that the source has a name for. `old`: as it is here already. `organization_id`:
    where it lies, for those that refer to it."""

    id: str
    old: Any = None  # an entity
    organization_id: str | None = None


@define
class Thing:
    """A row beside what is here. `values`: all that it writes. `nowhere`: its fields that name
    what is not here."""

    row: Any  # of a class of rows
    id: str
    old: Any  # an entity, or None
    deed: Deed
    in_use: bool = True
    differs: bool = True
    fault: RowFault | None = None
    values: dict[str, Any] = Factory(dict)  # by an entity's field
    nowhere: list[str] = Factory(list)

    @property
    def is_taken(self) -> bool:
        return self.deed not in LEFT_OUT

    @property
    def only_ends(self) -> bool:
        """Whether its row says no more than that something here is gone."""
        return self.row.standing is Standing.DELETED and self.old is not None


@frozen
class RoleDays:
    starts_on: date | None
    ends_on: date | None


@frozen
class RoleKey:
    user_id: str
    organization_id: str
    department_id: str | None
    role: str


@define
class Belonging:
    """What changes of people beside their own rows."""

    new_roles: dict[RoleKey, RoleDays] = Factory(dict)
    other_roles: list[tuple[UserOrganization, RoleDays]] = Factory(list)
    ended_roles: list[UserOrganization] = Factory(list)
    # A child, and whose it is; and what they are to it.
    new_guardians: dict[tuple[str, str], str | None] = Factory(dict)
    other_guardians: list[tuple[Guardianship, str | None]] = Factory(list)
    ended_guardians: list[Guardianship] = Factory(list)
    new_births: dict[str, tuple[BirthDate | None, date]] = Factory(dict)

    @property
    def people(self) -> set[str]:
        """Whom any of it is about."""
        return {
            *(key.user_id for key in self.new_roles),
            *(role.user_id for role, _ in self.other_roles),
            *(role.user_id for role in self.ended_roles),
            *(child for child, _ in self.new_guardians),
            *(other.child_id for other, _ in self.other_guardians),
            *(ended.child_id for ended in self.ended_guardians),
            *self.new_births,
        }


@define
class Work:
    rows: Rows
    task: ImportRun
    files: Sequence[FileRead]
    staged: dict[type[Row], list[Any]]  # of the class
    names: dict[Kind, dict[str, Named]] = Factory(dict)
    found: dict[Kind, list[Any]] = Factory(dict)  # things; of users, `Person`
    gone: dict[Kind, list[Any]] = Factory(dict)  # entities
    refused: defaultdict[Kind, list[Noted]] = Factory(lambda: defaultdict(list))
    warned: list[Noted] = Factory(list)
    protected: set[str] = Factory(set)  # people
    belonging: Belonging = Factory(Belonging)

    @property
    def tenant(self) -> str:
        return str(self.rows.scope.tenant_id)

    @property
    def root(self) -> str:
        return self.task.organization_id

    @property
    def is_delta(self) -> bool:
        return any(file.is_delta for file in self.files)

    def here(self, kind: type[T]) -> list[T]:
        """Entities of the tenant."""
        return [row for _, row in self.rows.in_sight(kind)]

    def is_ours(self, entity: Any) -> bool:  # one that a roster may bring
        """Whether it came in from this source."""
        source = (entity.source_root_id, entity.source_system)
        return source == (self.root, self.task.source_system)

    def column(self, row: Any, field: str) -> tuple[str | None, int]:  # of a class of rows
        """Where a field stands in the row's file: its heading, and which column it is."""
        heading, position = self.files[row.file].headings.get(field, (None, LAST_POSITION))
        return heading, position

    def warn(self, row: Any, field: str | None, code: str, detail: str) -> None:  # as above
        heading = self.column(row, field)[0] if field else None
        self.warned.append(Noted(row.file, row.line, heading, code, detail))

    def refuse(self, kind: Kind, row: Any, fault: RowFault) -> None:  # as above
        noted = Noted(row.file, row.line, fault.column, fault.code, fault.detail)
        self.refused[kind].append(noted)

    def leading_nowhere(self, row: Any, field: str) -> RowFault:  # as above
        heading, position = self.column(row, field)
        named = getattr(row, field)
        shown = f": {named.replace(JOIN, ', ')[:100]}" if named else ""
        return RowFault("unknown_reference", heading, position, f"names what is not here{shown}")


def first_of(faults: Iterable[RowFault | None]) -> RowFault:
    """The first by columns; of those of one column, the first as given."""
    return min((fault for fault in faults if fault), key=lambda fault: fault.position)
