from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Header, Static, TabbedContent, TabPane

from adapters.tui import acts, keys
from adapters.tui.acts import Act
from adapters.tui.asking import AskOne, AskPlace, AskSome, AskText
from adapters.tui.confirm import Confirm
from adapters.tui.desk import SupportDesk
from adapters.tui.names import Names
from adapters.tui.person_tab import TabList
from adapters.tui.person_tabs import IMPORTS, ROLES, SESSIONS, TABS, Subject, held_by
from adapters.tui.seen import Account, Person, Place
from adapters.tui.telling import tell, told
from adapters.tui.texts import wrapped
from faraday_core.roster.held_fields import USER as HOLDABLE

# Where a key is good for something: the tab that its row is in.
_IN_TAB = {
    "end_session": SESSIONS.id,
    "end_sessions": SESSIONS.id,
    "give_role": ROLES.id,
    "end_role": ROLES.id,
    "hold_fields": IMPORTS.id,
}
_ADMINISTRATORS = frozenset({"hold_fields", "rename", "give_role", "end_role"})


class PersonScreen(Screen[None]):
    """Somebody, how they stand, all that is known of them, and what can be done for them."""

    CSS = """
    PersonScreen #fields { height: auto; padding: 0 1; }
    PersonScreen TabbedContent { height: 1fr; }
    PersonScreen TabPane { padding: 0; }
    PersonScreen ContentTab { padding: 0 0 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("g", "give_role", "Give", tooltip="Gives them a role at a place"),
        Binding("x", "end_role", "Take", tooltip="Takes the role that the cursor is on"),
        Binding("e", "end_session", "End", tooltip="Ends the session that the cursor is on"),
        Binding("a", "end_sessions", "End all", tooltip="Ends all sessions of this person"),
        Binding("u", "unlock", "Unlock", tooltip="Lets in again who guessed wrong too often"),
        Binding("r", "send_reset", "Reset", tooltip="Mails a link to set a new password by"),
        Binding("i", "resend_invitation", "Invite", tooltip="Mails the invitation once more"),
        Binding("h", "hold_fields", "Hold", tooltip="Holds fields of theirs against imports"),
        Binding("n", "rename", "Name", tooltip="Corrects their name"),
        Binding("v", "view_as", "View as", tooltip="Shows what this person may do, and why"),
        keys.BACK,
        keys.HELP,
        *(
            Binding(
                str(number),
                f"tab('{tab.id}')",
                tab.title,
                show=False,
                tooltip=f"Shows: {tab.title.lower()}",
            )
            for number, tab in enumerate(TABS, 1)
        ),
    ]
    HELP: ClassVar = (
        "← and → or a number go to another tab. Each act asks before it is done, "
        "and is kept in the audit log."
    )

    class AskedAs(Message):
        """To see what this person may do."""

        def __init__(self, person: Person) -> None:
            super().__init__()
            self.person = person

    def __init__(self, desk: SupportDesk, user_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._names = Names(desk)
        self._user_id = user_id
        self._person: Person | None = None
        self._account: Account | None = None

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        yield Static(id="fields")
        with TabbedContent(initial=ROLES.id):
            for number, tab in enumerate(TABS, 1):
                with TabPane(f"{number} {tab.title}", id=tab.id):
                    yield TabList(tab)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What a key is for, and for whom: a hint, since the services decide."""
        if action in _ADMINISTRATORS and not self._desk.me.is_administrator:
            return False
        has_password = self._account.has_password if self._account else None
        if action == "send_reset" and has_password is False:
            return False
        if action == "resend_invitation" and has_password is not False:
            return False
        return _IN_TAB.get(action, self._active) == self._active

    @on(TabbedContent.TabActivated)
    def show_tab(self) -> None:
        self.refresh_bindings()
        self._list.take_focus()
        self._fill()

    def action_next_tab(self, step: int) -> None:
        ids = [tab.id for tab in TABS]
        self.action_tab(ids[(ids.index(self._active) + step) % len(ids)])

    def action_tab(self, id: str) -> None:
        self.query_one(TabbedContent).active = id

    def action_back(self) -> None:
        self.dismiss()

    def action_view_as(self) -> None:
        if self._person:
            self.post_message(self.AskedAs(self._person))

    def action_unlock(self) -> None:
        self._ask(acts.unlock)

    def action_send_reset(self) -> None:
        self._ask(acts.send_reset)

    def action_resend_invitation(self) -> None:
        self._ask(acts.resend_invitation)

    def action_end_sessions(self) -> None:
        self._ask(acts.end_sessions)

    def action_end_session(self) -> None:
        if row := self._list.chosen:
            self._ask(lambda person: acts.end_session(person, row.key, row.cells[0]))
        else:
            self.notify("There is no session to end.", severity="warning")

    def action_end_role(self) -> None:
        if row := self._list.chosen:
            at = row.cells[-1]
            self._ask(lambda person: acts.end_role(person, held_by(row.key), at))
        else:
            self.notify("There is no role to take.", severity="warning")

    @work
    async def action_rename(self) -> None:
        if self._person is None:
            return
        asked = AskText("What is the right name?", self._person.full_name)
        name = await self.app.push_screen_wait(asked)
        if name and name != self._person.full_name:
            self._ask(lambda person: acts.rename(person, name))

    @work
    async def action_hold_fields(self) -> None:
        if self._person is None:
            return
        try:
            held = await self._desk.held_fields(self._user_id)
        except Exception as error:
            tell(self, error)
            return
        question = f"What of {self._person.full_name} is no import to change?"
        asked = AskSome(question, HOLDABLE.fields, held.fields)
        chosen = await self.app.push_screen_wait(asked)
        if chosen is not None and {*chosen} != {*held.fields}:
            self._ask(lambda person: acts.hold_fields(person, chosen))

    @work
    async def action_give_role(self) -> None:
        if self._person is None:
            return
        question = f"Which role is {self._person.full_name} to have?"
        role = await self.app.push_screen_wait(AskOne(question, acts.ROLES))
        if not role:
            return
        asked = AskPlace(self._desk, f"Where is {self._person.full_name} to be {role}?")
        place: Place | None = await self.app.push_screen_wait(asked)
        if place:
            self._ask(lambda person: acts.give_role(person, role, place))

    def _ask(self, act_on: "acts.ActOn") -> None:
        if self._person is None:
            return  # it is not known yet on whom
        act = act_on(self._person)

        def answered(yes: bool | None) -> None:  # noqa: FBT001 -- textual passes by position
            if yes:
                # The app's, not this screen's: whoever goes back meanwhile does not undo it.
                self.app.run_worker(self._do(act))

        self.app.push_screen(Confirm(act.question), answered)

    async def _do(self, act: Act) -> None:
        with told(self):
            await act.do(self._desk)
            self.notify(act.done)
        if self.is_attached:
            self._load()

    @work(exclusive=True, group="person")
    async def _load(self) -> None:
        try:
            self._person = await self._desk.person(self._user_id)
            self._show(self._person, self._account)
            self._fill()
            self._account = await self._desk.account(self._user_id)
        except Exception as error:
            tell(self, error)
        else:
            self._show(self._person, self._account)
            self.refresh_bindings()

    def _fill(self) -> None:
        if self._person:
            self._list.show(Subject(self._desk, self._names, self._person))

    def _show(self, person: Person, account: Account | None) -> None:
        table = Table(show_header=False, box=None, pad_edge=False, expand=True)
        table.add_column(style="bold", no_wrap=True, width=8)
        table.add_column(overflow="fold", ratio=1)
        table.add_column(style="bold", no_wrap=True, width=13)
        table.add_column(overflow="fold", width=22)
        for (name, value), (state, holds) in zip(
            _fields(person), _state(person, account), strict=True
        ):
            table.add_row(name, wrapped(value), state, wrapped(holds))
        self.query_one("#fields", Static).update(table)

    @property
    def _active(self) -> str:
        found = self.query(TabbedContent)
        return found.first().active if found else ROLES.id

    @property
    def _list(self) -> TabList:
        return self.query_one(f"#{self._active}", TabPane).query_one(TabList)


def _fields(person: Person) -> Iterable[tuple[str, object]]:
    yield "Name", person.full_name
    yield "E-mail", person.email
    yield "Verified", person.email_verified
    yield "Active", person.is_active


def _state(person: Person, account: Account | None) -> Iterable[tuple[str, object]]:
    yield "Locked", _lock(account) if account else "…"
    yield "Password", account.has_password if account else "…"
    yield "Second factor", account.has_second_factor if account else "…"
    yield "Source id", person.source_id


def _lock(account: Account) -> str:
    until = account.locked_until
    return f"until {wrapped(until)}" if until else "no"
