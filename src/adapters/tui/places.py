from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Label, Tree

from adapters.tui import keys
from adapters.tui.desk import SupportDesk
from adapters.tui.find import Find
from adapters.tui.places_tree import PlacesTree
from adapters.tui.seen import Member, Place
from adapters.tui.telling import tell
from adapters.tui.texts import plain, wrapped
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.paging import Page


class Members(DataTable[Text]):
    BINDINGS: ClassVar = [
        Binding("enter", "select_cursor", "Open", tooltip="Opens the person"),
        Binding("tab,left", "screen.to_tree", "Tree", key_display="←", tooltip="Goes to the tree"),
    ]


class Places(Screen[None]):
    """The tree of organisations, and who holds a role at the place that the cursor is on."""

    CSS = """
    Places PlacesTree { width: 45%; height: 1fr; }
    Places #at { width: 1fr; height: 1fr; border-left: solid $primary; }
    Places #heading { width: 100%; padding: 0 1; text-style: bold; }
    Places #count { width: 100%; padding: 0 1; }
    Places Members { height: 1fr; }
    """
    BINDINGS: ClassVar = [
        Binding("space", "to_tree", "Open", show=False),
        Binding("tab", "to_members", "List", tooltip="Goes to the people at this place"),
        keys.BACK,
        keys.AUDIT,
        keys.HELP,
        keys.QUIT,
    ]
    HELP: ClassVar = (
        "→ or Space opens a place, ← shuts it. Enter shows who holds a role there; Tab goes to "
        "them, and Enter there opens a person."
    )

    def __init__(self, desk: SupportDesk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        with Horizontal():
            yield PlacesTree(self._desk)
            with Vertical(id="at"):
                yield Label(id="heading")
                yield Label(id="count")
                yield Members(cursor_type="row")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        for name, width in (("Name", 20), ("Role", 16)):
            self._members.add_column(name, width=width)
        self.action_to_tree()

    def action_back(self) -> None:
        self.dismiss()

    def action_to_tree(self) -> None:
        self.query_one(PlacesTree).focus()

    def action_to_members(self) -> None:
        self._members.focus()

    @on(Tree.NodeHighlighted)
    def show_place(self, event: "Tree.NodeHighlighted[Place]") -> None:
        if event.node.data:
            self._load(event.node.data)

    @on(Tree.NodeSelected)
    def go_to_members(self) -> None:
        self.action_to_members()

    @on(DataTable.RowSelected)
    def open_person(self, event: DataTable.RowSelected) -> None:
        key = event.row_key.value or ""
        self.post_message(Find.Chosen(key.partition(" ")[0]))

    @work(exclusive=True)
    async def _load(self, place: Place) -> None:
        try:
            self._show(place, await self._desk.members(place))
        except (Forbidden, NotFound) as error:
            self._members.clear()
            self._say(place, error.detail)
        except Exception as error:
            tell(self, error)

    def _show(self, place: Place, found: Page[Member]) -> None:
        self._members.clear()
        for one in found.items:
            key = f"{one.user_id} {one.role}"
            self._members.add_row(plain(one.full_name), plain(one.role), key=key)
        count = f"{len(found.items)}{' and more' if found.next_cursor else ''}"
        self._say(place, f"Roles held at it: {count}")

    def _say(self, place: Place, text: str) -> None:
        self.query_one("#heading", Label).update(plain(place.name))
        self.query_one("#count", Label).update(wrapped(text))

    @property
    def _members(self) -> Members:
        return self.query_one(Members)
