import asyncio
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Label, OptionList, Static
from textual.widgets.option_list import Option

from adapters.tui import keys
from adapters.tui.desk import SupportDesk
from adapters.tui.names import Names
from adapters.tui.seen import Answer, Person, RoleHeld
from adapters.tui.telling import tell
from adapters.tui.texts import plain, wrapped
from faraday_core.kernel.errors import Forbidden, NotFound

_COLUMNS: Final = (("Permission", 24), ("May", 4), ("Because they are", 42))


class Answers(DataTable[object]):
    BINDINGS: ClassVar = [
        Binding("tab", "screen.to_places", "Places", tooltip="Goes to the places")
    ]


class ViewAs(Screen[None]):
    """What a person may do, and by which role: told, and never done in their name."""

    CSS = """
    ViewAs #heading { padding: 0 1; text-style: bold; }
    ViewAs OptionList { height: auto; max-height: 6; margin: 0 1; }
    ViewAs Answers { height: 1fr; }
    ViewAs #about { height: auto; max-height: 4; padding: 0 1; border-top: solid $primary; }
    """
    BINDINGS: ClassVar = [
        Binding("tab", "to_answers", "Answers", tooltip="Goes to the answers"),
        keys.BACK,
        keys.HELP,
        keys.QUIT,
    ]
    HELP: ClassVar = (
        "Choose a place above: below stands what this person may do there, and by which of their "
        "roles. Nobody acts as somebody else in this product."
    )

    def __init__(self, desk: SupportDesk, person: Person) -> None:
        super().__init__()
        self._desk = desk
        self._names = Names(desk)
        self._person = person
        self._whole: list[str] = []

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        name = self._person.full_name
        yield Label(wrapped(f"What {name} may do at:"), id="heading")
        yield OptionList(id="places", markup=False)
        yield Answers(cursor_type="row")
        yield Static(id="about")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        for name, width in _COLUMNS:
            self.query_one(Answers).add_column(name, width=width)
        self.action_to_places()
        self._show_places()

    def action_back(self) -> None:
        self.dismiss()

    def action_to_places(self) -> None:
        self.query_one(OptionList).focus()

    def action_to_answers(self) -> None:
        self.query_one(Answers).focus()

    @on(OptionList.OptionHighlighted)
    def ask(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id:
            self._ask(event.option_id)

    @on(DataTable.RowHighlighted)
    def tell_whole(self, event: DataTable.RowHighlighted) -> None:
        """What has no room in the list."""
        if event.cursor_row < len(self._whole):
            self.query_one("#about", Static).update(wrapped(self._whole[event.cursor_row]))

    @work
    async def _show_places(self) -> None:
        held = {one.scope_id: one for one in self._person.roles if one.scope_id}
        try:
            names = await asyncio.gather(*map(self._names.of_place, held.values()))
        except Exception as error:
            tell(self, error)
            return
        places = self.query_one(OptionList)
        for one, name in zip(held.values(), names, strict=True):
            places.add_option(Option(plain(f"{name} ({one.scope_type})"), id=one.scope_id))
        places.add_option(Option(plain("their own account"), id=self._person.id))
        places.add_option(Option(plain("the platform"), id="platform"))
        places.highlighted = 0

    @work(exclusive=True)
    async def _ask(self, resource: str) -> None:
        table = self.query_one(Answers)
        try:
            answers = await self._desk.may(self._person.id, resource)
            rows = [(one, await self._why(one)) for one in answers]
        except (Forbidden, NotFound) as error:
            table.clear()
            table.add_row(plain(error.detail), "", "")
        except Exception as error:
            tell(self, error)
        else:
            self._whole = [f"{one.action}: {why or 'no role of theirs'}" for one, why in rows]
            table.clear()
            for one, why in rows:
                cells = (one.action, "yes" if one.allowed else "no", why)
                table.add_row(*map(plain, cells))

    async def _why(self, answer: Answer) -> str:
        told = []
        for one in answer.because:
            held = RoleHeld(one.role, one.scope_type, one.scope_id)
            told.append(f"{one.role} at {await self._names.of_place(held)}")
        return "; ".join(told)
