"""Who may do what, where: the one decision that every use case asks for.

A role is held at a node (an organisation, department or team) and holds for all below it. What is
a person's own, that person may manage.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen

from faraday_core.kernel.actor import Actor, Grant, Role
from faraday_core.kernel.errors import Forbidden, NotFound

Path = tuple[str, ...]  # node ids, from the tenant down to the node itself


class Action(StrEnum):
    READ_ORGANIZATIONS = "organizations.read"
    WRITE_ORGANIZATIONS = "organizations.write"
    READ_USERS = "users.read"
    WRITE_USERS = "users.write"
    SUPPORT_USERS = "users.support"  # unlock, end sessions, send a reset
    READ_AUDIT_LOG = "audit_log.read"
    RUN_PLATFORM = "platform.run"  # keys, top-level organisations, the whole audit chain
    MANAGE_OWN_ACCOUNT = "account.manage"


_MEMBER = frozenset({Action.READ_ORGANIZATIONS})
_SUPPORT = _MEMBER | {Action.READ_USERS, Action.SUPPORT_USERS}
_ORG_ADMIN = _SUPPORT | {
    Action.WRITE_ORGANIZATIONS,
    Action.WRITE_USERS,
    Action.READ_AUDIT_LOG,
}

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.PLATFORM_ADMIN: frozenset(Action) - {Action.MANAGE_OWN_ACCOUNT},
    Role.ORG_ADMIN: _ORG_ADMIN,
    Role.SUPPORT: _SUPPORT,
    Role.DEPARTMENT_HEAD: _MEMBER,
    Role.TEACHER: _MEMBER,
    Role.GUARDIAN: _MEMBER,
    Role.STUDENT: _MEMBER,
}


@frozen
class Place:
    """Where a thing lies. One that several nodes share, as a person is, has several paths."""

    paths: tuple[Path, ...] = ()
    owner_id: str | None = None

    @property
    def nodes(self) -> frozenset[str]:
        return frozenset(node for path in self.paths for node in path)


PLATFORM = Place()  # under no node: a platform_admin's alone


@frozen
class Reach:
    """Where an actor may do something: everywhere, or at these nodes and below them."""

    everywhere: bool
    grants: tuple[Grant, ...]

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.grants)

    @property
    def tenants(self) -> tuple[str, ...]:
        return tuple(sorted({grant.tenant_id for grant in self.grants if grant.tenant_id}))

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(sorted({grant.scope_id for grant in self.grants if grant.scope_id}))

    @property
    def whole_tenants(self) -> bool:
        """Whether it ends nowhere within its tenants."""
        return {*self.tenants} <= {*self.nodes}


def deciding_grants(actor: Actor, action: Action, place: Place) -> tuple[Grant, ...]:
    """The grants by which the actor may do it there; none where it is not allowed, or theirs."""
    nodes = place.nodes
    return tuple(
        grant
        for grant in actor.grants
        if action in ALLOWED[grant.role]
        and (grant.role is Role.PLATFORM_ADMIN or grant.scope_id in nodes)
    )


def may(actor: Actor, action: Action, place: Place) -> bool:
    """The access decision."""
    if action is Action.MANAGE_OWN_ACCOUNT:
        return actor.user_id is not None and actor.user_id == place.owner_id
    return bool(deciding_grants(actor, action, place))


def require(actor: Actor, action: Action, place: Place, *, to_see: Action | None = None) -> None:
    """Raises NotFound where the actor may not even see the thing, Forbidden where only that.

    `to_see`: what it takes to learn that the thing exists; None where that is no secret.
    """
    if to_see is not None and not may(actor, to_see, place):
        raise not_found()
    if not may(actor, action, place):
        raise Forbidden(f"This needs the permission {action}, which your roles here do not give.")


def require_own(actor: Actor) -> str:
    """The id of the person who acts, who may manage what is their own; raises Forbidden."""
    require(actor, Action.MANAGE_OWN_ACCOUNT, Place(owner_id=actor.user_id))
    assert actor.user_id is not None  # as the decision has just found
    return actor.user_id


def reach_of(actor: Actor, action: Action) -> Reach:
    """Where the actor may do it: the decision for a list, which shows what lies there alone."""
    able = [grant for grant in actor.grants if action in ALLOWED[grant.role]]
    return Reach(
        everywhere=any(grant.role is Role.PLATFORM_ADMIN for grant in able),
        grants=tuple(grant for grant in able if grant.role is not Role.PLATFORM_ADMIN),
    )


def require_somewhere(actor: Actor, action: Action) -> Reach:
    """As `reach_of`; raises Forbidden where that is nowhere."""
    if reach := reach_of(actor, action):
        return reach
    raise Forbidden(f"This needs the permission {action}, which none of your roles gives.")


def may_grant(actor: Actor, role: Role, path: Path) -> bool:
    """Nobody grants a role above or equal to their own highest one there.

    But who may write users as an `org_admin` or `platform_admin` may make further `org_admin`s.
    """
    at = Place(paths=(path,))
    held = {grant.role for grant in deciding_grants(actor, Action.WRITE_USERS, at)}
    if role is Role.PLATFORM_ADMIN or not held:
        return False
    if role is Role.ORG_ADMIN:
        return bool(held & {Role.PLATFORM_ADMIN, Role.ORG_ADMIN})
    return role.ranks_below(highest(held))


def highest(roles: Iterable[Role]) -> Role:
    return min(roles, key=list(Role).index)


def not_found() -> NotFound:
    return NotFound("There is no such thing here, or none that you may see.")
