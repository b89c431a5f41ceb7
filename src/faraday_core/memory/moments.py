"""From when to when: a moment (RFC 3339), or a day in UTC, which is meant whole."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from attrs import frozen

from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.parsing import parse

_DAY: Final = len("2026-09-01")


@frozen
class MomentText:
    def broken_by(self, value: str) -> tuple[str, str] | None:
        try:
            _read(value)
        except (Invalid, OverflowError):
            return "invalid_value", "must be a day or an RFC 3339 time with an offset"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"maxLength": 64}


def begin_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = _read(text)
    return found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)


def end_of(text: str | None) -> datetime | None:
    """A moment itself; of a day, when the next one begins."""
    if text is None:
        return None
    found = _read(text)
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time(), UTC) + timedelta(days=1)


def _read(text: str) -> date | datetime:
    """Raises Invalid, OverflowError where no day follows, or it lies before the first one."""
    if len(text) == _DAY:
        day = parse(date, text)
        _ = day + timedelta(days=1)
        return day
    return parse(datetime, text).astimezone(UTC)
