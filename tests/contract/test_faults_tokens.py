"""Access tokens bent in every way that libraries have fallen for, at a server on a real socket.

The vectors are made here, after the kinds of fault that Wycheproof's sets for JWS look for.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from jwt.api_jws import PyJWS

from adapters.security.access_tokens import JwtAccessTokens
from tests.contract.test_attacks import bearing, opened, packed, packed_text
from tests.serving import Client, Server

# The order of Ed25519's group (RFC 8032, 5.1): S and S + L make the same equation true.
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
FAR: Final = 10**30


@pytest.fixture
async def client(server: Server) -> Client:
    client = await server.signed_in()
    assert client.token
    return client


async def refused(server: Server, forged: Iterator[tuple[str, str]]) -> None:
    told = {how: await bearing(server, token) for how, token in forged}
    assert dict.fromkeys(told, (401, "invalid_token")) == {
        how: (answer.status, answer.code) for how, answer in told.items()
    }


async def test_no_other_signature_than_its_own_is_taken(server: Server, client: Client) -> None:
    token = client.token or ""
    assert 200 == (await bearing(server, token)).status

    await refused(server, signatures(token))

    assert 200 == (await bearing(server, token)).status


def signatures(token: str) -> Iterator[tuple[str, str]]:
    content, _, signature = token.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")

    def of(changed: bytes) -> str:
        return f"{content}.{urlsafe_b64encode(changed).decode().rstrip('=')}"

    for bit in range(0, len(raw) * 8, 37):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} flipped", of(bytes(flipped))
    for length in (0, 1, 31, 32, 63):
        yield f"cut off at {length}", of(raw[:length])
        yield f"the last {length}", of(raw[len(raw) - length :])
    for more in (b"\0", b"\0" * 64, raw):
        yield f"{len(more)} bytes more", of(raw + more)
        yield f"{len(more)} bytes before", of(more + raw)
    scalar = int.from_bytes(raw[32:], "little")
    yield "the other S", of(raw[:32] + (scalar + ORDER).to_bytes(32, "little"))
    yield "halves the other way round", of(raw[32:] + raw[:32])
    for value in (0, 1, ORDER, 2**255 - 19, 2**256 - 1):
        of_value = value.to_bytes(32, "little")
        yield f"R and S {value}", of(of_value * 2)
        yield f"S {value}", of(raw[:32] + of_value)
        yield f"R {value}", of(of_value + raw[32:])


async def test_no_other_spelling_of_a_token_is_another_one(server: Server, client: Client) -> None:
    """Whoever revokes or remembers a token by its text is not to be led astray by a second one."""
    await refused(server, spellings(client.token or ""))


def spellings(token: str) -> Iterator[tuple[str, str]]:
    head, body, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 64 bytes are 86 letters, the last of which has four bits that say nothing.
    last = alphabet[alphabet.index(signature[-1]) ^ 1]
    yield "bits that say nothing", f"{head}.{body}.{signature[:-1]}{last}"
    yield "padded", f"{head}.{body}.{signature}=="
    yield "padded head", f"{head}=.{body}.{signature}"
    yield "padded body", f"{head}.{body}=.{signature}"
    for name, more in (("a dot", "."), ("a part", ".AAAA"), ("!", "!"), ("%0A", "%0A")):
        yield f"{name} behind", token + more
    yield "a dot before", f".{token}"
    for at in (5, len(head) + 5, len(token) - 5):
        for more in ("!", "=", "%", "~"):
            yield f"{more} at {at}", token[:at] + more + token[at:]
    plain = {"-": "+", "_": "/"}
    other = "".join(plain.get(letter, letter) for letter in signature)
    if other != signature:
        yield "the other alphabet", f"{head}.{body}.{other}"
    yield "no body", f"{head}..{signature}"
    yield "no head", f".{body}.{signature}"


async def test_a_header_is_believed_in_nothing(server: Server, client: Client) -> None:
    await refused(server, headers(client.token or ""))


def headers(token: str) -> Iterator[tuple[str, str]]:
    head, body, signature = token.split(".")
    header = opened(head)
    payload = urlsafe_b64decode(body + "==")
    rsa, curve = rsa_key(65537, 2048), generate_private_key(SECP256R1())
    public: Any = {"kid": header["kid"]}  # as PyJWT takes headers
    for alg, key in (("RS256", rsa), ("PS256", rsa), ("ES256", curve)):
        yield f"{alg} by a key of one's own", PyJWS().encode(payload, key, alg, headers=public)
        yield f"{alg} told", f"{packed({**header, 'alg': alg})}.{body}.{signature}"
    strange: tuple[object, ...] = (
        None,
        1,
        [],
        ["EdDSA"],
        {},
        "eddsa",
        "EdDSA ",
        "Ed25519",
        "HS256",
        "x" * 200,
    )
    for told in strange:
        yield f"alg {told!r}"[:40], f"{packed({**header, 'alg': told})}.{body}.{signature}"
    for name, text in (
        ("none", ""),
        ("no object", "[]"),
        ("a number", "7"),
        ("null", "null"),
        ("cut off", json.dumps(header)[:-1]),
        ("twice", json.dumps(header)[:-1] + ', "alg": "none"}'),
        ("many digits", f'{{"alg": "EdDSA", "kid": {"9" * 5000}}}'),
        ("NaN", '{"alg": "EdDSA", "kid": NaN}'),
        ("NUL", json.dumps({**header, "kid": "\0"})),
        ("half a letter", '{"alg": "EdDSA", "kid": "\\ud800"}'),
        ("without a key", '{"alg": "EdDSA"}'),
        ("not detached", json.dumps({**header, "b64": False, "crit": ["b64"]})),
    ):
        yield f"header {name}", f"{packed_text(text)}.{body}.{signature}"
    no_text = urlsafe_b64encode(bytes([255, 254])).decode().rstrip("=")
    yield "no UTF-8", f"{no_text}.{body}.{signature}"
    # As deep as a token may be long.
    yield "deep", f"{packed_text('[' * 1500)}.e30.AA"
    yield "deep and closed", f"{packed_text('[' * 750 + ']' * 750)}.e30.AA"


@pytest.mark.parametrize("size", [9_000, 60_000, 1_000_000])
async def test_a_huge_token_is_refused_and_hurts_nobody(
    server: Server, client: Client, size: int
) -> None:
    """Beyond what a server reads of a head at all the answer is about the head."""
    answer = await bearing(server, "A" * size)
    assert answer.status in {400, 401, 431}
    assert answer.code in {"invalid_token", "bad_request", "headers_too_large"}
    assert 200 == (await client.ask("GET /auth/me")).status


async def test_the_servers_own_signature_makes_no_claim_true(
    server: Server, client: Client
) -> None:
    """As if its key had signed what it never signs."""
    payload = opened((client.token or "").split(".")[1])
    tokens = server.app.keys.tokens
    assert isinstance(tokens, JwtAccessTokens)
    assert tokens._signing
    kid, key = tokens._signing

    def signed(text: str) -> str:
        return PyJWS().encode(text.encode(), key, "EdDSA", headers={"kid": kid})

    assert 200 == (await bearing(server, signed(json.dumps(payload)))).status
    await refused(server, ((how, signed(text)) for how, text in claims(payload)))
    expired = json.dumps(payload | {"exp": int(datetime.now(UTC).timestamp()) - 1})
    answer = await bearing(server, signed(expired))
    assert (401, "token_expired") == (answer.status, answer.code)


def claims(payload: dict[str, Any]) -> Iterator[tuple[str, str]]:
    later = payload["exp"]
    wrong: dict[str, list[object]] = {
        "exp": [str(later), float(later), None, True, [later], {"at": later}, float("nan")],
        "nbf": [str(0), 0.5, None, False, [], FAR],
        "iat": ["now", 1.5, None, False, FAR],
        "sub": [None, 7, [payload["sub"]], {}, "", "'; --", payload["sub"].upper() + " "],
        "sid": [None, [], payload["sub"], "0" * 32],
        "jti": [None, 0, ""],
        "iss": [None, [payload["iss"]], "", "Faraday "],
        "aud": [None, [], {}, "faraday ", 7],
    }
    for name, values in wrong.items():
        for value in values:
            yield f"{name} {value!r}", json.dumps(payload | {name: value})
        yield f"no {name}", json.dumps({k: v for k, v in payload.items() if k != name})
    text = json.dumps(payload)
    yield "1e400", text.replace(f'"exp": {later}', '"exp": 1e400')
    yield "exp of many digits", text.replace(f'"exp": {later}', f'"exp": {"9" * 5000}')
    yield "no object", "[]"
    yield "no JSON", "{"
    yield "nothing", ""
