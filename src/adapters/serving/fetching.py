"""The models that find memories by their meaning, fetched and made beside a started server: by a
process of its own, which gives way to everybody and ends with the server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.installation import Installation

LOG: Final = "models.log"
_LEAST_URGENT: Final = 19  # niceness
_ENDS_WITHIN: Final = 5.0  # seconds
_COMMAND: Final = ("-m", "adapters.cli.main", "models", "install", "--data-dir")


@contextmanager
def fetching_models(installation: Installation) -> Iterator[Path]:
    """With the file that it writes to. Where it fails words go on finding memories."""
    log = installation.data_dir / LOG
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, *_COMMAND, str(installation.data_dir)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Of a session of its own, so that Ctrl-C reaches it through us, with what it starts.
            start_new_session=True,
        )
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, _LEAST_URGENT)
    try:
        yield log
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
