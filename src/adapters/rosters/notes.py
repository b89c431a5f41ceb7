"""The warnings of a reading, of each code no more than a person would ever look at."""

from collections import Counter
from collections.abc import Sequence

from adapters.rosters.cells import Warn
from faraday_core.roster.reading import MOST_NOTED, Note


class Notes:
    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._count: Counter[str] = Counter()

    @property
    def taken(self) -> Sequence[Note]:
        return self._notes

    def of(self, file: str) -> Warn:
        """What takes down the warnings about one file."""

        def warn(line: int, column: str | None, code: str, detail: str) -> None:
            self._count[code] += 1
            if self._count[code] <= MOST_NOTED:
                self._notes.append(Note(file, line, column, code, detail))

        return warn
