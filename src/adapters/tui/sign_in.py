from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Header, Input, Label

from adapters.tui import keys
from adapters.tui.desk import Entrance, SupportDesk
from adapters.tui.telling import refuse, tell
from faraday_core.kernel.errors import FaradayError, NotSignedIn


class SignIn(Screen[None]):
    """Asks for the address and the password, and for a code where there is a second factor."""

    CSS = """
    SignIn #form { width: 60; height: auto; margin: 1 2; }
    SignIn #code_field { height: auto; display: none; }
    SignIn #code_field.wanted { display: block; }
    """
    BINDINGS: ClassVar = [keys.QUIT, keys.HELP]
    HELP: ClassVar = (
        "Sign in with your own account. It needs the role support, org_admin or platform_admin.\n"
        "Tab moves between the fields, Enter signs in.\n"
        "You are signed out when you quit."
    )

    class Succeeded(Message):
        def __init__(self, desk: SupportDesk) -> None:
            super().__init__()
            self.desk = desk

    def __init__(self, entrance: Entrance) -> None:
        super().__init__()
        self._entrance = entrance

    def compose(self) -> ComposeResult:
        yield Header(icon="")
        with Vertical(id="form"):
            yield Label("E-mail")
            yield Input(id="email", max_length=254)
            yield Label("Password")
            yield Input(id="password", password=True)
            with Vertical(id="code_field"):
                yield Label("Code of your authenticator app")
                yield Input(id="code", max_length=32)
        yield Footer(compact=True, show_command_palette=False)

    @on(Input.Submitted, "#email")
    def go_on(self) -> None:
        self.query_one("#password").focus()

    @on(Input.Submitted, "#password, #code")
    def sign_in(self) -> None:
        self._sign_in()

    @work(exclusive=True)
    async def _sign_in(self) -> None:
        try:
            desk = await self._entrance.sign_in(
                self._typed("email").strip(),
                self._typed("password"),
                self._typed("code").strip() or None,
            )
        except Exception as error:
            self._refused(error)
        else:
            self.post_message(self.Succeeded(desk))

    def _refused(self, error: Exception) -> None:
        if isinstance(error, FaradayError) and error.code == "totp_required":
            self.query_one("#code_field").add_class("wanted")
            self.query_one("#code").focus()
            return
        if isinstance(error, NotSignedIn):
            refuse(self, error.detail)
        else:
            tell(self, error)
        for name in ("password", "code"):
            self.query_one(f"#{name}", Input).clear()
        self.query_one("#password").focus()

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value
