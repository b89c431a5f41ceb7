"""Commands in processes of their own which need not import everything first: one process has done
so, and is forked for each. A command takes a third of the time.

Run as a program, it is the one that is forked; its only argument is the socket to be asked by.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final

LONGEST: Final = 1 << 16  # bytes of a command with its environment


def run(
    arguments: Sequence[str], *, environ: Mapping[str, str], stdin: str, seconds: float
) -> "subprocess.CompletedProcess[str]":
    """As subprocess.run does, of `faraday`; raises subprocess.TimeoutExpired."""
    request = json.dumps([*arguments, os.getcwd(), dict(environ)]).encode()
    assert len(request) < LONGEST
    here, there = socket.socketpair()
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as told,
        tempfile.TemporaryFile() as faults,
        here,
    ):
        given.write(stdin.encode())
        given.seek(0)
        with there:
            files = [given.fileno(), told.fileno(), faults.fileno(), there.fileno()]
            socket.send_fds(_prepared(), [request], files)
        here.settimeout(seconds)
        answer = here.makefile("r")
        with answer:
            process = int(answer.readline())
            try:
                code = int(answer.readline())
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired([*arguments], seconds) from None
        return subprocess.CompletedProcess([*arguments], code, _all_of(told), _all_of(faults))


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


@cache
def _prepared() -> socket.socket:
    """The line to the process that has imported everything; it ends with this one."""
    here, there = socket.socketpair(type=socket.SOCK_DGRAM)
    with there:
        process = subprocess.Popen(
            [sys.executable, __file__, str(there.fileno())],
            pass_fds=[there.fileno()],
            stdin=subprocess.DEVNULL,
            env={
                **{name: value for name, value in os.environ.items() if "FARADAY" not in name},
                "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
            },
        )

    def end() -> None:
        here.close()
        process.terminate()
        process.wait()

    atexit.register(end)
    return here


def _serve(line: socket.socket) -> None:
    """Returns in the process that is to run a command, and only there."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, files, _, _ = socket.recv_fds(line, LONGEST, 4)
        if os.fork():
            for file in files:
                os.close(file)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        line.close()
        if process := os.fork():
            _tell(files[3], process)
            _, status = os.waitpid(process, 0)
            _tell(files[3], os.waitstatus_to_exitcode(status))
            os._exit(0)
        *arguments, folder, environ = json.loads(request)
        for standard, file in enumerate(files[:3]):
            os.dup2(file, standard)
        for file in files:
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv[1:] = arguments
        return


def _tell(file: int, number: int) -> None:
    os.write(file, f"{number}\n".encode())


if __name__ == "__main__":
    import adapters.compose
    import adapters.embedding.choosing
    import adapters.persistence.embedded
    import adapters.persistence.migrations
    import adapters.persistence.postgres  # noqa: F401 -- which a command does where it needs it
    from adapters.cli.main import main

    _serve(socket.socket(fileno=int(sys.argv[1])))
    main()
