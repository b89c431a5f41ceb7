"""UUIDv7 (RFC 9562): made here and not by the database, and in the order of their making."""

import secrets
import time
from threading import Lock
from uuid import UUID

_RANDOM_BITS = 62
_COUNTER_BITS = 12


class _Sequence:
    """Milliseconds with a counter behind them, which never run back, whatever the clock does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> int:
        now = time.time_ns() // 1_000_000 << _COUNTER_BITS
        with self._lock:
            self._last = max(now | secrets.randbits(_COUNTER_BITS - 1), self._last + 1)
            return self._last


_sequence = _Sequence()


def uuid7() -> str:
    """A new id, greater than all that this process has made before (RFC 9562, 6.2, method 1)."""
    moment = _sequence.next()
    milliseconds, counter = moment >> _COUNTER_BITS, moment & (1 << _COUNTER_BITS) - 1
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62
    return str(UUID(int=value | secrets.randbits(_RANDOM_BITS)))


def id_from(digest: bytes) -> str:
    """A UUIDv8 (RFC 9562, 5.8): the first 122 bits of a hash that is 16 bytes or longer."""
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def is_id(text: str) -> bool:
    """Whether the text is a UUID in the form that is given out: 36 characters, lower case."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
