from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static


class Help(ModalScreen[None]):
    """Says in words what the screen below is for."""

    CSS = """
    Help { align: center middle; }
    Help #help { width: 70; height: auto; padding: 1 2; border: round $primary; }
    """
    BINDINGS: ClassVar = [("escape,enter,f1,question_mark", "close", "Close")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            yield Static(self._text, markup=False)
        yield Footer()

    def action_close(self) -> None:
        self.dismiss()
