"""What the terminal shows, in the shapes that the API answers: one class for both ways to it.

What an answer holds besides is left out, so that a newer server can be worked on.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from attrs import astuple, field, frozen
from cattrs import Converter

T = TypeVar("T")
ADMINISTRATORS: Final = frozenset({"org_admin", "platform_admin"})


@frozen
class RoleHeld:
    role: str
    scope_type: str
    scope_id: str | None


@frozen
class Person:
    id: str
    full_name: str
    email: str | None
    email_verified: bool
    is_active: bool
    roles: tuple[RoleHeld, ...]
    organization_id: str | None
    source_system: str | None = None
    source_id: str | None = None

    @property
    def role_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(held.role for held in self.roles))

    @property
    def is_administrator(self) -> bool:
        """Whom to show an administrator's keys. What they may do, the services decide."""
        return not ADMINISTRATORS.isdisjoint(self.role_names)


@frozen
class Account:
    locked_until: datetime | None
    has_password: bool
    has_second_factor: bool


@frozen
class MemoryUsage:
    """How much somebody keeps, and nothing of what."""

    memories: int
    in_bin: int
    in_summaries: int
    bytes: int
    uses: int
    last_written: datetime | None
    last_used: datetime | None


@frozen
class Session:
    id: str
    device_name: str | None
    ip_address: str | None
    user_agent: str | None
    last_used_at: datetime
    current: bool


@frozen
class Device:
    id: str
    name: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@frozen
class Place:
    """An organisation, a department or a team. `kind`: a role's `scope_type`."""

    id: str
    name: str
    kind: str = ""
    member_count: int | None = None
    organization_id: str | None = None
    parent_organization_id: str | None = None
    parent_department_id: str | None = None


@frozen
class Member:
    user_id: str
    full_name: str
    email: str | None
    role: str


@frozen
class Guardian:
    """`relation`: what they are to the child, where a roster has said so."""

    guardian_id: str
    created_at: datetime
    relation: str | None = None


@frozen
class ClassTaken:
    """A class that somebody takes part in."""

    id: str
    title: str
    organization_id: str
    role: str
    status: str
    is_primary: bool


@frozen
class HeldFields:
    fields: tuple[str, ...]


@frozen
class Progress:
    stage: str
    rows: int = 0
    rows_total: int | None = None


@frozen
class Counts:
    """Of a kind of things; `refuse`: of its rows."""

    create: int = 0
    update: int = 0
    unchanged: int = 0
    remove: int = 0
    refuse: int = 0


@frozen
class Problem:
    code: str
    detail: str


@frozen
class RefusedRow:
    file: str
    line: int
    column: str | None
    code: str
    detail: str


@frozen
class Threshold:
    """Of a kind of things, one that an import would cross."""

    kind: str
    what: str
    count: int
    known: int

    @property
    def said(self) -> str:
        what = "removed" if self.what == "remove" else "changed"
        return f"{self.count} of {self.known} {self.kind.replace('_', ' ')} would be {what}"


@frozen
class Import:
    """A plan or a run of an import. `refused`: in a list, none."""

    id: str
    status: str
    format: str
    mode: str
    organization_id: str
    counts: Mapping[str, Counts]
    started_by: str | None
    started_at: datetime
    progress: Progress | None = None
    problem: Problem | None = None
    refused: tuple[RefusedRow, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    accepts_large_change: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.status in {"planning", "applying"}

    @property
    def large_change(self) -> str:
        """What nobody has accepted yet of what is planned."""
        if self.status != "planned" or self.accepts_large_change or not self.thresholds:
            return ""
        return f"A large change: {'; '.join(one.said for one in self.thresholds)}."

    @property
    def total(self) -> Counts:
        """Of all kinds together."""
        every = [astuple(counts) for counts in self.counts.values()]
        return Counts(*map(sum, zip(*every, strict=True)))


@frozen
class Because:
    role: str
    scope_type: str
    scope_id: str | None


@frozen
class Answer:
    """Whether somebody may do something, and by which roles."""

    allowed: bool
    because: tuple[Because, ...]
    action: str = ""


@frozen
class AuditQuestion:
    """Nothing of it: all. `person_id`: who did it, or whom it was done to."""

    action: str = ""
    person_id: str | None = None
    since: date | None = None
    until: date | None = None


@frozen
class Entry:
    """What was done: one of the audit log."""

    id: str
    at: datetime
    actor_id: str | None
    action: str
    target_type: str
    target_id: str | None
    ip_address: str | None
    details: Mapping[str, Any] = field(factory=dict)  # whatever the act had to tell


def shaped(kind: type[T], answer: object) -> T:
    """Raises ValueError, KeyError or TypeError where it has not that shape."""
    return _CONVERTER.structure(answer, kind)


def _moment(value: str, _: object) -> datetime:
    return datetime.fromisoformat(value)


_CONVERTER: Final = Converter(detailed_validation=False)
_CONVERTER.register_structure_hook(datetime, _moment)
