import asyncio
from typing import ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input, Label

from adapters.tui.signed_in import SignedIn, tell
from adapters.tui.texts import plain
from faraday_core.identity.model import UserView
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.model import UserFilter

_PAUSE: Final = 0.15  # seconds without a key, after which it is worth asking
_MOST: Final = 50
# With two cells of space to each and a scrollbar they fill 80.
_COLUMNS: Final = (("Name", 22), ("E-mail", 26), ("Roles", 16), ("Active", 6))


class Search(Input):
    BINDINGS: ClassVar = [
        Binding("down", "screen.go_to_people", "To the list", key_display="↓"),
    ]


class People(DataTable[Text]):
    BINDINGS: ClassVar = [Binding("enter", "select_cursor", "Open")]


class Find(Screen[None]):
    """People whose name or address has a word that begins so, as it is typed."""

    CSS = """
    Find #search { margin: 0; }
    Find #people { height: 1fr; }
    Find #found { padding: 0 1; }
    """
    BINDINGS: ClassVar = [("escape", "clear", "New search")]
    HELP: ClassVar = (
        "Type the first letters of a name or an e-mail address.\n"
        "↓ or Enter goes to the list, Enter there opens a person.\n"
        "Escape starts a new search."
    )

    class Chosen(Message):
        def __init__(self, user_id: str) -> None:
            super().__init__()
            self.user_id = user_id

    def __init__(self, signed_in: SignedIn) -> None:
        super().__init__()
        self._signed_in = signed_in

    def compose(self) -> ComposeResult:
        yield Header()
        yield Search(id="search", placeholder="Name or e-mail address", max_length=100)
        yield Label(id="found")
        yield People(id="people", cursor_type="row")
        yield Footer()

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
        wanted = UserFilter(q=text or None, include_inactive=True)
        try:
            actor = await self._signed_in.actor()
            page = await self._signed_in.app.users.list(actor, wanted, PageRequest(limit=_MOST))
        except Exception as error:
            tell(self, error)
        else:
            self._show(page)

    def _show(self, page: Page[UserView]) -> None:
        self._people.clear()
        for person in page.items:
            roles = ", ".join(dict.fromkeys(held.role for held in person.roles))
            cells = (person.full_name, person.email, roles or None, person.is_active)
            self._people.add_row(*map(plain, cells), key=person.id)
        self.query_one("#found", Label).update(_count(page))

    @property
    def _people(self) -> People:
        return self.query_one(People)


def _count(page: Page[UserView]) -> str:
    if page.next_cursor:
        return f"The first {len(page.items)}. Type more letters to see fewer."
    match len(page.items):
        case 0:
            return "Nobody is found by that."
        case 1:
            return "1 person"
    return f"{len(page.items)} people"
