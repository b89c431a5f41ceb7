"""Many rows by one statement: as JSON, which PostgreSQL makes rows of by itself."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import attrs

from faraday_core.kernel.entity import Entity
from faraday_core.kernel.parsing import plain

MOST_AT_ONCE: Final = 4 << 20  # characters of one statement's rows


def insert_of(table: str, kind: type[Entity], condition: str) -> str:
    names = ", ".join(field.name for field in attrs.fields(kind))
    made = f"jsonb_populate_recordset(null::{table}, %(rows)s::jsonb) as made"
    mine = f"made.user_id = %(user_id)s::uuid{condition}"
    return f"insert into {table} ({names}) select {names} from {made} where {mine}"  # noqa: S608 -- names of ours


def as_rows(entities: Iterable[Entity]) -> Iterator[str]:
    """What lies in an entity is of JSON's kinds, but for bytes and moments."""
    encode = json.JSONEncoder(check_circular=False, default=_told).encode
    for entity in entities:
        names = _names(type(entity))
        yield encode({name: getattr(entity, name) for name in names})


@cache
def _names(kind: type[Entity]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


def _told(value: Any) -> Any:  # as JSON has it, and PostgreSQL reads it
    return "\\x" + value.hex() if isinstance(value, bytes) else plain(value)


def in_parts(rows: Iterable[str]) -> Iterator[str]:
    """As few lists as may be, none of them too long for one statement."""
    part: list[str] = []
    size = 0
    for row in rows:
        if part and size + len(row) > MOST_AT_ONCE:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(row)
        size += len(row)
    if part:
        yield f"[{','.join(part)}]"
