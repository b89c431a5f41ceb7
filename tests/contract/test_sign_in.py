"""Sign-in, over both storages: what `docs/api.md` promises of it."""

import asyncio
from datetime import timedelta

import pytest

from faraday_core.identity.policy import SignInPolicy
from faraday_core.kernel.actor import NOBODY, WORKER, Role
from faraday_core.kernel.errors import (
    Conflict,
    FaradayError,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    TooMany,
)
from faraday_core.kernel.paging import PageRequest
from tests.world import ORIGIN, PASSWORD, World, world_over


async def test_who_registers_can_sign_in_and_has_no_role(world: World) -> None:
    user = await world.app.auth.register(
        email="Pat@Example.org", password=PASSWORD, full_name="Pat Doe"
    )

    signed_in = await world.sign_in("pat@example.ORG")

    assert ("Pat@Example.org", (), None) == (user.email, user.roles, user.organization_id)
    assert user.id == (await world.actor(signed_in)).user_id


async def test_an_address_is_taken_whatever_its_letter_case(world: World) -> None:
    await world.person(email="pat@example.org")

    with pytest.raises(Conflict) as caught:
        await world.person(email="PAT@example.org")

    assert "email_taken" == caught.value.code


async def test_of_two_who_register_one_address_at_once_one_has_it(world: World) -> None:
    outcomes = await asyncio.gather(
        *(world.person(email="pat@example.org") for _ in range(4)), return_exceptions=True
    )

    assert 3 == sum(isinstance(outcome, Conflict) for outcome in outcomes)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("Password1", "password_too_common"),
        ("pat@example.org", "password_too_common"),
        ("x" * 1025, "too_long"),
        ("long enough\0", "invalid_character"),
    ],
)
async def test_a_password_that_will_not_do_is_refused_with_the_reason(
    memory_world: World, password: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await memory_world.app.auth.register(
            email="pat@example.org", password=password, full_name="Pat"
        )

    assert [("/password", code)] == [(f.pointer, f.code) for f in caught.value.faults]


async def test_the_part_before_the_at_is_no_password(memory_world: World) -> None:
    with pytest.raises(Invalid):
        await memory_world.app.auth.register(
            email="patricia.doe@example.org", password="Patricia.Doe", full_name="Pat"
        )


async def test_an_unknown_address_and_a_wrong_password_are_told_alike(world: World) -> None:
    await world.person(email="pat@example.org")

    refusals = []
    for email in ("pat@example.org", "nobody@example.org"):
        with pytest.raises(NotSignedIn) as caught:
            await world.sign_in(email, password="wrong password")
        refusals.append((caught.value.code, caught.value.detail))

    assert refusals[0] == refusals[1]
    assert "invalid_credentials" == refusals[0][0]


@pytest.mark.parametrize("email", ["pat@example.org", "nobody@example.org"])
async def test_after_too_many_wrong_ones_even_the_right_password_waits(
    world: World, email: str
) -> None:
    await world.person(email="pat@example.org")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in(email, password="wrong password")

    with pytest.raises(TooMany) as caught:
        await world.sign_in(email.upper())

    assert ("too_many_attempts", 900) == (caught.value.code, caught.value.retry_after)


async def test_the_lock_has_a_fixed_length(world: World) -> None:
    await world.person(email="pat@example.org")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in("pat@example.org", password="wrong password")
    world.clock.move(seconds=600)
    with pytest.raises(TooMany) as caught:
        await world.sign_in("pat@example.org")
    assert 300 == caught.value.retry_after

    world.clock.move(seconds=301)

    assert await world.sign_in("pat@example.org")


async def test_of_many_wrong_ones_at_once_so_many_are_told_so(world: World) -> None:
    await world.person(email="pat@example.org")

    outcomes = await asyncio.gather(
        *(world.sign_in("pat@example.org", password="wrong password") for _ in range(12)),
        return_exceptions=True,
    )

    assert 5 == sum(isinstance(outcome, NotSignedIn) for outcome in outcomes)
    assert 7 == sum(isinstance(outcome, TooMany) for outcome in outcomes)


async def test_a_right_one_sets_the_count_back(world: World) -> None:
    await world.person(email="pat@example.org")
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            await world.sign_in("pat@example.org", password="wrong password")
    await world.sign_in("pat@example.org")

    for _ in range(4):
        with pytest.raises(NotSignedIn):
            await world.sign_in("pat@example.org", password="wrong password")

    assert await world.sign_in("pat@example.org")


async def test_others_guesses_do_not_lock_out_a_known_device(world: World) -> None:
    await world.person(email="pat@example.org")
    device_token = (await world.sign_in("pat@example.org")).device_token
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in("pat@example.org", password="wrong password")

    assert await world.sign_in("pat@example.org", device_token=device_token)
    with pytest.raises(TooMany):
        await world.sign_in("pat@example.org", device_token="fdt_made_up")


async def test_anothers_device_token_counts_as_none(world: World) -> None:
    await world.person(email="pat@example.org")
    await world.person(email="kim@example.org")
    device_token = (await world.sign_in("kim@example.org")).device_token
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in("pat@example.org", password="wrong password")

    with pytest.raises(TooMany):
        await world.sign_in("pat@example.org", device_token=device_token)


async def test_all_devices_together_have_four_times_as_many_guesses(world: World) -> None:
    await world.person(email="pat@example.org")
    devices = [(await world.sign_in("pat@example.org")).device_token for _ in range(5)]
    wrong = 0
    for device in devices:
        for _ in range(5):
            with pytest.raises(FaradayError) as caught:
                await world.sign_in("pat@example.org", password="wrong", device_token=device)
            wrong += isinstance(caught.value, NotSignedIn)

    assert 20 == wrong


async def test_a_refresh_spends_the_token(world: World) -> None:
    await world.person(email="pat@example.org")
    first = await world.sign_in("pat@example.org")
    second = await world.app.auth.refresh(refresh_token=first.refresh_token)

    third = await world.app.auth.refresh(refresh_token=second.refresh_token)

    assert 3 == len({first.refresh_token, second.refresh_token, third.refresh_token})
    with pytest.raises(NotSignedIn) as caught:
        await world.app.auth.refresh(refresh_token=first.refresh_token)
    assert "invalid_token" == caught.value.code
    assert await world.actor_of(third.access_token)


async def test_fifty_who_race_with_one_token_get_one_successor(world: World) -> None:
    await world.person(email="pat@example.org")
    signed_in = await world.sign_in("pat@example.org")

    answers = await asyncio.gather(
        *(world.app.auth.refresh(refresh_token=signed_in.refresh_token) for _ in range(50))
    )

    assert 1 == len({answer.refresh_token for answer in answers})
    assert await world.app.auth.refresh(refresh_token=answers[0].refresh_token)


async def test_a_spent_token_after_the_grace_ends_the_session(world: World) -> None:
    await world.person(email="pat@example.org")
    signed_in = await world.sign_in("pat@example.org")
    refreshed = await world.app.auth.refresh(refresh_token=signed_in.refresh_token)
    world.clock.move(seconds=11)

    with pytest.raises(NotSignedIn) as caught:
        await world.app.auth.refresh(refresh_token=signed_in.refresh_token)

    assert "refresh_reused" == caught.value.code
    with pytest.raises(NotSignedIn):
        await world.actor_of(refreshed.access_token)
    with pytest.raises(NotSignedIn):
        await world.app.auth.refresh(refresh_token=refreshed.refresh_token)


async def test_logging_out_ends_this_session_at_once_and_no_other(world: World) -> None:
    await world.person(email="pat@example.org")
    one, other = await world.sign_in("pat@example.org"), await world.sign_in("pat@example.org")

    await world.app.sessions.logout(await world.actor(one))

    with pytest.raises(NotSignedIn):
        await world.actor(one)
    assert await world.actor(other)


async def test_logging_out_everywhere_ends_all(world: World) -> None:
    await world.person(email="pat@example.org")
    one, other = await world.sign_in("pat@example.org"), await world.sign_in("pat@example.org")

    await world.app.sessions.logout(await world.actor(one), all_sessions=True)

    for signed_in in (one, other):
        with pytest.raises(NotSignedIn):
            await world.actor(signed_in)


async def test_a_changed_password_keeps_this_session_and_ends_the_others(world: World) -> None:
    await world.person(email="pat@example.org")
    one, other = await world.sign_in("pat@example.org"), await world.sign_in("pat@example.org")
    actor = await world.actor(one)

    await world.app.passwords.change(
        actor, current_password=PASSWORD, new_password="another-Tall-Ship"
    )

    assert await world.actor(one)
    assert await world.app.auth.refresh(refresh_token=one.refresh_token)
    with pytest.raises(NotSignedIn):
        await world.actor(other)
    with pytest.raises(NotSignedIn):
        await world.sign_in("pat@example.org")
    assert await world.sign_in("pat@example.org", password="another-Tall-Ship")


async def test_a_wrong_current_password_is_told_at_its_field_and_counts(world: World) -> None:
    actor = await world.acting(email="pat@example.org")

    for _ in range(5):
        with pytest.raises(Invalid) as caught:
            await world.app.passwords.change(
                actor, current_password="wrong", new_password="another-Tall-Ship"
            )

    fault = caught.value.faults[0]
    assert ("/current_password", "wrong_password") == (fault.pointer, fault.code)
    with pytest.raises(TooMany):
        await world.sign_in("pat@example.org")


async def test_a_session_that_is_not_used_is_over(world: World) -> None:
    await world.person(email="pat@example.org")
    signed_in = await world.sign_in("pat@example.org")
    world.clock.move(seconds=800)
    assert await world.actor(signed_in)

    world.clock.move(seconds=2801)

    with pytest.raises(NotSignedIn):
        await world.app.auth.refresh(refresh_token=signed_in.refresh_token)


async def test_use_keeps_a_session_alive(world: World) -> None:
    await world.person(email="pat@example.org")
    token = (await world.sign_in("pat@example.org")).refresh_token

    for _ in range(5):
        world.clock.move(seconds=3000)
        token = (await world.app.auth.refresh(refresh_token=token)).refresh_token

    refreshed = await world.app.auth.refresh(refresh_token=token)
    actor = await world.actor_of(refreshed.access_token)
    assert 1 == len((await world.app.sessions.list(actor, PageRequest())).items)


async def test_a_session_ends_at_its_lifetime_whatever_its_use(memory_world: World) -> None:
    policy = SignInPolicy(session_lifetime=5000)
    async with world_over(memory_world.storage, memory_world.clock, policy=policy) as world:
        await world.person(email="pat@example.org")
        token = (await world.sign_in("pat@example.org")).refresh_token
        world.clock.move(seconds=3000)
        token = (await world.app.auth.refresh(refresh_token=token)).refresh_token
        world.clock.move(seconds=2001)

        with pytest.raises(NotSignedIn):
            await world.app.auth.refresh(refresh_token=token)


async def test_beyond_the_limit_the_session_unused_longest_ends(memory_world: World) -> None:
    policy = SignInPolicy(max_sessions=2)
    async with world_over(memory_world.storage, memory_world.clock, policy=policy) as world:
        await world.person(email="pat@example.org")
        signed_in = []
        for _ in range(3):
            signed_in.append(await world.sign_in("pat@example.org"))
            world.clock.move(seconds=5)

        with pytest.raises(NotSignedIn):
            await world.actor(signed_in[0])
        assert [await world.actor(one) for one in signed_in[1:]]


async def test_an_expired_access_token_is_told_as_such(world: World) -> None:
    await world.person(email="pat@example.org")
    signed_in = await world.sign_in("pat@example.org")
    world.clock.move(seconds=900)

    with pytest.raises(NotSignedIn) as caught:
        await world.actor(signed_in)

    assert "token_expired" == caught.value.code


async def test_a_session_shows_where_it_comes_from_and_can_be_named(world: World) -> None:
    await world.person(email="pat@example.org")
    actor = await world.actor(await world.sign_in("pat@example.org", device_name="Staff room"))
    (session,) = (await world.app.sessions.list(actor, PageRequest())).items
    assert ("Staff room", ORIGIN.ip_address, "tests", True) == (
        session.device_name,
        session.ip_address,
        session.user_agent,
        session.current,
    )

    await world.app.sessions.name(actor, session.id, device_name="Library")

    (renamed,) = (await world.app.sessions.list(actor, PageRequest())).items
    assert "Library" == renamed.device_name


async def test_ones_session_can_be_ended_and_anothers_is_not_there(world: World) -> None:
    pat = await world.acting(email="pat@example.org")
    kim = await world.acting(email="kim@example.org")
    assert pat.session_id
    assert kim.session_id
    with pytest.raises(NotFound):
        await world.app.sessions.end(kim, pat.session_id)

    await world.app.sessions.end(pat, pat.session_id)

    assert () == (await world.app.sessions.list(pat, PageRequest())).items
    with pytest.raises(NotFound):
        await world.app.sessions.end(pat, pat.session_id)


async def test_a_reset_is_mailed_works_once_and_ends_every_session(world: World) -> None:
    await world.person(email="pat@example.org")
    signed_in = await world.sign_in("pat@example.org")
    await world.app.passwords.forget(email="PAT@example.org", origin=ORIGIN)
    await world.settle()
    token = world.token_of_last_mail("pat@example.org")
    with pytest.raises(Invalid):  # a refused password does not spend the token
        await world.app.passwords.reset(token=token, new_password="short")

    await world.app.passwords.reset(token=token, new_password="another-Tall-Ship")

    assert await world.sign_in("pat@example.org", password="another-Tall-Ship")
    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    with pytest.raises(Invalid) as caught:
        await world.app.passwords.reset(token=token, new_password="yet-another-Ship")
    assert "invalid_reset_token" == caught.value.code


async def test_of_two_who_use_a_reset_token_at_once_one_succeeds(world: World) -> None:
    await world.person(email="pat@example.org")
    await world.app.passwords.forget(email="pat@example.org")
    await world.settle()
    token = world.token_of_last_mail("pat@example.org")

    outcomes = await asyncio.gather(
        *(
            world.app.passwords.reset(token=token, new_password=f"Tall-Ship-number-{n}")
            for n in range(4)
        ),
        return_exceptions=True,
    )

    assert 1 == outcomes.count(None)


async def test_a_newer_reset_replaces_an_older_one(world: World) -> None:
    await world.person(email="pat@example.org")
    tokens = []
    for _ in range(2):
        await world.app.passwords.forget(email="pat@example.org")
        await world.settle()
        tokens.append(world.token_of_last_mail("pat@example.org"))

    with pytest.raises(Invalid):
        await world.app.passwords.reset(token=tokens[0], new_password="another-Tall-Ship")
    await world.app.passwords.reset(token=tokens[1], new_password="another-Tall-Ship")


async def test_a_reset_token_grows_old(world: World) -> None:
    await world.person(email="pat@example.org")
    await world.app.passwords.forget(email="pat@example.org")
    await world.settle()
    world.clock.move(seconds=3600)

    with pytest.raises(Invalid):
        await world.app.passwords.reset(
            token=world.token_of_last_mail("pat@example.org"), new_password="another-Tall-Ship"
        )


async def test_nobody_is_mailed_for_an_address_that_nobody_has(world: World) -> None:
    await world.app.passwords.forget(email="nobody@example.org")

    await world.settle()

    assert [] == world.mailer.sent


async def test_an_address_is_verified_by_what_was_sent_there(world: World) -> None:
    user = await world.person(email="pat@example.org")
    await world.settle()
    token = world.token_of_last_mail("pat@example.org")

    await world.app.emails.verify(token=token)

    assert not user.email_verified
    actor = await world.actor(await world.sign_in(user))
    assert (await world.app.users.get(actor, user.id)).email_verified
    with pytest.raises(Invalid):
        await world.app.emails.verify(token=token)


async def test_a_verification_can_be_sent_again_until_it_was_done(world: World) -> None:
    actor = await world.acting(email="pat@example.org")
    await world.settle()
    await world.app.emails.resend(actor)
    await world.settle()
    assert 2 == len(world.mailer.sent)
    await world.app.emails.verify(token=world.token_of_last_mail("pat@example.org"))

    await world.app.emails.resend(actor)
    await world.settle()

    assert 2 == len(world.mailer.sent)


async def test_a_deactivated_person_is_out_at_once_and_cannot_come_back(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    user = await world.person(Role.TEACHER, "north", email="pat@example.org")
    signed_in = await world.sign_in(user)

    await world.app.users.deactivate(admin, user.id)

    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in(user)
    assert "invalid_credentials" == caught.value.code


async def test_closed_registration_is_said_to_be_closed(memory_world: World) -> None:
    policy = SignInPolicy(registration_open=False)
    async with world_over(memory_world.storage, memory_world.clock, policy=policy) as world:
        with pytest.raises(Forbidden) as caught:
            await world.person(email="pat@example.org")

        assert "registration_closed" == caught.value.code


async def test_devices_are_at_most_ten_and_go_with_the_password(world: World) -> None:
    await world.person(email="pat@example.org")
    for _ in range(11):
        signed_in = await world.sign_in("pat@example.org")
        world.clock.move(seconds=1)
    actor = await world.actor(signed_in)
    assert 10 == len((await world.app.devices.list(actor)).items)

    await world.app.passwords.change(
        actor, current_password=PASSWORD, new_password="another-Tall-Ship"
    )

    assert 1 == len((await world.app.devices.list(actor)).items)


async def test_cleanup_removes_what_has_expired_and_nothing_that_lives(world: World) -> None:
    await world.person(email="pat@example.org")
    await world.sign_in("pat@example.org")
    await world.app.passwords.forget(email="pat@example.org")
    await world.settle()
    world.clock.move(days=31)
    living = await world.sign_in("pat@example.org")

    removed = await world.app.cleanup.run(WORKER)

    assert removed > 0
    assert await world.actor(living)
    assert await world.app.auth.refresh(refresh_token=living.refresh_token)


async def test_nobody_without_the_right_runs_the_platform(world: World) -> None:
    teacher = await world.acting(Role.TEACHER)

    for act in (
        world.app.cleanup.run,
        world.app.keys.rotate,
        world.app.audit.seal,
        world.app.audit.verify,
    ):
        with pytest.raises(Forbidden):
            await act(teacher)
        with pytest.raises(Forbidden):
            await act(NOBODY)


async def test_tokens_of_the_old_key_hold_through_a_rotation(world: World) -> None:
    admin = await world.acting(Role.PLATFORM_ADMIN)
    before = await world.sign_in(await world.person(email="pat@example.org"))

    kid = await world.app.keys.rotate(admin)

    after = await world.sign_in("pat@example.org")
    keys = (await world.app.keys.jwks()).keys
    assert kid == keys[0].kid
    assert 2 == len(keys)
    assert await world.actor(before)
    assert await world.actor(after)
    world.clock.now += timedelta(seconds=961)
    assert 1 == len((await world.app.keys.jwks()).keys)
