"""What a file system without room says, and what is answered then."""

import errno
from typing import Final

from faraday_core.kernel.errors import Unavailable

# No room; no more of it for this user; and a file as large as this process may make one.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def unavailable(what: str, error: OSError) -> Unavailable:
    """`what`: cannot be done, as a whole clause."""
    detail = f"{what}: {error.strerror or 'it failed'}."
    if error.errno in _NO_ROOM:
        return Unavailable(detail, retry_after=30, code="disk_full")
    return Unavailable(detail, retry_after=5)
