"""Makes the pictures of the documentation: `python -m docs.pictures`."""

import asyncio
import io
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

from rich.console import Console, Group
from textual.pilot import Pilot

from adapters.app import App
from adapters.cli.access import explained
from adapters.cli.banner import print_banner
from adapters.cli.import_shown import print_import
from adapters.cli.members import members_table
from adapters.cli.memory_understanding import drawn as understood
from adapters.cli.tree import branches, drawn_from
from adapters.compose import in_memory
from adapters.http.listening import bound_socket
from adapters.installation import Installation
from adapters.serving.demo import DemoSignIn, load_into
from adapters.serving.demo_school import ADMIN, DISTRICT, PASSWORD, PEOPLE, PRIMARY, TEACHER
from adapters.settings import Settings
from adapters.tui.local_desk import LocalEntrance
from adapters.tui.terminal import SupportTerminal
from docs.memory_year import half_a_year
from docs.night import SHEET, dated, imported
from docs.photograph import photographed
from docs.terminals import terminal
from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Origin, operator
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.secrets import Secret, Secrets
from faraday_core.organizations.membership import OrganizationMember
from faraday_core.people.model import AccessQuestion
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportRequest, ImportView
from faraday_core.roster.runs import Mode

PICTURES = Path(__file__).parent / "pictures"
TUI_SIZE = (100, 28)
SCHOOL_ADMIN = "admin@demo.example.org"
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


async def tui() -> dict[str, str]:
    """What support staff and an administrator of the demo school see."""
    async with in_memory() as app:
        await load_into(app)
        for _ in range(5):
            try:
                await app.auth.login(email=TEACHER, password="not mine")
            except NotSignedIn:
                continue
        await _import(app)
        return await _plain(app) | await _found(app) | await _administered(app)


async def _import(app: App) -> None:
    """A sheet of pupils, two of whom are refused."""
    signed_in = await app.auth.login(email=SCHOOL_ADMIN, password=PASSWORD)
    actor = (await app.sessions.identify(await app.keys.read(signed_in.access_token))).acting(
        Origin()
    )
    school = await app.organizations.named(operator("docs"), PRIMARY)
    with TemporaryDirectory() as folder:
        sheet = Path(folder) / "pupils.csv"
        sheet.write_text(SHEET, encoding="utf-8")
        request = ImportRequest(school, Format.SHEET, str(sheet), Mode.TOLERANT)
        await app.imports.run(actor, request)


async def _plain(app: App) -> dict[str, str]:
    """As it is on the smallest terminal, without a colour."""
    os.environ["NO_COLOR"] = "1"
    try:
        terminal = SupportTerminal(LocalEntrance(app))
    finally:
        del os.environ["NO_COLOR"]
    async with terminal.run_test(size=(80, 24)) as pilot:
        await _sign_in(pilot, "support@demo.example.org")
        await pilot.press(*"pat")
        await _until(pilot, "1 person")
        await pilot.press("enter", "enter")
        await _until(pilot, "until", "By this role", "Reset")
        return {"tui-plain": terminal.export_screenshot(title="NO_COLOR=1 faraday tui")}


async def _found(app: App) -> dict[str, str]:
    terminal = SupportTerminal(LocalEntrance(app))
    async with terminal.run_test(size=TUI_SIZE) as pilot:
        await _sign_in(pilot, "support@demo.example.org")
        await pilot.press(*"ng")
        await _until(pilot, "4 people")
        search = terminal.export_screenshot(title="faraday tui")
        await pilot.press("escape", *"pat")
        await _until(pilot, "1 person")
        await pilot.press("enter", "enter")
        await _until(pilot, "until", "By this role", "Reset")
        person = terminal.export_screenshot(title="faraday tui")
        await pilot.press("u")
        await _until(pilot, "so that they can try")
        question = terminal.export_screenshot(title="faraday tui")
    return {"tui": person, "tui-search": search, "tui-question": question}


async def _administered(app: App) -> dict[str, str]:
    terminal = SupportTerminal(LocalEntrance(app))
    async with terminal.run_test(size=TUI_SIZE) as pilot:
        await _sign_in(pilot, SCHOOL_ADMIN)
        await pilot.press("f3")
        await _until(pilot, "Riverside School District", "Inês Duarte")
        await pilot.press("right")
        await _until(pilot, "Riverside Secondary")
        await pilot.press("down", "right")
        await _until(pilot, "Lower School", "Amina Yusuf")
        places = terminal.export_screenshot(title="faraday tui")
        await pilot.press("f4")
        await _until(pilot, "auth.fail_login", "Pat Doe")
        audit = terminal.export_screenshot(title="faraday tui")
        await pilot.press("f5")
        await _until(pilot, "applied", "invalid_email")
        imports = terminal.export_screenshot(title="faraday tui")
        await pilot.press("f2", *"pat")
        await _until(pilot, "1 person")
        await pilot.press("enter", "enter")
        await _until(pilot, "By this role")
        await pilot.press("v")
        await _until(pilot, "teacher at Riverside", "service_accounts.write")
        view_as = terminal.export_screenshot(title="faraday tui")
    return {
        "tui-places": places,
        "tui-audit": audit,
        "tui-imports": imports,
        "tui-view-as": view_as,
    }


async def _sign_in(pilot: Pilot[None], email: str) -> None:
    await pilot.press(*email, "enter", *PASSWORD, "enter")
    await _until(pilot, "Name, e-mail")


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
        plan = await _planned(app, school)
    email = teacher.email
    return {
        "import-plan": terminal(
            "faraday import plan sheet pupils.csv --mode tolerant …",
            lambda to: print_import(plan, to),
        ),
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


def memory_analytics() -> str:
    return terminal(
        "faraday memories analytics sam@example.org --from 2026-07-01 --group month",
        lambda to: to.print(*understood(half_a_year()), sep="\n"),
    )


async def _planned(app: App, school: str) -> ImportView:
    with TemporaryDirectory() as folder:
        sheet = Path(folder) / "pupils.csv"
        sheet.write_text(SHEET, encoding="utf-8")
        request = ImportRequest(school, Format.SHEET, str(sheet), Mode.TOLERANT)
        plan = await app.imports.plan(operator("docs"), request)
        return dated(plan)


async def _until(pilot: Pilot[None], *texts: str) -> None:
    for _ in range(200):
        await pilot.pause(0.05)
        shown = normalize("NFKC", pilot.app.export_screenshot()).replace("&#160;", " ")
        if all(text in shown for text in texts):
            return
    raise TimeoutError(texts)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    night, report = asyncio.run(imported())
    pictures = (
        {"serve": serve(), "memory-analytics": memory_analytics()}
        | asyncio.run(tui())
        | asyncio.run(administration())
        | night
    )
    if photograph := photographed(report):
        (PICTURES / "import-report.png").write_bytes(photograph)
    for name, picture in pictures.items():
        (PICTURES / f"{name}.svg").write_text(FONT.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
