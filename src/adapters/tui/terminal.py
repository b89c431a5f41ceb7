from typing import ClassVar

import textual.app
from textual import on
from textual.binding import Binding

from adapters.terminal_text import shown
from adapters.tui.audit import Audit
from adapters.tui.desk import Entrance, SupportDesk
from adapters.tui.find import Find
from adapters.tui.help import Help, keys_of
from adapters.tui.imports import Imports
from adapters.tui.palette import Keys
from adapters.tui.person import PersonScreen
from adapters.tui.places import Places
from adapters.tui.sign_in import SignIn
from adapters.tui.telling import Over
from adapters.tui.view_as import ViewAs
from faraday_core.kernel.errors import Unavailable

_SIGNED_IN = frozenset({"find", "places", "audit", "imports", "command_palette"})
_LOWEST = 2  # of the stack: textual's own screen, and the one to find people or to sign in


class SupportTerminal(textual.app.App[None]):
    """Finds people and helps them: `await SupportTerminal(LocalEntrance(app)).run_async()`.

    Switches between screens, and does nothing else.
    """

    TITLE = "Faraday support"
    COMMANDS: ClassVar = {Keys}
    COMMAND_PALETTE_DISPLAY = "^p"
    BINDINGS: ClassVar = [
        Binding("f1,question_mark", "help", show=False),
        Binding("f2", "find", show=False),
        Binding("f3", "places", show=False),
        Binding("f4", "audit", show=False),
        Binding("f5", "imports", show=False),
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]

    def __init__(self, entrance: Entrance) -> None:
        super().__init__()
        self._entrance = entrance
        self._desk: SupportDesk | None = None

    def on_mount(self) -> None:
        self.push_screen(SignIn(self._entrance))

    async def on_unmount(self) -> None:
        """However it ends: whoever sits here next is not signed in."""
        try:
            if self._desk:
                await self._desk.sign_out()
        except Unavailable:
            return  # the session ends by itself, when it was not used for a while
        finally:
            await self._entrance.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nowhere to go before one is signed in, and no key for what one may not read."""
        if action in _SIGNED_IN and self._desk is None:
            return False
        if action == "audit" and self._desk and not self._desk.me.is_administrator:
            return False
        return super().check_action(action, parameters)

    @on(SignIn.Succeeded)
    def go_to_find(self, event: SignIn.Succeeded) -> None:
        self._desk = event.desk
        self.sub_title = shown(event.desk.me.full_name)
        self.switch_screen(Find(event.desk))

    @on(Find.Chosen)
    def go_to_person(self, event: Find.Chosen) -> None:
        if self._desk:
            self.push_screen(PersonScreen(self._desk, event.user_id))

    @on(PersonScreen.AskedAs)
    def go_to_view_as(self, event: PersonScreen.AskedAs) -> None:
        if self._desk:
            self.push_screen(ViewAs(self._desk, event.person))

    @on(Over)
    async def go_to_sign_in(self, event: Over) -> None:
        if self._desk is None:
            return  # two questions at once were refused
        self._desk = None
        self.sub_title = ""
        await self._leave_all()
        await self.switch_screen(SignIn(self._entrance))
        self.notify(shown(event.detail), severity="warning", markup=False)

    async def action_find(self) -> None:
        await self._leave_all()

    async def action_places(self) -> None:
        await self._go_to(Places)

    async def action_imports(self) -> None:
        await self._go_to(Imports)

    async def action_audit(self) -> None:
        await self._go_to(Audit)

    def action_help(self) -> None:
        self.push_screen(Help(getattr(self.screen, "HELP", ""), keys_of(self.screen)))

    async def _go_to(self, kind: type[Places] | type[Audit] | type[Imports]) -> None:
        if self._desk and not isinstance(self.screen, kind):
            await self._leave_all()
            self.push_screen(kind(self._desk))

    async def _leave_all(self) -> None:
        while len(self.screen_stack) > _LOWEST:
            await self.pop_screen()
