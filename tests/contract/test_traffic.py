"""Rate limits and idempotency keys, over both storages."""

import asyncio

import pytest

from faraday_core.kernel.actor import NOBODY
from faraday_core.kernel.errors import Conflict, Invalid, TooMany
from faraday_core.traffic.model import Answer
from tests.world import ORIGIN, World

ANSWER = Answer(201, {"Location": "/there"}, b'{"id": "1"}')
SOMEBODY = NOBODY.acting_from(ORIGIN)


async def test_beyond_the_limit_one_is_told_how_long_to_wait(world: World) -> None:
    limits = world.app.rate_limits
    left = [(await limits.take("login", "192.0.2.7", 3)).remaining for _ in range(3)]
    world.clock.move(seconds=20)

    with pytest.raises(TooMany) as caught:
        await limits.take("login", "192.0.2.7", 3)

    assert [2, 1, 0] == left
    assert ("rate_limited", 40) == (caught.value.code, caught.value.retry_after)
    assert await limits.take("login", "192.0.2.8", 3)
    assert await limits.take("register", "192.0.2.7", 3)


async def test_a_minute_later_it_begins_anew(world: World) -> None:
    for _ in range(3):
        await world.app.rate_limits.take("login", "192.0.2.7", 3)

    world.clock.move(seconds=61)

    assert 2 == (await world.app.rate_limits.take("login", "192.0.2.7", 3)).remaining


async def test_a_clock_that_is_set_back_locks_nobody_out(world: World) -> None:
    for _ in range(3):
        await world.app.rate_limits.take("login", "192.0.2.7", 3)

    world.clock.move(days=-1)

    assert await world.app.rate_limits.take("login", "192.0.2.7", 3)


async def test_those_who_ask_at_once_are_all_counted(world: World) -> None:
    outcomes = await asyncio.gather(
        *(world.app.rate_limits.take("login", "192.0.2.7", 5) for _ in range(12)),
        return_exceptions=True,
    )

    assert 7 == sum(isinstance(outcome, TooMany) for outcome in outcomes)


async def test_a_key_that_was_answered_is_answered_alike(world: World) -> None:
    keys = world.app.idempotency
    asked = await keys.ask(SOMEBODY, "create", "key", b"body")
    with pytest.raises(Conflict) as caught:
        await keys.ask(SOMEBODY, "create", "key", b"body")
    assert "request_in_progress" == caught.value.code
    await keys.answered(SOMEBODY, asked, ANSWER)

    assert ANSWER == (await keys.ask(SOMEBODY, "create", "key", b"body")).answer
    with pytest.raises(Invalid) as refused:
        await keys.ask(SOMEBODY, "create", "key", b"another body")
    assert "idempotency_mismatch" == refused.value.code
    assert (await keys.ask(SOMEBODY, "another route", "key", b"body")).answer is None


async def test_a_key_is_its_persons_own(world: World) -> None:
    pat = await world.acting(email="pat@example.org")
    kim = await world.acting(email="kim@example.org")
    asked = await world.app.idempotency.ask(pat, "create", "key", b"body")
    await world.app.idempotency.answered(pat, asked, ANSWER)

    assert (await world.app.idempotency.ask(kim, "create", "key", b"body")).answer is None


async def test_what_failed_may_be_asked_again(world: World) -> None:
    asked = await world.app.idempotency.ask(SOMEBODY, "create", "key", b"body")

    await world.app.idempotency.failed(SOMEBODY, asked)

    assert (await world.app.idempotency.ask(SOMEBODY, "create", "key", b"other")).answer is None


async def test_an_answer_is_kept_for_a_day(world: World) -> None:
    asked = await world.app.idempotency.ask(SOMEBODY, "create", "key", b"body")
    await world.app.idempotency.answered(SOMEBODY, asked, ANSWER)

    world.clock.move(hours=24, seconds=1)

    assert (await world.app.idempotency.ask(SOMEBODY, "create", "key", b"other")).answer is None
