"""Memories out of lines of JSON (NDJSON), and what is reported of them."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from attrs import Factory, define, field, frozen

from faraday_core.kernel.errors import FaradayError, Fault, Invalid
from faraday_core.kernel.parsing import Parser
from faraday_core.memory.fields import MemoryFields

MOST_LINES: Final = 100_000
MOST_FAULTS: Final = 1000  # that are told of an import that is taken as a whole or not at all
AT_ONCE: Final = 500  # lines that are stored by one statement
BYTES_AT_ONCE: Final = 4 << 20


@frozen
class RefusedLine:
    """`line`: its number, the first being 1. `pointer`: into the line's object."""

    line: int
    code: str
    pointer: str
    detail: str


@define
class ImportReport:
    """`merged`: lines that say what a memory says already. `lines`: what is wrong with those that
    were refused, a fault each."""

    created: int = 0
    merged: int = 0
    refused: int = 0
    lines: list[RefusedLine] = field(factory=list)

    def refuse(self, line: int, faults: Iterable[Fault]) -> None:
        self.refused += 1
        self.lines += [RefusedLine(line, one.code, one.pointer, one.detail) for one in faults]

    def require_whole(self) -> None:
        """Raises Invalid where a line was refused; a pointer begins with the line's number."""
        if self.lines:
            faults = (
                Fault(f"/{one.line}{one.pointer}", one.code, one.detail) for one in self.lines
            )
            raise Invalid([*faults][:MOST_FAULTS])


@frozen
class ReadLine:
    """`former_id`: by which other lines may name it."""

    number: int
    fields: MemoryFields
    former_id: str | None = None


Read = ReadLine | tuple[int, Sequence[Fault]]
Numbered = Sequence[tuple[int, bytes]]


def read_lines(lines: Numbered, parser: Parser) -> list[Read]:
    return [_read(number, line, parser) for number, line in lines]


async def parts_of(lines: AsyncIterator[bytes]) -> AsyncIterator[Numbered]:
    """So many at a time as are stored at once. Empty lines count, and say nothing."""
    part: list[tuple[int, bytes]] = []
    size = number = 0
    async for line in lines:
        number += 1
        if not line.strip():
            continue
        part.append((number, line))
        size += len(line)
        if len(part) == AT_ONCE or size > BYTES_AT_ONCE or number > MOST_LINES:
            yield part
            part, size = [], 0
        if number > MOST_LINES:
            return
    if part:
        yield part


def _read(number: int, line: bytes, parser: Parser) -> Read:
    if number > MOST_LINES:
        return number, [Fault("", "too_many_lines", f"an import has at most {MOST_LINES} lines")]
    try:
        data = json.loads(line.decode(), object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return number, [Fault("", "malformed_json", "cannot be read as JSON")]
    try:
        fields = parser.parse(MemoryFields, data)
    except Invalid as error:
        return number, error.faults
    former = data.get("id")
    return ReadLine(number, fields, former if isinstance(former, str) else None)


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:  # whatever JSON holds
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


@frozen
class Former:
    """The ids of the memories that lines of this import have become, by those that they name."""

    _ids: dict[str, str] = Factory(dict)

    def note(self, former_id: str | None, id: str) -> None:
        if former_id is not None:
            self._ids[former_id] = id

    def now(self, id: str | None) -> str | None:
        return None if id is None else self._ids.get(id, id)


def faults_of(error: FaradayError) -> Iterator[Fault]:
    if isinstance(error, Invalid):
        yield from error.faults
    else:
        yield Fault("", error.code, error.detail)
