"""What stands behind sign-in: access tokens, password hashes, seals and one-time codes."""

import asyncio
from base64 import b32encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from threading import Event
from typing import Any

import attrs
import bcrypt
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.apart import in_place
from adapters.compose import in_memory, parts
from adapters.mail.memory import MemoryMailer
from adapters.media import media_in_memory
from adapters.persistence.memory import MemoryDatabase
from adapters.persistence.memory.rosters import MemoryRosters
from adapters.security import hashing
from adapters.security.access_tokens import LONGEST, JwtAccessTokens
from adapters.security.common_passwords import is_common
from adapters.security.hashing import BcryptHasher
from adapters.security.sealing import AesSealer
from adapters.security.totp import AuthenticatorCodes
from adapters.settings import Settings
from faraday_core.identity.ports import KeyPair
from faraday_core.identity.session_model import Claims
from faraday_core.kernel.errors import NotSignedIn, Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.secrets import SealBroken, Secret, Secrets

NOW = 1_790_000_000
OLD, NEW = Secret(b"the first of the tests' secrets"), Secret(b"the second of the tests' secrets")
SECRETS = Secrets(OLD)


@attrs.define
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


def tokens_at(clock: Clock) -> tuple[JwtAccessTokens, KeyPair]:
    tokens = JwtAccessTokens(clock)
    key = tokens.new_key(uuid7())
    tokens.use(key, [key])
    return tokens, key


def claims(expires_in: int = 900) -> Claims:
    return Claims(uuid7(), uuid7(), uuid7(), NOW, NOW + expires_in)


def refusal(tokens: JwtAccessTokens, token: str) -> str:
    with pytest.raises(NotSignedIn) as caught:
        tokens.read(token)
    return caught.value.code


# --- Access tokens


def test_what_was_issued_is_read_again() -> None:
    tokens, key = tokens_at(Clock())
    issued = claims()

    token = tokens.issue(issued)

    assert issued == tokens.read(token)
    assert {"alg": "EdDSA", "typ": "JWT", "kid": key.id} == jwt.get_unverified_header(token)
    payload = jwt.decode(token, options={"verify_signature": False})
    assert {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"} == {*payload}
    assert issued.user_id == payload["sub"]


def test_a_signature_is_verified_once() -> None:
    tokens, _ = tokens_at(Clock())
    token = tokens.issue(claims())

    for _ in range(3):
        tokens.read(token)

    assert 1 == tokens.verified


@pytest.mark.parametrize(("after", "code"), [(900, "token_expired"), (901, "token_expired")])
def test_an_expired_token_is_refused_without_leeway(after: int, code: str) -> None:
    clock = Clock()
    tokens, _ = tokens_at(clock)
    token = tokens.issue(claims())
    clock.now = NOW + 899.999
    tokens.read(token)

    clock.now = NOW + after

    assert code == refusal(tokens, token)
    assert code == refusal(tokens, token)  # nor from memory


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize(("ahead", "accepted"), [(4, True), (5, True), (6, False), (10, False)])
def test_a_clock_that_is_ahead_has_five_seconds(claim: str, ahead: int, accepted: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    tokens, key = tokens_at(Clock())
    token = signed(key, {claim: NOW + ahead})

    if accepted:
        assert NOW + 900 == tokens.read(token).expires_at
    else:
        assert "invalid_token" == refusal(tokens, token)


def signed(key: KeyPair, changes: dict[str, Any], **header: Any) -> str:
    """As the product signs, but for the changes; what is None is left out."""
    payload: dict[str, Any] = {
        "iss": "faraday",
        "aud": "faraday",
        "sub": uuid7(),
        "sid": uuid7(),
        "jti": uuid7(),
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 900,
    } | changes
    payload = {name: value for name, value in payload.items() if value is not None}
    private = Ed25519PrivateKey.from_private_bytes(key.private)
    return jwt.encode(payload, private, "EdDSA", headers={"kid": key.id} | header)


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(claim: str) -> None:
    tokens, key = tokens_at(Clock())
    assert tokens.read(signed(key, {}))

    assert "invalid_token" == refusal(tokens, signed(key, {claim: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"sub": "nobody"},
        {"sid": "../.."},
        {"jti": ""},
        {"exp": NOW + 900.5},
        {"exp": float("1e400")},
        {"exp": True},
        {"iat": False},
        {"nbf": NOW - 0.5},
    ],
)
def test_a_token_whose_claims_are_not_the_products_is_refused(changes: dict[str, Any]) -> None:
    tokens, key = tokens_at(Clock())

    assert "invalid_token" == refusal(tokens, signed(key, changes))


def test_a_token_of_a_key_that_was_retired_is_refused_even_if_it_is_remembered() -> None:
    tokens, old = tokens_at(Clock())
    token = tokens.issue(claims())
    tokens.read(token)
    new = tokens.new_key(uuid7())
    tokens.use(new, [new, old])
    assert tokens.read(token)

    tokens.use(new, [new])

    assert "invalid_token" == refusal(tokens, token)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "\udcff", "x" * (LONGEST + 1)])
def test_what_is_no_token_is_refused(token: str) -> None:
    tokens, _ = tokens_at(Clock())

    assert "invalid_token" == refusal(tokens, token)


def test_keys_that_nobody_has_are_looked_up_once_a_second_at_most() -> None:
    clock = Clock()
    tokens, key = tokens_at(clock)
    token = signed(key, {}, kid=uuid7())

    assert [True, False, False] == [tokens.misses_key_of(token) for _ in range(3)]
    clock.now += 1
    assert tokens.misses_key_of(token)


def test_a_key_id_that_cannot_be_one_is_not_looked_up() -> None:
    tokens, key = tokens_at(Clock())

    for kid in ("../../dev/null", "' or 1=1 --", "", key.id.upper()):
        assert not tokens.misses_key_of(signed(key, {}, kid=kid))


# --- Passwords


@pytest.fixture
async def hasher() -> AsyncIterator[BcryptHasher]:
    hasher = BcryptHasher(SECRETS, cost=4)
    yield hasher
    hasher.close()


async def test_the_product_hashes_at_cost_12() -> None:
    async with in_memory() as app:
        hashed = await app.auth.hasher.hash("Tall-Ships-1897")

    assert "$2b$12$" == hashed.split(":")[2][:7]


async def test_no_setting_lowers_the_cost() -> None:
    async with media_in_memory() as media:
        hasher, rosters = BcryptHasher(SECRETS), MemoryRosters(MemoryDatabase())
        composed = parts(Settings(), SECRETS, hasher, MemoryMailer(), media, rosters, in_place)

    assert isinstance(composed.hasher, BcryptHasher)
    assert 12 == composed.hasher._cost == hashing.COST
    assert not [field.name for field in attrs.fields(Settings) if "cost" in field.name]


async def test_a_password_matches_its_own_hash_alone(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("Tall-Ships-1897")

    assert await hasher.matches("Tall-Ships-1897", hashed)
    assert not await hasher.matches("tall-ships-1897", hashed)
    assert hashed != await hasher.hash("Tall-Ships-1897")


@pytest.mark.parametrize("length", [72, 73, 100, 1024])
async def test_every_byte_counts_beyond_those_of_bcrypt(hasher: BcryptHasher, length: int) -> None:
    hashed = await hasher.hash("x" * length)

    assert await hasher.matches("x" * length, hashed)
    assert not await hasher.matches("x" * (length - 1) + "y", hashed)
    assert not await hasher.matches("x" * (length - 1), hashed)
    assert not await hasher.matches("x" * (length + 1), hashed)


async def test_a_password_is_the_same_however_its_accents_are_typed(
    hasher: BcryptHasher,
) -> None:
    hashed = await hasher.hash("caf\u00e9 au lait")

    assert await hasher.matches("cafe\u0301 au lait", hashed)
    assert not await hasher.matches("cafe au lait", hashed)


async def test_the_database_alone_is_not_enough_to_guess_by(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("Tall-Ships-1897")

    stored = hashed.split(":")[2].encode()
    assert not bcrypt.checkpw(b"Tall-Ships-1897", stored)
    elsewhere = BcryptHasher(Secrets(NEW), cost=4)
    assert not await elsewhere.matches("Tall-Ships-1897", hashed)
    elsewhere.close()


async def test_a_hash_of_an_older_secret_or_cost_is_dated_and_still_matches(
    hasher: BcryptHasher,
) -> None:
    hashed = await hasher.hash("Tall-Ships-1897")
    dearer = BcryptHasher(SECRETS, cost=5)
    rotated = BcryptHasher(Secrets(NEW, (OLD,)), cost=4)

    assert [False, True, True] == [h.is_dated(hashed) for h in (hasher, dearer, rotated)]
    assert await dearer.matches("Tall-Ships-1897", hashed)
    assert await rotated.matches("Tall-Ships-1897", hashed)
    dearer.close()
    rotated.close()


@pytest.mark.parametrize(
    "hashed", [None, "", "nonsense", "hmac-bcrypt:00000000:$2b$04$x", "md5:a:b"]
)
async def test_what_is_nobodys_hash_costs_one_and_matches_nothing(
    hasher: BcryptHasher, hashed: str | None
) -> None:
    assert not await hasher.matches("Tall-Ships-1897", hashed)


async def test_beyond_what_can_wait_the_answer_is_that_it_is_overloaded() -> None:
    hasher = BcryptHasher(SECRETS, cost=4, threads=1)
    gate = Event()
    occupied = asyncio.create_task(hasher._run(lambda: gate.wait(10)))
    waiting = [asyncio.create_task(hasher.hash("Tall-Ships-1897")) for _ in range(16)]
    await asyncio.sleep(0)  # all have asked

    with pytest.raises(Unavailable) as caught:
        await hasher.hash("Tall-Ships-1897")
    assert "overloaded" == caught.value.code
    assert 1 <= caught.value.retry_after

    gate.set()
    assert await occupied
    assert 16 == len({*await asyncio.gather(*waiting)})
    assert await hasher.hash("Tall-Ships-1897")  # there is room again
    hasher.close()


async def test_who_goes_away_keeps_the_place_until_the_thread_is_free() -> None:
    hasher = BcryptHasher(SECRETS, cost=4, threads=1)
    gate = Event()
    asked = [asyncio.create_task(hasher._run(lambda: gate.wait(10))) for _ in range(17)]
    await asyncio.sleep(0)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)

    with pytest.raises(Unavailable):
        await hasher.hash("Tall-Ships-1897")

    gate.set()
    hasher.close()


def test_at_least_ten_thousand_passwords_are_known_as_common() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 -- as the product does

    assert 10_000 <= len(FREQUENCY_LISTS["passwords"])
    assert all(is_common(password) for password in ("password", "123456", "qwerty", "iloveyou"))
    assert not is_common("tall-ships-1897")


# --- Seals


def test_what_was_sealed_is_opened_again() -> None:
    sealer = AesSealer(SECRETS)
    sealed = sealer.seal(b"plain", "totp")

    assert b"plain" == sealer.open(sealed, "totp")
    assert b"plain" not in sealed
    assert sealed != sealer.seal(b"plain", "totp")


def test_a_seal_is_bound_to_its_purpose() -> None:
    sealer = AesSealer(SECRETS)

    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(b"plain", "totp"), "mail")


def test_no_byte_of_a_seal_can_be_changed_or_left_out() -> None:
    sealer = AesSealer(SECRETS)
    sealed = sealer.seal(b"plain", "totp")

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for broken in (changed, sealed[:place]):
            with pytest.raises(SealBroken):
                sealer.open(broken, "totp")


def test_a_former_secret_still_opens_and_an_unknown_one_does_not() -> None:
    sealed = AesSealer(Secrets(OLD)).seal(b"plain", "totp")

    assert b"plain" == AesSealer(Secrets(NEW, (OLD,))).open(sealed, "totp")
    with pytest.raises(SealBroken):
        AesSealer(Secrets(NEW)).open(sealed, "totp")


# --- One-time codes


# RFC 6238, appendix B, for SHA-1; of its eight digits the last six.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)

    assert seconds // 30 == AuthenticatorCodes().step_of(b"12345678901234567890", code, moment)


def test_a_code_holds_one_step_before_its_own_and_one_after() -> None:
    totp, secret = AuthenticatorCodes(), b"12345678901234567890"

    def step(after: int) -> int | None:
        moment = datetime.fromtimestamp(1234567890 + after, UTC)
        return totp.step_of(secret, "005924", moment)

    own = 1234567890 // 30
    assert [None, own, own, own, None] == [step(after) for after in (-60, -30, 0, 30, 60)]


@pytest.mark.parametrize(
    "code", ["", "28708", "2870820", "28708x", "\u0662\u0668\u0667\u0660\u0668\u0662", " 287082"]
)
def test_what_is_no_code_is_none(code: str) -> None:
    moment = datetime.fromtimestamp(59, UTC)

    assert AuthenticatorCodes().step_of(b"12345678901234567890", code, moment) is None


def test_an_authenticator_app_can_read_the_address() -> None:
    totp = AuthenticatorCodes()
    secret = totp.new_secret()

    uri = totp.uri(secret, "pat@example.org")

    assert 20 == len(secret)
    assert uri.startswith("otpauth://totp/Faraday:pat%40example.org?")
    assert f"secret={b32encode(secret).decode()}" in uri
    assert "issuer=Faraday" in uri


async def test_who_comes_too_many_is_refused_before_anything_is_done_for_them() -> None:
    hasher = BcryptHasher(
        Secrets(Secret(b"a secret of some length, at least 32")), cost=4, threads=1
    )
    leave = asyncio.Event()

    async def sign_in() -> bool:
        with hasher.admit():
            await leave.wait()
            return await hasher.matches("wrong", await hasher.hash("right"))

    inside = [asyncio.create_task(sign_in()) for _ in range(17)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as caught, hasher.admit():
        pass
    leave.set()

    assert "overloaded" == caught.value.code
    assert [False] * 17 == await asyncio.gather(*inside)
    assert await hasher.hash("there is room again")
    hasher.close()
