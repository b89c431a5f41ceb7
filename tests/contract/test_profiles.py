"""Profiles: written by their person, seen as they allow, and complete by what is asked for."""

import asyncio
from typing import Any

import pytest

from adapters.rich_text.markdown import MarkdownHtml
from adapters.rich_text.plain import PlainHtml
from faraday_core.kernel.actor import NOBODY, Actor, Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.parsing import parse
from faraday_core.profiles.completion import ASKED_OF
from faraday_core.profiles.model import (
    Education,
    ProfileCompleted,
    ProfileField,
    ProfileFields,
    RequirementFields,
)
from tests.pictures import picture
from tests.serving import Client, Server
from tests.world import OPERATOR, World

WHOLE: dict[str, Any] = {
    "bio": "I teach *physics*.",
    "location": "Graz",
    "website": "https://pat.example.org/~pat?a=1#me",
    "social_links": {"Mastodon": "https://social.example.org/@pat", "code": "http://x.org"},
    "phone": "+43 316 1234",
    "job_title": "Teacher",
    "education": [
        {"institution": "TU Graz", "degree": "MSc", "year": 2010},
        {"institution": "HTL", "degree": None, "year": None},
    ],
    "preferred_name": "Pat",
    "pronouns": "they/them",
    "name_pronunciation": "pæt",
}


def fields(**given: Any) -> ProfileFields:  # as in JSON
    return parse(ProfileFields, given)


def owner(actor: Actor) -> str:
    assert actor.user_id
    return actor.user_id


async def write(world: World, actor: Actor, **given: Any) -> None:  # as in JSON
    await world.app.profiles.replace(actor, fields(**given))


# --- Written by its person


async def test_a_first_profile_is_empty(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    profile = await world.app.profiles.get(pat)

    assert profile.bio is None
    assert {} == profile.social_links
    assert () == profile.education
    assert 0 == profile.completion.percent
    assert profile.created_at == profile.updated_at == world.clock()


async def test_what_is_written_is_read(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    world.clock.move(minutes=5)

    await write(world, pat, **WHOLE)
    profile = await world.app.profiles.get(pat)

    assert "I teach *physics*." == profile.bio
    assert "<p>I teach <em>physics</em>.</p>" == profile.bio_html
    assert WHOLE["social_links"] == profile.social_links
    assert (Education("TU Graz", "MSc", 2010), Education("HTL")) == profile.education
    assert world.clock() == profile.updated_at > profile.created_at
    for name in ("location", "website", "phone", "job_title", "pronouns", "preferred_name"):
        assert WHOLE[name] == getattr(profile, name)


async def test_what_is_left_out_of_it_is_empty_then(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await write(world, pat, **WHOLE)

    await write(world, pat, location="Wien")

    profile = await world.app.profiles.get(pat)
    assert ("Wien", None, (), {}) == (
        profile.location, profile.bio, profile.education, profile.social_links
    )  # fmt: skip


async def test_twenty_first_writes_at_once_all_succeed(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    await asyncio.gather(*(write(world, pat, bio=str(number)) for number in range(20)))

    assert (await world.app.profiles.get(pat)).bio in {str(number) for number in range(20)}


async def test_a_state_that_was_changed_meanwhile_is_refused(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    empty = (await world.app.profiles.get(pat)).tag
    await write(world, pat, bio="first")

    with pytest.raises(StaleVersion):
        await world.app.profiles.replace(pat, fields(bio="second"), seen=[empty])

    tag = (await world.app.profiles.get(pat)).tag
    assert "third" == (
        await world.app.profiles.replace(pat, fields(bio="third"), seen=[tag])
    ).bio  # fmt: skip


async def test_a_write_is_in_the_audit_log_and_one_that_changes_nothing_is_not(
    world: World,
) -> None:
    pat = await world.acting(Role.TEACHER)
    for _ in range(3):
        await write(world, pat, bio="the same")

    from faraday_core.kernel.paging import PageRequest  # noqa: PLC0415 -- for this one

    admin = await world.acting(Role.ORG_ADMIN)
    entries = (await world.app.audit.list(admin, PageRequest(limit=50))).items
    assert 1 == len([entry for entry in entries if entry.action == "profile.update"])


async def test_nobody_else_writes_it(world: World) -> None:
    for actor in (NOBODY, OPERATOR):
        with pytest.raises(Forbidden):
            await world.app.profiles.replace(actor, fields(bio="x"))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"bio": "x" * 5001}, ("/bio", "too_long")),
        ({"location": "x" * 101}, ("/location", "too_long")),
        ({"location": "two\nlines"}, ("/location", "invalid_character")),
        ({"website": "https://x.org/" + "x" * 242}, ("/website", "too_long")),
        ({"website": "ftp://x.org"}, ("/website", "invalid_url")),
        ({"website": "javascript:alert(1)"}, ("/website", "invalid_url")),
        ({"website": "https://"}, ("/website", "invalid_url")),
        ({"website": "https:///path"}, ("/website", "invalid_url")),
        ({"website": "//x.org"}, ("/website", "invalid_url")),
        ({"website": "x.org"}, ("/website", "invalid_url")),
        ({"website": ""}, ("/website", "invalid_url")),
        ({"website": "https://x.org/a b"}, ("/website", "invalid_url")),
        ({"website": "https://x.org/\n"}, ("/website", "invalid_url")),
        ({"website": "https://school.org@elsewhere.org"}, ("/website", "invalid_url")),
        ({"website": "https://x.org:99999"}, ("/website", "invalid_url")),
        ({"website": 'https://x.org/"onclick="'}, ("/website", "invalid_url")),
        ({"website": "https://x..org"}, ("/website", "invalid_url")),
        ({"social_links": {"a": "mailto:x@y.org"}}, ("/social_links/a", "invalid_url")),
        ({"social_links": {"x" * 51: "http://x.org"}}, ("/social_links/" + "x" * 51, "too_long")),
        ({"social_links": {str(n): "http://x.org" for n in range(21)}},
         ("/social_links", "too_long")),
        ({"social_links": ["http://x.org"]}, ("/social_links", "wrong_type")),
        ({"education": [{"degree": "MSc"}]}, ("/education/0/institution", "required")),
        ({"education": [{"institution": " "}]}, ("/education/0/institution", "too_short")),
        ({"education": [{"institution": "x", "year": 1}]}, ("/education/0/year", "invalid_value")),
        ({"education": [{"institution": "x", "year": "2010"}]},
         ("/education/0/year", "wrong_type")),
        ({"education": [{"institution": "x", "grade": 1}]},
         ("/education/0/grade", "unknown_field")),
        ({"education": [{"institution": "x"}] * 31}, ("/education", "too_long")),
        ({"visibility": {"bio": "friends"}}, ("/visibility/bio", "invalid_value")),
        ({"visibility": {"shoe_size": "staff"}}, ("/visibility/shoe_size", "invalid_value")),
        ({"roles": []}, ("/roles", "unknown_field")),
        ({"phone": "1" * 51}, ("/phone", "too_long")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_is(given: dict[str, Any], fault: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        fields(**given)

    assert [fault] == [(found.pointer, found.code) for found in caught.value.faults]


@pytest.mark.parametrize(
    "url",
    ["http://x.org", "HTTPS://X.org", "https://x.org:8443/a?b=c&d=%20#e", "https://[2001:db8::1]/",
     "https://münchen.de/ü", "https://x.org./", "https://192.0.2.1", "http://localhost:8000",
     "https://x.org/@pat", "https://x.org/" + "x" * 241],
)  # fmt: skip
def test_a_web_address_is_taken(url: str) -> None:
    assert url == fields(website=url).website


def test_the_limits_themselves_are_taken() -> None:
    links = {"x" * 50 if n == 0 else str(n): "http://x.org" for n in range(20)}
    given = fields(bio="x" * 5000, location="x" * 100, social_links=links, phone="1" * 50)

    assert (5000, 20) == (len(given.bio or ""), len(given.social_links))


# --- Completion


async def test_completion_grows_with_what_is_filled_in(world: World) -> None:
    pat = await world.acting()  # without a role, all is optional
    seen = [(await world.app.profiles.get(pat)).completion]
    for number in range(1, 8):
        names = ["bio", "location", "website", "social_links", "phone", "job_title", "education"]
        await write(world, pat, **{name: WHOLE[name] for name in names[:number]})
        seen.append((await world.app.profiles.get(pat)).completion)
    await world.app.avatars.upload(pat, picture())
    seen.append((await world.app.profiles.get(pat)).completion)

    assert [0, 12, 25, 37, 50, 62, 75, 87, 100] == [one.percent for one in seen]
    assert [8, 7, 6, 5, 4, 3, 2, 1, 0] == [len(one.missing) for one in seen]
    assert () == seen[-1].missing
    assert [0, 0, 1, 1, 2, 2, 3, 3, 4] == [len(one.badges) for one in seen]
    assert ("started", "halfway", "nearly_there", "complete") == seen[-1].badges


async def test_a_blank_is_no_answer(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await write(world, pat, bio=" \n ", job_title="")

    assert 0 == (await world.app.profiles.get(pat)).completion.percent


async def test_what_is_asked_follows_from_the_role(world: World) -> None:
    for role in (Role.TEACHER, Role.GUARDIAN, Role.STUDENT, Role.ORG_ADMIN):
        completion = (await world.app.profiles.get(await world.acting(role))).completion
        asked = ASKED_OF[role]
        assert asked.required == completion.required
        assert {*completion.optional} == {*asked.optional} - {*asked.required}
        steps = [(step.field, step.required, step.done) for step in completion.steps]
        assert steps == [(f, True, False) for f in completion.required] + [
            (f, False, False) for f in completion.optional
        ]
        assert completion.missing == tuple(step.field for step in completion.steps)


def test_children_are_asked_for_nothing_by_which_they_could_be_found() -> None:
    asked = ASKED_OF[Role.STUDENT]
    private = {ProfileField.PHONE, ProfileField.LOCATION, ProfileField.WEBSITE}

    assert () == asked.required
    assert not private & {*asked.optional}


async def test_an_organization_asks_for_more_of_all_below_it(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    sam, other = await world.acting(Role.STUDENT), await world.acting(Role.STUDENT, "other")
    wanted = parse(RequirementFields, {"required_fields": ["pronouns", "bio", "pronouns"]})

    await world.app.profile_requirements.replace(admin, world.places["district"], wanted)

    assert ("pronouns", "bio") == (await world.app.profiles.get(sam)).completion.required
    assert () == (await world.app.profiles.get(other)).completion.required
    assert "pronouns" in (await world.app.profiles.inspect(admin, owner(sam))).completion.missing


async def test_badges_can_be_switched_off_and_below_on_again(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    north, south = await world.acting(Role.STUDENT), await world.acting(Role.STUDENT, "south")
    for sam in (north, south):
        await write(world, sam, bio="x")

    async def badges(where: str, *, on: bool | None) -> list[tuple[str, ...]]:
        wanted = RequirementFields(badges=on)
        await world.app.profile_requirements.replace(admin, world.places[where], wanted)
        return [(await world.app.profiles.get(sam)).completion.badges for sam in (north, south)]

    earned = ("started", "halfway")
    assert [(), ()] == await badges("district", on=False)
    assert [(), earned] == await badges("south", on=True)
    assert [(), ()] == await badges("south", on=None)
    assert [earned, earned] == await badges("district", on=None)


async def test_completing_a_profile_is_told_once(memory_world: World) -> None:
    world = memory_world
    sam = await world.acting(Role.STUDENT)
    outbox = world.storage.database.outbox  # type: ignore[union-attr]  # of the memory's
    told = ProfileCompleted(owner(sam))

    await write(world, sam, bio="x")
    assert told not in outbox
    await world.app.avatars.upload(sam, picture())  # which is all that was missing
    await write(world, sam, bio="y")
    assert 1 == outbox.count(told)
    await write(world, sam)
    await write(world, sam, bio="z")
    assert 2 == outbox.count(told)


async def test_a_completed_profile_is_heard_of(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await write(world, sam, bio="x")
    await world.app.avatars.upload(sam, picture())

    await world.settle()


async def test_who_may_write_an_organization_says_what_it_asks_for(world: World) -> None:
    at = world.places["north"]
    wanted = parse(RequirementFields, {"required_fields": ["bio"]})
    admin, teacher = await world.acting(Role.ORG_ADMIN), await world.acting(Role.TEACHER)

    view = await world.app.profile_requirements.replace(admin, at, wanted)
    assert (at, ("bio",), None) == (view.organization_id, view.required_fields, view.badges)
    assert view == await world.app.profile_requirements.get(teacher, at)
    with pytest.raises(Forbidden):
        await world.app.profile_requirements.replace(teacher, at, wanted)
    with pytest.raises(StaleVersion):
        await world.app.profile_requirements.replace(admin, at, wanted, seen=["0"])
    await world.app.profile_requirements.replace(admin, at, wanted, seen=[view.tag])
    for place in (world.places["other"], world.places["south"], uuid7(), "nonsense"):
        with pytest.raises(NotFound):
            await world.app.profile_requirements.get(admin, place)
        with pytest.raises(NotFound):
            await world.app.profile_requirements.replace(admin, place, wanted)


# --- Seen by others


async def test_others_see_what_they_may(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await write(world, pat, **WHOLE, visibility={"location": "private", "job_title": "staff"})

    student = await world.app.profiles.seen(await world.acting(Role.STUDENT), owner(pat))
    colleague = await world.app.profiles.seen(
        await world.acting(Role.TEACHER, "south"), owner(pat)
    )
    admin = await world.app.profiles.seen(await world.acting(Role.ORG_ADMIN), owner(pat))

    assert "<p>I teach <em>physics</em>.</p>" == student.bio_html
    assert (None, None, None) == (student.location, student.job_title, student.phone)
    assert ("Teacher", "+43 316 1234", None) == (
        colleague.job_title, colleague.phone, colleague.location
    )  # fmt: skip
    assert "Graz" == admin.location
    assert "Teacher North" == student.full_name


async def test_a_childs_fields_are_shown_to_few_even_where_the_profile_is_shown(
    world: World,
) -> None:
    sam, guardian = await world.acting(Role.STUDENT), await world.acting(Role.GUARDIAN)
    await write(world, sam, **WHOLE)
    for viewer in (guardian, await world.acting(Role.TEACHER)):
        with pytest.raises(NotFound):
            await world.app.profiles.seen(viewer, owner(sam))

    shown = {"privacy": {"profile_visibility": "organization"}}
    await world.app.preferences.merge(sam, shown)

    seen = await world.app.profiles.seen(guardian, owner(sam))
    assert ("Pat", None, None, (), {}) == (
        seen.preferred_name, seen.bio, seen.phone, seen.education, seen.social_links
    )  # fmt: skip
    teacher = await world.app.profiles.seen(await world.acting(Role.TEACHER, "south"), owner(sam))
    assert ("I teach *physics*.", None) == (teacher.bio, teacher.phone)


async def test_another_tenants_profile_is_not_there(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    for viewer in (
        await world.acting(Role.ORG_ADMIN, "other"),
        await world.acting(None, "other"),
    ):
        with pytest.raises(NotFound):
            await world.app.profiles.seen(viewer, owner(pat))
        with pytest.raises(NotFound):
            await world.app.profiles.inspect(viewer, owner(pat))
    root = await world.acting(Role.PLATFORM_ADMIN)
    assert owner(pat) == (await world.app.profiles.seen(root, owner(pat))).user_id
    with pytest.raises(NotFound):
        await world.app.profiles.seen(pat, owner(root))


async def test_who_was_deactivated_is_seen_by_administrators_alone(world: World) -> None:
    pat, admin = await world.acting(Role.TEACHER), await world.acting(Role.ORG_ADMIN)
    colleague = await world.acting(Role.TEACHER, "south")
    await world.app.users.deactivate(admin, owner(pat))

    assert await world.app.profiles.seen(admin, owner(pat))
    with pytest.raises(NotFound):
        await world.app.profiles.seen(colleague, owner(pat))


async def test_what_is_in_force_by_itself_follows_the_role(world: World) -> None:
    """What is sent back as it was shown is not made to stay."""
    sam = await world.acting(Role.STUDENT)
    shown = (await world.app.profiles.get(sam)).visibility
    assert ("private", "staff") == (shown["phone"], shown["bio"])

    await write(world, sam, bio="x", visibility={**shown, "phone": "staff"})

    profile = await world.app.profiles.get(sam)
    assert {**shown, "phone": "staff"} == profile.visibility
    from faraday_core.profiles.model import UserProfile  # noqa: PLC0415 -- for this one

    async with world.storage.look(sam) as reader:
        assert {"phone": "staff"} == (await reader.get(UserProfile, owner(sam))).visibility


async def test_a_whole_profile_is_inspected_by_who_administers_it(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await write(world, sam, **WHOLE)

    for actor in (OPERATOR, await world.acting(Role.SUPPORT)):
        assert WHOLE["phone"] == (await world.app.profiles.inspect(actor, owner(sam))).phone
    with pytest.raises(NotFound):
        await world.app.profiles.inspect(await world.acting(Role.TEACHER), owner(sam))


# --- Markdown


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            "a **b** _c_ ~~d~~ `e`",
            "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code></p>",
        ),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt&colon;alert(1))", ""),
        ("[x](data:text/html;base64,x)", ""),
        ("[x](vbscript:x)", ""),
        ("![x](https://x.org/pixel.png)", ""),
        ('[x](https://x.org "a\\" onmouseover=\'x\'")', ""),
        ("<https://x.org/?a=<b>", ""),
        ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>"),
        ("# T\n\n- a\n- b", "<h1>T</h1>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>"),
    ],
)
def test_markdown_is_shown_without_what_could_harm(markdown: str, html: str) -> None:
    from xml.etree import ElementTree as ET  # noqa: PLC0415 -- for this one

    made = MarkdownHtml().html(markdown)

    if html:
        assert html in made
    for part in ET.fromstring(f"<x>{made}</x>").iter():  # noqa: S314 -- made here
        assert part.tag not in {"script", "img", "style", "iframe", "svg"}
        assert {*part.attrib} <= {"href", "rel"}
        link = part.get("href", "https:")
        assert link.partition(":")[0] in {"http", "https", "mailto"}, link
        if "href" in part.attrib:
            assert "nofollow noopener noreferrer" == part.get("rel")


def test_without_markdown_installed_text_is_shown_as_it_is() -> None:
    assert "<p>a **b** &lt;i&gt;</p>\n<p>c</p>" == PlainHtml().html("a **b** <i>\n\n\nc")


# --- Over HTTP


async def me(client: Client) -> str:
    return str((await client.ask("GET /users/me")).json["id"])


async def test_a_profile_is_written_and_read(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    first = await pat.ask("GET /users/profile")
    assert 200 == first.status
    assert {"bio", "location", "website", "social_links", "phone", "job_title", "education",
            "avatar_url", "completion", "updated_at"} <= {*first.json}  # fmt: skip
    assert {"percent", "missing"} <= {*first.json["completion"]}

    put = await pat.ask("PUT /users/profile", WHOLE)
    got = await pat.ask("GET /users/profile")

    assert (200, put.json) == (put.status, got.json)
    assert WHOLE == {name: got.json[name] for name in WHOLE}
    assert put.headers["ETag"] == got.headers["ETag"] != first.headers["ETag"]


async def test_what_was_read_may_be_sent_back(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await pat.ask("PUT /users/profile", WHOLE)
    got = await pat.ask("GET /users/profile")

    for method in ("PUT", "PATCH"):
        same = await pat.ask(f"{method} /users/profile", got.json)
        assert (200, got.json) == (same.status, same.json)
        forged = got.json | {"avatar_url": "https://x.org/x.png", "completion": {"percent": 100}}
        forged |= {"updated_at": "never", "bio_html": "<script>"}
        ignored = await pat.ask(f"{method} /users/profile", forged)
        assert (200, got.json) == (ignored.status, ignored.json)


async def test_a_patch_is_merged(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await pat.ask("PUT /users/profile", WHOLE)
    change = {
        "bio": None,
        "social_links": {"code": None, "blog": "https://blog.example.org"},
        "visibility": {"phone": "private"},
    }

    answer = await pat.ask("PATCH /users/profile", change)

    assert 200 == answer.status
    assert (None, "Graz") == (answer.json["bio"], answer.json["location"])
    assert {"Mastodon", "blog"} == {*answer.json["social_links"]}
    assert "private" == answer.json["visibility"]["phone"]
    back = await pat.ask("PATCH /users/profile", {"visibility": {"phone": None}})
    assert "staff" == back.json["visibility"]["phone"]


async def test_a_profile_is_never_answered_as_not_modified(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    tag = (await pat.ask("GET /users/profile")).headers["ETag"]

    for known in (tag, "*"):
        answer = await pat.ask("GET /users/profile", headers={"If-None-Match": known})
        assert (200, tag) == (answer.status, answer.headers["ETag"])


async def test_a_write_that_is_meant_for_another_state_is_refused(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    tag = (await pat.ask("GET /users/profile")).headers["ETag"]

    first = await pat.ask("PUT /users/profile", {"bio": "a"}, headers={"If-Match": tag})
    for method in ("PUT", "PATCH"):
        stale = await pat.ask(f"{method} /users/profile", {"bio": "b"}, headers={"If-Match": tag})
        assert (412, "stale_version") == (stale.status, stale.code)
    fresh = {"If-Match": first.headers["ETag"]}
    assert 200 == (await pat.ask("PATCH /users/profile", {"bio": "c"}, headers=fresh)).status
    assert 200 == (await pat.ask("PUT /users/profile", {}, headers={"If-Match": "*"})).status


async def test_all_that_is_wrong_is_told_at_once(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    body = {"bio": 5, "website": "x", "education": [{}], "role": "org_admin"}

    for method in ("PUT", "PATCH"):
        answer = await pat.ask(f"{method} /users/profile", body)
        assert 422 == answer.status
        told = {("/bio", "wrong_type"), ("/website", "invalid_url"), ("/role", "unknown_field")}
        assert told <= answer.faults
        assert ("/education/0/institution", "required") in answer.faults or method == "PATCH"
    nul = await pat.ask("PUT /users/profile", {"bio": "a\0b"})
    assert {("/bio", "invalid_character")} == nul.faults
    assert 401 == (await pat.as_nobody().ask("GET /users/profile")).status


async def test_what_others_may_see_is_answered(server: Server) -> None:
    pat, sam = await server.signed_in(Role.TEACHER), await server.signed_in(Role.STUDENT)
    await pat.ask("PUT /users/profile", WHOLE | {"bio": "<script>*hi*"})

    answer = await sam.ask(f"GET /users/{await me(pat)}/profile")

    assert 200 == answer.status
    assert "<p>&lt;script&gt;<em>hi</em></p>" == answer.json["bio_html"]
    assert answer.json["phone"] is None
    assert not {"completion", "visibility"} & {*answer.json}
    assert 404 == (await pat.ask(f"GET /users/{await me(sam)}/profile")).status
    assert 404 == (await pat.ask(f"GET /users/{uuid7()}/profile")).status


async def test_an_organization_asks_for_fields(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    path = f"/organizations/{server.places['north']}/profile-requirements"

    first = await admin.ask(f"GET {path}")
    assert ([], None) == (first.json["required_fields"], first.json["badges"])
    body = {"required_fields": ["pronouns"], "badges": False}
    put = await admin.ask(f"PUT {path}", body, headers={"If-Match": first.headers["ETag"]})
    assert (200, put.json) == (put.status, (await admin.ask(f"GET {path}")).json)
    stale = await admin.ask(f"PUT {path}", body, headers={"If-Match": first.headers["ETag"]})
    assert 412 == stale.status
    wrong = await admin.ask(f"PUT {path}", {"required_fields": ["shoe_size"], "x": 1})
    assert {("/required_fields/0", "invalid_value"), ("/x", "unknown_field")} == wrong.faults
    completion = (await admin.ask("GET /users/profile")).json["completion"]
    assert "pronouns" in completion["required"]
    assert [] == completion["badges"]
