"""What becomes of a refusal, and of a fault, on a screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.message import Message
from textual.screen import Screen

from adapters.terminal_text import shown
from faraday_core.kernel.errors import FaradayError, NotSignedIn

_log = logging.getLogger(__name__)


class Over(Message):
    """The session has ended elsewhere, or was not used for too long."""

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


@contextmanager
def told(screen: Screen[Any]) -> Iterator[None]:  # whatever it answers
    """Whatever goes wrong within is told on this screen."""
    try:
        yield
    except Exception as error:
        tell(screen, error)


def tell(screen: Screen[Any], error: Exception) -> None:  # as above
    """Say why something was refused, or that it failed; who is signed out is sent to sign in.

    Takes every exception: those that reach textual it prints with all local variables, and so
    with passwords.
    """
    match error:
        case NotSignedIn():
            screen.post_message(Over(error.detail))
        case FaradayError():
            refuse(screen, error.detail)
        case _:
            _log.error("The support terminal failed.", exc_info=error)
            refuse(screen, "This failed by a fault of the program, and may not be done.")


def refuse(screen: Screen[Any], detail: str) -> None:  # as above
    screen.notify(shown(detail), severity="error", markup=False)
