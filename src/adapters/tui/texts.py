"""Texts that users chose, as a terminal may show them."""

from datetime import datetime

from rich.text import Text

from adapters.terminal_text import shown


def plain(value: object) -> Text:
    """Neither obeyed by the terminal nor read as markup; cut off where there is no room."""
    return Text(_told(value), no_wrap=True, overflow="ellipsis")


def wrapped(value: object) -> Text:
    """As `plain`, over as many lines as it takes."""
    return Text(_told(value), overflow="fold")


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return shown(value)
