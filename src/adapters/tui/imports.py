from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Label, Static

from adapters.tui import keys
from adapters.tui.desk import SupportDesk
from adapters.tui.names import Names
from adapters.tui.person_tabs import IMPORT_COLUMNS, Row, import_row
from adapters.tui.seen import Import
from adapters.tui.telling import tell
from adapters.tui.texts import plain, wrapped
from faraday_core.kernel.errors import FaradayError

_EACH: Final = 1.0  # seconds
# After so many without a key it asks no more: nobody's session lives on by a screen alone.
_PATIENCE: Final = 900
_REFUSED: Final = (("File", 18), ("Line", 6), ("Column", 14), ("What is wrong", 34))


class Imports(Screen[None]):
    """Imports as they run, plans that wait to be accepted, and the rows that were refused."""

    CSS = """
    Imports #runs { height: 2fr; }
    Imports #about { padding: 0 1; border-top: solid $primary; width: 100%; }
    Imports #refused { height: 3fr; }
    Imports #whole { height: auto; max-height: 4; padding: 0 1; border-top: solid $primary; }
    """
    BINDINGS: ClassVar = [
        Binding("tab", "app.focus_next", "Rows", tooltip="Goes to the other of the two lists"),
        keys.BACK,
        keys.PLACES,
        keys.AUDIT,
        keys.HELP,
        keys.QUIT,
    ]
    HELP: ClassVar = (
        "The newest first, asked for anew each second, with the plans that wait to be accepted as "
        "a large change. How far: how much is read, and in the end what was created (+), updated "
        "(~), removed (-) and refused (!). Below stand the refused rows of the import that the "
        "cursor is on; Tab goes there."
    )

    def __init__(self, desk: SupportDesk) -> None:
        super().__init__()
        self._desk = desk
        self._names = Names(desk)
        self._found: dict[str, Import] = {}
        self._chosen: str | None = None
        self._shown: Import | None = None
        self._wrong: list[str] = []
        self._idle = 0.0

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        yield DataTable[object](id="runs", cursor_type="row")
        yield Label("…", id="about")
        yield DataTable[object](id="refused", cursor_type="row")
        yield Static(id="whole")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        for name, width in IMPORT_COLUMNS:
            self._runs.add_column(name, width=width, key=name)
        for name, width in _REFUSED:
            self._refused.add_column(name, width=width)
        self._runs.focus()
        self._ask()
        self.set_interval(_EACH, self._ask_again)

    def on_key(self, event: Key) -> None:
        self._idle = 0.0

    def action_back(self) -> None:
        self.dismiss()

    def _ask_again(self) -> None:
        self._idle += _EACH
        if self._idle <= _PATIENCE and self.is_current and not self._is_asking:
            self._ask()

    @property
    def _is_asking(self) -> bool:
        return any(worker.group == "runs" and worker.is_running for worker in self.workers)

    @work(group="runs")
    async def _ask(self) -> None:
        try:
            found = (await self._desk.imports()).items
            found = tuple([await self._with_progress(one) for one in found])
            rows = [await import_row(one, self._names) for one in found]
        except FaradayError as error:
            tell(self, error)
            self._say(error.detail)
            self._idle = _PATIENCE  # until there is a key again
        except Exception as error:
            tell(self, error)
            self._idle = _PATIENCE
        else:
            self._found = {one.id: one for one in found}
            self._show(rows)

    async def _with_progress(self, one: Import) -> Import:
        return await self._desk.one_import(one.id) if one.is_under_way else one

    def _show(self, rows: Sequence[Row]) -> None:
        """Only what is another one by now is drawn anew, so that the cursor stays."""
        if [row.key for row in rows] != [key.value for key in self._runs.rows]:
            at = self._chosen
            self._runs.clear()
            for row in rows:
                self._runs.add_row(*map(plain, row.cells), key=row.key)
            keys_now = [row.key for row in rows]
            self._runs.move_cursor(row=keys_now.index(at) if at in keys_now else 0)
        else:
            for row in rows:
                for (name, _), cell in zip(IMPORT_COLUMNS, row.cells, strict=True):
                    self._runs.update_cell(row.key, name, plain(cell))
        if not rows:
            self._say("Nothing was imported yet where you may read it.")
        elif self._chosen in self._found:
            self._tell(self._found[self._chosen])

    @on(DataTable.RowHighlighted, "#runs")
    def choose(self, event: DataTable.RowHighlighted) -> None:
        self._chosen = event.row_key.value
        if self._chosen in self._found:
            self._tell(self._found[self._chosen])

    @on(DataTable.RowHighlighted, "#refused")
    def tell_whole(self, event: DataTable.RowHighlighted) -> None:
        """What has no room in the list."""
        if event.cursor_row < len(self._wrong):
            self.query_one("#whole", Static).update(wrapped(self._wrong[event.cursor_row]))

    def _tell(self, one: Import) -> None:
        """Ask for its refused rows, where it is not shown as it is now already."""
        if self._shown is None or (self._shown.id, self._shown.status) != (one.id, one.status):
            self._show_refused(one)

    @work(exclusive=True, group="refused")
    async def _show_refused(self, one: Import) -> None:
        try:
            whole = await self._desk.one_import(one.id)
            by = "at the machine"
            if whole.started_by:
                by = f"by {await self._names.of_person(whole.started_by)}"
        except Exception as error:
            tell(self, error)
            return
        self._shown = one
        self._wrong = [f"{row.code}: {row.detail}" for row in whole.refused]
        self._refused.clear()
        self.query_one("#whole", Static).update("")
        for row in whole.refused:
            cells = (row.file, row.line, row.column)
            self._refused.add_row(*map(plain, (*cells, f"{row.code}: {row.detail}")))
        told = f"Started {by}, {whole.mode}. Refused rows: {len(whole.refused)}."
        why = whole.problem.detail if whole.problem else whole.large_change
        self._say(f"{told} {why}" if why else told)

    def _say(self, text: str) -> None:
        self.query_one("#about", Label).update(wrapped(text))

    @property
    def _runs(self) -> DataTable[object]:
        return self.query_one("#runs", DataTable)

    @property
    def _refused(self) -> DataTable[object]:
        return self.query_one("#refused", DataTable)
