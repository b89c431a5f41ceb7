"""Guardians whom rosters name: they grant nothing until somebody of the school confirms them, one
by one or all at once."""

from datetime import date, timedelta

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.fields import GrantFields
from faraday_core.memory.views import GrantView
from faraday_core.privacy import guardian_confirmation_service
from faraday_core.privacy.model import BirthDateFields
from faraday_core.records.model import Guardianship
from tests.serving import Server
from tests.world import OPERATOR, World

EVERYTHING = PageRequest(limit=100)
BORN = BirthDateFields(date(2018, 5, 4))


async def child_of(world: World, guardian: Actor, at: str = "north") -> str:
    """Somebody of whom a roster says that this is their guardian."""
    number = uuid7()[-12:]
    child = await world.person(Role.STUDENT, at, email=f"{number}@example.org")
    await world.app.records.set_birth_date(OPERATOR, child.id, BORN)
    tenant = world.places["district"]
    async with world.storage.begin(OPERATOR, tenant=tenant, person=child.id) as unit:
        await unit.add(
            Guardianship(
                uuid7(),
                guardian.user_id or "",
                child.id,
                None,
                world.clock(),
                tenant,
                "oneroster",
                "parent",
            )
        )
    return child.id


async def grant(world: World, guardian: Actor, child_id: str, to: Actor) -> GrantView:
    ends = world.clock() + timedelta(days=30)
    fields = GrantFields(to.user_id or "", "to help with fractions", ends)
    return await world.app.memory_grants.give(guardian, child_id, fields)


async def test_what_a_roster_says_grants_nothing_until_it_is_confirmed(world: World) -> None:
    ola, pat = await world.acting(Role.GUARDIAN), await world.acting(Role.TEACHER)
    admin = await world.acting(Role.ORG_ADMIN)
    child = await child_of(world, ola)

    with pytest.raises(NotFound):
        await grant(world, ola, child, pat)
    confirmed = await world.app.guardians.confirm(admin, child, ola.user_id or "")

    assert admin.user_id == confirmed.confirmed_by
    assert "parent" == confirmed.relation
    assert await grant(world, ola, child, pat)
    with pytest.raises(Conflict):
        await world.app.guardians.confirm(admin, child, ola.user_id or "")


async def test_all_that_wait_are_confirmed_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guardian_confirmation_service, "AT_ONCE", 2)
    ola, pat = await world.acting(Role.GUARDIAN), await world.acting(Role.TEACHER)
    admin, app = await world.acting(Role.ORG_ADMIN), world.app.guardian_confirmations
    north = [await child_of(world, ola) for _ in range(3)]
    south = await child_of(world, ola, "south")
    at = world.places["north"]

    first = await app.waiting(admin, at, PageRequest(limit=2))
    rest = await app.waiting(admin, at, PageRequest(2, first.next_cursor))
    assert north == [one.child_id for one in (*first.items, *rest.items)]

    assert 3 == (await app.confirm_all(admin, at)).confirmed
    assert 0 == (await app.confirm_all(admin, at)).confirmed
    assert () == (await app.waiting(admin, at, EVERYTHING)).items
    assert await grant(world, ola, north[0], pat)
    with pytest.raises(NotFound):
        await grant(world, ola, south, pat)
    district = await app.waiting(OPERATOR, world.places["district"], EVERYTHING)
    assert [south] == [one.child_id for one in district.items]


async def test_only_who_writes_users_there_confirms_them(world: World) -> None:
    ola, app = await world.acting(Role.GUARDIAN), world.app.guardian_confirmations
    await child_of(world, ola)
    at = world.places["north"]

    for actor, refusal in (
        (ola, Forbidden),
        (await world.acting(Role.SUPPORT), Forbidden),
        (await world.acting(Role.ORG_ADMIN, "south"), NotFound),
        (await world.acting(Role.ORG_ADMIN, "other"), NotFound),
    ):
        for act in (app.confirm_all(actor, at), app.waiting(actor, at, EVERYTHING)):
            with pytest.raises(refusal):
                await act


async def test_an_operator_says_who_confirms_them(world: World) -> None:
    ola, app = await world.acting(Role.GUARDIAN), world.app.guardian_confirmations
    admin, pat = await world.person(Role.ORG_ADMIN), await world.person(Role.TEACHER)
    child, at = await child_of(world, ola), world.places["north"]

    for by, code in ((None, "required"), (pat.id, "invalid_value")):
        with pytest.raises(Invalid) as refused:
            await app.confirm_all(OPERATOR, at, by=by)
        assert code == refused.value.code
    assert 1 == (await app.confirm_all(OPERATOR, at, by=admin.id)).confirmed

    (found,) = (await world.app.guardians.list(OPERATOR, child, EVERYTHING)).items
    assert admin.id == found.confirmed_by


async def test_guardians_are_confirmed_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    path = f"/organizations/{server.places['north']}/unconfirmed-guardians"

    listed = await admin.ask(f"GET {path}?limit=5")
    done = await admin.ask(f"POST {path}/confirm")

    assert (200, []) == (listed.status, listed.json["items"])
    assert (200, {"confirmed": 0}) == (done.status, done.json)
