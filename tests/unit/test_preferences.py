"""What is in force, where it comes from, and how colours and languages are told."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from faraday_core.identity.model import Person, User
from faraday_core.kernel.access import Place
from faraday_core.kernel.actor import PLATFORM_GRANT, Actor, Grant, Role, ScopeType
from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.parsing import parse
from faraday_core.preferences.contrast import Level, contrast_of, ratio_of
from faraday_core.preferences.currencies import CURRENCIES
from faraday_core.preferences.languages import LanguageTag, canonical, fallbacks
from faraday_core.preferences.layers import (
    NOTHING_SET,
    Inherited,
    document_of,
    in_force,
    inherited,
    is_value,
    layer_from,
    layer_of,
)
from faraday_core.preferences.model import (
    PreferenceDefaults,
    Preferences,
    Source,
    Theme,
    Visibility,
    may_track,
)
from faraday_core.preferences.visibility import default_visibility, may_see_profile

NOW = datetime(2026, 9, 1, tzinfo=UTC)
NO_ONE_ELSE = Visibility.PRIVATE


def defaults(values: dict[str, Any], *locked: str) -> PreferenceDefaults:
    return PreferenceDefaults("id", values, locked, NOW, NOW)


def faults_of(document: object) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse(Preferences, document)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


def test_ones_own_is_over_the_organisations_and_that_over_the_products() -> None:
    above = inherited([defaults({"theme": "dark", "language": "de"})])

    force = in_force({"/theme": "light"}, above, NO_ONE_ELSE)

    assert ("light", "de", "UTC") == (
        force.preferences.theme,
        force.preferences.language,
        force.preferences.timezone,
    )
    assert Source.USER is force.sources["/theme"]
    assert Source.ORGANIZATION is force.sources["/language"]
    assert Source.DEFAULT is force.sources["/timezone"]
    assert Source.DEFAULT is force.sources["/notifications/do_not_disturb/days"]


def test_the_nearest_organisation_wins_unless_one_above_has_locked() -> None:
    district = defaults({"theme": "dark", "language": "de", "currency": "CHF"}, "/theme")
    school = defaults({"theme": "light", "language": "fr"}, "/language")

    above = inherited([district, school])

    assert {"/theme": "dark", "/language": "fr", "/currency": "CHF"} == above.layer
    assert ("/language", "/theme") == above.locked


def test_what_is_locked_stays_and_ones_own_comes_back_after() -> None:
    own = {"/theme": "light", "/notifications/email": False}

    locked = in_force(own, inherited([defaults({"theme": "dark"}, "/theme")]), NO_ONE_ELSE)

    assert Theme.DARK is locked.preferences.theme
    assert Source.ORGANIZATION is locked.sources["/theme"]
    assert Theme.LIGHT is in_force(own, Inherited(), NO_ONE_ELSE).preferences.theme


def test_a_lock_on_a_group_covers_all_that_is_in_it() -> None:
    above = inherited([defaults({"notifications": {"sms": True}}, "/notifications")])
    own = {
        "/notifications/sms": False,
        "/notifications/kinds/import/email": False,
        "/theme": "dark",
    }

    force = in_force(own, above, NO_ONE_ELSE)

    assert force.preferences.notifications.sms
    assert {} == force.preferences.notifications.kinds
    assert Theme.DARK is force.preferences.theme
    assert ("/notifications",) == inherited(
        [defaults({}, "/notifications/sms", "/notifications")]
    ).locked


def test_kinds_of_messages_are_laid_over_each_other_value_by_value() -> None:
    above = inherited([defaults({"notifications": {"kinds": {"import": {"email": False}}}})])
    own = layer_from({"notifications": {"kinds": {"import": {"frequency": "daily"}}}})

    force = in_force(own, above, NO_ONE_ELSE)

    special = force.preferences.notifications.kinds["import"]
    assert (False, "daily", None) == (special.email, special.frequency, special.sms)
    assert Source.ORGANIZATION is force.sources["/notifications/kinds/import/email"]
    assert Source.USER is force.sources["/notifications/kinds/import/frequency"]


def test_what_was_stored_under_other_rules_still_loads() -> None:
    own = {"/timezone": "Mars/Olympus_Mons", "/theme": "dark", "/gone": 1}

    force = in_force(own, Inherited(), NO_ONE_ELSE)

    assert ("UTC", Theme.DARK) == (force.preferences.timezone, force.preferences.theme)


def test_a_pointer_points_at_a_value_a_group_or_nothing() -> None:
    assert all(map(is_value, ("/theme", "/privacy/share_data", "/notifications/kinds/x/email")))
    for group in ("/privacy", "/notifications", "/notifications/kinds", "/notifications/kinds/x"):
        assert is_value(group) is False
    for nothing in ("", "/", "theme", "/sources", "/theme/x", "/notifications/kinds/x/y", "/*"):
        assert is_value(nothing) is None


VALUES = some.fixed_dictionaries(
    {},
    optional={
        "theme": some.sampled_from(["light", "dark"]),
        "timezone": some.sampled_from(["UTC", "Europe/Vienna"]),
        "color_scheme": some.dictionaries(
            some.sampled_from(["text", "background"]), some.just("#102030")
        ),
        "privacy": some.fixed_dictionaries({}, optional={"share_data": some.booleans()}),
        "notifications": some.fixed_dictionaries(
            {},
            optional={
                "email": some.booleans(),
                "do_not_disturb": some.fixed_dictionaries(
                    {}, optional={"days": some.just(["mon"]), "enabled": some.booleans()}
                ),
                "kinds": some.dictionaries(
                    some.sampled_from(["a", "b"]),
                    some.fixed_dictionaries({}, optional={"email": some.booleans()}),
                ),
            },
        ),
    },
)
LOCKS = some.lists(
    some.sampled_from(["/theme", "/privacy", "/notifications/kinds/a", "/timezone"])
)


@given(VALUES)
def test_a_layer_is_its_document(document: dict[str, Any]) -> None:
    layer = layer_from(document)

    assert layer == layer_from(document_of(layer)) == layer_of(document_of(layer))


@given(VALUES, LOCKS, VALUES, LOCKS, VALUES)
def test_each_value_comes_from_where_it_says(
    top: dict[str, Any],
    locked_above: list[str],
    near: dict[str, Any],
    locked_near: list[str],
    own: dict[str, Any],
) -> None:
    chain = [defaults(top, *locked_above), defaults(near, *locked_near)]
    above, mine = inherited(chain), layer_from(own)

    force = in_force(mine, above, NO_ONE_ELSE)

    for pointer, value in force.layer.items():
        from_above = above.layer.get(pointer)
        match force.sources[pointer]:
            case Source.USER:
                assert mine[pointer] == value
                assert not any(pointer.startswith(lock) for lock in above.locked)
            case Source.ORGANIZATION:
                assert from_above == value
                assert value in (layer_of(top).get(pointer), layer_of(near).get(pointer))
            case Source.DEFAULT:
                assert from_above is None
    for lock in locked_above:
        held = in_force(NOTHING_SET, inherited(chain[:1]), NO_ONE_ELSE)
        under = {
            at for at in {*held.layer, *force.layer} if at == lock or at.startswith(f"{lock}/")
        }
        assert all(held.layer.get(at) == force.layer.get(at) for at in under)


# What is refused


def test_all_faults_are_told_at_once() -> None:
    assert {
        ("/theme", "invalid_value"),
        ("/color_scheme/text", "invalid_value"),
        ("/color_scheme/1st", "invalid_value"),
        ("/accessibility/loud", "unknown_field"),
        ("/accessibility/captions", "wrong_type"),
        ("/notifications/do_not_disturb/start", "invalid_value"),
        ("/notifications/do_not_disturb/days", "invalid_value"),
        ("/notifications/kinds/import/email", "wrong_type"),
        ("/notifications/kinds/import/smoke", "unknown_field"),
        ("/language", "invalid_value"),
        ("/timezone", "invalid_value"),
        ("/currency", "invalid_value"),
        ("/privacy/profile_visibility", "invalid_value"),
        ("/nonsense", "unknown_field"),
    } == faults_of(
        {
            "theme": "pink",
            "color_scheme": {"text": "red", "1st": "#000000"},
            "accessibility": {"loud": True, "captions": "yes"},
            "notifications": {
                "do_not_disturb": {"start": "24:00", "days": ["mon", "mon"]},
                "kinds": {"import": {"email": 1, "smoke": True}},
            },
            "language": "english",
            "timezone": "Europe/Wien",
            "currency": "eur",
            "privacy": {"profile_visibility": "public"},
            "nonsense": 1,
        }
    )


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("color_scheme", {f"c{number}": "#000000" for number in range(65)}),
        ("color_scheme", {"text": "#fff"}),
        ("color_scheme", {"text": "#12345g"}),
        ("color_scheme", {"": "#000000"}),
        ("color_scheme", {"a/b": "#000000"}),
        ("color_scheme", ["#000000"]),
        ("notifications", {"kinds": {f"k{number}": {} for number in range(65)}}),
        ("notifications", {"kinds": {"IMPORT": {}}}),
        ("notifications", {"kinds": {"x" * 65: {}}}),
        ("notifications", {"do_not_disturb": {"end": "7:00"}}),
        ("notifications", {"do_not_disturb": {"end": "07:00:00"}}),
        ("notifications", {"do_not_disturb": {"end": "07:60"}}),
        ("notifications", {"do_not_disturb": {"end": "\u0660\u0667:\u0660\u0660"}}),
        ("notifications", {"do_not_disturb": {"days": ["monday"]}}),
        ("notifications", {"do_not_disturb": {"days": "mon"}}),
        ("notifications", {"do_not_disturb": None}),
        ("notifications", []),
        ("notifications", {"frequency": "sometimes"}),
        ("font_size", "huge"),
        ("date_format", "DD-MM-YYYY"),
        ("time_format", "25h"),
        ("first_day_of_week", "tue"),
        ("timezone", "europe/vienna"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "A" * 500),
        ("timezone", ""),
        ("timezone", "UTC\0"),
        ("language", "en\ud800"),
        ("currency", "EURO"),
        ("currency", "XXX"),
        ("theme", None),
        ("theme", True),
        ("privacy", {"share_data": None}),
        ("privacy", {"share_data": 1}),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(pointer: str, value: object) -> None:
    faults = faults_of({pointer: value})

    assert {pointer} == {fault.split("/")[1] for fault, _ in faults}


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = ["theme", "color_scheme", "accessibility", "notifications", "language", "timezone",
          "currency", "privacy", "sources", "locked", "x", "first_day_of_week"]  # fmt: skip


@given(some.dictionaries(some.sampled_from(FIELDS), JSON, max_size=4) | JSON)
def test_whatever_is_sent_is_taken_or_refused_and_nothing_else(document: Any) -> None:
    with suppress(Invalid):
        assert in_force(layer_from(document), Inherited(), NO_ONE_ELSE)


def test_what_is_read_only_may_be_sent_back_and_is_ignored() -> None:
    sent = {"sources": {"/theme": "x"}, "locked": 5, "contrast": None, "updated_at": "never"}

    assert {"/theme": "dark"} == layer_from({"theme": "dark", **sent})


# Languages


@pytest.mark.parametrize(
    "tag",
    ["en", "de-AT", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-CH-1901", "gsw", "en-x-secret",
     "de-DE-u-co-phonebk", "zh-cmn-Hans-CN", "EN-us", "hy-Latn-IT-arevela"],
)  # fmt: skip
def test_a_language_tag_is_taken(tag: str) -> None:
    assert LanguageTag().broken_by(tag) is None


@pytest.mark.parametrize(
    "tag",
    ["", "e", "english", "klingon", "en_US", "en-", "-en", "en--US", "de-1901-1901", "xq", "en US",
     "x-secret", "de-u-co-a1-u-b2", "en-" + "a" * 40, "д", "en-US-US", "12"],
)  # fmt: skip
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    assert LanguageTag().broken_by(tag)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("EN-us", "en-US"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("de-de-U-CO-PHONEBK", "de-DE-u-co-phonebk"),
        ("en-X-US", "en-x-us"),
        ("es-419", "es-419"),
    ],
)
def test_a_tag_is_kept_in_its_canonical_case(tag: str, written: str) -> None:
    assert written == canonical(tag) == Preferences(language=tag).language


def test_a_language_falls_back_to_what_is_nearest() -> None:
    assert ("zh-Hant-TW", "zh-Hant", "zh", "en") == fallbacks("zh-Hant-TW")
    assert ("de-AT", "de", "fr-CH", "fr", "en") == fallbacks("de-AT", "fr-CH")
    assert ("de-DE-u-co", "de-DE", "de", "en") == fallbacks("de-DE-u-co")
    assert ("en",) == fallbacks("en")


def test_the_currencies_are_those_of_iso_4217() -> None:
    assert {"EUR", "USD", "CHF", "JPY", "INR", "ZAR"} <= CURRENCIES
    assert all(len(code) == 3 and code.isupper() and code.isascii() for code in CURRENCIES)


# Contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the grey that just fails
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_the_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert ratio == pytest.approx(ratio_of(one, other), abs=0.005)
    assert ratio_of(one, other) == ratio_of(other, one)


def test_each_colour_is_told_on_each_background() -> None:
    scheme = {
        "text": "#767676",
        "link": "#777777",
        "page_background": "#FFFFFF",
        "faint": "#aaaaaa",
    }

    told = contrast_of(scheme, Theme.DARK)

    assert told
    assert not told.passes_aa
    assert [
        ("faint", "page_background", 2.32, Level.FAIL),
        ("link", "page_background", 4.47, Level.AA_LARGE),
        ("text", "page_background", 4.54, Level.AA),
    ] == [(pair.foreground, pair.background, pair.ratio, pair.level) for pair in told.pairs]


def test_without_a_background_the_themes_own_is_behind() -> None:
    def behind(theme: Theme) -> list[str]:
        told = contrast_of({"text": "#000000"}, theme)
        assert told
        return [pair.background for pair in told.pairs]

    assert ["white"] == behind(Theme.LIGHT)
    assert ["black"] == behind(Theme.DARK)
    assert ["black", "white"] == behind(Theme.SYSTEM)
    assert contrast_of(None, Theme.LIGHT) is None
    assert contrast_of({}, Theme.LIGHT) is None


# Privacy


def person(*grants: Grant, id: str = "subject", admin: bool = False) -> Person:
    return Person(User(id, None, None, "Pat", NOW, NOW, is_platform_admin=admin), grants)


def role(role: Role, organization: str = "school", team: str | None = None) -> Grant:
    scope = ScopeType.TEAM if team else ScopeType.ORGANIZATION
    return Grant(
        role, scope, team or organization, organization.split(".", maxsplit=1)[0], organization
    )


def test_profiles_are_private_by_default_for_the_young_and_for_guests() -> None:
    assert Visibility.PRIVATE is default_visibility(person())
    assert Visibility.PRIVATE is default_visibility(person(role(Role.STUDENT)))
    assert Visibility.PRIVATE is default_visibility(person(role(Role.GUARDIAN)))
    assert Visibility.ORGANIZATION is default_visibility(person(role(Role.TEACHER)))
    assert Visibility.ORGANIZATION is default_visibility(person(admin=True))
    both = person(role(Role.TEACHER), role(Role.GUARDIAN, "other"))
    assert Visibility.PRIVATE is default_visibility(both)


PRIVATE, STAFF, TEAMS, ORGANIZATION = Visibility
PUPIL = role(Role.STUDENT, "d.north", "7a")


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        ((), ()),
        ((role(Role.STUDENT, "d.north", "7a"),), (TEAMS, ORGANIZATION)),
        ((role(Role.STUDENT, "d.north", "7b"),), (ORGANIZATION,)),
        ((role(Role.STUDENT, "d.south"),), ()),
        ((role(Role.GUARDIAN, "d.north"),), (ORGANIZATION,)),
        ((role(Role.TEACHER, "d.south"),), (STAFF, TEAMS, ORGANIZATION)),
        ((role(Role.TEACHER, "e.north"),), ()),
        ((role(Role.SUPPORT, "d.south"),), (STAFF, TEAMS, ORGANIZATION)),
        ((role(Role.ORG_ADMIN, "d"),), (PRIVATE, STAFF, TEAMS, ORGANIZATION)),
        ((PLATFORM_GRANT,), (PRIVATE, STAFF, TEAMS, ORGANIZATION)),
    ],
)
def test_who_sees_a_profile(actor: tuple[Grant, ...], sees: tuple[Visibility, ...]) -> None:
    place = Place(paths=(("d", "d.north", "7a"),))
    who = Actor("actor", actor)

    seen = {v for v in Visibility if may_see_profile(who, person(PUPIL), v, place=place)}

    assert {*sees} == seen


def test_one_sees_oneself_and_nobody_sees_a_platform_admin() -> None:
    root = person(role(Role.TEACHER), id="root", admin=True)

    assert may_see_profile(Actor("root"), root, PRIVATE)
    assert not may_see_profile(Actor("x", (role(Role.ORG_ADMIN),)), root, ORGANIZATION)
    assert not may_see_profile(Actor(None), person(PUPIL), ORGANIZATION)


def test_activity_is_tracked_only_where_somebody_wants_it() -> None:
    assert not may_track(Preferences())
    assert may_track(parse(Preferences, {"privacy": {"track_activity": True}}))
