from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import DataTable, Label, Static

from adapters.tui.person_tabs import Row, Rows, Subject, Tab
from adapters.tui.telling import tell
from adapters.tui.texts import plain, wrapped
from faraday_core.kernel.errors import Forbidden, NotFound


class TabTable(DataTable[object]):
    BINDINGS: ClassVar = [
        Binding("left", "screen.next_tab(-1)", "Tab to the left", show=False),
        Binding("right", "screen.next_tab(1)", "Tab to the right", show=False),
    ]


class TabList(Vertical):
    """A tab's list, how long it is, and what there is to say of the row with the cursor."""

    DEFAULT_CSS = """
    TabList { height: 1fr; }
    TabList #count { padding: 0 1; color: $text-muted; }
    TabList TabTable { height: 1fr; }
    TabList #about { height: auto; max-height: 5; padding: 0 1; border-top: solid $primary; }
    """

    def __init__(self, tab: Tab) -> None:
        super().__init__()
        self._tab = tab
        self._rows: list[Row] = []
        self._subject: Subject | None = None

    def compose(self) -> ComposeResult:
        yield Label("…", id="count")
        yield TabTable(cursor_type="row")
        if self._tab.about:
            yield Static(id="about")

    def on_mount(self) -> None:
        for name, width in self._tab.columns:
            self._table.add_column(name, width=width)

    @property
    def chosen(self) -> Row | None:
        """The row that the cursor is on."""
        row = self._table.cursor_row
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def take_focus(self) -> None:
        self._table.focus()

    def show(self, subject: Subject) -> None:
        """Ask for it, and show it as soon as it is there."""
        self._subject = subject
        self._load(subject)

    @work(exclusive=True, group="rows")
    async def _load(self, subject: Subject) -> None:
        try:
            found = await self._tab.ask(subject)
        except (Forbidden, NotFound) as error:
            self._fill(Rows(()), error.detail)
        except Exception as error:
            tell(self.screen, error)
        else:
            self._fill(found, self._tab.empty)

    def _fill(self, found: Rows, empty: str) -> None:
        row = self._table.cursor_row
        self._rows = [*found.items]
        self._table.clear()
        for one in self._rows:
            self._table.add_row(*map(plain, one.cells), key=one.key)
        self._table.move_cursor(row=row)
        count = f"{self._tab.title}: {len(self._rows)}{', and more' if found.more else ''}"
        told = count if self._rows else empty
        self.query_one("#count", Label).update(wrapped(f"{told}  {found.note}".strip()))
        if self._tab.about and not self._rows:
            self.query_one("#about", Static).update("")

    @on(DataTable.RowHighlighted)
    def tell_about(self) -> None:
        if self._tab.about and self._subject and (row := self.chosen):
            self._tell(self._subject, row)

    @work(exclusive=True, group="about")
    async def _tell(self, subject: Subject, row: Row) -> None:
        if self._tab.about is None:
            return
        try:
            about = await self._tab.about(subject, row)
        except (Forbidden, NotFound) as error:
            about = error.detail
        except Exception as error:
            tell(self.screen, error)
            return
        self.query_one("#about", Static).update(wrapped(about))

    @property
    def _table(self) -> TabTable:
        return self.query_one(TabTable)
