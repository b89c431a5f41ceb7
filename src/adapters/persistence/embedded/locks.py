"""Locks between processes: the kernel lets go of them with whoever held them, however it ended."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.persistence.embedded.keeper import opened

_LOOK_EVERY: Final = 0.05


@contextmanager
def exclusively(file: Path, *, timeout: float) -> Iterator[None]:
    """Raises TimeoutError."""
    descriptor = opened(file)
    try:
        deadline = time.monotonic() + timeout
        while not taken(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{file} is held by another process")
            time.sleep(_LOOK_EVERY)
        yield
    finally:
        os.close(descriptor)


def taken(descriptor: int, kind: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
