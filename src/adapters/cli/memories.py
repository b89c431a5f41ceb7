import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli import memory_categories, memory_understanding
from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.installation import CannotStart

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.memory.cleanup_service import CleanupReport, HoldView
    from faraday_core.memory.importing import ImportReport
    from faraday_core.memory.searching import SearchResult
    from faraday_core.memory.views import MemoryCopy, MemoryView

_DONE_IN_PART = 3
_SHOWN = 80  # characters of a memory in a table
_MOST_TOLD = 20  # refused lines


@click.group()
def memories() -> None:
    """What is kept for people to be found again. They see who looked at it."""


memories.add_command(memory_understanding.analytics)
memories.add_command(memory_understanding.recommendations)
memories.add_command(memory_categories.categories)


@memories.command("list")
@click.argument("user")
@click.option("--category", help="Its name or id, with all below it.")
@click.option("--tag", help="One of its tags.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--cursor", help="As the page before has named it.")
@json_option
@data_dir_option
def list_memories(
    user: str,
    category: str | None,
    tag: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show the memories of USER, an id or an address, the newest first."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.memory.fields import MemoryFilter

    async def found(app: "App") -> "Page[MemoryView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        wanted = MemoryFilter(category=category, tag=tag)
        page = PageRequest(limit, cursor)
        return await app.memory_grants.memories_of(actor, person.id, page, wanted)

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((m.id, m.category or "", m.importance_score, _short(m.content)) for m in page.items)
    print_table(("id", "category", "importance", "memory"), rows, empty="There are none.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}")


@memories.command("search")
@click.argument("user")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@json_option
@data_dir_option
def search_memories(
    user: str, words: tuple[str, ...], limit: int, data_dir: Path | None, *, as_json: bool
) -> None:
    """Find WORDS among the memories of USER, and say why each was found."""
    from adapters.cli.tables import print_table
    from faraday_core.memory.searching import Search

    async def found(app: "App") -> "SearchResult":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.memory_grants.search(actor, person.id, Search(" ".join(words), limit))

    result = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(result)
        return
    rows = (
        (
            f"{one.relevance_score:.2f}",
            _short(one.memory.content),
            "; ".join(f"{reason.kind}: {reason.detail}" for reason in one.reasons),
        )
        for one in result.items
    )
    print_table(("relevance", "memory", "because"), rows, empty="Nothing matches.")


@memories.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--user", required=True, help="Whose they are: an id or an address.")
@click.option(
    "--on-duplicate",
    type=click.Choice(["keep", "merge", "refuse"]),
    default="keep",
    show_default=True,
    help="What becomes of what was said before.",
)
@click.option("--atomic", is_flag=True, help="Take all lines or none.")
@json_option
@data_dir_option
def import_memories(
    file: Path,
    user: str,
    on_duplicate: str,
    data_dir: Path | None,
    *,
    atomic: bool,
    as_json: bool,
) -> None:
    """Keep the memories in FILE, a JSON object a line ("-": from standard input).

    Ends with 3 where some lines were refused.
    """
    from faraday_core.memory.neighbours import OnDuplicate

    async def run(app: "App") -> "ImportReport":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.memory_imports.run_for(
            actor,
            person.id,
            _lines_of(file),
            on_duplicate=OnDuplicate(on_duplicate),
            atomic=atomic,
        )

    report = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(report)
    else:
        _tell(report)
    if report.refused:
        sys.exit(_DONE_IN_PART)


@memories.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--user", required=True, help="Whose they are: an id or an address.")
@json_option
@data_dir_option
def export_memories(file: Path, user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Write somebody's memories to FILE, a JSON object a line, as `import` takes them."""
    from adapters.cli.privacy import new_file
    from faraday_core.kernel.parsing import plain

    async def found(app: "App") -> "Sequence[MemoryCopy]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.memory_grants.copy(actor, person.id)

    memories = ask(data_dir, found, as_json=as_json)
    try:
        with new_file(file) as out:
            for memory in memories:
                out.write(json.dumps(plain(memory), ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    if as_json:
        print_json({"file": str(file), "memories": len(memories)})
    else:
        click.echo(f"{file} holds {len(memories)} memories.")


@memories.command("cleanup")
@click.option("--dry-run", is_flag=True, help="Say what would go, and leave it.")
@json_option
@data_dir_option
def clean_up(data_dir: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Tidy up everybody's memories; a server does so every MEMORY_CLEANUP_INTERVAL seconds."""
    from adapters.cli.tables import print_fields

    async def run(app: "App") -> "CleanupReport":
        return await app.memory_cleanup.run(operator_here(), dry_run=dry_run)

    report = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(report)
        return
    would = "would be " if dry_run else ""
    print_fields(
        [
            ("people", report.people),
            (f"{would}put into the bin", report.expired),
            (f"{would}removed from it", report.removed),
            (f"{would}summarised", report.summarised),
        ]
    )


@memories.command("hold")
@click.argument("user")
@click.option("--reason", required=True, help="Why; it is shown with the hold.")
@json_option
@data_dir_option
def hold(user: str, reason: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Have nothing of USER's memories removed, as the law may ask."""
    from faraday_core.memory.cleanup_service import Hold

    async def run(app: "App") -> "HoldView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.memory_cleanup.hold(actor, person.id, Hold(reason))

    view = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(view)
    else:
        click.echo(f"Nothing of {view.user_id} is removed, since {view.held_since}.")


@memories.command("release")
@click.argument("user")
@json_option
@data_dir_option
def release(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Let USER's memories go again when their time comes."""

    async def run(app: "App") -> str:
        actor = operator_here()
        person = await app.users.find(actor, user)
        await app.memory_cleanup.release(actor, person.id)
        return person.id

    id = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json({"user_id": id, "held": False})
    else:
        click.echo(f"The memories of {id} go when their time comes.")


async def _lines_of(file: Path) -> "AsyncIterator[bytes]":
    """Raises CannotStart."""
    try:
        with click.open_file(str(file), "rb") as lines:
            for line in lines:
                yield line
    except OSError as error:
        raise CannotStart(f"{file} cannot be read: {error.strerror}.") from error


def _tell(report: "ImportReport") -> None:
    click.echo(f"{report.created} new, {report.merged} merged, {report.refused} refused.")
    for one in report.lines[:_MOST_TOLD]:
        click.echo(f"line {one.line}: {one.pointer or '/'} {one.detail} ({one.code})", err=True)
    if len(report.lines) > _MOST_TOLD:
        click.echo(f"and {len(report.lines) - _MOST_TOLD} more: see --json", err=True)


def _short(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
