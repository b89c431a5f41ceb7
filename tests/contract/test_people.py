"""Who may see, make, help and end whose account: over both storages."""

import pytest

from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    StaleVersion,
)
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import UserOrganization
from faraday_core.people.model import NewUser, UserFields, UserFilter
from tests.world import OPERATOR, PASSWORD, World

ANYBODY = UserFilter()
PAGE = PageRequest()


async def names(world: World, actor: Actor, wanted: UserFilter = ANYBODY) -> list[str]:
    page = await world.app.users.list(actor, wanted, PageRequest(limit=100))
    return [user.full_name for user in page.items]


async def people_of_the_district(world: World) -> None:
    await world.person(Role.TEACHER, "north", email="a@example.org", name="Ärzte, Jürgen")
    await world.person(Role.TEACHER, "south", email="b@example.org", name="Pat Doe")
    await world.person(Role.STUDENT, "south", email="c@example.org", name="Kim O'Neill")
    await world.person(Role.TEACHER, "other", email="d@example.org", name="Pat Elsewhere")
    await world.person(email="e@example.org", name="Pat Nowhere")


async def test_a_list_shows_who_has_a_role_below_the_actors_node(world: World) -> None:
    await people_of_the_district(world)
    district = await world.acting(Role.ORG_ADMIN, "district")
    south = await world.acting(Role.SUPPORT, "south")
    other = await world.acting(Role.ORG_ADMIN, "other")

    assert ["Ärzte, Jürgen", "Pat Doe", "Kim O'Neill", "Org_Admin District".replace("_", " "),
            "Support South"] == await names(world, district)  # fmt: skip
    assert ["Pat Doe", "Kim O'Neill", "Support South"] == await names(world, south)
    assert ["Pat Elsewhere", "Org Admin Other"] == await names(world, other)


async def test_a_platform_admin_sees_all_and_is_seen_by_none(world: World) -> None:
    await people_of_the_district(world)
    root = await world.acting(Role.PLATFORM_ADMIN)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    assert root.user_id

    assert 7 == len(await names(world, root))
    assert "Platform Admin North" not in await names(world, admin)
    with pytest.raises(NotFound):
        await world.app.users.get(admin, root.user_id)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("pat", ["Pat Doe"]),
        ("DOE pa", ["Pat Doe"]),
        ("jurg", ["Ärzte, Jürgen"]),
        ("arzte", ["Ärzte, Jürgen"]),
        ("o'ne", ["Kim O'Neill"]),
        ("b@exam", ["Pat Doe"]),
        ("pat neill", []),
        ("%", []),
        (" ,", []),
    ],
)
async def test_people_are_found_by_how_their_words_begin(
    world: World, q: str, expected: list[str]
) -> None:
    await people_of_the_district(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")

    assert expected == await names(world, admin, UserFilter(q=q))


async def test_filters_narrow_and_never_widen(world: World) -> None:
    await people_of_the_district(world)
    south = await world.acting(Role.ORG_ADMIN, "south")
    places = world.places

    assert ["Pat Doe"] == await names(world, south, UserFilter(role=Role.TEACHER))
    for place in (places["other"], places["north"], uuid7()):
        assert [] == await names(world, south, UserFilter(organization_id=place))
    assert 3 == len(await names(world, south, UserFilter(organization_id=places["district"])))


async def test_pages_go_through_all_once_and_in_order(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    for number in range(7):
        await world.person(Role.STUDENT, "north", email=f"s{number}@example.org")

    for wanted in (UserFilter(), UserFilter(q="s"), UserFilter(role=Role.STUDENT)):
        seen: list[UserView] = []
        cursor = None
        while True:
            page = await world.app.users.list(admin, wanted, PageRequest(3, cursor))
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len({user.id for user in seen}) >= 7


@pytest.mark.parametrize("role", [Role.DEPARTMENT_HEAD, Role.TEACHER, Role.GUARDIAN, Role.STUDENT])
async def test_who_administers_nobody_gets_no_list(world: World, role: Role) -> None:
    actor = await world.acting(role, "district")

    with pytest.raises(Forbidden):
        await world.app.users.list(actor, ANYBODY, PAGE)


async def test_who_cannot_see_somebody_is_told_that_there_is_nobody(world: World) -> None:
    pat = await world.person(Role.TEACHER, "north")
    for role, at in (
        (Role.ORG_ADMIN, "other"),
        (Role.ORG_ADMIN, "south"),
        (Role.TEACHER, "south"),
    ):
        actor = await world.acting(role, at, email=f"{role}{at}@example.org")
        with pytest.raises(NotFound):
            await world.app.users.get(actor, pat.id)
        with pytest.raises(NotFound):
            await world.app.users.deactivate(actor, pat.id)
        with pytest.raises(NotFound):
            await world.app.support.unlock(actor, pat.id)


async def test_everybody_sees_themselves(world: World) -> None:
    pat = await world.person(email="pat@example.org")
    actor = await world.actor(await world.sign_in(pat))

    assert pat.id == (await world.app.users.get(actor, pat.id)).id


@pytest.mark.parametrize(
    ("maker", "at", "made", "allowed"),
    [
        (Role.ORG_ADMIN, "district", Role.ORG_ADMIN, True),
        (Role.ORG_ADMIN, "district", Role.TEACHER, True),
        (Role.ORG_ADMIN, "north", Role.SUPPORT, True),
        (Role.SUPPORT, "district", Role.STUDENT, False),
        (Role.TEACHER, "north", Role.STUDENT, False),
    ],
)
async def test_nobody_makes_somebody_above_themselves(
    world: World, maker: Role, at: str, made: Role, *, allowed: bool
) -> None:
    actor = await world.acting(maker, at)
    new = NewUser("new@example.org", "New", world.places["north"], made, PASSWORD)

    if allowed:
        assert made == (await world.app.users.create(actor, new)).roles[0].role
    else:
        with pytest.raises(Forbidden):
            await world.app.users.create(actor, new)


async def test_a_place_of_another_tenant_is_an_unknown_reference(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    for place in (world.places["other"], uuid7(), "nonsense"):
        with pytest.raises(Invalid) as caught:
            await world.app.users.create(admin, NewUser("n@example.org", "N", place, Role.TEACHER))
        assert [("/organization_id", "unknown_reference")] == [
            (fault.pointer, fault.code) for fault in caught.value.faults
        ]


async def test_a_platform_admin_is_made_by_the_command_line_alone(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    new = NewUser("n@example.org", "N", world.places["north"], Role.PLATFORM_ADMIN, PASSWORD)

    with pytest.raises(Invalid) as caught:
        await world.app.users.create(root, new)

    assert "/role" == caught.value.faults[0].pointer


async def test_who_is_invited_chooses_a_password_by_what_was_mailed(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    new = NewUser("new@example.org", "New", world.places["north"], Role.TEACHER)
    await world.app.users.create(admin, new)
    with pytest.raises(NotSignedIn):
        await world.sign_in("new@example.org", password="")
    await world.settle()

    await world.app.passwords.reset(
        token=world.token_of_last_mail("new@example.org"), new_password=PASSWORD
    )

    actor = await world.actor(await world.sign_in("new@example.org"))
    assert (await world.app.users.get(actor, actor.user_id or "")).email_verified


async def test_an_unverified_account_of_nowhere_holds_its_address_against_nobody(
    world: World,
) -> None:
    squatter = await world.person(email="pat@example.org")
    signed_in = await world.sign_in(squatter)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    new = NewUser("Pat@example.org", "Pat", world.places["north"], Role.TEACHER, PASSWORD)

    made = await world.app.users.create(admin, new)

    assert made.id != squatter.id
    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    assert made.id == (await world.actor(await world.sign_in("pat@example.org"))).user_id


async def test_a_verified_address_is_kept(world: World) -> None:
    await world.person(email="pat@example.org")
    await world.settle()
    await world.app.emails.verify(token=world.token_of_last_mail("pat@example.org"))
    admin = await world.acting(Role.ORG_ADMIN, "district")

    with pytest.raises(Conflict) as caught:
        await world.app.users.create(
            admin, NewUser("pat@example.org", "Pat", world.places["north"], Role.TEACHER, PASSWORD)
        )

    assert "email_taken" == caught.value.code


async def test_support_finds_a_locked_teacher_and_unlocks_them(world: World) -> None:
    support = await world.acting(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, "north")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in(pat, password="wrong password")
    assert (await world.app.support.account(support, pat.id)).locked_until

    await world.app.support.unlock(support, pat.id)

    assert (await world.app.support.account(support, pat.id)).locked_until is None
    assert await world.sign_in(pat)


async def test_support_ends_sessions_and_sends_a_reset(world: World) -> None:
    support = await world.acting(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, "north", email="pat@example.org")
    one, two = await world.sign_in(pat), await world.sign_in(pat)
    sessions = (await world.app.support.sessions(support, pat.id, PAGE)).items
    assert 2 == len(sessions)

    await world.app.support.end_session(support, pat.id, sessions[-1].id)
    assert 1 == await world.app.support.end_sessions(support, pat.id)
    await world.app.support.send_reset(support, pat.id)
    await world.settle()

    for signed_in in (one, two):
        with pytest.raises(NotSignedIn):
            await world.actor(signed_in)
    assert world.token_of_last_mail("pat@example.org")


async def test_support_reads_and_writes_nothing_else(world: World) -> None:
    support = await world.acting(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, "north")

    with pytest.raises(Forbidden):
        await world.app.users.deactivate(support, pat.id)
    with pytest.raises(Forbidden):
        await world.app.audit.list(support, PAGE)


async def test_who_ranks_above_or_also_stands_elsewhere_is_not_ended(world: World) -> None:
    north = await world.acting(Role.ORG_ADMIN, "north")
    boss = await world.person(Role.ORG_ADMIN, "district", email="boss@example.org")
    with pytest.raises(NotFound):
        await world.app.users.deactivate(north, boss.id)

    pat = await world.person(Role.TEACHER, "north", email="pat@example.org")
    await _also(world, pat.id, Role.TEACHER, "other")

    with pytest.raises(Forbidden):
        await world.app.users.deactivate(north, pat.id)
    assert (await world.app.users.get(OPERATOR, pat.id)).is_active


async def test_roles_in_two_tenants_are_acted_on_in_each(world: World) -> None:
    pat = await world.person(Role.ORG_ADMIN, "north", email="pat@example.org")
    await _also(world, pat.id, Role.ORG_ADMIN, "other")
    await world.person(Role.TEACHER, "other", email="t@example.org", name="Teacher Other")
    actor = await world.actor(await world.sign_in(pat))

    assert 2 == len(actor.tenants)
    assert {"Teacher Other", pat.full_name} == {*await names(world, actor)}
    new = NewUser("n@example.org", "N", world.places["other"], Role.TEACHER, PASSWORD)
    assert await world.app.users.create(actor, new)


async def _also(world: World, user_id: str, role: Role, at: str) -> None:
    place, now = world.places[at], world.clock()
    tenant = await world.app.organizations.tenant_of(OPERATOR, place)
    async with world.app.users.storage.begin(OPERATOR, tenant=tenant) as unit:
        await unit.add(UserOrganization(uuid7(), user_id, place, role, now, now))


async def test_a_platform_admin_ends_another_but_not_the_last(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    assert root.user_id
    other = await world.person(Role.PLATFORM_ADMIN, email="other@example.org")

    await world.app.users.deactivate(root, other.id)

    assert not (await world.app.users.get(root, other.id)).is_active
    with pytest.raises(Conflict):
        await world.app.users.deactivate(OPERATOR, root.user_id)
    await world.app.users.activate(root, other.id)
    await world.app.users.deactivate(OPERATOR, root.user_id)


async def test_the_last_platform_admin_stays(world: World) -> None:
    root = await world.person(Role.PLATFORM_ADMIN, email="root@example.org")

    with pytest.raises(Conflict) as caught:
        await world.app.users.deactivate(OPERATOR, root.id)
    assert "last_platform_admin" == caught.value.code

    await world.person(Role.PLATFORM_ADMIN, email="second@example.org")
    await world.app.users.deactivate(OPERATOR, root.id)
    assert not (await world.app.users.get(OPERATOR, root.id)).is_active


async def test_nobody_deactivates_themselves(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")

    with pytest.raises(Forbidden):
        await world.app.users.deactivate(admin, admin.user_id or "")


async def test_who_is_deactivated_is_listed_when_asked_for_and_can_come_back(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER, "north", name="Pat")
    await world.app.users.deactivate(admin, pat.id)
    assert "Pat" not in await names(world, admin)
    assert ["Pat"] == await names(world, admin, UserFilter(is_active=False))
    assert "Pat" in await names(world, admin, UserFilter(include_inactive=True))

    await world.app.users.activate(admin, pat.id)

    assert await world.sign_in(pat)


async def test_a_corrected_name_is_found_in_each_tenant_of_the_person(world: World) -> None:
    pat = await world.person(Role.TEACHER, "north", email="pat@example.org", name="Pat Deo")
    await _also(world, pat.id, Role.TEACHER, "other")
    north = await world.acting(Role.ORG_ADMIN, "north")
    other = await world.acting(Role.ORG_ADMIN, "other")

    changed = await world.app.users.change(north, pat.id, lambda _: UserFields("Pat Doe"))
    await world.settle()

    assert "Pat Doe" == changed.full_name
    for actor in (north, other):
        assert ["Pat Doe"] == await names(world, actor, UserFilter(q="doe"))
        assert [] == await names(world, actor, UserFilter(q="deo"))


async def test_a_change_of_a_state_that_was_not_seen_is_refused(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER, "north")
    seen = {(await world.app.users.get(admin, pat.id)).tag}
    await world.app.users.change(admin, pat.id, lambda _: UserFields("Pat Doe"), seen=seen)

    with pytest.raises(StaleVersion):
        await world.app.users.change(admin, pat.id, lambda _: UserFields("Pat Roe"), seen=seen)

    latest = {(await world.app.users.get(admin, pat.id)).tag}
    assert await world.app.users.change(
        admin, pat.id, lambda user: UserFields(user.full_name, is_active=False), seen=latest
    )
    with pytest.raises(NotSignedIn):
        await world.sign_in(pat)
