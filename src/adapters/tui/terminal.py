from typing import ClassVar

import textual.app
from textual import on
from textual.binding import Binding

from adapters.app import App
from adapters.terminal_text import shown
from adapters.tui.find import Find
from adapters.tui.help import Help
from adapters.tui.person import Person
from adapters.tui.sign_in import SignIn
from adapters.tui.signed_in import SignedIn
from faraday_core.kernel.errors import Unavailable


class SupportTerminal(textual.app.App[None]):
    """Finds people and helps them, in a terminal: `await SupportTerminal(app).run_async()`.

    Switches between screens, and does nothing else.
    """

    TITLE = "Faraday support"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [
        Binding("f1,question_mark", "help", "Help", key_display="F1"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, product: App) -> None:
        super().__init__()
        self._product = product
        self._signed_in: SignedIn | None = None

    def on_mount(self) -> None:
        self.push_screen(SignIn(self._product))

    async def on_unmount(self) -> None:
        """However it ends: whoever sits here next is not signed in."""
        if self._signed_in:
            try:
                await self._signed_in.sign_out()
            except Unavailable:
                return  # the session ends by itself, when it was not used for a while

    @on(SignIn.Succeeded)
    def go_to_find(self, event: SignIn.Succeeded) -> None:
        self._signed_in = event.signed_in
        self.switch_screen(Find(event.signed_in))

    @on(Find.Chosen)
    def go_to_person(self, event: Find.Chosen) -> None:
        if self._signed_in:
            self.push_screen(Person(self._signed_in, event.user_id))

    @on(SignedIn.Over)
    async def go_to_sign_in(self, event: SignedIn.Over) -> None:
        if self._signed_in is None:
            return  # two questions at once were refused
        self._signed_in = None
        while len(self.screen_stack) > 2:  # noqa: PLR2004 -- textual's own, and one of ours
            await self.pop_screen()
        await self.switch_screen(SignIn(self._product))
        self.notify(shown(event.detail), severity="warning", markup=False)

    def action_help(self) -> None:
        self.push_screen(Help(getattr(self.screen, "HELP", "")))
