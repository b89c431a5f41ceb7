from datetime import date
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input, Label, Static

from adapters.tui import keys
from adapters.tui.desk import SupportDesk
from adapters.tui.names import Names
from adapters.tui.person_tabs import AUDIT_COLUMNS, Row, row_of
from adapters.tui.seen import AuditQuestion, Entry
from adapters.tui.telling import refuse, tell
from adapters.tui.texts import plain, wrapped
from faraday_core.kernel.errors import FaradayError
from faraday_core.kernel.paging import Page


class Entries(DataTable[object]):
    BINDINGS: ClassVar = [
        Binding("slash", "screen.to_filters", "Filter", tooltip="Goes to the filters"),
        Binding("m", "screen.more", "More", tooltip="Shows older entries"),
    ]


class Audit(Screen[None]):
    """What was done, by whom, to whom, the newest first; narrowed by what is typed above it."""

    CSS = """
    Audit #filters { height: 3; }
    Audit #filters Input { width: 1fr; }
    Audit #count { padding: 0 1; }
    Audit Entries { height: 1fr; }
    Audit #about { height: auto; max-height: 4; padding: 0 1; border-top: solid $primary; }
    """
    BINDINGS: ClassVar = [keys.BACK, keys.PLACES, keys.HELP, keys.QUIT]
    HELP: ClassVar = (
        "Each field narrows the list: an action such as user.rename; the beginning of a name or "
        "an address, of who did it or whom it was done to; the first and the last day, as in "
        "2026-09-01. Enter asks."
    )

    def __init__(self, desk: SupportDesk) -> None:
        super().__init__()
        self._desk = desk
        self._names = Names(desk)
        self._rows: list[Row] = []
        self._asked = AuditQuestion()
        self._cursor: str | None = None

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        with Horizontal(id="filters"):
            yield Input(id="action", placeholder="Action", max_length=100)
            yield Input(id="person", placeholder="Person", max_length=100)
            yield Input(id="since", placeholder="From day", max_length=10)
            yield Input(id="until", placeholder="To day", max_length=10)
        yield Label("…", id="count")
        yield Entries(cursor_type="row")
        yield Static(id="about")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        for name, width in AUDIT_COLUMNS:
            self._entries.add_column(name, width=width)
        self._entries.focus()
        self._ask()

    def action_back(self) -> None:
        self.dismiss()

    def action_to_filters(self) -> None:
        self.query_one("#action").focus()

    def action_more(self) -> None:
        if self._cursor:
            self._load(self._asked, self._cursor)
        else:
            self.notify("There are no older ones.")

    @on(Input.Submitted)
    def narrow(self) -> None:
        self._entries.focus()
        self._ask()

    @on(DataTable.RowHighlighted)
    def tell_about(self, event: DataTable.RowHighlighted) -> None:
        if event.cursor_row < len(self._rows):
            row = self._rows[event.cursor_row]
            self.query_one("#about", Static).update(wrapped(f"{row.cells[1]}: {row.about}"))

    @work(exclusive=True)
    async def _ask(self) -> None:
        try:
            self._asked = await self._question()
            await self._fill(await self._desk.audit(self._asked), anew=True)
        except _Unclear as error:
            refuse(self, str(error))
            self._say(str(error))
        except FaradayError as error:
            tell(self, error)
            self._say(error.detail)
        except Exception as error:
            tell(self, error)

    @work(exclusive=True)
    async def _load(self, asked: AuditQuestion, cursor: str) -> None:
        try:
            await self._fill(await self._desk.audit(asked, cursor), anew=False)
        except Exception as error:
            tell(self, error)

    async def _question(self) -> AuditQuestion:
        person_id, text = None, self._typed("person")
        if text:
            found = (await self._desk.people(text)).items
            if len(found) != 1:
                how_many = "Nobody is" if not found else "Several people are"
                raise _Unclear(f"{how_many} found by {text!r}.")
            person_id = found[0].id
        return AuditQuestion(
            self._typed("action"),
            person_id,
            _day(self._typed("since")),
            _day(self._typed("until")),
        )

    async def _fill(self, page: Page[Entry], *, anew: bool) -> None:
        rows = [await row_of(entry, self._names) for entry in page.items]
        if anew:
            self._rows = []
            self._entries.clear()
            self.query_one("#about", Static).update("")
        self._rows.extend(rows)
        self._cursor = page.next_cursor
        for row in rows:
            self._entries.add_row(*map(plain, row.cells), key=row.key)
        more = ", and older ones" if self._cursor else ""
        self._say(f"Entries: {len(self._rows)}{more}" if self._rows else "Nothing is found.")

    def _say(self, text: str) -> None:
        self.query_one("#count", Label).update(wrapped(text))

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    @property
    def _entries(self) -> Entries:
        return self.query_one(Entries)


class _Unclear(ValueError):
    """What was typed cannot be asked for."""


def _day(text: str) -> date | None:
    """Raises _Unclear."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _Unclear(f"{text!r} is no day as 2026-09-01 is.") from error
