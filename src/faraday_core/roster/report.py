"""What a school is told of the rows that were not taken."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from faraday_core.roster.requests import ImportView

_RIGHT: Final[Mapping[str, str]] = {
    "bad_date": "A day of the calendar, written as 2026-09-01.",
    "bad_row": "As many fields as the heading has; a cell with a comma stands in quotes.",
    "duplicate_email": "An address that nobody else has; or none, for who shares one.",
    "duplicate_id": "One row with this id; another thing takes an id of its own.",
    "invalid_character": "Plain text, in a file that is saved as UTF-8.",
    "invalid_email": "One address, such as pat@example.org; or none.",
    "invalid_value": "One of the values that the format has for this column.",
    "required": "A value: without it the row cannot be taken.",
    "too_long": "A shorter text.",
    "unknown_reference": "The id of a row of this set, or of what is here; or add that row.",
}
_ELSE: Final = "As the format has it."


@frozen
class ReportRow:
    """`column`: the heading's text; None where it is about the whole row."""

    file: str
    line: int
    column: str | None
    code: str
    wrong: str
    right: str


def rows_of(view: ImportView) -> Iterator[ReportRow]:
    """The refused rows of an import, in the order in which they were read."""
    for note in view.refused:
        yield ReportRow(
            note["file"],
            note["line"],
            note["column"],
            note["code"],
            note["detail"],
            right_for(note["code"]),
        )


def right_for(code: str) -> str:
    return _RIGHT.get(code, _ELSE)
