"""Many rows by one statement: as JSON, which PostgreSQL makes rows of by itself."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
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
    for entity in entities:
        yield json.dumps({name: _told(value) for name, value in attrs.asdict(entity).items()})


def _told(value: Any) -> Any:  # as JSON has it, and PostgreSQL reads it
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return plain(value) if isinstance(value, datetime) else value


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
