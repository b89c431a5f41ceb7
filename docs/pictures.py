"""Makes the pictures of the documentation: `python -m docs.pictures`."""

import asyncio
import io
import re
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

from rich.console import Console, Group

from adapters.cli.access import explained
from adapters.cli.banner import print_banner
from adapters.cli.members import members_table
from adapters.cli.tree import branches, drawn_from
from adapters.compose import in_memory
from adapters.http.listening import bound_socket
from adapters.installation import Installation
from adapters.serving.demo import DemoSignIn, load_into
from adapters.serving.demo_school import ADMIN, DISTRICT, PASSWORD, PEOPLE, PRIMARY
from adapters.settings import Settings
from adapters.tui.terminal import SupportTerminal
from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import operator
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.secrets import Secret, Secrets
from faraday_core.organizations.membership import OrganizationMember
from faraday_core.people.model import AccessQuestion

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


def terminal(title: str, show: Callable[[Console], object]) -> str:
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False
    )
    show(console)
    return console.export_svg(title=title)


async def administration() -> dict[str, str]:
    """What an administrator of the demo school sees in a terminal."""
    async with in_memory() as app:
        await load_into(app)
        actor = operator("docs")
        school = await app.organizations.named(actor, PRIMARY)
        page = PageRequest(limit=100)
        members = (await app.members.list(actor, OrganizationMember, school, page)).items
        teacher = await app.users.find(actor, "teacher@demo.example.org")
        question = AccessQuestion(Action.READ_ORGANIZATIONS, school)
        answer = await app.access.explain(actor, teacher.id, question)
        district = await app.organizations.named(actor, DISTRICT)
        drawn = [*drawn_from(district, await branches(app))]
    email = teacher.email
    return {
        "tree": terminal(
            f'faraday organizations tree "{DISTRICT}"', lambda to: to.print(Group(*drawn))
        ),
        "members": terminal(
            f'faraday members list --organization "{PRIMARY}"',
            lambda to: to.print(members_table(members)),
        ),
        "access": terminal(
            f"faraday access explain {email} {question.action} …",
            lambda to: to.print(Group(*explained(question.action, answer))),
        ),
    }


async def _until(pilot, text: str) -> None:  # type: ignore[no-untyped-def]  # textual's Pilot
    for _ in range(200):
        await pilot.pause(0.05)
        shown = normalize("NFKC", pilot.app.export_screenshot()).replace("&#160;", " ")
        if text in shown:
            return
    raise TimeoutError(text)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    pictures = {"serve": serve(), "tui": asyncio.run(tui())} | asyncio.run(administration())
    for name, picture in pictures.items():
        (PICTURES / f"{name}.svg").write_text(FONT.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
