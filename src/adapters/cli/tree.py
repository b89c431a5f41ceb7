"""The tree of organisations as people draw it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import harmless

if TYPE_CHECKING:
    from rich.tree import Tree

    from adapters.app import App
    from faraday_core.kernel.paging import Page, PageRequest


class Node(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def member_count(self) -> int | None: ...


T = TypeVar("T")
Branches = dict[str | None, list[Node]]  # by the id of what they lie in


@click.command("tree")
@click.argument("organization", required=False)
@json_option
@data_dir_option
def tree(organization: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Draw ORGANIZATION with all below it: others, departments and teams; none: all there is."""
    from adapters.cli.tables import console

    async def found(app: "App") -> tuple[str | None, Branches]:
        top = organization and await app.organizations.named(operator_here(), organization)
        return top or None, await branches(app)

    top, below = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json({"items": [nested(node, below) for node in _tops(top, below)]})
        return
    for drawn in drawn_from(top, below):
        console().print(drawn)


async def branches(app: "App") -> Branches:
    """What lies in what; what is archived is left out."""
    actor = operator_here()
    below: Branches = defaultdict(list)
    async for place in _every(lambda page: app.organizations.list(actor, page)):
        below[place.parent_organization_id].append(place)
    async for department in _every(lambda page: app.departments.list(actor, page)):
        below[department.parent_department_id or department.organization_id].append(department)
    async for team in _every(lambda page: app.teams.list(actor, page)):
        below[team.department_id].append(team)
    return below


def drawn_from(top: str | None, below: Branches) -> Iterable["Tree"]:
    """A tree for each node at the top, or for the one that is named."""
    for node in _tops(top, below):
        yield _drawn(node, below)


def nested(node: Node, below: Branches) -> dict[str, object]:
    children = [nested(child, below) for child in below[node.id]]
    count = node.member_count
    return {"id": node.id, "name": node.name, "member_count": count, "children": children}


def _tops(top: str | None, below: Branches) -> list[Node]:
    every = [node for nodes in below.values() for node in nodes]
    return below[None] if top is None else [node for node in every if node.id == top]


def _drawn(node: Node, below: Branches) -> "Tree":
    from rich.tree import Tree

    count = node.member_count or 0
    drawn = Tree(f"{harmless(node.name)}{f'  ({count})' if count else ''}")
    for child in below[node.id]:
        drawn.children.append(_drawn(child, below))
    return drawn


async def _every(ask: "Callable[[PageRequest], Awaitable[Page[T]]]") -> AsyncIterator[T]:
    from faraday_core.kernel.paging import PageRequest

    cursor = None
    while True:
        page = await ask(PageRequest(100, cursor))
        for item in page.items:
            yield item
        if not (cursor := page.next_cursor):
            return
