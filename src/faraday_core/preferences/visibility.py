"""Who sees somebody's profile, for all lists and pages in which people see each other."""

from typing import Final

from faraday_core.identity.model import Person
from faraday_core.kernel.access import PLATFORM, Action, Place, in_scope, may
from faraday_core.kernel.actor import Actor, Grant, Role, ScopeType
from faraday_core.preferences.model import Visibility

STRICT: Final = frozenset({Role.GUARDIAN, Role.STUDENT})


def default_visibility(person: Person) -> Visibility:
    """Private for students, guardians and whoever has no role, whatever else somebody may be."""
    roles = {grant.role for grant in person.roles}
    return Visibility.ORGANIZATION if roles and not roles & STRICT else Visibility.PRIVATE


def may_see_profile(
    actor: Actor, subject: Person, visibility: Visibility, *, place: Place = PLATFORM
) -> bool:
    """Whether the actor sees what the subject shows to those of this visibility.

    `place`: where the subject is, with the nodes above, so that those who administer them from
    there are known. Staff are teachers and all above them, anywhere in a tenant of the subject's;
    who shares a team sees what is for teams, who shares an organisation what is for that.
    """
    if actor.user_id is not None and actor.user_id == subject.user.id:
        return True
    if subject.user.is_platform_admin and not actor.is_platform_admin:
        return False
    if may(actor, Action.READ_USERS, place):
        return True
    able = in_scope(actor, Action.READ_MEMBERS)
    return able and visibility in _shown_to(actor.grants, subject.grants)


def _shown_to(theirs: tuple[Grant, ...], subjects: tuple[Grant, ...]) -> frozenset[Visibility]:
    """The visibilities under which somebody with these grants sees the subject."""
    tenants = {grant.tenant_id for grant in subjects}
    near = [grant for grant in theirs if grant.tenant_id and grant.tenant_id in tenants]
    if any(grant.role not in STRICT for grant in near):
        return frozenset({Visibility.STAFF, Visibility.TEAMS, Visibility.ORGANIZATION})
    if {*_teams(near)} & {*_teams(subjects)}:
        return frozenset({Visibility.TEAMS, Visibility.ORGANIZATION})
    if {*_organizations(near)} & {*_organizations(subjects)}:
        return frozenset({Visibility.ORGANIZATION})
    return frozenset()


def _teams(grants: list[Grant] | tuple[Grant, ...]) -> list[str]:
    return [g.scope_id for g in grants if g.scope_type is ScopeType.TEAM and g.scope_id]


def _organizations(grants: list[Grant] | tuple[Grant, ...]) -> list[str]:
    return [grant.organization_id for grant in grants if grant.organization_id]
