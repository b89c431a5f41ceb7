"""What there is to know of a person: a list each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from attrs import field, frozen

from adapters.terminal_text import shown
from adapters.tui.desk import SupportDesk
from adapters.tui.names import Names
from adapters.tui.seen import AuditQuestion, Entry, Import, Person, RoleHeld


@frozen
class Row:
    """`key`: by which an act finds what it is about. `about`: what else is to be told of it."""

    key: str
    cells: tuple[object, ...]
    about: str = ""


@frozen
class Rows:
    """`note`: what is said of them all."""

    items: Sequence[Row]
    more: bool = False  # than are shown
    note: str = ""


@frozen
class Subject:
    """The person who is looked at, and by whose desk."""

    desk: SupportDesk
    names: Names = field(repr=False)
    person: Person


Ask = Callable[[Subject], Awaitable[Rows]]
About = Callable[[Subject, Row], Awaitable[str]]


async def _told(_: Subject, row: Row) -> str:
    return row.about


@frozen
class Tab:
    """`columns`: with two cells of space to each and a scrollbar they fill 80 at most. `about`:
    what stands below of the row that the cursor is on."""

    id: str
    title: str
    columns: Sequence[tuple[str, int]]
    empty: str
    ask: Ask
    about: About | None = None


async def _roles(subject: Subject) -> Rows:
    rows = []
    for held in subject.person.roles:
        name = await subject.names.of_place(held)
        rows.append(Row(key_of(held), (held.role, held.scope_type, name)))
    return Rows(rows)


async def _why(subject: Subject, row: Row) -> str:
    held = held_by(row.key)
    answers = await subject.desk.may(subject.person.id, held.scope_id or "platform")
    by_it = [
        answer.action
        for answer in answers
        if any((one.role, one.scope_id) == (held.role, held.scope_id) for one in answer.because)
    ]
    otherwise = [one.action for one in answers if one.allowed and one.action not in by_it]
    told = f"By this role, there and below: {', '.join(by_it) or 'nothing'}."
    return told + (f" By another: {', '.join(otherwise)}." if otherwise else "")


async def _sessions(subject: Subject) -> Rows:
    found = await subject.desk.sessions(subject.person.id)
    rows = [
        Row(
            one.id,
            (
                f"{shown(one.device_name)}{' (yours)' if one.current else ''}",
                one.ip_address,
                one.user_agent,
                one.last_used_at,
            ),
        )
        for one in found.items
    ]
    return Rows(rows, found.next_cursor is not None)


async def _devices(subject: Subject) -> Rows:
    found = await subject.desk.devices(subject.person.id)
    rows = [
        Row(one.id, (one.name, one.created_at, one.last_used_at, one.expires_at))
        for one in found.items
    ]
    return Rows(rows)


async def _audit(subject: Subject) -> Rows:
    found = await subject.desk.audit(AuditQuestion(person_id=subject.person.id))
    rows = [await row_of(entry, subject.names) for entry in found.items]
    return Rows(rows, found.next_cursor is not None)


async def row_of(entry: Entry, names: Names) -> Row:
    by = entry.details.get("by")
    if entry.actor_id:
        by = await names.of_person(entry.actor_id)
    target = await _target(entry, names)
    about = [f"{entry.target_type} {target or ''}".strip()]
    about += [f"{name}: {shown(value)}" for name, value in entry.details.items() if name != "by"]
    return Row(entry.id, (entry.at, entry.action, by, target), "; ".join(about))


async def _target(entry: Entry, names: Names) -> str | None:
    if entry.target_id is None:
        return None
    if entry.target_type == "user":
        return await names.of_person(entry.target_id)
    if entry.target_type in {"organization", "department", "team"}:
        return await names.of_place(RoleHeld("", entry.target_type, entry.target_id))
    return entry.target_id


async def _classes(subject: Subject) -> Rows:
    found = await subject.desk.classes(subject.person.id)
    rows = []
    for one in found.items:
        at = RoleHeld("", "organization", one.organization_id)
        cells = (one.title, one.role, one.status, await subject.names.of_place(at))
        rows.append(Row(f"{one.id} {one.role}", cells))
    return Rows(rows, found.next_cursor is not None)


async def _imports(subject: Subject) -> Rows:
    held = await subject.desk.held_fields(subject.person.id)
    found = await subject.desk.imports_of(subject.person.id)
    rows = [await import_row(one, subject.names) for one in found.items]
    note = f"Held against imports: {', '.join(held.fields) or 'nothing'}."
    return Rows(rows, found.next_cursor is not None, note)


async def import_row(one: Import, names: Names) -> Row:
    at = await names.of_place(RoleHeld("", "organization", one.organization_id))
    return Row(one.id, (one.started_at, one.format, at, one.status, how_far(one)))


def how_far(one: Import) -> str:
    """What of it is done; of a finished one, what came of it."""
    if one.progress:
        rows, total = one.progress.rows, one.progress.rows_total
        told = f"{rows * 100 // total} %" if total else f"{rows} rows"
        return f"{one.progress.stage} {told}"
    counts = one.total
    return f"+{counts.create} ~{counts.update} -{counts.remove} !{counts.refuse}"


async def _guardians(subject: Subject) -> Rows:
    found = await subject.desk.guardians(subject.person.id)
    rows = []
    for one in found.items:
        name = await subject.names.of_person(one.guardian_id)
        rows.append(Row(one.guardian_id, (name, one.relation, one.created_at)))
    return Rows(rows, found.next_cursor is not None)


async def _memory(subject: Subject) -> Rows:
    found = await subject.desk.memory_usage(subject.person.id)
    told: tuple[tuple[str, object], ...] = (
        ("Memories", found.memories),
        ("In the bin", found.in_bin),
        ("In summaries", found.in_summaries),
        ("Size of all", f"{found.bytes:,} bytes"),
        ("Times used", found.uses),
        ("Last written", found.last_written),
        ("Last used", found.last_used),
    )
    return Rows([Row(name, (name, value)) for name, value in told])


def key_of(held: RoleHeld) -> str:
    return f"{held.role} {held.scope_type} {held.scope_id or ''}"


def held_by(key: str) -> RoleHeld:
    role, scope_type, scope_id = key.split(" ")
    return RoleHeld(role, scope_type, scope_id or None)


AUDIT_COLUMNS: Final = (("When", 16), ("What", 22), ("By", 16), ("On", 15))
ROLES: Final = Tab(
    "roles",
    "Roles",
    (("Role", 16), ("Held at a", 13), ("Called", 42)),
    "No roles here that you may see.",
    _roles,
    _why,
)
SESSIONS: Final = Tab(
    "sessions",
    "Sessions",
    (("Device", 22), ("Address", 15), ("Program", 17), ("Last used", 16)),
    "Signed in nowhere.",
    _sessions,
)
DEVICES: Final = Tab(
    "devices",
    "Devices",
    (("Device", 22), ("First used", 16), ("Last used", 16), ("Known until", 16)),
    "No device has signed in before.",
    _devices,
)
AUDIT: Final = Tab("audit", "Audit", AUDIT_COLUMNS, "Nothing that you may see.", _audit, _told)
GUARDIANS: Final = Tab(
    "guardians",
    "Guardians",
    (("Name", 40), ("Is their", 14), ("Confirmed", 16)),
    "No guardian that the school has confirmed.",
    _guardians,
)
CLASSES: Final = Tab(
    "classes",
    "Classes",
    (("Class", 28), ("As", 12), ("State", 8), ("At", 22)),
    "In no class.",
    _classes,
)
IMPORT_COLUMNS: Final = (
    ("Started", 16),
    ("Format", 10),
    ("At", 18),
    ("State", 8),
    ("How far", 16),
)
IMPORTS: Final = Tab(
    "imports", "Imports", IMPORT_COLUMNS, "No import has touched this person.", _imports
)
MEMORY: Final = Tab(
    "memory", "Memory", (("Of their memories", 20), ("There are", 24)), "Nothing.", _memory
)
TABS: Final = (ROLES, SESSIONS, DEVICES, AUDIT, CLASSES, GUARDIANS, IMPORTS, MEMORY)
