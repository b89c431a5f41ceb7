"""More sign-ins at once than can be hashed: who waits is served, who would wait long is told."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.security.hashing import BcryptHasher, cores
from faraday_core.kernel.errors import Unavailable
from tests.contract.test_processes import SIGN_IN, ask, me, registered, signed_in
from tests.serving import faraday_serve
from tests.world import PASSWORD, SECRETS

LEAST = 16
A_THREAD = 8
STORM = cores() + max(LEAST, A_THREAD * cores()) + 6


async def admitted(hasher: BcryptHasher) -> int:
    """How many it takes before it says that it is overloaded; none of them is waited for."""
    asking: list[asyncio.Task[str]] = []
    try:
        while not (asking and asking[-1].done()):
            asking.append(asyncio.create_task(hasher.hash(PASSWORD)))
            await asyncio.sleep(0)  # it is admitted, or refused, by then
        with pytest.raises(Unavailable) as refusal:
            await asking.pop()
        assert ("overloaded", 2) == (refusal.value.code, refusal.value.retry_after)
        return len(asking)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.parametrize("threads", [1, 2, 6])
async def test_so_many_wait_as_are_hashed_within_two_seconds(threads: int) -> None:
    """At a quarter of a second a hash, which is what it takes where nothing is known yet."""
    hasher = BcryptHasher(SECRETS, threads=threads)
    assert threads + max(LEAST, A_THREAD * threads) == await admitted(hasher)
    hasher.close()


async def test_where_a_hash_takes_long_fewer_wait_and_sixteen_always_do() -> None:
    hasher = BcryptHasher(SECRETS, cost=13, threads=4)
    await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(4)))

    assert 4 + LEAST <= await admitted(hasher) < 4 + A_THREAD * 4
    hasher.close()


def test_a_storm_is_answered_to_the_last_and_others_go_on(
    database_url: str, data_dir: Path
) -> None:
    with faraday_serve(
        data_dir=data_dir, environ={"FARADAY_DATABASE_URL": database_url}
    ) as server:
        registered(server.url)
        token = signed_in(server.url)["access_token"]
        with ThreadPoolExecutor(STORM) as storm:
            begun = [
                storm.submit(ask, server.url, "POST /api/v1/auth/login", SIGN_IN)
                for _ in range(STORM)
            ]
            while not all(answer.done() for answer in begun):
                assert 200 == me(server.url, token)
        answers = [answer.result() for answer in begun]

    told = [answer for answer in answers if answer.status != 200]
    assert told
    assert len(answers) - len(told) >= LEAST
    for answer in told:
        assert (503, "overloaded") == (answer.status, answer.code)
        assert "2" == answer.headers["Retry-After"]
