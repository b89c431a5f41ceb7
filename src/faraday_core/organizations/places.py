"""Where a node lies in the tree, and what may be written there."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from faraday_core.kernel.access import PLATFORM, Action, Path, Place, Reach, not_found, require
from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.errors import Conflict, Fault, Invalid, NotFound
from faraday_core.organizations.model import MOST_LEVELS, Department, Organization, Team
from faraday_core.organizations.ports import Located, OrganizationsReader, locate, paths_to

Node = Organization | Department | Team

TO_WRITE: Final = {
    ScopeType.ORGANIZATION: Action.WRITE_ORGANIZATIONS,
    ScopeType.DEPARTMENT: Action.WRITE_DEPARTMENTS,
    ScopeType.TEAM: Action.WRITE_DEPARTMENTS,
}
_IN_ORGANIZATIONS: Final = {ScopeType.DEPARTMENT, ScopeType.TEAM}


async def place_of(
    reader: OrganizationsReader, actor: Actor, node_id: str
) -> tuple[Located, Place]:
    """With those of the actor's nodes by which they belong to it; raises NotFound."""
    lower = [g.scope_id for g in actor.grants if g.scope_type in _IN_ORGANIZATIONS and g.scope_id]
    found = await reader.organizations.located([node_id, *lower])
    if node_id not in found:
        raise not_found()
    holds = frozenset(id for id in lower if id in found and node_id in found[id].within)
    return found[node_id], Place((found[node_id].path,), holds=holds)


async def nodes_within(
    reader: OrganizationsReader, reach: Reach, organization_id: str | None
) -> Sequence[str] | None:
    """Where the reach and the organisation that was asked for overlap; None: all in sight."""
    anywhere = reach.everywhere or reach.whole_tenants
    if organization_id is None:
        return None if anywhere else reach.nodes
    if anywhere:
        return [organization_id]
    paths = await paths_to(reader, [organization_id, *reach.nodes])
    if {*paths.get(organization_id, ())} & {*reach.nodes}:
        return [organization_id]
    return [node for node in reach.nodes if organization_id in paths.get(node, ())]


async def located_organization(reader: OrganizationsReader, organization_id: str) -> Located:
    """Of an organisation, and not of a department or a team; raises NotFound."""
    located = await locate(reader, organization_id)
    if located.kind is not ScopeType.ORGANIZATION:
        raise not_found()
    return located


def above(path: Path) -> Place:
    """Where it takes the right to write to change a node's own place."""
    return Place((path[:-1],)) if len(path) > 1 else PLATFORM


async def allow(actor: Actor, reader: OrganizationsReader, node: Node) -> Located:
    """To write a node; raises NotFound, Forbidden."""
    located, place = await place_of(reader, actor, node.id)
    require(actor, TO_WRITE[node.scope_type], place, to_see=Action.READ_ORGANIZATIONS)
    return located


@frozen
class Below:
    """A place that a caller wrote: the node of a kind that something is to lie below."""

    parent_id: str
    kind: ScopeType
    pointer: str  # to the field that says so


async def allow_below(
    actor: Actor, reader: OrganizationsReader, kind: ScopeType, below: Below
) -> Located:
    """To put a node of a kind somewhere: if the caller cannot see where, what they wrote is at
    fault.

    Raises Invalid (`unknown_reference`), Forbidden, Conflict (`archived`).
    """
    try:
        located, place = await place_of(reader, actor, below.parent_id)
        require(actor, TO_WRITE[kind], place, to_see=Action.READ_ORGANIZATIONS)
    except NotFound as error:
        raise unknown_reference(below.pointer) from error
    if located.kind is not below.kind:
        raise unknown_reference(below.pointer)
    refuse_archived(located)
    return located


async def require_seen(actor: Actor, reader: OrganizationsReader, below: Below) -> None:
    """Raises Invalid (`unknown_reference`)."""
    try:
        _, place = await place_of(reader, actor, below.parent_id)
        require(actor, Action.READ_ORGANIZATIONS, place, to_see=Action.READ_ORGANIZATIONS)
    except NotFound as error:
        raise unknown_reference(below.pointer) from error


def refuse_archived(located: Located) -> None:
    if located.archived:
        raise Conflict("It is archived, or something above it is: restore that.", code="archived")


def refuse_too_deep(kind: ScopeType, parent: Located, levels: int) -> None:
    """`levels`: of what is put below the parent, itself the first."""
    departments = len(parent.path) - parent.organizations
    there = parent.organizations if kind is ScopeType.ORGANIZATION else departments
    if there + levels > MOST_LEVELS:
        detail = f"They are nested {MOST_LEVELS} levels deep at most."
        raise Conflict(detail, code="too_deep")


def unknown_reference(pointer: str) -> Invalid:
    return Invalid([Fault(pointer, "unknown_reference", "is nothing that is here")])
