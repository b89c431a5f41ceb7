"""Who may do what, where: the one decision that every use case asks for.

A role is held at a node (an organisation, department or team) and holds for all below it. What is
a person's own, that person may manage.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from faraday_core.kernel.actor import Actor, Grant, Role, ScopeType
from faraday_core.kernel.errors import Forbidden, NotFound

Path = tuple[str, ...]  # node ids, from the tenant down to the node itself


class Action(StrEnum):
    READ_ORGANIZATIONS = "organizations.read"  # with their departments and teams
    WRITE_ORGANIZATIONS = "organizations.write"  # and who belongs to them
    WRITE_DEPARTMENTS = "departments.write"  # and their teams, and who belongs to either
    READ_MEMBERS = "members.read"
    READ_USERS = "users.read"
    WRITE_USERS = "users.write"
    SUPPORT_USERS = "users.support"  # unlock, end sessions, send a reset
    READ_AUDIT_LOG = "audit_log.read"
    RUN_PLATFORM = "platform.run"  # keys, top-level organisations, the whole audit chain
    READ_CLASSES = "classes.read"  # with their courses, sessions and enrolments
    READ_IMPORTS = "imports.read"
    RUN_IMPORTS = "imports.run"
    WRITE_SERVICE_ACCOUNTS = "service_accounts.write"  # programs that act by a token
    MANAGE_OWN_ACCOUNT = "account.manage"
    SECURE_OWN_ACCOUNT = "account.secure"  # tokens, password, second factor, erasure


_READING = frozenset({Action.READ_ORGANIZATIONS})
_SEEING_MEMBERS = _READING | {Action.READ_MEMBERS}
_SUPPORT = _SEEING_MEMBERS | {
    Action.READ_USERS,
    Action.SUPPORT_USERS,
    Action.READ_CLASSES,
    Action.READ_IMPORTS,
}
_ORG_ADMIN = _SUPPORT | {
    Action.WRITE_ORGANIZATIONS,
    Action.WRITE_DEPARTMENTS,
    Action.WRITE_USERS,
    Action.READ_AUDIT_LOG,
    Action.RUN_IMPORTS,
    Action.WRITE_SERVICE_ACCOUNTS,
}
OWN: Final = frozenset({Action.MANAGE_OWN_ACCOUNT, Action.SECURE_OWN_ACCOUNT})
# What takes the person themselves: no token is good for it, whatever its scopes.
IN_PERSON: Final = frozenset({Action.SECURE_OWN_ACCOUNT, Action.WRITE_SERVICE_ACCOUNTS})
EVERY_SCOPE: Final = "*"

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.PLATFORM_ADMIN: frozenset(Action) - OWN,
    Role.ORG_ADMIN: _ORG_ADMIN,
    Role.SUPPORT: _SUPPORT,
    Role.DEPARTMENT_HEAD: _SEEING_MEMBERS | {Action.WRITE_DEPARTMENTS, Action.READ_CLASSES},
    Role.TEACHER: _READING,
    Role.GUARDIAN: frozenset(),
    Role.STUDENT: frozenset(),
}
# Whoever belongs to a team belongs to its department and organisation, and may read these three.
TO_WHO_BELONGS: Final = Action.READ_ORGANIZATIONS
# What a single permission may be given for at an organisation; some of it at the nodes in it, too.
AT_DEPARTMENTS: Final = frozenset(
    {Action.READ_ORGANIZATIONS, Action.READ_MEMBERS, Action.WRITE_DEPARTMENTS}
)
AT_ORGANIZATIONS: Final = _ORG_ADMIN


@frozen
class Place:
    """Where a thing lies. One that several nodes share, as a person is, has several paths.

    `holds`: the nodes within it, of its organisation, at which somebody belongs to it.
    """

    paths: tuple[Path, ...] = ()
    owner_id: str | None = None
    holds: frozenset[str] = frozenset()

    @property
    def nodes(self) -> frozenset[str]:
        return frozenset(node for path in self.paths for node in path)

    @property
    def ends(self) -> frozenset[str]:
        return frozenset(path[-1] for path in self.paths if path)


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
    if not in_scope(actor, action):
        return ()
    nodes = place.nodes
    return tuple(grant for grant in actor.grants if _decides(grant, action, place, nodes))


def gives(grant: Grant, action: Action) -> bool:
    """Whether it allows the action at its node and below."""
    if action in grant.removed:
        return False
    return action in ALLOWED[grant.role] or action in grant.added


def _decides(grant: Grant, action: Action, place: Place, nodes: frozenset[str]) -> bool:
    if grant.role is Role.PLATFORM_ADMIN:
        return gives(grant, action)
    if grant.scope_id in nodes and gives(grant, action):
        return True
    if action in grant.removed:
        return False
    if action is TO_WHO_BELONGS:
        return grant.scope_id in place.ends | place.holds
    teaches = grant.role is Role.TEACHER and grant.scope_type is ScopeType.TEAM
    return action is Action.READ_MEMBERS and teaches and grant.scope_id in place.ends


def in_scope(actor: Actor, action: Action) -> bool:
    """Whether the token that the actor acts by, if it is one, is good for this."""
    if actor.scopes is None:
        return True
    return action not in IN_PERSON and bool({action, EVERY_SCOPE} & actor.scopes)


def may(actor: Actor, action: Action, place: Place) -> bool:
    """The access decision."""
    if action in OWN:
        own = actor.user_id is not None and actor.user_id == place.owner_id
        return own and in_scope(actor, action)
    return bool(deciding_grants(actor, action, place))


def require(actor: Actor, action: Action, place: Place, *, to_see: Action | None = None) -> None:
    """Raises NotFound where the actor may not even see the thing, Forbidden where only that.

    `to_see`: what it takes to learn that the thing exists; None where that is no secret.
    """
    if to_see is not None and not may(actor, to_see, place):
        raise not_found()
    if not may(actor, action, place):
        raise Forbidden(_lacking(actor, action, "which your roles here do not give"))


def require_own(actor: Actor) -> str:
    """The id of the person who acts, who may manage what is their own; raises Forbidden."""
    require(actor, Action.MANAGE_OWN_ACCOUNT, Place(owner_id=actor.user_id))
    assert actor.user_id is not None  # as the decision has just found
    return actor.user_id


def require_in_person(actor: Actor) -> str:
    """As `require_own`, for what secures the account: no token will do; raises Forbidden."""
    require(actor, Action.SECURE_OWN_ACCOUNT, Place(owner_id=actor.user_id))
    return require_own(actor)


def reach_of(actor: Actor, action: Action) -> Reach:
    """Where the actor may do it: the decision for a list, which shows what lies there alone."""
    able = [g for g in actor.grants if gives(g, action)] if in_scope(actor, action) else []
    return Reach(
        everywhere=any(grant.role is Role.PLATFORM_ADMIN for grant in able),
        grants=tuple(grant for grant in able if grant.role is not Role.PLATFORM_ADMIN),
    )


def require_somewhere(actor: Actor, action: Action) -> Reach:
    """As `reach_of`; raises Forbidden where that is nowhere."""
    if reach := reach_of(actor, action):
        return reach
    raise Forbidden(_lacking(actor, action, "which none of your roles gives"))


def _lacking(actor: Actor, action: Action, why: str) -> str:
    if not in_scope(actor, action):
        why = "for which your token is not good"
    return f"This needs the permission {action}, {why}."


def may_grant(actor: Actor, role: Role, path: Path, *, by: Action = Action.WRITE_USERS) -> bool:
    """Nobody grants a role above or equal to their own highest one there.

    But who may write as an `org_admin` or `platform_admin` may make further `org_admin`s. `by`:
    the permission that granting it there takes.
    """
    at = Place(paths=(path,))
    held = {grant.role for grant in deciding_grants(actor, by, at)}
    if role is Role.PLATFORM_ADMIN or not held:
        return False
    if role is Role.ORG_ADMIN:
        return bool(held & {Role.PLATFORM_ADMIN, Role.ORG_ADMIN})
    return role.ranks_below(highest(held))


def highest(roles: Iterable[Role]) -> Role:
    return min(roles, key=list(Role).index)


def not_found() -> NotFound:
    return NotFound("There is no such thing here, or none that you may see.")
