"""Makes the pictures of the documentation: `python -m docs.pictures`."""

import asyncio
import io
import re
from pathlib import Path
from unicodedata import normalize

from rich.console import Console

from adapters.cli.banner import print_banner
from adapters.compose import in_memory
from adapters.http.listening import bound_socket
from adapters.installation import Installation
from adapters.serving.demo import DemoSignIn, load_into
from adapters.serving.demo_school import ADMIN, PASSWORD, PEOPLE
from adapters.settings import Settings
from adapters.tui.terminal import SupportTerminal
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.secrets import Secret, Secrets

PICTURES = Path(__file__).parent / "pictures"
FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # it would be fetched from elsewhere


def serve() -> str:
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False
    )
    settings, folder = Settings(), Path("~/.local/share/faraday")
    installation = Installation(settings, folder, Secrets(Secret(b"none")), "")
    sign_ins = [DemoSignIn(p.role, p.place, p.email, PASSWORD) for p in (ADMIN, *PEOPLE)]
    with bound_socket("127.0.0.1", 0) as at:
        port = at.getsockname()[1]
        print_banner(installation, at, sign_ins, console)
    return console.export_svg(title="faraday serve --demo").replace(str(port), "8000")


async def tui() -> str:
    async with in_memory() as app:
        await load_into(app)
        for _ in range(5):
            try:
                await app.auth.login(email="teacher@demo.example.org", password="not mine")
            except NotSignedIn:
                continue
        terminal = SupportTerminal(app)
        async with terminal.run_test(size=(100, 28)) as pilot:
            await pilot.press(*"support@demo.example.org", "enter", *PASSWORD, "enter")
            await _until(pilot, "Name or e-mail")
            await pilot.press(*"pat")
            await _until(pilot, "Pat Doe")
            await pilot.press("enter", "enter")
            await _until(pilot, "until")
            return terminal.export_screenshot(title="faraday tui")


async def _until(pilot, text: str) -> None:  # type: ignore[no-untyped-def]  # textual's Pilot
    for _ in range(200):
        await pilot.pause(0.05)
        shown = normalize("NFKC", pilot.app.export_screenshot()).replace("&#160;", " ")
        if text in shown:
            return
    raise TimeoutError(text)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, picture in (("serve", serve()), ("tui", asyncio.run(tui()))):
        (PICTURES / f"{name}.svg").write_text(FONT.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
