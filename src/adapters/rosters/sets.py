"""Sets whose files are told by their names."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from adapters.rosters.columns import Table
from adapters.rosters.notes import Notes
from adapters.rosters.places import Entry
from adapters.rosters.reader import TablesReader, opened, reading
from faraday_core.roster.reading import RosterReader, UnreadableSource

_MOST_SHOWN = 20


def named_set(
    kind: str,
    tables: Mapping[str, Table],
    entries: Sequence[Entry],
    *,
    deltas: Collection[str] = (),
) -> RosterReader:
    """`tables`: by the file's name in small letters. Raises UnreadableSource."""
    by_name: dict[str, Entry] = {}
    for entry in entries:
        name = entry.plain_name
        if name in tables and by_name.setdefault(name, entry) is not entry:
            raise UnreadableSource(f"There are two files {by_name[name].name} and {entry.name}")
    if not by_name:
        raise nothing_of(kind, (table.name for table in tables.values()), entries)
    readings = [
        reading(opened(by_name[name]), table, is_delta=name in deltas)
        for name, table in tables.items()
        if name in by_name
    ]
    return TablesReader(readings, Notes())


def nothing_of(kind: str, expected: Iterable[str], entries: Sequence[Entry]) -> UnreadableSource:
    """What to say where a source is of another format than it is said to be."""
    found = ", ".join(entry.name[:60] for entry in entries[:_MOST_SHOWN]) or "nothing"
    return UnreadableSource(
        f"This is no {kind} set: expected {', '.join(expected)}; found {found}"
    )
