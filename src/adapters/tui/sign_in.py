from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Header, Input, Label

from adapters.app import App
from adapters.tui.signed_in import ORIGIN, SignedIn, refuse, tell
from faraday_core.kernel.errors import FaradayError, NotSignedIn


class SignIn(Screen[None]):
    """Asks for the address and the password, and for a code where there is a second factor."""

    CSS = """
    SignIn #form { width: 60; height: auto; margin: 1 2; }
    SignIn #code_field { height: auto; display: none; }
    SignIn #code_field.wanted { display: block; }
    """
    HELP: ClassVar = (
        "Sign in with your own account. It needs the role support, org_admin or platform_admin.\n"
        "Tab moves between the fields, Enter signs in.\n"
        "You are signed out when you quit."
    )

    class Succeeded(Message):
        def __init__(self, signed_in: SignedIn) -> None:
            super().__init__()
            self.signed_in = signed_in

    def __init__(self, product: App) -> None:
        super().__init__()
        self._product = product

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="form"):
            yield Label("E-mail")
            yield Input(id="email", max_length=254)
            yield Label("Password")
            yield Input(id="password", password=True)
            with Vertical(id="code_field"):
                yield Label("Code of your authenticator app")
                yield Input(id="code", max_length=32)
        yield Footer()

    @on(Input.Submitted, "#email")
    def go_on(self) -> None:
        self.query_one("#password").focus()

    @on(Input.Submitted, "#password, #code")
    def sign_in(self) -> None:
        self._sign_in()

    @work(exclusive=True)
    async def _sign_in(self) -> None:
        try:
            answer = await self._product.auth.login(
                email=self._typed("email").strip(),
                password=self._typed("password"),
                totp_code=self._typed("code").strip() or None,
                device_name="support terminal",
                origin=ORIGIN,
            )
            claims = await self._product.keys.read(answer.access_token)
        except Exception as error:
            self._refused(error)
        else:
            self.post_message(self.Succeeded(SignedIn(self._product, claims)))

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
