"""What a program prints, as a picture of a terminal."""

import io
from collections.abc import Callable

from rich.console import Console


def terminal(title: str, show: Callable[[Console], object]) -> str:
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False
    )
    show(console)
    return console.export_svg(title=title)
