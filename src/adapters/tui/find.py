import asyncio
from typing import ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input, Label

from adapters.tui import keys
from adapters.tui.desk import SupportDesk
from adapters.tui.seen import Person
from adapters.tui.telling import told
from adapters.tui.texts import plain
from faraday_core.kernel.paging import Page

_PAUSE: Final = 0.03  # seconds without a key, after which it is worth asking
# With two cells of space to each and a scrollbar they fill 80.
_COLUMNS: Final = (("Name", 22), ("E-mail", 26), ("Roles", 16), ("Active", 6))


class Search(Input):
    BINDINGS: ClassVar = [
        Binding(
            "down", "screen.go_to_people", "List", key_display="↓", tooltip="Goes to the list"
        ),
    ]


class People(DataTable[Text]):
    BINDINGS: ClassVar = [
        Binding("enter", "select_cursor", "Open", tooltip="Opens the person"),
    ]


class Find(Screen[None]):
    """People whose name or address has a word that begins so, as it is typed."""

    CSS = """
    Find #search { margin: 0; }
    Find #people { height: 1fr; }
    Find #found { padding: 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "clear", "New", tooltip="Starts a new search"),
        keys.PLACES,
        keys.AUDIT,
        keys.IMPORTS,
        keys.HELP,
        keys.QUIT,
    ]
    HELP: ClassVar = (
        "Type the first letters of a name, an e-mail address, or the whole id by which a file "
        "of the school knows somebody."
    )

    class Chosen(Message):
        def __init__(self, user_id: str) -> None:
            super().__init__()
            self.user_id = user_id

    def __init__(self, desk: SupportDesk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        yield Search(id="search", placeholder="Name, e-mail address or source id", max_length=100)
        yield Label(id="found")
        yield People(id="people", cursor_type="row")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        for name, width in _COLUMNS:
            self._people.add_column(name, width=width)
        self._look("")

    @on(Input.Changed, "#search")
    def typed(self, event: Input.Changed) -> None:
        self._look(event.value.strip())

    @on(Input.Submitted, "#search")
    def action_go_to_people(self) -> None:
        self._people.focus()

    @on(DataTable.RowSelected, "#people")
    def choose(self, event: DataTable.RowSelected) -> None:
        if user_id := event.row_key.value:
            self.post_message(self.Chosen(user_id))

    def action_clear(self) -> None:
        search = self.query_one(Search)
        search.clear()
        search.focus()

    @work(exclusive=True)
    async def _look(self, text: str) -> None:
        await asyncio.sleep(_PAUSE)
        with told(self):
            self._show(await self._desk.people(text))

    def _show(self, page: Page[Person]) -> None:
        self._people.clear()
        for person in page.items:
            roles = ", ".join(person.role_names) or None
            cells = (person.full_name, person.email, roles, person.is_active)
            self._people.add_row(*map(plain, cells), key=person.id)
        self.query_one("#found", Label).update(_count(page))

    @property
    def _people(self) -> People:
        return self.query_one(People)


def _count(page: Page[Person]) -> str:
    if page.next_cursor:
        return f"The first {len(page.items)}. Type more letters to see fewer."
    match len(page.items):
        case 0:
            return "Nobody is found by that."
        case 1:
            return "1 person"
    return f"{len(page.items)} people"
