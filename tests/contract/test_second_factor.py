"""A second factor, over both storages."""

from base64 import b32decode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Invalid, NotFound, NotSignedIn, TooMany
from tests.world import PASSWORD, World

EMAIL = "pat@example.org"


def code_of(world: World, secret: str) -> str:
    padded = secret + "=" * (-len(secret) % 8)
    totp = TOTP(b32decode(padded), 6, SHA1(), 30)  # noqa: S303 -- what the apps compute
    return totp.generate(int(world.clock().timestamp())).decode()


async def switched_on(world: World) -> tuple[Actor, str, tuple[str, ...]]:
    actor = await world.acting(email=EMAIL)
    secret = (await world.app.totp.start(actor)).secret
    codes = await world.app.totp.confirm(actor, code=code_of(world, secret))
    world.clock.move(seconds=60)
    return actor, secret, codes.recovery_codes


async def test_it_is_asked_for_after_the_right_password_only(world: World) -> None:
    _, secret, _ = await switched_on(world)
    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in(EMAIL)
    assert "totp_required" == caught.value.code
    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in(EMAIL, password="wrong password")
    assert "invalid_credentials" == caught.value.code

    assert await world.sign_in(EMAIL, totp_code=code_of(world, secret))


async def test_a_code_works_once(world: World) -> None:
    _, secret, _ = await switched_on(world)
    code = code_of(world, secret)
    await world.sign_in(EMAIL, totp_code=code)

    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in(EMAIL, totp_code=code)

    assert "invalid_credentials" == caught.value.code


async def test_a_recovery_code_stands_in_once(world: World) -> None:
    actor, _, codes = await switched_on(world)
    assert 10 == len({*codes})

    assert await world.sign_in(EMAIL, totp_code=codes[0].lower())

    with pytest.raises(NotSignedIn):
        await world.sign_in(EMAIL, totp_code=codes[0])
    assert 9 == (await world.app.totp.state(actor)).recovery_codes_left


async def test_a_wrong_code_counts_as_an_attempt(world: World) -> None:
    await switched_on(world)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await world.sign_in(EMAIL, totp_code="000000")

    with pytest.raises(TooMany):
        await world.sign_in(EMAIL)


async def test_until_it_is_confirmed_it_is_not_asked_for(world: World) -> None:
    actor = await world.acting(email=EMAIL)
    await world.app.totp.start(actor)
    with pytest.raises(Invalid) as caught:
        await world.app.totp.confirm(actor, code="000000")
    assert "wrong_code" == caught.value.code

    assert await world.sign_in(EMAIL)


async def test_a_second_one_is_started_only_when_the_first_is_off(world: World) -> None:
    actor, _, _ = await switched_on(world)
    with pytest.raises(Conflict):
        await world.app.totp.start(actor)
    with pytest.raises(Invalid):
        await world.app.totp.stop(actor, password="wrong password")

    await world.app.totp.stop(actor, password=PASSWORD)

    assert await world.app.totp.start(actor)
    with pytest.raises(NotFound):
        await world.app.totp.stop(await world.acting(email="kim@example.org"), password=PASSWORD)


async def test_a_password_reset_does_not_switch_it_off(world: World) -> None:
    _, secret, _ = await switched_on(world)
    await world.app.passwords.forget(email=EMAIL)
    await world.settle()
    await world.app.passwords.reset(
        token=world.token_of_last_mail(EMAIL), new_password="another-Tall-Ship"
    )

    with pytest.raises(NotSignedIn) as caught:
        await world.sign_in(EMAIL, password="another-Tall-Ship")
    assert "totp_required" == caught.value.code
    assert await world.sign_in(
        EMAIL, password="another-Tall-Ship", totp_code=code_of(world, secret)
    )
