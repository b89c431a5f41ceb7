"""Rosters as files: read into the core's own rows, and written from them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.rosters.canvas import open_canvas
from adapters.rosters.oneroster import open_oneroster
from adapters.rosters.places import Entry, entries_of
from adapters.rosters.sds import open_sds
from adapters.rosters.sheets import open_sheet, suggested_mapping
from faraday_core.roster.reading import Format, RosterReader, Source

_OPENERS: Final[Mapping[Format, Callable[[Source, Sequence[Entry]], RosterReader]]] = {
    Format.ONEROSTER: open_oneroster,
    Format.CANVAS_SIS: open_canvas,
    Format.MS_SDS: open_sds,
    Format.SHEET: open_sheet,
}


class FileReaders:
    """Fulfils RosterReaders."""

    def open(self, source: Source) -> RosterReader:
        return _OPENERS[source.format](source, entries_of(source.path))

    def suggested(self, source: Source) -> Mapping[str, str]:
        return suggested_mapping(entries_of(source.path))
