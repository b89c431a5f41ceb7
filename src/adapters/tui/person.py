from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, Final

from rich.table import Table
from textual import work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Label, Static

from adapters.terminal_text import shown
from adapters.tui.confirm import Confirm
from adapters.tui.signed_in import SignedIn, tell
from adapters.tui.texts import plain, wrapped
from faraday_core.identity.model import UserView
from faraday_core.identity.session_model import SessionView
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import Account

Act = Callable[[Actor], Awaitable[str]]  # answers what it has done

_MOST: Final = 50
# With two cells of space to each and a scrollbar they fill 80.
_COLUMNS: Final = (("Device", 18), ("Address", 15), ("Program", 14), ("Last used", 23))


class Person(Screen[None]):
    """Somebody, how they stand, where they are signed in, and what can be done for them."""

    CSS = """
    Person #fields { height: auto; padding: 0 1; }
    Person #heading { padding: 1 1 0 1; text-style: bold; }
    Person #sessions { height: 1fr; }
    """
    BINDINGS: ClassVar = [
        ("u", "unlock", "Unlock"),
        ("e", "end_session", "End session"),
        ("a", "end_sessions", "End all"),
        ("r", "send_reset", "Send reset"),
        ("escape", "back", "Back"),
    ]
    HELP: ClassVar = (
        "u  lets somebody in again who guessed wrong too often\n"
        "e  ends the session that the list's cursor is on\n"
        "a  ends all of this person's sessions\n"
        "r  mails a link to set a new password by\n\n"
        "Each asks before it does anything, and is kept in the audit log."
    )

    def __init__(self, signed_in: SignedIn, user_id: str) -> None:
        super().__init__()
        self._signed_in = signed_in
        self._support = signed_in.app.support
        self._user_id = user_id
        self._name = "this person"

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static(id="fields")
        yield Label("Sessions", id="heading")
        yield DataTable(id="sessions", cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        for name, width in _COLUMNS:
            self._sessions.add_column(name, width=width)
        self._sessions.focus()
        self._load()

    def action_back(self) -> None:
        self.dismiss()

    def action_unlock(self) -> None:
        async def unlock(actor: Actor) -> str:
            await self._support.unlock(actor, self._user_id)
            return "Unlocked. They can sign in again."

        self._ask(f"Unlock {self._name}, so that they can try to sign in again?", unlock)

    def action_end_session(self) -> None:
        if not self._sessions.row_count:
            self.notify("There is no session to end.", severity="warning")
            return
        at = self._sessions.cursor_coordinate
        session_id = self._sessions.coordinate_to_cell_key(at).row_key.value or ""
        device = self._sessions.get_row_at(at.row)[0]

        async def end_session(actor: Actor) -> str:
            await self._support.end_session(actor, self._user_id, session_id)
            return "The session is ended."

        self._ask(f"Sign {self._name} out on this device: {device}?", end_session)

    def action_end_sessions(self) -> None:
        async def end_sessions(actor: Actor) -> str:
            count = await self._support.end_sessions(actor, self._user_id)
            return f"Sessions ended: {count}."

        self._ask(f"Sign {self._name} out everywhere?", end_sessions)

    def action_send_reset(self) -> None:
        async def send_reset(actor: Actor) -> str:
            await self._support.send_reset(actor, self._user_id)
            return "The mail is on its way."

        self._ask(f"Mail {self._name} a link to set a new password by?", send_reset)

    def _ask(self, question: str, act: Act) -> None:
        def answered(yes: bool | None) -> None:  # noqa: FBT001 -- textual passes by position
            if yes:
                # The app's, not this screen's: whoever goes back meanwhile does not undo it.
                self.app.run_worker(self._do(act))

        self.app.push_screen(Confirm(question), answered)

    async def _do(self, act: Act) -> None:
        try:
            self.notify(await act(await self._signed_in.actor()))
        except Exception as error:
            tell(self, error)
        if self.is_attached:
            self._load()

    @work(exclusive=True)
    async def _load(self) -> None:
        try:
            actor, user_id = await self._signed_in.actor(), self._user_id
            person = await self._signed_in.app.users.get(actor, user_id)
            self._name = person.full_name
            self._show(person, None)
            self._show(person, await self._support.account(actor, user_id))
            found = await self._support.sessions(actor, user_id, PageRequest(limit=_MOST))
        except Exception as error:
            tell(self, error)
        else:
            self._show_sessions(found.items, more=found.next_cursor is not None)

    def _show(self, person: UserView, account: Account | None) -> None:
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in (*_fields(person), *_state(account)):
            table.add_row(name, wrapped(value))
        self.query_one("#fields", Static).update(table)

    def _show_sessions(self, sessions: Iterable[SessionView], *, more: bool) -> None:
        row = self._sessions.cursor_row
        self._sessions.clear()
        for session in sessions:
            device = f"{shown(session.device_name)}{' (yours)' if session.current else ''}"
            cells = (device, session.ip_address, session.user_agent, session.last_used_at)
            self._sessions.add_row(*map(plain, cells), key=session.id)
        self._sessions.move_cursor(row=row)
        count = f"the newest {_MOST}" if more else str(self._sessions.row_count)
        self.query_one("#heading", Label).update(f"Sessions: {count}")

    @property
    def _sessions(self) -> "DataTable[object]":
        return self.query_one("#sessions", DataTable)


def _fields(person: UserView) -> Iterable[tuple[str, object]]:
    verified = "" if person.email_verified else " (not verified)"
    yield "Name", person.full_name
    yield "E-mail", f"{person.email}{verified}" if person.email else None
    yield "Roles", ", ".join(dict.fromkeys(held.role for held in person.roles)) or None
    yield "Active", person.is_active


def _state(account: Account | None) -> Iterable[tuple[str, object]]:
    if account:
        until = account.locked_until
        yield "Locked", f"until {shown(until)}" if until else "no"
        yield "Password", account.has_password
        yield "Second factor", account.has_second_factor
