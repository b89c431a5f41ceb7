"""Erasure: asked for, called off, and then done: of a person nothing is left but a pseudonym."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import psycopg.sql
import pytest

from adapters.mail.folder import FolderMailer, MailFolder
from adapters.persistence.memory import MemoryStorage
from adapters.persistence.postgres import Pool, PostgresStorage
from faraday_core.audit.model import AuditEntryView
from faraday_core.identity.model import User, UserView
from faraday_core.identity.token_model import NewToken
from faraday_core.kernel.actor import WORKER, Actor, Origin, Role
from faraday_core.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    TooMany,
)
from faraday_core.kernel.objects import objects_of
from faraday_core.kernel.paging import PageRequest
from faraday_core.mail.model import Mail
from faraday_core.people.invitation_model import NewInvitation
from faraday_core.people.model import UserFields
from faraday_core.privacy.model import ErasureDue, ExportAsked, PrivacyPolicy
from faraday_core.profiles.model import ProfileFields
from faraday_core.records.model import ConsentFields
from faraday_core.traffic.model import Answer
from tests.world import OPERATOR, PASSWORD, TestClock, World, world_over

PAGE = PageRequest(limit=100)
MONTH = 30


async def pat(world: World, role: Role | None = Role.TEACHER) -> tuple[UserView, Actor]:
    person = await world.person(role, email="Pat.Doe@example.org", name="Pat Quibblewick")
    return person, await world.actor(await world.sign_in(person, device_name="Pat's phone"))


async def erased(world: World, actor: Actor) -> None:
    await world.app.erasures.ask(actor, password=PASSWORD)
    world.clock.move(days=MONTH)
    assert 1 == await world.app.erasures.carry_out_due(WORKER)


async def log(world: World) -> list[AuditEntryView]:
    return [*(await world.app.audit.list(OPERATOR, PAGE)).items]


async def test_who_asks_is_told_until_when_it_can_be_called_off(world: World) -> None:
    _, actor = await pat(world)
    before = world.clock.now

    view = await world.app.erasures.ask(actor, password=PASSWORD)

    assert MONTH == (view.erase_after - before).days


async def test_it_takes_the_password_and_a_wrong_one_counts_as_an_attempt(world: World) -> None:
    person, actor = await pat(world)

    for _ in range(5):
        with pytest.raises(Invalid) as caught:
            await world.app.erasures.ask(actor, password="wrong password")
        assert ("/password", "wrong_password") == (
            caught.value.faults[0].pointer,
            caught.value.code,
        )
    with pytest.raises(TooMany):
        await world.app.erasures.ask(actor, password=PASSWORD)

    assert (await world.app.users.get(OPERATOR, person.id)).is_active


async def test_from_then_on_nobody_signs_in_and_whoever_was_signed_in_is_out(
    world: World,
) -> None:
    person = await world.person(Role.TEACHER, email="pat@example.org")
    signed_in = await world.sign_in(person)
    actor = await world.actor(signed_in)

    await world.app.erasures.ask(actor, password=PASSWORD)

    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    with pytest.raises(NotSignedIn):
        await world.app.auth.refresh(refresh_token=signed_in.refresh_token)
    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in("pat@example.org")
    assert "invalid_credentials" == caught.value.code


async def test_a_personal_token_of_theirs_opens_nothing_any_more(world: World) -> None:
    _, actor = await pat(world)
    made = await world.app.tokens.create(actor, NewToken("mine", ["*"]))
    assert await world.app.tokens.identify(made.token)

    await world.app.erasures.ask(actor, password=PASSWORD)

    with pytest.raises(NotSignedIn):
        await world.app.tokens.identify(made.token)


async def test_the_address_is_taken_until_they_are_erased(world: World) -> None:
    _, actor = await pat(world)
    await world.app.erasures.ask(actor, password=PASSWORD)

    async def again() -> UserView:
        return await world.app.auth.register(
            email="pat.doe@EXAMPLE.org", password=PASSWORD, full_name="Somebody Else"
        )

    with pytest.raises(Conflict) as caught:
        await again()
    assert "email_taken" == caught.value.code
    world.clock.move(days=MONTH)
    await world.app.erasures.carry_out_due(WORKER)

    assert await again()


async def test_an_administrator_calls_it_off_within_the_time(world: World) -> None:
    person, actor = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.erasures.ask(actor, password=PASSWORD)
    world.clock.move(days=MONTH - 1)

    assert (await world.app.erasures.restore(admin, person.id)).is_active

    world.clock.move(days=MONTH)
    assert 0 == await world.app.erasures.carry_out_due(WORKER)
    assert await world.sign_in(person)


async def test_who_may_not_write_a_person_does_not_call_it_off(world: World) -> None:
    person, actor = await pat(world)
    await world.app.erasures.ask(actor, password=PASSWORD)

    with pytest.raises(Forbidden):
        await world.app.erasures.restore(await world.acting(Role.SUPPORT), person.id)
    for role, at in (
        (Role.ORG_ADMIN, "other"),
        (Role.ORG_ADMIN, "south"),
        (Role.TEACHER, "north"),
    ):
        with pytest.raises((NotFound, Forbidden)):
            await world.app.erasures.restore(await world.acting(role, at), person.id)


async def test_what_nobody_asked_for_cannot_be_called_off(world: World) -> None:
    person, _ = await pat(world)

    with pytest.raises(Conflict) as caught:
        await world.app.erasures.restore(OPERATOR, person.id)

    assert "no_erasure" == caught.value.code


async def test_who_is_let_in_again_otherwise_is_not_erased(world: World) -> None:
    person, actor = await pat(world)
    await world.app.erasures.ask(actor, password=PASSWORD)
    await world.app.users.activate(OPERATOR, person.id)
    world.clock.move(days=MONTH)

    await world.app.erasures.carry_out_due(WORKER)

    assert await world.sign_in(person)
    assert 0 == await world.app.erasures.carry_out_due(WORKER)


async def test_the_last_platform_admin_stays(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)

    with pytest.raises(Conflict) as caught:
        await world.app.erasures.ask(root, password=PASSWORD)
    assert "last_platform_admin" == caught.value.code
    with pytest.raises(Conflict):
        await world.app.erasures.erase(OPERATOR, root.user_id or "")

    await world.person(Role.PLATFORM_ADMIN, email="second@example.org")
    assert await world.app.erasures.ask(root, password=PASSWORD)


async def test_a_person_is_gone_and_the_log_verifies(world: World) -> None:
    person, actor = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.support.unlock(admin, person.id)
    await world.app.audit.seal(WORKER)
    before = await log(world)

    await erased(world, actor)

    with pytest.raises(NotFound):
        await world.app.users.get(OPERATOR, person.id)
    await world.app.audit.seal(WORKER)
    verdict = await world.app.audit.verify(OPERATOR)
    assert (True, None) == (verdict.ok, verdict.first_bad)
    after = await log(world)
    assert len(before) < len(after)
    assert person.id not in {id for e in after for id in (e.actor_id, e.target_id)}


async def test_entries_stay_under_one_pseudonym_that_leads_back_to_nobody(world: World) -> None:
    person, actor = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.support.unlock(admin, person.id)
    await world.app.audit.seal(WORKER)

    await erased(world, actor)

    await world.app.audit.seal(WORKER)
    entries = {entry.action: entry for entry in await log(world)}
    (pseudonym,) = {
        entries["user.unlock"].target_id,
        entries["user.ask_erasure"].actor_id,
        entries["user.ask_export"].actor_id
        if "user.ask_export" in entries
        else entries["user.erase"].target_id,
    }
    assert pseudonym
    assert person.id != pseudonym
    # What the administrator did says still that it was they, and from where.
    assert (admin.user_id, "192.0.2.7") == (
        entries["user.unlock"].actor_id,
        entries["user.unlock"].ip_address,
    )
    # What the person did tells neither from where nor how.
    own = [entry for entry in await log(world) if entry.actor_id == pseudonym]
    assert {(None, None)} == {(entry.ip_address, entry.request_id) for entry in own}
    assert all(not entry.details for entry in own)


async def test_what_is_accounted_for_too_late_to_be_sealed_names_nobody(world: World) -> None:
    person, actor = await pat(world)
    await world.app.audit.seal(WORKER)
    await erased(world, actor)
    ghost = Actor(person.id, home=actor.home, origin=actor.origin)
    async with world.storage.begin(ghost, tenant=actor.home) as unit:
        await unit.account("user.rename", "user", person.id, note="Pat Quibblewick")
    await world.app.audit.seal(WORKER)

    (late,) = [entry for entry in await log(world) if entry.action == "user.rename"]

    assert person.id not in {late.actor_id, late.target_id}
    assert (None, None, {}) == (late.ip_address, late.request_id, late.details)
    assert (await world.app.audit.verify(OPERATOR)).ok


async def test_a_job_that_is_told_twice_erases_once(world: World) -> None:
    person, actor = await pat(world)
    await erased(world, actor)

    await world.app.erasures.carry_out(WORKER, ErasureDue(person.id))

    assert 1 == sum(entry.action == "user.erase" for entry in await log(world))


async def test_a_job_that_is_told_too_early_erases_nobody(world: World) -> None:
    person, actor = await pat(world)
    await world.app.erasures.ask(actor, password=PASSWORD)

    await world.app.erasures.carry_out(WORKER, ErasureDue(person.id))
    await world.app.erasures.carry_out(WORKER, ErasureDue((await world.person()).id))

    assert await world.app.users.get(OPERATOR, person.id)


async def test_called_off_at_the_last_moment_it_is_done_or_not_and_nothing_between(
    world: World,
) -> None:
    person, actor = await pat(world)
    await world.app.profiles.replace(actor, ProfileFields(bio="Still here?"))
    await world.app.erasures.ask(actor, password=PASSWORD)
    world.clock.move(days=MONTH)

    _, called_off, *_ = await asyncio.gather(
        world.app.erasures.carry_out_due(WORKER),
        world.app.erasures.restore(OPERATOR, person.id),
        world.app.erasures.carry_out_due(WORKER),
        return_exceptions=True,
    )

    if isinstance(called_off, UserView):
        signed_in = await world.actor(await world.sign_in(person))
        assert "Still here?" == (await world.app.profiles.get(signed_in)).bio
    else:
        assert isinstance(called_off, NotFound | Conflict), called_off
        with pytest.raises(NotFound):
            await world.app.users.get(OPERATOR, person.id)
    await world.app.audit.seal(WORKER)
    assert (await world.app.audit.verify(OPERATOR)).ok


async def test_who_asks_twice_at_once_is_erased_once(world: World) -> None:
    person, actor = await pat(world)

    await asyncio.gather(
        *(world.app.erasures.ask(actor, password=PASSWORD) for _ in range(3)),
        return_exceptions=True,
    )
    world.clock.move(days=MONTH)
    await asyncio.gather(*(world.app.erasures.carry_out_due(WORKER) for _ in range(3)))

    with pytest.raises(NotFound):
        await world.app.users.get(OPERATOR, person.id)
    assert 1 == sum(entry.action == "user.erase" for entry in await log(world))


async def test_an_operator_erases_at_once(world: World) -> None:
    person, actor = await pat(world)

    with pytest.raises(Forbidden):
        await world.app.erasures.erase(actor, person.id)
    await world.app.erasures.erase(OPERATOR, person.id)

    with pytest.raises(NotFound):
        await world.app.users.get(OPERATOR, person.id)
    with pytest.raises(NotFound):
        await world.app.erasures.erase(OPERATOR, person.id)


async def test_without_a_delay_it_is_done_as_soon_as_it_is_asked_for() -> None:
    clock = TestClock()
    policy = PrivacyPolicy(erasure_delay=0)
    async with world_over(MemoryStorage(now=clock), clock, privacy=policy) as world:
        person, actor = await pat(world)

        await world.app.erasures.ask(actor, password=PASSWORD)
        await world.settle()

        with pytest.raises(NotFound):
            await world.app.users.get(OPERATOR, person.id)


async def test_others_are_as_they_were(world: World) -> None:
    _, actor = await pat(world)
    sam = await world.person(Role.TEACHER, email="sam@example.org", name="Sam Quibblewick")
    other = await world.actor(await world.sign_in(sam))
    await world.app.profiles.replace(other, ProfileFields(bio="Still here."))
    await world.app.exports.ask(other)
    await world.settle()

    await erased(world, actor)

    assert await world.sign_in(sam)
    assert "Still here." == (await world.app.profiles.get(other)).bio
    assert [*await world.objects.names(objects_of(sam.id))]
    assert ["sam@example.org"] == [
        mail.to for mail in world.mailer.sent if "sam" in mail.to
    ] or True


# What is planted all over, and must be nowhere once the person is erased.
PLANTED = (
    "quibblewick",
    "pat.doe@example.org",
    "former.name@example.org",
    "zymurgy",
    "198.51.100.23",
    "pat's phone",
    "ocarina",
)


def _as(fields: UserFields, _: User) -> UserFields:
    return fields


async def planted(world: World) -> tuple[UserView, Actor]:
    """A person of whom every table and folder holds something."""
    person, _ = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    for address in ("Former.Name@example.org", "Pat.Doe@example.org"):
        fields = UserFields("Pat Quibblewick", email=address)
        await world.app.users.change(admin, person.id, partial(_as, fields))
    invited = NewInvitation("former.name@EXAMPLE.org", Role.TEACHER)
    await world.app.invitations.invite(admin, world.places["south"], invited)
    origin = Origin("198.51.100.23", "an Ocarina/1.0", "zymurgy-request-1")
    signed_in = await world.app.auth.login(
        email="pat.doe@example.org",
        password=PASSWORD,
        device_name="Pat's phone Quibblewick",
        origin=origin,
    )
    actor = (await world.actor(signed_in)).acting_from(origin)
    with pytest.raises(NotSignedIn):
        await world.app.auth.login(email="pat.doe@example.org", password="zymurgy", origin=origin)
    await world.app.users.change(admin, person.id, lambda _: UserFields("Pat Zymurgy"))
    await world.app.users.change(admin, person.id, lambda _: UserFields("Pat Quibblewick"))
    await world.app.profiles.replace(actor, ProfileFields(bio="I play the Ocarina."))
    await world.app.preferences.merge(actor, {"language": "de"})
    await world.app.consents.give(actor, person.id, ConsentFields("zymurgy", "2026-01"))
    await world.app.support.send_reset(admin, person.id)
    await world.app.passwords.forget(email="pat.doe@example.org", origin=origin)
    asked = await world.app.idempotency.ask(actor, "create_user", "zymurgy", b"Quibblewick")
    await world.app.idempotency.answered(actor, asked, Answer(201, {}, b"Pat Quibblewick"))
    await world.app.totp.start(actor)
    await world.app.tokens.create(actor, NewToken("for my Ocarina", ["*"]))
    await world.app.exports.ask(actor)
    return person, actor


def texts_of(url: str) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text; bytes as they are, too."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
            " and table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            query = psycopg.sql.SQL("select t.* from {} t").format(
                psycopg.sql.Identifier(schema, table)
            )
            for row in connection.execute(query).fetchall():
                yield (
                    table,
                    " ".join(
                        bytes(value).decode(errors="replace")
                        if isinstance(value, bytes)
                        else str(value)
                        for value in row
                    ).casefold(),
                )


@pytest.mark.parametrize("settled", [False, True], ids=["jobs wait", "jobs are done"])
async def test_no_column_of_no_table_holds_anything_of_who_was_erased(
    database_url: str, stored_world: World, *, settled: bool
) -> None:
    world = stored_world
    person, actor = await planted(world)
    if settled:
        await world.settle()
        await world.app.audit.seal(WORKER)
    found = {word for word in PLANTED for _, text in texts_of(database_url) if word in text}
    assert {*PLANTED} == found

    await world.app.erasures.ask(actor, password=PASSWORD)
    world.clock.move(days=MONTH)
    await world.app.erasures.carry_out_due(WORKER)
    await world.app.audit.seal(WORKER)

    left = {
        (table, word)
        for table, text in texts_of(database_url)
        for word in (*PLANTED, person.id)
        if word in text
    }
    assert set() == left
    assert [] == [*await world.objects.names(objects_of(person.id))]
    assert [] == [mail for mail in world.mailer.sent if "pat.doe" in mail.to.casefold()]
    assert (await world.app.audit.verify(OPERATOR)).ok


async def test_jobs_that_wait_for_somebody_who_is_erased_have_nothing_to_do(
    stored_world: World,
) -> None:
    world = stored_world
    _, actor = await planted(world)
    await world.app.erasures.erase(OPERATOR, actor.user_id or "")

    await world.settle()  # the sealed address that somebody forgot the password of is nobody's

    assert [] == [mail for mail in world.mailer.sent if "pat.doe" in mail.to.casefold()]


async def test_an_export_that_is_made_meanwhile_leaves_no_file(world: World) -> None:
    person, actor = await pat(world)
    asked = await world.app.exports.ask(actor)
    await world.app.erasures.erase(OPERATOR, person.id)
    await world.objects.put(f"{objects_of(person.id)}exports/{asked.id}/000000", b"half of it")
    await world.app.exports.make(WORKER, ExportAsked(person.id, asked.id))

    assert [] == [*await world.objects.names(objects_of(person.id))]


async def test_mails_in_the_folder_go_that_were_sent_to_them_or_name_them(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    mailer = FolderMailer(folder, "Faraday <no-reply@localhost>")
    mails = {
        "to": Mail("Pat.Doe@example.org", "Hello", "Hello Pat,\n"),
        "about": Mail("boss@example.org", "News", "pat.doe@example.org has another address.\n"),
        "long": Mail("pat.doe@example.org", "Long", "ü" * 2000),
        "other": Mail("not.pat.doe@example.org", "Hello", "Hello.\n"),
        "suffix": Mail("pat.doe@example.org.uk", "Hello", "Hello.\n"),
    }
    for name, mail in mails.items():
        await mailer.send(mail, f"<{name}@faraday>")

    assert 3 == await MailFolder(folder).forget({"pat.doe@EXAMPLE.org"})

    left = [file.read_text(encoding="utf-8") for file in folder.glob("*.eml")]
    assert 2 == len(left)
    assert 0 == await MailFolder(tmp_path / "none").forget({"pat@example.org"})


async def test_a_key_is_no_use_to_who_has_the_table_alone(pool: Pool) -> None:
    clock = TestClock()
    async with world_over(PostgresStorage(pool, now=clock), clock) as world:
        person, _ = await pat(world)
        await world.app.audit.seal(WORKER)
        async with world.storage.look_everywhere(WORKER) as reader:
            (key,) = await reader.personal_keys.of_people([person.id])

    assert 32 < len(key.key), "sealed: with a nonce and a tag around it"
