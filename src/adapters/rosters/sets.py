"""Sets whose files are told by their names."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from adapters.rosters.columns import Table
from adapters.rosters.manifest import MANIFEST
from adapters.rosters.notes import Notes
from adapters.rosters.places import Entry
from adapters.rosters.reader import TablesReader, opened, reading
from faraday_core.roster.reading import RosterReader, UnreadableSource

NOTHING: Final[Mapping[str, str]] = {}
DEMOGRAPHICS: Final = "demographics.csv"
# What is read where it is asked for; and names and passwords for the school's other products,
# which nobody asks for. Any set may have them: nothing is said of them.
_NO_WORD_OF: Final = frozenset({DEMOGRAPHICS, "userprofiles.csv"})
_MOST_SHOWN: Final = 20
_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx")


def named_set(
    kind: str,
    tables: Mapping[str, Table],
    entries: Sequence[Entry],
    *,
    deltas: Collection[str] = (),
    left: Mapping[str, str] = NOTHING,
) -> RosterReader:
    """`tables`: by the file's name in small letters. `left`: by their names, why files are not
    read that may be there. Raises UnreadableSource."""
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
    notes = Notes()
    unread = (entry for entry in entries if entry.plain_name not in {*tables, *_NO_WORD_OF})
    tell_of_unread(notes, unread, left, f"{kind} has no file of this name that is taken")
    return TablesReader(readings, notes)


def tell_of_unread(
    notes: Notes, entries: Iterable[Entry], left: Mapping[str, str], why: str
) -> None:
    """Of tables that stand beside those that are read. `why`: of those that `left` has not."""
    for entry in entries:
        name = entry.plain_name
        if name.endswith(_TABLES) and name != MANIFEST:
            detail = f"is not read: {left.get(name, why)}"
            notes.of(entry.name)(1, None, "ignored_file", detail)


def nothing_of(kind: str, expected: Iterable[str], entries: Sequence[Entry]) -> UnreadableSource:
    """What to say where a source is of another format than it is said to be."""
    found = ", ".join(entry.name[:60] for entry in entries[:_MOST_SHOWN]) or "nothing"
    return UnreadableSource(
        f"This is no {kind} set: expected {', '.join(expected)}; found {found}"
    )
