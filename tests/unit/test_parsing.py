"""All faults of a body at once, each with its JSON pointer."""

from datetime import date
from typing import Annotated, Any
from unicodedata import category

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from faraday_core.identity.passwords import Password, PasswordPolicy, PasswordText
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import Parser, obey_rules, parse, plain
from faraday_core.kernel.rules import Between, Name, Text


@frozen
class Club:
    name: Name
    department_id: str


@frozen
class Enrolment:
    club: Club
    role: Role
    tags: list[Name]
    places: int = 1
    nickname: Name | None = None

    __attrs_post_init__ = obey_rules


def faults_of(data: object, kind: type = Enrolment) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse(kind, data)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_every_fault_is_told_and_where() -> None:
    body = {
        "club": {"name": " ", "a/b": 1},
        "role": "king",
        "tags": ["fine", "", 4, "nul\0"],
        "places": "5",
        "nickname": "x" * 121,
    }

    assert {
        ("/club/name", "too_short"),
        ("/club/department_id", "required"),
        ("/club/a~1b", "unknown_field"),
        ("/role", "invalid_value"),
        ("/tags/1", "too_short"),
        ("/tags/2", "wrong_type"),
        ("/tags/3", "invalid_character"),
        ("/places", "wrong_type"),
        ("/nickname", "too_long"),
    } == faults_of(body)


@pytest.mark.parametrize("body", [None, [], "text", 5, True])
def test_what_is_no_object_is_said_to_be_none(body: object) -> None:
    assert {("", "wrong_type")} == faults_of(body)


@pytest.mark.parametrize("value", ["\ud800", "a\udfff"])
def test_half_of_a_surrogate_pair_is_refused(value: str) -> None:
    assert ("/name", "invalid_character") in faults_of({"name": value}, Club)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1]])
def test_only_a_whole_number_is_a_whole_number(value: object) -> None:
    body = {"club": {"name": "A", "department_id": "d"}, "role": "student", "tags": []}

    assert {("/places", "wrong_type")} == faults_of(body | {"places": value})


def test_a_library_caller_is_told_the_same() -> None:
    with pytest.raises(Invalid) as caught:
        Enrolment(Club("Chess", "d"), Role.STUDENT, tags=[""], nickname="")

    assert ["/tags/0", "/nickname"] == [fault.pointer for fault in caught.value.faults]


def test_a_bound_that_is_a_setting_holds_where_it_is_set() -> None:
    @frozen
    class Account:
        password: Password

    strict = Parser({PasswordText: PasswordPolicy(12, lambda _: False)})

    assert Account("short") == parse(Account, {"password": "short"})
    with pytest.raises(Invalid) as caught:
        strict.parse(Account, {"password": "short"})
    assert "password_too_short" == caught.value.code


def test_an_invalid_of_one_code_bears_it_and_one_of_several_does_not() -> None:
    with pytest.raises(Invalid) as one:
        parse(Club, {"name": "Chess"})
    with pytest.raises(Invalid) as several:
        parse(Club, {"name": ""})

    assert ("required", "invalid") == (one.value.code, several.value.code)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_whatever_json_says_is_read_or_refused_and_nothing_else(value: Any) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        read = parse(Enrolment, value)
    except Invalid as refusal:
        faults = refusal.faults

    assert faults or value.items() <= plain(read).items()
    assert all(fault.pointer == "" or fault.pointer[0] == "/" for fault in faults)


@given(st.integers(), st.integers(0, 20), st.text(max_size=40))
def test_a_bound_says_the_same_for_bodies_and_for_library_callers(
    number: int, most: int, text: str
) -> None:
    @frozen
    class Bounded:
        number: Annotated[int, Between(0, 9)]
        text: Annotated[str, Text(1, most)]

    @frozen
    class Obeying(Bounded):
        __attrs_post_init__ = obey_rules

    def codes(act: Any) -> set[tuple[str, str]]:
        try:
            act()
        except Invalid as refusal:
            return {(fault.pointer, fault.code) for fault in refusal.faults}
        return set()

    read = codes(lambda: parse(Bounded, {"number": number, "text": text}))
    made = codes(lambda: Obeying(number, text))

    assert made == read or "\0" in text


@pytest.mark.parametrize("text", ["2026-02-31", "20260901", "2026-W36-2", "tomorrow", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(date, text)
    assert "invalid_value" == caught.value.code


def test_a_day_comes_and_goes_as_rfc_3339_has_it() -> None:
    assert date(2026, 9, 1) == parse(date, "2026-09-01")
    assert "2026-09-01" == plain(date(2026, 9, 1))


def test_one_line_of_text_holds_no_control_character_of_unicode() -> None:
    letters = map(chr, range(0x110000))
    refused = {letter for letter in letters if Text(0, 9).broken_by(f"a{letter}a")}
    assert refused == {chr(code) for code in range(0x110000) if category(chr(code)) == "Cc"}
