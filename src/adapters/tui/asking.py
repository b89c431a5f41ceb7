"""What is asked before something is done: a text, one of several, a place."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Label, OptionList, Static, Tree

from adapters.tui.desk import SupportDesk
from adapters.tui.places_tree import PlacesTree
from adapters.tui.seen import Place
from adapters.tui.texts import wrapped

_LEAVE = Binding("escape", "leave", "Leave", tooltip="Leaves everything as it is")


class AskText(ModalScreen[str]):
    """One line; the empty text is no answer."""

    CSS = """
    AskText { align: center middle; }
    AskText #asked { width: 64; height: auto; padding: 1 2; border: round $primary; }
    """
    BINDINGS: ClassVar = [_LEAVE]
    HELP: ClassVar = "Enter goes on to the question whether to do it."

    def __init__(self, question: str, text: str) -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="asked"):
            yield Static(wrapped(self._question))
            yield Input(self._text, id="text", max_length=200)
            yield Label("Enter: go on    Escape: leave it")
        yield Footer(compact=True, show_command_palette=False)

    @on(Input.Submitted)
    def answer(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        self.dismiss("")


class AskOne(ModalScreen[str]):
    """One of several; the empty text is no answer."""

    CSS = """
    AskOne { align: center middle; }
    AskOne #asked { width: 64; height: auto; padding: 1 2; border: round $primary; }
    AskOne #options { height: auto; max-height: 12; }
    """
    BINDINGS: ClassVar = [
        _LEAVE,
        Binding("enter", "choose", "Choose", tooltip="Goes on with what the cursor is on"),
    ]
    HELP: ClassVar = "↑ and ↓ move, Enter goes on."

    def __init__(self, question: str, options: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._options = options

    def compose(self) -> ComposeResult:
        with Vertical(id="asked"):
            yield Static(wrapped(self._question))
            yield OptionList(*self._options, id="options", markup=False)
            yield Label("Enter: go on    Escape: leave it")
        yield Footer(compact=True, show_command_palette=False)

    @on(OptionList.OptionSelected)
    def answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._options[event.option_index])

    def action_leave(self) -> None:
        self.dismiss("")


class AskSome(ModalScreen[Sequence[str] | None]):
    """Some of several, or none of them; None is no answer."""

    CSS = """
    AskSome { align: center middle; }
    AskSome #asked { width: 64; height: auto; padding: 1 2; border: round $primary; }
    AskSome OptionList { height: auto; max-height: 12; }
    """
    BINDINGS: ClassVar = [
        _LEAVE,
        Binding("space", "mark", "Mark", priority=True, tooltip="Marks it, or not any more"),
        Binding("enter", "answer", "Go on", priority=True, tooltip="Goes on with what is marked"),
    ]
    HELP: ClassVar = "Space marks or unmarks, Enter goes on."

    def __init__(self, question: str, options: Sequence[str], marked: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._options = options
        self._marked = {*marked}

    def compose(self) -> ComposeResult:
        with Vertical(id="asked"):
            yield Static(wrapped(self._question))
            yield OptionList(*map(self._shown, self._options), markup=False)
            yield Label("Space: mark    Enter: go on    Escape: leave it")
        yield Footer(compact=True, show_command_palette=False)

    def action_mark(self) -> None:
        listed = self.query_one(OptionList)
        if listed.highlighted is not None:
            name = self._options[listed.highlighted]
            self._marked ^= {name}
            listed.replace_option_prompt_at_index(listed.highlighted, self._shown(name))

    def action_answer(self) -> None:
        self.dismiss([name for name in self._options if name in self._marked])

    def action_leave(self) -> None:
        self.dismiss(None)

    def _shown(self, name: str) -> str:
        """By a letter and not, as textual's own list, by a colour."""
        return f"[{'x' if name in self._marked else ' '}] {name}"


class AskPlace(ModalScreen[Place | None]):
    """A place of the tree."""

    CSS = """
    AskPlace { align: center middle; }
    AskPlace #asked { width: 70; height: 20; padding: 1 2; border: round $primary; }
    AskPlace PlacesTree { height: 1fr; }
    """
    BINDINGS: ClassVar = [_LEAVE]
    HELP: ClassVar = "Space opens a place, Enter goes on with it."

    def __init__(self, desk: SupportDesk, question: str) -> None:
        super().__init__()
        self._desk = desk
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="asked"):
            yield Static(wrapped(self._question))
            yield PlacesTree(self._desk)
            yield Label("Space: open    Enter: go on    Escape: leave it")
        yield Footer(compact=True, show_command_palette=False)

    @on(Tree.NodeSelected)
    def answer(self, event: "Tree.NodeSelected[Place]") -> None:
        if event.node.data:
            self.dismiss(event.node.data)

    def action_leave(self) -> None:
        self.dismiss(None)
