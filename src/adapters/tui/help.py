from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static


class Help(ModalScreen[None]):
    """Says in words what the screen below is for, and what each key does there."""

    CSS = """
    Help { align: center middle; }
    Help #help { width: 74; height: auto; max-height: 21; padding: 1 2; border: round $primary; }
    Help #keys { margin-top: 1; }
    """
    BINDINGS: ClassVar = [Binding("escape,enter,f1,question_mark", "close", "Close")]

    def __init__(self, text: str, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._text = text
        self._keys = [*keys]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(self._text, markup=False)
            yield Static(self._drawn(), id="keys")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def action_close(self) -> None:
        self.dismiss()

    def _drawn(self) -> Table:
        drawn = Table(show_header=False, box=None, pad_edge=False)
        drawn.add_column(style="bold", no_wrap=True, width=6)
        drawn.add_column(overflow="fold")
        for key, says in self._keys:
            drawn.add_row(key, says)
        return drawn


def keys_of(screen: Screen[object]) -> Iterable[tuple[str, str]]:
    """Those that do something on it now and are named at its foot, and what that is."""
    told: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.show and binding.tooltip not in {"", *told}:
            told.add(binding.tooltip)
            yield screen.app.get_key_display(binding), binding.tooltip
    if screen.app.ENABLE_COMMAND_PALETTE:
        yield screen.app.COMMAND_PALETTE_DISPLAY or "", "Finds all of this by its name, and more"
