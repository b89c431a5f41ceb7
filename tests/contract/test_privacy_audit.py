"""What the audit log tells of people once it is chained: to those it concerns, and no thief."""

import psycopg
import pytest

from faraday_core.audit.model import AuditEntryView
from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.secrets import SealBroken, Secret, Secrets
from faraday_core.organizations.membership import NewMember, OrganizationMember
from tests.contract.test_privacy_erasure import texts_of
from tests.world import OPERATOR, SECRETS, World, world_over

PAGE = PageRequest(limit=100)


async def log(world: World) -> list[AuditEntryView]:
    return [*(await world.app.audit.list(OPERATOR, PAGE)).items]


async def school(world: World) -> UserView:
    """With acts of people on themselves and each other, of an operator, and of nobody known."""
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER, email="pat@example.org")
    await world.sign_in(pat, device_name="Pat's phone")
    await world.app.support.unlock(admin, pat.id)
    await world.app.support.unlock(OPERATOR, pat.id)
    member = NewMember(pat.id, Role.TEACHER)
    await world.app.members.add(admin, OrganizationMember, world.places["south"], member)
    return pat


async def test_an_entry_reads_after_it_was_sealed_as_it_did_before(world: World) -> None:
    pat = await school(world)
    before = await log(world)

    await world.app.audit.seal(WORKER)

    after = await log(world)
    started = {entry.id for entry in after} - {entry.id for entry in before}
    assert before == [entry for entry in after if entry.id not in started]
    assert {"Pat's phone"} <= {entry.details.get("device") for entry in after}
    assert pat.id in {entry.target_id for entry in after}


async def test_the_table_alone_tells_of_nobody(database_url: str, stored_world: World) -> None:
    world = stored_world
    pat = await school(world)
    await world.app.audit.seal(WORKER)

    told = " ".join(text for table, text in texts_of(database_url) if table == "audit_log")

    for word in (pat.id, "192.0.2.7", "request-1", "pat's phone"):
        assert word not in told
    assert "operator tests" in told, "who sat at the shell is no secret"


async def test_a_person_is_the_same_in_all_chains(stored_world: World, database_url: str) -> None:
    world = stored_world
    pat = await world.person(Role.TEACHER, email="pat@example.org")
    await world.app.support.unlock(OPERATOR, pat.id)
    await world.app.emails.resend(await world.actor(await world.sign_in(pat)))
    await world.app.audit.seal(WORKER)

    with psycopg.connect(database_url) as connection:
        named = connection.execute(
            "select distinct target_id from audit_log where target_type = 'user'"
            " and action in ('user.create', 'user.unlock', 'auth.login')"
        ).fetchall()
        known = connection.execute("select id from personal_keys").fetchall()

    assert named == known


async def test_what_is_sealed_opens_after_the_secret_was_changed(memory_world: World) -> None:
    await school(memory_world)
    await memory_world.app.audit.seal(WORKER)
    before = await log(memory_world)
    new = Secret(b"another secret, which is long enough")

    for secrets, opened in (
        (Secrets(new, (SECRETS.current,)), True),
        (Secrets(new), False),
    ):
        try:
            async with world_over(
                memory_world.storage, memory_world.clock, secrets=secrets
            ) as world:
                seen = await log(world)
                assert opened
                assert before == [entry for entry in seen if entry in before]
        except SealBroken:
            assert not opened


MEDDLING = {
    "who did it": "actor_id = gen_random_uuid()",
    "to whom": "target_id = gen_random_uuid()",
    "from where": "sealed_origin = sealed_details",
    "how": "sealed_details = sealed_origin",
    "what is left open": 'details = \'{"by": "somebody else"}\'',
}


@pytest.mark.parametrize("what", MEDDLING)
async def test_meddling_with_what_is_sealed_shows(
    database_url: str, stored_world: World, what: str
) -> None:
    world = stored_world
    await school(world)
    await world.app.audit.seal(WORKER)
    assert (await world.app.audit.verify(OPERATOR)).ok
    change = MEDDLING[what]
    with psycopg.connect(database_url, autocommit=True) as connection:
        done = connection.execute(
            f"update audit_log set {change} where action = 'auth.login'".encode()  # noqa: S608 -- as above
        )
        assert done.rowcount

    assert not (await world.app.audit.verify(OPERATOR)).ok


async def test_a_key_that_is_made_for_two_at_once_is_one(stored_world: World) -> None:
    world = stored_world
    pat = await world.person(Role.TEACHER, email="pat@example.org")
    keys = world.app.audit.personal_keys
    async with world.storage.begin(WORKER) as one, world.storage.begin(WORKER) as two:
        first = (await keys.of(one, [pat.id]))[pat.id]
        await one._rows.commit()  # type: ignore[union-attr]  # so that both are open at once
        second = (await keys.of(two, [pat.id]))[pat.id]

    assert first.pseudonym == second.pseudonym
