"""Ids, cursors, secrets, tokens, addresses: small things that all stand on."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from faraday_core.identity.addresses import EmailText, email_key
from faraday_core.identity.passwords import PasswordPolicy
from faraday_core.kernel.entity import Owner, require_state
from faraday_core.kernel.errors import Invalid, StaleVersion
from faraday_core.kernel.ids import _Sequence, id_from, is_id, uuid7
from faraday_core.kernel.paging import PageRequest, cut
from faraday_core.kernel.secrets import Secret, Secrets
from faraday_core.kernel.tokens import TokenKind, hash_of, new_token, person_of
from faraday_core.kernel.words import words_of


def test_ids_are_uuid7_and_come_in_the_order_of_their_making() -> None:
    ids = [uuid7() for _ in range(5000)]

    assert sorted(ids) == ids
    assert len(ids) == len({*ids})
    assert {7} == {UUID(id).version for id in ids}
    assert all(map(is_id, ids))


def test_ids_go_on_in_their_order_when_the_clock_is_set_back() -> None:
    sequence = _Sequence()
    before, _ = sequence.next()
    sequence._last = before + (3_600_000 << 12)  # as if it had been an hour later till now

    moments = [sequence.next()[0] for _ in range(100)]

    assert moments[0] > before + (3_600_000 << 12)
    assert sorted({*moments}) == moments


@given(st.binary(min_size=16, max_size=64))
def test_an_id_from_a_hash_is_a_uuid8_and_always_the_same(digest: bytes) -> None:
    assert 8 == UUID(id_from(digest)).version
    assert id_from(digest) == id_from(digest[:16])
    assert is_id(id_from(digest))


@pytest.mark.parametrize("text", ["", "nonsense", "0" * 36, str(UUID(int=1)).replace("-", "")])
def test_what_is_no_id_is_none(text: str) -> None:
    assert not is_id(text)
    assert not is_id(uuid7().upper())


@frozen
class Row:
    owner: ClassVar = Owner.PLATFORM

    id: str
    name: str
    at: datetime
    version: int = 1


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))  # as kept


@given(st.lists(NAMES, min_size=2, max_size=9), st.integers(1, 3))
def test_a_cursor_leads_behind_the_last_row(names: list[str], limit: int) -> None:
    moment = datetime(2026, 9, 1, 8, tzinfo=UTC)
    rows = sorted((Row(uuid7(), name, moment) for name in names), key=lambda r: (r.name, r.id))
    order = ("name", "at", "id")

    page = cut(rows[: limit + 1], PageRequest(limit), order)

    assert tuple(rows[:limit]) == page.items
    if page.next_cursor is None:
        assert len(rows) <= limit
    else:
        last = page.items[-1]
        after = PageRequest(limit, page.next_cursor).after(Row, order)
        assert (last.name, last.at, last.id) == after


@pytest.mark.parametrize(
    "content", [b"x", b'["a"]', b'["a", "no id"]', b"[" * 300, b"{}", b"\xff\xfe"]
)
@pytest.mark.parametrize("encoded", [True, False])
def test_a_made_up_cursor_is_refused(content: bytes, *, encoded: bool) -> None:
    cursor = urlsafe_b64encode(content).decode() if encoded else content.decode("latin-1")

    with pytest.raises(Invalid) as caught:
        PageRequest(20, cursor).after(Row, ("name", "id"))

    assert "?cursor" == caught.value.faults[0].pointer


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_its_bounds(limit: int) -> None:
    with pytest.raises(Invalid):
        PageRequest(limit)


def test_a_state_that_was_not_seen_is_refused() -> None:
    require_state("2", None)
    require_state("2", {"1", "2"})
    require_state("2", {"*"})
    with pytest.raises(StaleVersion):
        require_state("2", {"1"})


def test_each_purpose_has_a_key_of_its_own() -> None:
    secret = Secret(b"a secret of some length, at least 32")
    keys = {secret.key(purpose) for purpose in ("a", "b", "ab")}

    assert 3 == len(keys)
    assert {32} == {len(key) for key in keys}
    assert "secret of some" not in repr(secret)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_parts_that_differ_hash_differently(one: list[str], other: list[str]) -> None:
    secrets = Secrets(Secret(b"a secret of some length, at least 32"))

    assert (one == other) == (secrets.digest("p", *one) == secrets.digest("p", *other))


def test_a_token_says_whose_it_is_and_is_stored_as_a_hash() -> None:
    user = uuid7()
    token = new_token(TokenKind.REFRESH, user)

    assert user == person_of(TokenKind.REFRESH, token)
    assert person_of(TokenKind.DEVICE, token) is None
    assert 32 == len(hash_of(token))


@given(st.text(max_size=80))
def test_a_made_up_token_is_nobodys_or_somebody_unknown(text: str) -> None:
    for made_up in (text, TokenKind.REFRESH + text):
        assert person_of(TokenKind.REFRESH, made_up) is None or made_up.startswith("frt_")


@pytest.mark.parametrize(
    "address",
    [
        "pat@example.org",
        "p@a.io",
        "o'neill+x@sub.example.co.uk",
        "jürgen@schüle.example",
        "a.b@x.yz",
    ],
)
def test_an_address_is_an_address(address: str) -> None:
    assert EmailText().broken_by(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pat",
        "pat@",
        "@example.org",
        "pat@example",
        " pat@example.org",
        "pat@example.org ",
        "pat doe@example.org",
        "pat@exa mple.org",
        "pat@-example.org",
        "pat@example-.org",
        ".pat@example.org",
        "pat..doe@example.org",
        "pat@example.org\n",
        "pat@example..org",
        "pat@[192.0.2.1]",
        "pat@192.0.2.1",
        "a@b@example.org",
        '"pat"@example.org',
        "x" * 65 + "@example.org",
        "pat@" + "x" * 251 + ".org",
    ],
)
def test_and_nothing_else_is(address: str) -> None:
    assert EmailText().broken_by(address)


def test_addresses_are_one_whatever_their_letter_case() -> None:
    assert email_key("PAT@Example.ORG") == email_key("pat@example.org")
    assert email_key("STRASSE@example.org") == email_key("straße@example.org")
    assert email_key("A\u030a@example.org") == email_key("\u00e5@example.org")


def test_words_are_found_without_regard_to_case_and_accents() -> None:
    assert ["jurgen", "o'neill", "zoe"] == words_of(" Jürgen,O'Neill;  ZOË ")


def test_a_common_password_is_common_in_whatever_letters() -> None:
    policy = PasswordPolicy(8, {"password1"}.__contains__)

    assert "password_too_common" == (policy.broken_by("PassWord1") or ("",))[0]
    assert policy.broken_by("Tall-Ships-1897") is None
