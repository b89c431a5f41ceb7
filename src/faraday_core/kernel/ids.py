"""UUIDv7 (RFC 9562): made here and not by the database, and in the order of their making."""

import os
import re
import time
from threading import Lock
from uuid import UUID

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_RANDOM_BITS = 62
_COUNTER_BITS = 12
_RANDOM_BYTES = 10  # of one id: two start its counter, eight are its end
_AT_ONCE = 400  # ids that the kernel is asked for random bytes for, since asking costs most


class _Sequence:
    """Milliseconds with a counter behind them, which never run back, whatever the clock does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0
        self._random = b""
        self._at = 0

    def next(self) -> tuple[int, int]:
        """The moment with its counter, and random bits."""
        now = time.time_ns() // 1_000_000 << _COUNTER_BITS
        with self._lock:
            if self._at == len(self._random):
                self._random, self._at = os.urandom(_RANDOM_BYTES * _AT_ONCE), 0
            begin, middle = self._at, self._at + 2
            self._at += _RANDOM_BYTES
            if now > self._last:
                # Half of the counter is left for those of the same millisecond.
                start = int.from_bytes(self._random[begin:middle])
                now |= start & (1 << _COUNTER_BITS - 1) - 1
            self._last = max(now, self._last + 1)
            random = int.from_bytes(self._random[middle : self._at])
            return self._last, random & (1 << _RANDOM_BITS) - 1


_sequence = _Sequence()


def uuid7() -> str:
    """A new id, greater than all that this process has made before (RFC 9562, 6.2, method 1)."""
    moment, random = _sequence.next()
    milliseconds, counter = moment >> _COUNTER_BITS, moment & (1 << _COUNTER_BITS) - 1
    digits = f"{milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random:032x}"
    # As UUID writes it, in a third of the time: every request has an id.
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_from(digest: bytes) -> str:
    """A UUIDv8 (RFC 9562, 5.8): the first 122 bits of a hash that is 16 bytes or longer."""
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def is_id(text: str) -> bool:
    """Whether the text is a UUID in the form that is given out: 36 characters, lower case."""
    return _ID.fullmatch(text) is not None
