from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from adapters.tui.texts import wrapped


class Confirm(ModalScreen[bool]):
    """Asks whether to do something; nothing but Enter is a yes."""

    CSS = """
    Confirm { align: center middle; }
    Confirm #question { width: 60; height: auto; padding: 1 2; border: round $warning; }
    """
    BINDINGS: ClassVar = [("enter", "answer(True)", "Yes"), ("escape", "answer(False)", "No")]
    HELP: ClassVar = "Enter does it, Escape leaves everything as it is."

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield Static(wrapped(self._question))
            yield Static("\nEnter: yes    Escape: no")
        yield Footer(compact=True, show_command_palette=False)

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 -- textual passes by position
        self.dismiss(answer)
