import logging
from typing import Final

from attrs import frozen
from textual.message import Message
from textual.screen import Screen

from adapters.app import App
from adapters.terminal_text import shown
from faraday_core.identity.session_model import Claims
from faraday_core.kernel.actor import Actor, Origin
from faraday_core.kernel.errors import FaradayError, NotSignedIn

_log = logging.getLogger(__name__)
ORIGIN: Final = Origin(user_agent="support terminal")


@frozen
class SignedIn:
    """The product, as whoever signed in at this terminal may use it."""

    app: App
    claims: Claims

    class Over(Message):
        """The session has ended elsewhere, or was not used for too long."""

        def __init__(self, detail: str) -> None:
            super().__init__()
            self.detail = detail

    async def actor(self) -> Actor:
        """Who acts, asked anew for each act; raises NotSignedIn where the session is over.

        The session's own ends hold, not the access token's: it never leaves this process.
        """
        identity = await self.app.sessions.identify(self.claims)
        actor = identity.acting(ORIGIN)
        await self.app.sessions.touch(actor, identity.last_used_at)
        return actor

    async def sign_out(self) -> None:
        """End the session, unless it is over already; raises Unavailable."""
        try:
            await self.app.sessions.logout(await self.actor())
        except NotSignedIn:
            return


def tell(screen: Screen[None], error: Exception) -> None:
    """Say why something was refused, or that it failed; who is signed out is sent to sign in.

    Takes every exception: those that reach textual it prints with all local variables, and so
    with passwords.
    """
    match error:
        case NotSignedIn():
            screen.post_message(SignedIn.Over(error.detail))
        case FaradayError():
            refuse(screen, error.detail)
        case _:
            _log.error("The support terminal failed.", exc_info=error)
            refuse(screen, "This failed by a fault of the program, and may not be done.")


def refuse(screen: Screen[None], detail: str) -> None:
    screen.notify(shown(detail), severity="error", markup=False)
