"""Consents, guardians, disclosures, corrections, and what is kept only so long."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from adapters.persistence.memory import MemoryStorage
from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import UserFields
from faraday_core.privacy.model import BirthDateFields, PrivacyPolicy
from faraday_core.privacy.rules import RETENTION
from faraday_core.profiles.model import ProfileFields
from faraday_core.records.consents import ConsentGate, age_at
from faraday_core.records.disclosures import DisclosureLog
from faraday_core.records.model import ConsentFields, ConsentView
from tests.world import OPERATOR, TestClock, World, world_over

PAGE = PageRequest()
PHOTOS = ConsentFields("photos", "2026-08")


async def acting(
    world: World, role: Role, email: str, at: str = "north"
) -> tuple[UserView, Actor]:
    person = await world.person(role, at, email=email)
    return person, await world.actor(await world.sign_in(person))


async def family(world: World, born_on: str = "2016-09-02") -> tuple[UserView, Actor, Actor]:
    """A child with a confirmed guardian."""
    child, as_child = await acting(world, Role.STUDENT, "kim@example.org")
    guardian, as_guardian = await acting(world, Role.GUARDIAN, "ola@example.org")
    await world.app.records.set_birth_date(
        OPERATOR, child.id, BirthDateFields(date.fromisoformat(born_on))
    )
    await world.app.guardians.confirm(OPERATOR, child.id, guardian.id)
    return child, as_child, as_guardian


async def consents(world: World, actor: Actor, user_id: str) -> list[ConsentView]:
    return [*(await world.app.consents.list(actor, user_id, PAGE)).items]


async def test_a_consent_says_who_gave_it_when_and_to_what_text(world: World) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")

    given = await world.app.consents.give(actor, pat.id, PHOTOS)

    assert [given] == await consents(world, actor, pat.id)
    assert ("photos", "2026-08", world.clock.now, pat.id, None) == (
        given.purpose,
        given.text_version,
        given.granted_at,
        given.granted_by,
        given.withdrawn_at,
    )


async def test_a_withdrawn_consent_stays_on_record(world: World) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    given = await world.app.consents.give(actor, pat.id, PHOTOS)
    world.clock.move(minutes=5)

    await world.app.consents.withdraw(actor, pat.id, given.id)

    (withdrawn,) = await consents(world, actor, pat.id)
    assert (world.clock.now, pat.id) == (withdrawn.withdrawn_at, withdrawn.withdrawn_by)
    with pytest.raises(NotFound):
        await world.app.consents.withdraw(actor, pat.id, given.id)


async def test_a_consent_to_a_newer_text_takes_the_place_of_the_older(world: World) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    old = await world.app.consents.give(actor, pat.id, PHOTOS)
    new = await world.app.consents.give(actor, pat.id, ConsentFields("photos", "2026-09"))
    other = await world.app.consents.give(actor, pat.id, ConsentFields("newsletter", "1"))

    current = [one.id for one in await consents(world, actor, pat.id) if not one.withdrawn_at]

    assert {new.id, other.id} == {*current}
    assert old.id not in current


async def test_a_child_does_not_agree_for_itself_but_its_guardian_does(world: World) -> None:
    child, as_child, as_guardian = await family(world)

    with pytest.raises(Forbidden) as caught:
        await world.app.consents.give(as_child, child.id, PHOTOS)
    assert "guardian_consent_required" == caught.value.code

    given = await world.app.consents.give(as_guardian, child.id, PHOTOS)
    assert as_guardian.user_id == given.granted_by
    assert [given] == await consents(world, as_child, child.id)
    assert [given] == await consents(world, as_guardian, child.id)
    await world.app.consents.withdraw(as_guardian, child.id, given.id)


async def test_from_the_age_on_a_person_agrees_for_themselves_alone(world: World) -> None:
    child, as_child, as_guardian = await family(world, born_on="2013-09-01")  # 13 today

    with pytest.raises(Forbidden):
        await world.app.consents.give(as_guardian, child.id, PHOTOS)

    assert await world.app.consents.give(as_child, child.id, PHOTOS)


async def test_nobody_agrees_for_a_child_that_is_not_theirs(world: World) -> None:
    child, _, _ = await family(world)
    for role, email in (
        (Role.GUARDIAN, "stranger@example.org"),
        (Role.TEACHER, "teacher@example.org"),
        (Role.ORG_ADMIN, "admin@example.org"),
    ):
        _, actor = await acting(world, role, email)
        with pytest.raises(NotFound):
            await world.app.consents.give(actor, child.id, PHOTOS)
        with pytest.raises(NotFound):
            await world.app.consents.withdraw(actor, child.id, uuid7())


async def test_only_a_confirmed_guardian_and_administrators_see_a_childs_records(
    world: World,
) -> None:
    child, _, as_guardian = await family(world)
    _, admin = await acting(world, Role.ORG_ADMIN, "admin@example.org", "district")
    for actor in (as_guardian, admin, OPERATOR):
        assert () == (await world.app.records.disclosures(actor, child.id, PAGE)).items
        assert [] == await consents(world, actor, child.id)
    for role, at in ((Role.GUARDIAN, "north"), (Role.TEACHER, "north"), (Role.ORG_ADMIN, "other")):
        _, actor = await acting(world, role, f"{role}.{at}@example.org", at)
        with pytest.raises(NotFound):
            await world.app.records.disclosures(actor, child.id, PAGE)
        with pytest.raises(NotFound):
            await world.app.consents.list(actor, child.id, PAGE)


async def test_the_gate_opens_by_a_guardians_consent_and_closes_with_it(world: World) -> None:
    child, _, as_guardian = await family(world)
    gate = ConsentGate(world.clock, 13)

    async def passes() -> bool:
        async with world.storage.look(OPERATOR, person=child.id) as reader:
            try:
                await gate.require(reader, child.id, "photos")
            except Forbidden as refusal:
                return refusal.code != "guardian_consent_required"
        return True

    assert not await passes()
    given = await world.app.consents.give(as_guardian, child.id, PHOTOS)
    assert await passes()
    await world.app.consents.withdraw(as_guardian, child.id, given.id)
    assert not await passes()
    await world.app.consents.give(as_guardian, child.id, PHOTOS)
    await world.app.guardians.remove(OPERATOR, child.id, as_guardian.user_id or "")
    assert not await passes(), "who is no guardian any more has agreed to nothing"
    world.clock.move(days=4 * 366)
    assert await passes()


async def test_whose_birth_date_is_not_known_is_no_child(world: World) -> None:
    pat, actor = await acting(world, Role.STUDENT, "pat@example.org")

    assert await world.app.consents.give(actor, pat.id, PHOTOS)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2013, 9, 1), date(2026, 8, 31), 12),
        (date(2013, 9, 1), date(2026, 9, 1), 13),
        (date(2012, 2, 29), date(2025, 2, 28), 12),
        (date(2012, 2, 29), date(2025, 3, 1), 13),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age == age_at(born, day)


async def test_without_an_age_nobody_is_a_child() -> None:
    clock = TestClock()
    policy = PrivacyPolicy(child_age=0)
    async with world_over(MemoryStorage(now=clock), clock, privacy=policy) as world:
        child, as_child, _ = await family(world)

        assert await world.app.consents.give(as_child, child.id, PHOTOS)


async def test_a_birth_date_is_a_day_that_was(world: World) -> None:
    pat = await world.person(Role.STUDENT)
    tomorrow = BirthDateFields(date(2026, 9, 2))
    with pytest.raises(Invalid) as caught:
        await world.app.records.set_birth_date(OPERATOR, pat.id, tomorrow)
    assert ["/born_on"] == [fault.pointer for fault in caught.value.faults]
    for role, at in ((Role.SUPPORT, "north"), (Role.ORG_ADMIN, "south")):
        actor = await world.acting(role, at)
        with pytest.raises((Forbidden, NotFound)):
            await world.app.records.set_birth_date(
                actor, pat.id, BirthDateFields(date(2016, 1, 1))
            )


async def test_a_guardian_is_confirmed_by_the_school_and_once(world: World) -> None:
    _, admin = await acting(world, Role.ORG_ADMIN, "admin@example.org")
    child = await world.person(Role.STUDENT)
    guardian = await world.person(Role.GUARDIAN)

    confirmed = await world.app.guardians.confirm(admin, child.id, guardian.id)

    assert (guardian.id, child.id, admin.user_id) == (
        confirmed.guardian_id,
        confirmed.child_id,
        confirmed.confirmed_by,
    )
    with pytest.raises(Conflict) as caught:
        await world.app.guardians.confirm(admin, child.id, guardian.id)
    assert "already_guardian" == caught.value.code
    assert (confirmed,) == (await world.app.guardians.list(admin, child.id, PAGE)).items
    await world.app.guardians.remove(admin, child.id, guardian.id)
    assert () == (await world.app.guardians.list(admin, child.id, PAGE)).items
    with pytest.raises(NotFound):
        await world.app.guardians.remove(admin, child.id, guardian.id)


async def test_a_guardian_is_somebody_else_of_the_same_tenant(world: World) -> None:
    child = await world.person(Role.STUDENT)
    elsewhere = await world.person(Role.GUARDIAN, "other")
    for guardian_id, code in (
        (elsewhere.id, "unknown_reference"),
        (uuid7(), "unknown_reference"),
        ("nonsense", "unknown_reference"),
        (child.id, "invalid_value"),
    ):
        with pytest.raises(Invalid) as caught:
            await world.app.guardians.confirm(OPERATOR, child.id, guardian_id)
        assert (code, "/guardian_id") == (caught.value.code, caught.value.faults[0].pointer)


async def test_nobody_makes_themselves_a_guardian(world: World) -> None:
    child = await world.person(Role.STUDENT)
    guardian, as_guardian = await acting(world, Role.GUARDIAN, "ola@example.org")
    support = await world.acting(Role.SUPPORT)

    with pytest.raises(NotFound):
        await world.app.guardians.confirm(as_guardian, child.id, guardian.id)
    with pytest.raises(Forbidden):
        await world.app.guardians.confirm(support, child.id, guardian.id)


async def test_a_page_of_guardians_goes_on_where_the_last_one_ended(world: World) -> None:
    child = await world.person(Role.STUDENT)
    for number in range(3):
        guardian = await world.person(Role.GUARDIAN, email=f"g{number}@example.org")
        await world.app.guardians.confirm(OPERATOR, child.id, guardian.id)

    first = await world.app.guardians.list(OPERATOR, child.id, PageRequest(2))
    second = await world.app.guardians.list(OPERATOR, child.id, PageRequest(2, first.next_cursor))

    assert (2, 1, None) == (len(first.items), len(second.items), second.next_cursor)


async def test_what_somebody_else_is_shown_is_noted_and_what_one_reads_of_oneself_is_not(
    world: World,
) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    _, admin = await acting(world, Role.ORG_ADMIN, "admin@example.org")
    disclosures = DisclosureLog(world.storage, world.clock, uuid7)

    await disclosures.note(actor, pat.id, "profile", "oneself")
    await disclosures.note(admin, pat.id, "profile", "administration")

    (noted,) = (await world.app.records.disclosures(actor, pat.id, PAGE)).items
    assert (admin.user_id, "profile", "administration", world.clock.now) == (
        noted.reader_id,
        noted.what,
        noted.purpose,
        noted.at,
    )


async def test_who_reads_somebodys_profile_is_noted(world: World) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    sam, as_sam = await acting(world, Role.TEACHER, "sam@example.org")
    await world.app.profiles.replace(actor, ProfileFields(bio="I teach."))

    await world.app.profiles.seen(as_sam, pat.id)
    await world.app.profiles.inspect(OPERATOR, pat.id)
    await world.app.profiles.seen(actor, pat.id)
    await world.app.profiles.get(actor)

    noted = (await world.app.records.disclosures(actor, pat.id, PAGE)).items
    assert [(None, "administration"), (sam.id, "as its visibility allows")] == [
        (one.reader_id, one.purpose) for one in noted
    ]


async def test_what_is_optional_of_a_child_waits_for_a_guardians_consent(world: World) -> None:
    child, as_child, as_guardian = await family(world)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "profile": lambda: world.app.profiles.replace(as_child, ProfileFields(bio="Hi.")),
        "track_activity": lambda: world.app.preferences.merge(
            as_child, {"privacy": {"track_activity": True}}
        ),
        "share_data": lambda: world.app.preferences.merge(
            as_child, {"privacy": {"share_data": True}}
        ),
    }
    for purpose, act in acts.items():
        with pytest.raises(Forbidden) as caught:
            await act()
        assert "guardian_consent_required" == caught.value.code
        consent = ConsentFields(purpose, "1")
        given = await world.app.consents.give(as_guardian, child.id, consent)
        await act()
        await world.app.consents.withdraw(as_guardian, child.id, given.id)

    # To take something away, or to set what tells nobody anything, takes nobody's consent.
    await world.app.profiles.replace(as_child, ProfileFields())
    off = {"theme": "dark", "privacy": {"track_activity": False, "share_data": False}}
    await world.app.preferences.merge(as_child, off)
    with pytest.raises(Forbidden):
        await acts["profile"]()


async def test_what_somebody_changes_in_their_profile_is_on_record(world: World) -> None:
    _, actor = await acting(world, Role.TEACHER, "pat@example.org")
    await world.app.profiles.replace(actor, ProfileFields(bio="I teach."))
    await world.app.profiles.replace(actor, ProfileFields(bio="I taught.", location="Here"))

    found = (await world.app.records.rectifications(actor, PAGE)).items

    assert [("bio", None), ("bio", "I teach."), ("location", None)] == sorted(
        ((one.field, one.old_value) for one in found), key=lambda one: (one[0], one[1] or "")
    )


async def test_a_correction_says_what_it_was_before_to_its_person_alone(world: World) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    _, admin = await acting(world, Role.ORG_ADMIN, "admin@example.org")
    await world.app.users.change(admin, pat.id, lambda _: UserFields("Pat Roe"))
    await world.app.users.change(admin, pat.id, lambda _: UserFields("Pat Roe"))

    (corrected,) = (await world.app.records.rectifications(actor, PAGE)).items

    assert ("full_name", pat.full_name, admin.user_id) == (
        corrected.field,
        corrected.old_value,
        corrected.changed_by,
    )
    assert () == (await world.app.records.rectifications(admin, PAGE)).items


async def test_who_is_erased_is_nobody_in_what_was_noted_of_others(world: World) -> None:
    child, as_child, as_guardian = await family(world)
    disclosures = DisclosureLog(world.storage, world.clock, uuid7)
    await disclosures.note(as_guardian, child.id, "profile", "guardian")
    given = await world.app.consents.give(as_guardian, child.id, PHOTOS)

    await world.app.erasures.erase(OPERATOR, as_guardian.user_id or "")

    (noted,) = (await world.app.records.disclosures(as_child, child.id, PAGE)).items
    assert ("profile", None) == (noted.what, noted.reader_id)
    (left,) = await consents(world, as_child, child.id)
    assert (given.id, None) == (left.id, left.granted_by)
    assert () == (await world.app.guardians.list(OPERATOR, child.id, PAGE)).items


async def counts(world: World, *, dry_run: bool = False) -> dict[str, int]:
    report = await world.app.retention.run(WORKER, dry_run=dry_run)
    return {kind.kind: kind.rows for kind in report.kinds if kind.rows}


async def test_what_has_been_kept_long_enough_goes_and_a_dry_run_only_says_so(
    world: World,
) -> None:
    pat, actor = await acting(world, Role.TEACHER, "pat@example.org")
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.users.change(admin, pat.id, lambda _: UserFields("Pat Roe"))
    given = await world.app.consents.give(actor, pat.id, PHOTOS)
    await world.app.consents.withdraw(actor, pat.id, given.id)
    kept = await world.app.consents.give(actor, pat.id, PHOTOS)
    world.clock.move(days=1095)
    assert {"sessions": 2} == await counts(world, dry_run=True)
    world.clock.move(seconds=1)

    expected = {"sessions": 2, "consents": 1, "rectifications": 1}
    assert expected == await counts(world, dry_run=True)
    assert expected == await counts(world, dry_run=True)
    assert expected == await counts(world)
    assert {} == await counts(world)

    left = await world.app.consents.list(OPERATOR, pat.id, PAGE)
    assert [kept.id] == [one.id for one in left.items]


async def test_accounts_that_ended_long_ago_are_erased_where_a_school_says_so() -> None:
    clock = TestClock()
    policy = PrivacyPolicy(retention={"accounts": 365, "disclosures": 1})
    async with world_over(MemoryStorage(now=clock), clock, privacy=policy) as world:
        gone = await world.person(Role.TEACHER, email="gone@example.org")
        here = await world.person(Role.TEACHER, email="here@example.org")
        await world.app.users.deactivate(OPERATOR, gone.id)
        await DisclosureLog(world.storage, clock, uuid7).note(OPERATOR, here.id, "profile", "x")
        clock.move(days=366)

        assert {"accounts": 1, "disclosures": 1} == await counts(world, dry_run=True)
        assert await world.app.users.get(OPERATOR, gone.id)
        await counts(world)

        with pytest.raises(NotFound):
            await world.app.users.get(OPERATOR, gone.id)
        assert await world.app.users.get(OPERATOR, here.id)


async def test_accounts_that_ended_long_ago_are_found_in_postgres(stored_world: World) -> None:
    world = stored_world
    gone = await world.person(Role.TEACHER, email="gone@example.org")
    await world.app.users.deactivate(OPERATOR, gone.id)
    async with world.storage.look_everywhere(WORKER) as reader:
        assert [] == [*await reader.held.inactive(world.clock.now)]
        world.clock.move(seconds=1)
        assert [gone.id] == [*await reader.held.inactive(world.clock.now)]


async def test_only_the_machinery_retains_or_erases(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")

    with pytest.raises(Forbidden):
        await world.app.retention.run(admin)
    with pytest.raises(Forbidden):
        await world.app.erasures.carry_out_due(admin)
    with pytest.raises(Forbidden):
        await world.app.exports.forget_expired(admin)


def test_by_default_accounts_and_disclosures_are_kept_with_the_account() -> None:
    assert (0, 0) == (RETENTION["accounts"], RETENTION["disclosures"])
