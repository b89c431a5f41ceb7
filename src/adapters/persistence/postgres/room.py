"""Whether PostgreSQL could not write for want of room, and what is answered then."""

from typing import Final

import psycopg

from faraday_core.kernel.errors import Unavailable

# Where PostgreSQL writes its files. It has a code of its own for a device without room (53100),
# and none for a quota, or for a file that may not grow: those come as an internal error.
_WRITERS: Final = frozenset({"md.c", "fd.c", "buffile.c", "xlog.c", "slru.c", "copydir.c"})


def is_out_of_room(error: psycopg.Error) -> bool:
    if isinstance(error, psycopg.errors.DiskFull):
        return True
    return isinstance(error, psycopg.InternalError) and error.diag.source_file in _WRITERS


def out_of_room() -> Unavailable:
    detail = "The database's disk is full; nothing was done."
    return Unavailable(detail, retry_after=30, code="disk_full")
