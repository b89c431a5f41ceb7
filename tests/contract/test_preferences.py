"""Preferences: one's own, those of organisations, and the mails that go by them."""

import asyncio
from typing import Any

import pytest
from attrs import evolve

from adapters.formatting.absent import NoFormats
from faraday_core.kernel.actor import NOBODY, WORKER, Actor, Role
from faraday_core.kernel.errors import (
    FaradayError,
    Forbidden,
    Invalid,
    NotFound,
    StaleVersion,
    Unavailable,
)
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.mail.mail_service import RELEASED_AT_ONCE
from faraday_core.mail.model import Mail, MailKind
from faraday_core.organizations.model import OrganizationFields
from faraday_core.preferences.model import PreferencesChanged, Source, UserPreference
from faraday_core.preferences.views import DefaultsView
from tests.serving import Client, Server
from tests.world import OPERATOR, World

ROUTE = "/users/preferences"
NIGHT = {"enabled": True, "start": "22:00", "end": "07:00"}


async def set_defaults(
    world: World, place: str, values: dict[str, Any], *locked: str
) -> DefaultsView:
    document = {"values": values, "locked": [*locked]}
    return await world.app.preference_defaults.replace(OPERATOR, world.places[place], document)


async def stored(world: World, actor: Actor) -> UserPreference:
    async with world.storage.look(actor, person=actor.user_id) as reader:
        return await reader.get(UserPreference, str(actor.user_id))


async def test_whoever_has_set_nothing_has_the_defaults(world: World) -> None:
    teacher, nobody = await world.acting(Role.TEACHER), await world.acting(None)

    found = await world.app.preferences.get(teacher)

    assert ("system", "medium", "en", "UTC", "YYYY-MM-DD", "24h") == (
        found.theme,
        found.font_size,
        found.language,
        found.timezone,
        found.date_format,
        found.time_format,
    )
    assert ("organization", False, False) == (
        found.privacy.profile_visibility,
        found.privacy.share_data,
        found.privacy.track_activity,
    )
    assert {Source.DEFAULT} == {*found.sources.values()}
    assert () == found.locked
    assert "private" == (await world.app.preferences.get(nobody)).privacy.profile_visibility
    for role in (Role.STUDENT, Role.GUARDIAN):
        young = await world.acting(role)
        assert "private" == (await world.app.preferences.get(young)).privacy.profile_visibility


async def test_what_is_put_replaces_all_that_was_set(world: World) -> None:
    actor = await world.acting(Role.STUDENT)
    await world.app.preferences.replace(actor, {"theme": "dark", "language": "de-at"})

    found = await world.app.preferences.replace(
        actor, {"timezone": "Europe/Vienna", "accessibility": {"captions": True}}
    )

    assert found == await world.app.preferences.get(actor)
    assert ("system", "en", "Europe/Vienna", True) == (
        found.theme,
        found.language,
        found.timezone,
        found.accessibility.captions,
    )
    assert Source.USER is found.sources["/accessibility/captions"]
    assert Source.DEFAULT is found.sources["/accessibility/high_contrast"]
    assert Source.DEFAULT is found.sources["/theme"]


async def test_what_is_patched_is_laid_over_and_null_takes_it_back(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.replace(
        actor,
        {
            "theme": "dark",
            "color_scheme": {"text": "#111111", "background": "#eeeeee"},
            "notifications": {"email": False, "kinds": {"import": {"email": True, "sms": True}}},
        },
    )

    found = await world.app.preferences.merge(
        actor,
        {
            "theme": None,
            "color_scheme": {"text": "#222222", "link": "#333333", "background": None},
            "notifications": {"push": True, "kinds": {"import": {"sms": None}}},
        },
    )

    assert "system" == found.theme
    assert {"text": "#222222", "link": "#333333"} == found.color_scheme
    assert not found.notifications.email
    assert found.notifications.push
    special = found.notifications.kinds["import"]
    assert (True, None) == (special.email, special.sms)
    assert found == await world.app.preferences.get(actor)
    cleared = await world.app.preferences.merge(
        actor, {"notifications": None, "color_scheme": None}
    )
    assert {Source.DEFAULT} == {*cleared.sources.values()}
    assert cleared.color_scheme is None


async def test_each_column_holds_what_was_set_and_nothing_else(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.replace(
        actor,
        {"theme": "dark", "notifications": {"sms": True, "do_not_disturb": {"days": ["sat"]}}},
    )

    row = await stored(world, actor)

    assert ("dark", None, None) == (row.theme, row.language, row.color_scheme)
    assert {"sms": True, "do_not_disturb": {"days": ["sat"]}} == row.notifications
    assert {} == row.accessibility


async def test_wrong_values_are_refused_all_at_once_and_nothing_is_kept(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    wrong = {
        "theme": "pink",
        "timezone": "Mars",
        "accessibility": {"nonsense": None, "locked": None},
    }

    with pytest.raises(Invalid) as caught:
        await world.app.preferences.merge(actor, {**wrong, "font_size": "large"})

    assert {"/theme", "/timezone", "/accessibility/nonsense", "/accessibility/locked"} == {
        fault.pointer for fault in caught.value.faults
    }
    assert "medium" == (await world.app.preferences.get(actor)).font_size
    documents: list[Any] = [[], "dark", {"privacy": []}]
    for document in documents:
        with pytest.raises(Invalid):
            await world.app.preferences.replace(actor, document)


async def test_nobody_who_has_not_signed_in_has_preferences(world: World) -> None:
    for act in (
        world.app.preferences.get(NOBODY),
        world.app.preferences.replace(NOBODY, {}),
        world.app.preferences.merge(NOBODY, {}),
        world.app.preferences.preview(NOBODY),
    ):
        with pytest.raises(Forbidden):
            await act


async def test_changes_at_once_are_made_one_upon_the_other(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    changes: list[dict[str, Any]] = [
        {"accessibility": {name: True}}
        for name in (
            "high_contrast",
            "reduce_motion",
            "screen_reader",
            "dyslexia_font",
            "captions",
        )
    ]

    await asyncio.gather(*(world.app.preferences.merge(actor, change) for change in changes))

    found = await world.app.preferences.get(actor)
    assert all(
        found.accessibility.__getattribute__(next(iter(c["accessibility"]))) for c in changes
    )


async def test_a_change_of_what_has_changed_meanwhile_is_refused(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    seen = {(await world.app.preferences.get(actor)).tag}
    await world.app.preferences.merge(actor, {"theme": "dark"}, seen=seen)

    with pytest.raises(StaleVersion):
        await world.app.preferences.merge(actor, {"theme": "light"}, seen=seen)

    fresh = {(await world.app.preferences.get(actor)).tag}
    await set_defaults(world, "north", {"language": "de"})
    with pytest.raises(StaleVersion):
        await world.app.preferences.merge(actor, {"theme": "light"}, seen=fresh)


async def test_what_changes_nothing_leaves_no_trace(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    first = await world.app.preferences.merge(actor, {"theme": "dark"})
    await world.settle()
    world.clock.move(hours=1)

    assert first == await world.app.preferences.merge(actor, {"theme": "dark"})
    assert [] == await world._events()


async def test_a_change_is_told_and_accounted_for(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.settle()

    await world.app.preferences.merge(
        actor, {"theme": "dark", "privacy": {"share_data": True, "profile_visibility": "staff"}}
    )

    assert [
        PreferencesChanged(
            str(actor.user_id),
            world.clock(),
            ("/privacy/profile_visibility", "/privacy/share_data", "/theme"),
            profile_visibility="staff",  # type: ignore[arg-type]  # equal to its member
            share_data=True,
        )
    ] == await world._events()
    async with world.storage.look_everywhere(OPERATOR) as reader:
        entries = (await reader.audit_log.page(None, PageRequest(limit=100))).items
    assert "preferences.update" in {entry.action for entry in entries}


async def test_the_date_of_consent_is_that_of_each_privacy_setting(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(actor, {"privacy": {"share_data": True}})
    then = world.clock().isoformat().replace("+00:00", "Z")
    world.clock.move(days=1)

    found = await world.app.preferences.merge(
        actor, {"theme": "dark", "privacy": {"share_data": True, "track_activity": True}}
    )

    now = world.clock().isoformat().replace("+00:00", "Z")
    assert {"share_data": then, "track_activity": now} == found.consented_at
    again = await world.app.preferences.merge(actor, {"privacy": {"share_data": None}})
    assert {"track_activity": now} == again.consented_at
    assert {"track_activity": now} == (await stored(world, actor)).consented_at


async def test_somebodys_preferences_are_seen_by_who_administers_them(world: World) -> None:
    pupil = await world.acting(Role.STUDENT, "north")
    await world.app.preferences.merge(pupil, {"theme": "dark"})
    admin = await world.acting(Role.ORG_ADMIN, "district")

    found = await world.app.preferences.of(admin, str(pupil.user_id))

    assert found == await world.app.preferences.get(pupil)
    assert found == await world.app.preferences.of(OPERATOR, str(pupil.user_id))
    for role, place in ((Role.TEACHER, "north"), (Role.ORG_ADMIN, "other")):
        with pytest.raises(NotFound):
            await world.app.preferences.of(await world.acting(role, place), str(pupil.user_id))


async def test_a_preview_is_written_in_the_persons_formats(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(
        actor,
        {
            "language": "de-AT",
            "timezone": "America/New_York",
            "date_format": "DD.MM.YYYY",
            "time_format": "12h",
            "currency": "USD",
        },
    )

    shown = await world.app.preferences.preview(actor)

    assert ("01.09.2026", "3:40 AM", "-1.234.567,891") == (shown.date, shown.time, shown.number)
    assert shown.amount.startswith("$")
    assert "1.234,50" in shown.amount


async def test_without_babel_a_preview_is_refused_and_nothing_else(memory_world: World) -> None:
    actor = await memory_world.acting(Role.TEACHER)
    service = evolve(memory_world.app.preferences, formats=NoFormats())

    assert await service.get(actor)
    with pytest.raises(Unavailable):
        await service.preview(actor)


# What organisations set


async def test_the_defaults_of_an_organisation_hold_for_all_below(world: World) -> None:
    await set_defaults(world, "district", {"language": "de", "currency": "CHF"})
    await set_defaults(world, "north", {"language": "fr"})
    north, south = await world.acting(Role.TEACHER), await world.acting(Role.STUDENT, "south")
    other = await world.acting(Role.TEACHER, "other")

    found = await world.app.preferences.get(north)

    assert ("fr", "CHF") == (found.language, found.currency)
    assert Source.ORGANIZATION is found.sources["/language"]
    assert "de" == (await world.app.preferences.get(south)).language
    assert "en" == (await world.app.preferences.get(other)).language
    mine = await world.app.preferences.merge(north, {"language": "it"})
    assert ("it", ("it", "fr", "en")) == (mine.language, mine.fallback_languages)


async def test_what_is_locked_cannot_be_set_otherwise(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(actor, {"theme": "light", "notifications": {"sms": True}})
    await set_defaults(world, "district", {"theme": "dark"}, "/theme", "/notifications/sms")

    found = await world.app.preferences.get(actor)

    assert ("dark", False) == (found.theme, found.notifications.sms)
    assert ("/notifications/sms", "/theme") == found.locked
    for write in (world.app.preferences.merge, world.app.preferences.replace):
        with pytest.raises(Forbidden) as caught:
            await write(actor, {"theme": "light", "font_size": "large"})
        assert "locked_by_organization" == caught.value.code
        assert "/theme" in caught.value.detail
        same = await write(actor, {"theme": "dark", "notifications": {"sms": False}})
        assert Source.ORGANIZATION is same.sources["/theme"]
    assert "dark" == (await world.app.preferences.merge(actor, {"theme": None})).theme
    await set_defaults(world, "district", {})
    assert "light" == (await world.app.preferences.get(actor)).theme  # as it was beneath


async def test_a_lock_above_holds_for_the_organisations_below(world: World) -> None:
    await set_defaults(world, "district", {"theme": "dark"}, "/theme", "/privacy")

    with pytest.raises(Forbidden) as caught:
        await set_defaults(world, "north", {"theme": "light", "language": "de"})
    assert "locked_by_organization" == caught.value.code
    assert await set_defaults(world, "north", {"theme": "dark"}, "/language")
    # What was set below before the lock came is overruled by it.
    await set_defaults(world, "district", {})
    await set_defaults(world, "north", {"theme": "light"})
    await set_defaults(world, "district", {"theme": "high_contrast"}, "/theme")
    actor = await world.acting(Role.STUDENT)
    assert "high_contrast" == (await world.app.preferences.get(actor)).theme


async def test_defaults_are_written_by_who_may_write_the_organisation(world: World) -> None:
    north = world.places["north"]
    document = {"values": {"theme": "dark"}}
    admin = await world.acting(Role.ORG_ADMIN, "north")

    made = await world.app.preference_defaults.replace(admin, north, document)

    teacher = await world.acting(Role.TEACHER)
    assert made == await world.app.preference_defaults.get(teacher, north)
    with pytest.raises(Forbidden):
        await world.app.preference_defaults.replace(teacher, north, document)
    with pytest.raises(Forbidden):
        await world.app.preference_defaults.replace(
            await world.acting(Role.SUPPORT), north, document
        )
    for actor in (await world.acting(Role.ORG_ADMIN, "south"), NOBODY):
        for act in (
            world.app.preference_defaults.get(actor, north),
            world.app.preference_defaults.replace(actor, north, document),
        ):
            with pytest.raises(NotFound):
                await act
    for nothing in (uuid7(), "nonsense"):
        with pytest.raises(NotFound):
            await world.app.preference_defaults.replace(OPERATOR, nothing, document)


async def test_wrong_defaults_are_refused_where_they_stand(world: World) -> None:
    wrong: list[tuple[Any, str]] = [
        ({"values": {"theme": "pink"}}, "/values/theme"),
        ({"values": {"notifications": {"x": 1}}}, "/values/notifications/x"),
        ({"values": []}, "/values"),
        ({"locked": ["/nonsense"]}, "/locked/0"),
        ({"locked": ["/theme", "theme"]}, "/locked/1"),
        ({"locked": "/theme"}, "/locked"),
        ({"nonsense": 1}, "/nonsense"),
        ([], ""),
    ]
    for document, pointer in wrong:
        with pytest.raises(Invalid) as caught:
            await world.app.preference_defaults.replace(OPERATOR, world.places["north"], document)
        assert [pointer] == [fault.pointer for fault in caught.value.faults]


async def test_defaults_that_have_changed_meanwhile_are_not_overwritten(world: World) -> None:
    seen = {(await world.app.preference_defaults.get(OPERATOR, world.places["north"])).tag}
    await set_defaults(world, "north", {"theme": "dark"})

    with pytest.raises(StaleVersion):
        await world.app.preference_defaults.replace(OPERATOR, world.places["north"], {}, seen=seen)


async def test_a_school_below_a_school_inherits_from_both(world: World) -> None:
    fields = OrganizationFields("Annex", world.places["north"])
    annex = (await world.app.organizations.create(OPERATOR, fields)).id
    world.places["annex"] = annex
    await set_defaults(world, "district", {"theme": "dark", "currency": "CHF"}, "/currency")
    await set_defaults(world, "north", {"theme": "light"})

    found = await world.app.preferences.get(await world.acting(Role.TEACHER, "annex"))

    assert ("light", "CHF") == (found.theme, found.currency)
    assert ("/currency",) == found.locked


# Mails go by them


async def mailed(
    world: World, actor: Actor, kind: MailKind = MailKind.ROSTER, subject: str = "Hello"
) -> None:
    mail = Mail("pat@example.org", subject, f"About {subject}.\n")
    async with world.storage.begin(actor, person=actor.user_id) as unit:
        await world.app.mail.outgoing.queue(unit, mail, user_id=actor.user_id, kind=kind)
    await world.settle()


def subjects(world: World) -> list[str]:
    return [mail.subject for mail in world.mailer.sent if mail.to == "pat@example.org"]


async def released(world: World) -> list[str]:
    await world.app.mail.release(WORKER)
    await world.settle()
    return subjects(world)


async def test_a_mail_waits_for_the_end_of_quiet_hours(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(actor, {"notifications": {"do_not_disturb": NIGHT}})
    world.clock.move(hours=15)  # 22:40

    await mailed(world, actor)
    assert [] == await released(world)
    world.clock.move(hours=8)  # 06:40
    assert [] == await released(world)
    world.clock.move(minutes=20)
    assert ["Hello"] == await released(world)
    assert ["Hello"] == await released(world)


async def test_what_has_waited_together_comes_as_one(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(actor, {"notifications": {"frequency": "daily"}})
    for subject in ("One", "Two"):
        await mailed(world, actor, subject=subject)
    await mailed(world, actor, MailKind.INVITATION, "Come in")
    assert [] == subjects(world)

    world.clock.move(days=1)

    assert ["2 messages for you", "Come in"] == sorted(await released(world))
    (one,) = [mail for mail in world.mailer.sent if mail.subject == "2 messages for you"]
    assert one.text.index("About One.") < one.text.index("About Two.")


async def test_however_many_there_are_each_reader_gets_one(memory_world: World) -> None:
    world = memory_world
    daily = {"notifications": {"frequency": "daily"}}
    readers = [await world.acting(role) for role in (Role.TEACHER, Role.STUDENT)]
    for actor in readers:
        await world.app.preferences.merge(actor, daily)
    for number in range(RELEASED_AT_ONCE + 1):
        for actor in readers:
            await mailed(world, actor, subject=f"{number}")

    world.clock.move(days=1)

    each = f"{RELEASED_AT_ONCE + 1} messages for you"
    assert [each, each] == await released(world)


async def test_security_mails_pass_whatever_is_set(world: World) -> None:
    person = await world.person(Role.TEACHER)
    actor = await world.actor(await world.sign_in(person))
    await world.app.preferences.merge(
        actor,
        {
            "notifications": {
                "email": False,
                "frequency": "never",
                "do_not_disturb": {"enabled": True, "start": "00:00", "end": "23:59",
                                   "urgent_passes": False},
            }
        },
    )  # fmt: skip

    await world.app.passwords.forget(email=str(person.email))
    await world.settle()

    assert "Set a new password" in {mail.subject for mail in world.mailer.sent}


async def test_what_is_not_wanted_is_not_sent_and_not_kept(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    kinds = {"roster": {"email": False}}
    await world.app.preferences.merge(actor, {"notifications": {"kinds": kinds}})

    await mailed(world, actor, subject="Roster")
    await mailed(world, actor, MailKind.IMPORT, "Import")

    assert ["Import"] == subjects(world)
    world.clock.move(days=40)
    assert ["Import"] == await released(world)


async def test_what_waits_goes_by_new_preferences_at_once(world: World) -> None:
    actor = await world.acting(Role.TEACHER)
    await world.app.preferences.merge(actor, {"notifications": {"frequency": "weekly"}})
    await mailed(world, actor)
    assert [] == subjects(world)

    await world.app.preferences.merge(actor, {"notifications": {"frequency": "immediate"}})
    await world.settle()

    assert ["Hello"] == subjects(world)


async def test_an_organisations_quiet_hours_hold_for_its_people(world: World) -> None:
    actor = await world.acting(Role.STUDENT)
    quiet = {
        "notifications": {"do_not_disturb": {"enabled": True, "start": "07:00", "end": "08:00"}}
    }
    await set_defaults(world, "district", quiet)

    await mailed(world, actor)

    assert [] == subjects(world)
    world.clock.move(minutes=20)
    assert ["Hello"] == await released(world)


async def test_only_the_machinery_sends(world: World) -> None:
    actor = await world.acting(Role.ORG_ADMIN)
    for act in (
        world.app.mail.release(actor),
        world.app.mail.plan_again(actor, str(actor.user_id)),
    ):
        with pytest.raises(FaradayError):
            await act


# Over HTTP


@pytest.fixture
async def teacher(server: Server) -> Client:
    return await server.signed_in(Role.TEACHER)


async def test_the_answer_is_as_the_contract_has_it(teacher: Client) -> None:
    answer = await teacher.ask(f"GET {ROUTE}")

    assert 200 == answer.status
    assert {
        "theme", "color_scheme", "font_size", "accessibility", "notifications", "language",
        "timezone", "date_format", "time_format", "first_day_of_week", "currency", "privacy",
        "sources", "locked", "contrast", "updated_at", "fallback_languages", "consented_at",
    } == {*answer.json}  # fmt: skip
    assert {"high_contrast", "reduce_motion", "screen_reader", "dyslexia_font", "captions"} == {
        *answer.json["accessibility"]
    }
    notifications = answer.json["notifications"]
    assert {"email", "push", "sms", "in_app", "frequency", "do_not_disturb", "kinds"} == {
        *notifications
    }
    assert {"enabled", "start", "end", "days", "urgent_passes"} == {
        *notifications["do_not_disturb"]
    }
    assert ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] == notifications["do_not_disturb"][
        "days"
    ]
    assert answer.json["updated_at"].endswith("Z")


async def test_an_answer_may_be_sent_back_as_it_is(teacher: Client) -> None:
    scheme = {"text": "#777777", "background": "#ffffff"}
    first = await teacher.ask(f"PATCH {ROUTE}", {"color_scheme": scheme})

    again = await teacher.ask(f"PUT {ROUTE}", first.json | {"sources": "x", "locked": ["/theme"]})

    assert 200 == again.status
    assert [] == again.json["locked"]
    assert scheme == again.json["color_scheme"]
    assert {"passes_aa": False, "pairs": [{"foreground": "text", "background": "background",
                                           "ratio": 4.47, "level": "AA large"}]} == (
        again.json["contrast"]
    )  # fmt: skip
    assert "user" == again.json["sources"]["/theme"]


async def test_an_etag_is_honoured(server: Server, teacher: Client) -> None:
    first = (await teacher.ask(f"GET {ROUTE}")).headers["ETag"]
    known = {"headers": {"If-None-Match": first}}
    assert 304 == (await teacher.ask(f"GET {ROUTE}", **known)).status

    changed = await teacher.ask(f"PATCH {ROUTE}", {"theme": "dark"}, headers={"If-Match": first})

    assert 200 == changed.status
    assert first != changed.headers["ETag"]
    stale = await teacher.ask(f"PUT {ROUTE}", {}, headers={"If-Match": first})
    assert (412, "stale_version") == (stale.status, stale.code)
    tag = changed.headers["ETag"]
    admin = await server.signed_in(Role.ORG_ADMIN)
    at = f"/organizations/{server.places['north']}/preference-defaults"
    assert 200 == (await admin.ask(f"PUT {at}", {"values": {"language": "de"}})).status
    assert 200 == (await teacher.ask(f"GET {ROUTE}", headers={"If-None-Match": tag})).status


async def test_faults_are_told_with_their_pointers(teacher: Client) -> None:
    answer = await teacher.ask(
        f"PUT {ROUTE}",
        {"theme": "pink", "notifications": {"do_not_disturb": {"start": "9:00"}}, "x": 1},
    )

    assert 422 == answer.status
    assert {
        ("/theme", "invalid_value"),
        ("/notifications/do_not_disturb/start", "invalid_value"),
        ("/x", "unknown_field"),
    } == answer.faults
    patched = await teacher.ask(f"PATCH {ROUTE}", {"privacy": {"x": None}, "theme": 5})
    assert {("/privacy/x", "unknown_field"), ("/theme", "wrong_type")} >= patched.faults
    assert 422 == patched.status
    assert 422 == (await teacher.ask(f"PUT {ROUTE}", [])).status
    assert 401 == (await teacher.as_nobody().ask(f"GET {ROUTE}")).status


async def test_a_locked_value_is_refused_over_http(server: Server, teacher: Client) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    at = f"/organizations/{server.places['district']}/preference-defaults"
    body = {"values": {"theme": "dark"}, "locked": ["/theme"]}

    put = await admin.ask(f"PUT {at}", body)

    assert (200, body) == (put.status, {name: put.json[name] for name in body})
    assert body["values"] == (await admin.ask(f"GET {at}")).json["values"]
    found = (await teacher.ask(f"GET {ROUTE}")).json
    assert ("dark", ["/theme"]) == (found["theme"], found["locked"])
    refused = await teacher.ask(f"PATCH {ROUTE}", {"theme": "light"})
    assert (403, "locked_by_organization") == (refused.status, refused.code)
    assert 200 == (await teacher.ask(f"PUT {ROUTE}", found | {"font_size": "large"})).status
    own = f"/organizations/{server.places['north']}/preference-defaults"
    assert 403 == (await teacher.ask(f"PUT {own}", body)).status
    other = await server.signed_in(Role.ORG_ADMIN, "other")
    assert 404 == (await other.ask(f"GET {at}")).status
    assert 404 == (await other.ask(f"PUT {at}", body)).status
    stale = await admin.ask(f"PUT {at}", body, headers={"If-Match": '"7"'})
    assert 412 == stale.status


async def test_a_preview_over_http(teacher: Client) -> None:
    await teacher.ask(f"PATCH {ROUTE}", {"language": "fr", "currency": "EUR"})

    shown = (await teacher.ask(f"GET {ROUTE}/preview")).json

    assert ("fr", "UTC") == (shown["language"], shown["timezone"])
    assert shown["amount"].endswith("€")
    assert {"date", "time", "number"} <= {*shown}
