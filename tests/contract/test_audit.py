"""The audit log: written with the act, sealed in order, and every meddling shows."""

from collections.abc import Sequence

import psycopg
import pytest

from faraday_core.audit.model import AuditEntryView
from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import NotFound, NotSignedIn
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.secrets import Secret, Secrets
from tests.world import OPERATOR, ORIGIN, SECRETS, World, world_over


async def entries(world: World, actor: Actor) -> Sequence[AuditEntryView]:
    return (await world.app.audit.list(actor, PageRequest(limit=100))).items


async def test_an_act_says_who_what_whom_and_from_where(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER, "north")

    await world.app.users.deactivate(admin, pat.id)

    latest = (await entries(world, admin))[0]
    assert ("user.deactivate", admin.user_id, "user", pat.id, ORIGIN.request_id, "192.0.2.7") == (
        latest.action,
        latest.actor_id,
        latest.target_type,
        latest.target_id,
        latest.request_id,
        latest.ip_address,
    )


async def test_what_failed_is_accounted_for_and_what_was_undone_is_not(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER, "north")
    with pytest.raises(NotSignedIn):
        await world.sign_in(pat, password="wrong password")
    before = await entries(world, admin)
    assert "auth.fail_login" == before[0].action

    with pytest.raises(NotFound):
        await world.app.support.end_session(admin, pat.id, pat.id)

    assert before == await entries(world, admin)


async def test_an_admin_sees_what_was_done_at_or_below_their_node(world: World) -> None:
    north = await world.acting(Role.ORG_ADMIN, "north")
    other = await world.acting(Role.ORG_ADMIN, "other")
    await world.acting(Role.TEACHER, "south")

    for actor, place in ((north, "north"), (other, "other")):
        seen = await entries(world, actor)
        assert {world.places[place]} == {entry.organization_id for entry in seen}


async def test_sealed_entries_verify_and_the_rest_is_counted(world: World) -> None:
    await world.acting(Role.ORG_ADMIN, "district")
    await world.acting(Role.ORG_ADMIN, "other")
    unsealed = await world.app.audit.verify(OPERATOR)
    assert (unsealed.entries, True) == (unsealed.unsealed, unsealed.ok)

    await world.app.audit.seal(WORKER)
    await world.acting(Role.TEACHER, "north")

    verdict = await world.app.audit.verify(OPERATOR)
    assert verdict.ok
    assert 0 < verdict.unsealed < verdict.entries


async def test_a_chain_holds_through_a_change_of_the_secret(memory_world: World) -> None:
    await memory_world.acting(Role.ORG_ADMIN, "district")
    await memory_world.app.audit.seal(WORKER)
    secrets = Secrets(Secret(b"another secret, which is long enough"), (SECRETS.current,))

    async with world_over(memory_world.storage, memory_world.clock, secrets=secrets) as world:
        await world.acting(Role.TEACHER, "north", email="t@example.org")
        await world.app.audit.seal(WORKER)

        assert (await world.app.audit.verify(OPERATOR)).ok


MEDDLING = {
    "a changed entry": "update audit_log set action = 'nothing.happened' where id = %(some)s",
    "a changed address": "update audit_log set ip_address = '192.0.2.99' where id = %(some)s",
    "changed details": "update audit_log set details = '{}' where id = %(some)s",
    "a removed entry": "delete from audit_log where id = %(some)s",
    "a cut tail": "delete from audit_log where sequence >= 2 and tenant_id = %(tenant)s",
    "a chain that is gone": "delete from audit_log where tenant_id = %(tenant)s",
    "a head that is gone": "delete from audit_heads where tenant_id = %(tenant)s",
    "a head that is set back": ("update audit_heads set entries = 1 where tenant_id = %(tenant)s"),
    "two that changed places": (
        "update audit_log a set sequence = -b.sequence from audit_log b"
        " where a.tenant_id = %(tenant)s and b.tenant_id = a.tenant_id"
        " and a.sequence + b.sequence = 3;"
        "update audit_log set sequence = -sequence where sequence < 0"
    ),
}


@pytest.mark.parametrize("meddling", MEDDLING)
async def test_meddling_shows(database_url: str, stored_world: World, meddling: str) -> None:
    world = stored_world
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.acting(Role.TEACHER, "north")
    await world.app.audit.seal(WORKER)
    some, tenant = (await entries(world, admin))[1].id, world.places["district"]
    statements = MEDDLING[meddling].replace("%(some)s", f"'{some}'")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(statements.replace("%(tenant)s", f"'{tenant}'"))

    verdict = await world.app.audit.verify(OPERATOR)

    assert not verdict.ok
    assert verdict.first_bad
    assert tenant == verdict.first_bad.chain
