"""Who acts, as what, and from where."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import evolve, field, frozen


class Role(StrEnum):
    """From most to least."""

    PLATFORM_ADMIN = "platform_admin"
    ORG_ADMIN = "org_admin"
    SUPPORT = "support"
    DEPARTMENT_HEAD = "department_head"
    TEACHER = "teacher"
    GUARDIAN = "guardian"
    STUDENT = "student"

    def ranks_below(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) > order.index(other)


class ScopeType(StrEnum):
    PLATFORM = "platform"
    ORGANIZATION = "organization"
    DEPARTMENT = "department"
    TEAM = "team"


@frozen(cache_hash=True)  # what is found out about a person's grants is looked up by them
class Grant:
    """A role, the node at which it is held, and the tenant and organisation that this lies in.

    `added`, `removed`: the single permissions that the role has there beside, or without, its own.
    """

    role: Role
    scope_type: ScopeType
    scope_id: str | None = None
    tenant_id: str | None = None
    organization_id: str | None = None
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


PLATFORM_GRANT = Grant(Role.PLATFORM_ADMIN, ScopeType.PLATFORM)


@frozen
class Origin:
    """Where a request comes from: for the audit log, a session's list, and nothing else."""

    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


class Evidence(Protocol):
    """What storage found when it said who somebody is. An actor who is remembered by it is proven
    anew by the first answer of storage, without a question of its own."""

    @property
    def confirmed(self) -> bool:
        """Whether storage has found it so again."""

    @property
    def last_used_at(self) -> datetime:
        """Of the session, as storage found it last."""

    def again(self, now: datetime, unused_since: datetime) -> "Evidence":
        """The same, to be confirmed at this moment."""


class ActorChanged(Exception):
    """Who was remembered has been signed out, or holds other roles by now."""


@frozen
class Actor:
    """Who acts. No `user_id`: nobody yet, or, by its `name`, a worker or the machine's operator.

    `home`, `organization_id`: the person's first organisation and the tenant that it lies in,
    where their acts are accounted for. `narrowed_to`: the one organisation, with what is below it,
    that they want to act in alone. `scopes`: set where they act by a personal token, which
    `token_id` names then: what it is good for, of all that they may. `evidence`: set where the
    actor is remembered from an earlier request.
    """

    user_id: str | None = None
    grants: tuple[Grant, ...] = ()
    session_id: str | None = None
    token_id: str | None = None
    home: str | None = None
    organization_id: str | None = None
    origin: Origin = Origin()
    name: str | None = None
    scopes: frozenset[str] | None = None
    evidence: Evidence | None = field(default=None, eq=False, repr=False)
    narrowed_to: str | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """Those that the roles lie in."""
        return frozenset(grant.tenant_id for grant in self.grants if grant.tenant_id)

    @property
    def is_platform_admin(self) -> bool:
        return PLATFORM_GRANT in self.grants

    @property
    def is_machine(self) -> bool:
        """What runs by itself, or is run from the machine's own shell."""
        return self.name is not None

    def through(self, machinery: str) -> "Actor":
        """The same person, by a part of the machinery that they may set going."""
        return self if self.is_machine else evolve(self, name=machinery)

    def acting_from(self, origin: Origin) -> "Actor":
        return evolve(self, origin=origin)


NOBODY = Actor()  # who has not signed in
WORKER = Actor(grants=(PLATFORM_GRANT,), name="worker")


def operator(name: str) -> Actor:
    """Who sits at the machine's own shell, and so has its keys: all of the platform."""
    return Actor(grants=(PLATFORM_GRANT,), name=f"operator {name}")
