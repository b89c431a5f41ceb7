"""The one decision: who may do what, where."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from faraday_core.kernel.access import (
    ALLOWED,
    OWN,
    PLATFORM,
    TO_WHO_BELONGS,
    Action,
    Place,
    deciding_grants,
    may,
    may_grant,
    reach_of,
    require,
    require_own,
)
from faraday_core.kernel.actor import (
    NOBODY,
    PLATFORM_GRANT,
    WORKER,
    Actor,
    Grant,
    Role,
    ScopeType,
)
from faraday_core.kernel.errors import Forbidden, NotFound

PATH = ("tenant", "district", "school")
HERE = Place(paths=(PATH,))


def holding(role: Role, at: str = "district") -> Actor:
    return Actor("user", (Grant(role, ScopeType.ORGANIZATION, at, "tenant"),))


ROOT = Actor("root", (PLATFORM_GRANT,))
below_platform = st.sampled_from([role for role in Role if role is not Role.PLATFORM_ADMIN])
actions = st.sampled_from([a for a in Action if a not in OWN])


@given(below_platform, actions, st.integers(0, 2))
def test_a_role_holds_at_its_node_and_below_and_nowhere_else(
    role: Role, action: Action, depth: int
) -> None:
    actor = holding(role, PATH[depth])
    allowed = action in ALLOWED[role]
    belongs = action is TO_WHO_BELONGS and PATH[depth] in HERE.ends

    assert (allowed or belongs) == may(actor, action, HERE)
    assert not may(actor, action, Place(paths=(("other", "elsewhere"),)))
    assert not may(actor, action, PLATFORM)
    for above in range(depth):
        assert not may(actor, action, Place(paths=(PATH[: above + 1],)))


@given(actions)
def test_a_platform_admin_may_all_everywhere_and_nobody_nothing(action: Action) -> None:
    for place in (HERE, PLATFORM):
        assert may(ROOT, action, place)
        assert not may(NOBODY, action, place)


@given(st.lists(below_platform, max_size=4), actions)
def test_roles_add_up_and_never_take_away(roles: list[Role], action: Action) -> None:
    grants = tuple(Grant(role, ScopeType.ORGANIZATION, "district", "tenant") for role in roles)

    assert any(action in ALLOWED[role] for role in roles) == may(Actor("u", grants), action, HERE)


@given(below_platform, actions)
def test_the_reach_of_a_list_is_where_the_decision_says_yes(role: Role, action: Action) -> None:
    reach = reach_of(holding(role), action)

    assert bool(reach) == may(holding(role), action, HERE)
    assert not reach.everywhere
    assert (("district",) if reach else ()) == reach.nodes


@given(below_platform, st.sampled_from(list(Role)))
def test_nobody_grants_above_or_equal_to_their_own(holder: Role, granted: Role) -> None:
    allowed = may_grant(holding(holder), granted, PATH)

    if Action.WRITE_USERS not in ALLOWED[holder]:
        assert not allowed
    elif granted is Role.ORG_ADMIN:
        assert allowed == (holder is Role.ORG_ADMIN)
    else:
        assert allowed == granted.ranks_below(holder)


def test_only_the_command_line_makes_a_platform_admin() -> None:
    assert not may_grant(ROOT, Role.PLATFORM_ADMIN, PATH)


def test_who_may_not_see_is_told_that_there_is_nothing() -> None:
    with pytest.raises(NotFound):
        require(holding(Role.TEACHER), Action.WRITE_USERS, HERE, to_see=Action.READ_USERS)
    with pytest.raises(Forbidden):
        require(holding(Role.SUPPORT), Action.WRITE_USERS, HERE, to_see=Action.READ_USERS)
    require(holding(Role.ORG_ADMIN), Action.WRITE_USERS, HERE, to_see=Action.READ_USERS)


def test_ones_own_is_ones_own_alone() -> None:
    assert "user" == require_own(holding(Role.STUDENT))
    assert not may(ROOT, Action.MANAGE_OWN_ACCOUNT, Place(owner_id="user"))
    for nobody in (NOBODY, WORKER):
        with pytest.raises(Forbidden):
            require_own(nobody)


def test_the_grant_that_decides_is_told() -> None:
    support = Grant(Role.SUPPORT, ScopeType.ORGANIZATION, "school", "tenant")
    teacher = Grant(Role.TEACHER, ScopeType.ORGANIZATION, "district", "tenant")

    actor = Actor("u", (teacher, support))

    assert (support,) == deciding_grants(actor, Action.READ_USERS, HERE)


# Belonging, single permissions


def test_who_belongs_to_a_team_may_read_what_it_lies_in_up_to_the_organisation() -> None:
    grant = Grant(Role.STUDENT, ScopeType.TEAM, "team", "tenant", "school")
    student = Actor("user", (grant,))
    department = Place(((*PATH, "department"),), holds=frozenset({"team"}))

    assert may(student, Action.READ_ORGANIZATIONS, department)
    assert not may(student, Action.READ_MEMBERS, department)
    assert not may(student, Action.READ_ORGANIZATIONS, Place(((*PATH, "department", "other"),)))


def test_a_teacher_may_read_the_members_of_their_team_and_of_no_other_node() -> None:
    team = Place(((*PATH, "department", "team"),))
    of_team = Actor("user", (Grant(Role.TEACHER, ScopeType.TEAM, "team", "tenant", "school"),))

    assert may(of_team, Action.READ_MEMBERS, team)
    assert not may(holding(Role.TEACHER, "school"), Action.READ_MEMBERS, team)
    assert not may(holding(Role.TEACHER, "school"), Action.READ_MEMBERS, HERE)


@given(below_platform, actions)
def test_a_single_permission_is_added_to_a_role_or_taken_from_it(
    role: Role, action: Action
) -> None:
    grant = Grant(role, ScopeType.ORGANIZATION, "school", "tenant", "school")

    assert may(Actor("u", (evolve(grant, added=frozenset({action})),)), action, HERE)
    assert not may(Actor("u", (evolve(grant, removed=frozenset({action})),)), action, HERE)
