"""`faraday tui` on a real terminal of 80 by 24: it comes, goes, and leaves the terminal well."""

import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from select import select

import pytest
from attrs import define

from tests.serving import FARADAY, environment

SGR = re.compile(r"\x1b\[([0-9;:]*)m")
SET = re.compile(r"(?<=;)(?:[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|(?:[349]|10)[0-7])(?=;)")
QUIT = b"\x11"  # Ctrl-Q


@define
class Terminal:
    """Our end of it, and what was shown so far."""

    ours: int
    process: "subprocess.Popen[bytes]"
    seen: bytes = b""

    def read(self, seconds: float) -> bool:
        """Whether there was something, or is to be any more."""
        if not select([self.ours], [], [], seconds)[0]:
            return False
        with suppress(OSError):  # nobody is left at the other end
            some = os.read(self.ours, 65_536)
            self.seen += some
            return bool(some)
        return False

    def read_until(self, words: str, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            self.read(0.2)

    def type(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def ended(self) -> int:
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0.1):
            pass
        return self.process.wait(1)

    @property
    def text(self) -> str:
        return re.sub(r"\x1b\[[0-9;?:<>=$]*[a-zA-Z]", "", self.seen.decode(errors="replace"))

    @property
    def colours(self) -> set[str]:
        """What was sent to set one (ECMA-48, 8.3.117; 38 and 48 are xterm's own)."""
        found = SGR.findall(self.seen.decode(errors="replace"))
        told = {colour for sent in found for colour in SET.findall(f";{sent};".replace(":", ";"))}
        return {colour.strip(";") for colour in told}

    @property
    def hues(self) -> set[str]:
        """Of these, those that are more than a shade of grey."""
        return {colour for colour in self.colours if not _is_grey(colour)}


def _is_grey(colour: str) -> bool:
    kind, *numbers = colour.split(";")
    if numbers[:1] == ["2"]:
        return len({*numbers[1:]}) == 1
    if numbers[:1] == ["5"]:
        return int(numbers[1]) in {0, 7, 8, 15, 16, 59, 102, 145, 188, *range(231, 256)}
    return kind[-1] in "07" if kind[:-1] in {"3", "4", "9", "10"} else False


@contextmanager
def on_terminal(data_dir: Path, database_url: str, **environ: str) -> Iterator[Terminal]:
    ours, its = pty.openpty()
    ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    kept = {"NO_COLOR", "COLORTERM", "TERM", "COLUMNS", "LINES", "FORCE_COLOR", "CI"}
    given = {k: v for k, v in environment(data_dir).items() if k not in kept}
    process = subprocess.Popen(
        [*FARADAY, "tui"],
        stdin=its,
        stdout=its,
        stderr=its,
        env=given | {"FARADAY_DATABASE_URL": database_url} | environ,
        start_new_session=True,
    )
    before = termios.tcgetattr(its)
    try:
        yield Terminal(ours, process)
        assert before == termios.tcgetattr(its)  # echo, line by line, and all else
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(its)
        os.close(ours)


@pytest.mark.parametrize(
    "environ", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb", "NO_COLOR": "1"}]
)
def test_without_colour_there_is_grey_alone_and_a_key_ends_it(
    environ: dict[str, str], database_url: str, data_dir: Path
) -> None:
    with on_terminal(data_dir, database_url, **environ) as terminal:
        terminal.read_until("Password")
        terminal.type(QUIT)
        assert 0 == terminal.ended(), terminal.text

    assert set() == terminal.hues
    assert "Traceback" not in terminal.text
    left = terminal.seen.rpartition(b"Password")[2]
    assert b"\x1b[?1049l" in left  # the screen that was there before
    assert b"\x1b[?25h" in left  # and its cursor


def test_with_colours_they_are_sent_and_a_signal_leaves_the_terminal_well(
    database_url: str, data_dir: Path
) -> None:
    with on_terminal(data_dir, database_url, TERM="xterm-256color") as terminal:
        terminal.read_until("Password")
        terminal.process.send_signal(signal.SIGTERM)
        terminal.ended()

    assert terminal.hues
    assert b"\x1b[?1049l" in terminal.seen
    assert b"\x1b[?25h" in terminal.seen.rpartition(b"Password")[2]
