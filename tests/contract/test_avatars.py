"""People's pictures: set, seen by whom, replaced and removed; over both storages and over HTTP."""

import asyncio
import io
import re
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from attrs import evolve

from adapters.objects.memory import MemoryObjects
from adapters.pictures.process import WORKER as DECODER
from faraday_core.kernel.actor import NOBODY, WORKER, Actor, Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound, Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.objects import delete_all_of, objects_of
from faraday_core.kernel.parsing import parse
from faraday_core.profiles.avatars import AvatarFields, Fallback
from faraday_core.profiles.initials import initials_of, picture_of_initials
from faraday_core.profiles.model import AvatarReplaced, ProfileFields, Shape
from faraday_core.profiles.pictures import SIZES
from tests.pictures import BLUE, GREEN, RED, SVG, bomb, is_like, opened, picture, quarters, turned
from tests.serving import Answer, Client, Server, faraday_serve
from tests.waiting import wait_until
from tests.world import World

SHOWN_TO_ALL: Final = {"privacy": {"profile_visibility": "organization"}}
BOUNDARY: Final = "----a-boundary"


def kept(world: World) -> dict[str, bytes]:
    objects = world.app.avatars.objects
    assert isinstance(objects, MemoryObjects)
    return objects.kept


def owner(actor: Actor) -> str:
    assert actor.user_id
    return actor.user_id


# --- Setting, replacing and removing


async def test_a_picture_that_is_set_is_seen_in_each_size(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    view = await world.app.avatars.upload(pat, turned(6), AvatarFields())

    assert f"/api/v1/users/{pat.user_id}/avatar" == view.avatar_url
    assert (64, 128, 256, 512) == view.sizes
    for size in SIZES:
        seen = await world.app.avatars.get(pat, size)
        assert "image/webp" == seen.media_type
        assert (size, size) == opened(seen.content).size
        assert is_like(opened(seen.content).getpixel((size // 4, size // 4)), RED)
    profile = await world.app.profiles.get(pat)
    assert view.avatar_url == profile.avatar_url
    assert "avatar_url" not in profile.completion.missing


async def test_objects_are_named_by_their_content_below_their_person(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await world.app.avatars.upload(pat, picture())

    assert 4 == len(kept(world))
    for name in kept(world):
        assert re.fullmatch(
            rf"people/{pat.user_id}/avatars/[0-9a-f-]{{36}}/[0-9a-f]{{64}}.webp", name
        )
    tags = {(await world.app.avatars.get(pat, size)).tag for size in SIZES}
    assert tags == {name[-69:-5] for name in kept(world)}


async def test_a_replaced_picture_is_gone_after_the_commit(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await world.app.avatars.upload(pat, picture())
    before = {*kept(world)}

    await world.app.avatars.upload(pat, picture(colour=BLUE))
    assert before < {*kept(world)}  # until somebody hears of it
    await world.settle()

    assert not before & {*kept(world)}
    assert 4 == len(kept(world))
    seen = await world.app.avatars.get(pat, 64)
    assert is_like(opened(seen.content).getpixel((32, 32)), BLUE)


async def test_the_same_picture_set_again_stays(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    for _ in range(3):
        await world.app.avatars.upload(pat, picture())
        await world.settle()

    assert 4 == len(kept(world))
    assert await world.app.avatars.get(pat, 512)


async def test_a_removed_picture_is_gone(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await world.app.avatars.upload(pat, picture())

    await world.app.avatars.remove(pat)
    await world.settle()

    assert {} == kept(world)
    assert (await world.app.profiles.get(pat)).avatar_url is None
    with pytest.raises(NotFound):
        await world.app.avatars.get(pat, 64)
    with pytest.raises(NotFound):
        await world.app.avatars.remove(pat)


async def test_a_refused_picture_leaves_the_earlier_one(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await world.app.avatars.upload(pat, picture())
    before = {*kept(world)}

    for content in (SVG, picture()[:60], bomb(9000, 9000)):
        with pytest.raises(Exception, match=r"picture|/file"):
            await world.app.avatars.upload(pat, content)

    assert before == {*kept(world)}
    assert await world.app.avatars.get(pat, 64)


async def test_what_could_not_be_kept_leaves_nothing_behind(world: World) -> None:
    """Of the four squares, the third finds the store full."""

    class Full(MemoryObjects):
        async def put(self, name: str, content: bytes) -> None:
            if len(self.kept) == 2:
                raise Unavailable("The disk is full.")
            await super().put(name, content)

    pat, full = await world.acting(Role.TEACHER), Full()
    with pytest.raises(Unavailable):
        await evolve(world.app.avatars, objects=full).upload(pat, picture())

    assert {} == full.kept
    assert (await world.app.profiles.get(pat)).avatar_url is None


async def test_what_an_upload_left_that_never_ended_goes_later(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    await world.app.avatars.upload(pat, picture())
    used = {*kept(world)}
    lost = f"{objects_of(owner(pat))}avatars/{uuid7()}/{'0' * 64}.webp"
    kept(world)[lost] = b"x"
    event = AvatarReplaced(owner(pat), ())

    world.clock.now = world.clock.now.now(world.clock.now.tzinfo)  # as the ids are
    await world.app.avatars.tidy(WORKER, event)
    assert lost in kept(world)  # it may still be under way

    world.clock.now += timedelta(hours=2)
    await world.app.avatars.tidy(WORKER, event)
    await world.app.avatars.tidy(WORKER, event)
    assert used == {*kept(world)}


async def test_nobody_but_a_worker_tidies(world: World) -> None:
    pat = await world.acting(Role.ORG_ADMIN)

    with pytest.raises(Forbidden):
        await world.app.avatars.tidy(pat, AvatarReplaced(owner(pat), ()))


async def test_all_that_is_kept_of_a_person_can_be_taken_away(world: World) -> None:
    pat, sam = await world.acting(Role.TEACHER), await world.acting(Role.STUDENT)
    await world.app.avatars.upload(pat, picture())
    await world.app.avatars.upload(sam, picture())

    assert 4 == await delete_all_of(world.app.avatars.objects, owner(pat))

    assert {name.split("/")[1] for name in kept(world)} == {sam.user_id}


async def test_two_at_once_leave_one_and_lose_none(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    await asyncio.gather(*(world.app.avatars.upload(pat, picture(colour=c)) for c in (RED, BLUE)))
    await world.settle()

    assert 4 == len(kept(world))
    assert await world.app.avatars.get(pat, 64)


async def test_setting_a_picture_is_no_other_state_of_the_profile(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    before = (await world.app.profiles.get(pat)).tag

    await world.app.avatars.upload(pat, picture())

    assert before == (await world.app.profiles.get(pat)).tag


async def test_how_it_is_shown_is_kept(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    clear = picture(mode="RGBA", colour=(0, 0, 0, 0))

    await world.app.avatars.upload(pat, clear, AvatarFields(None, "#1414dc", Shape.CIRCLE))

    look = (await world.app.profiles.get(pat)).avatar
    assert look
    assert (Shape.CIRCLE, "#1414dc", SIZES) == (look.shape, look.background, look.sizes)
    seen = opened((await world.app.avatars.get(pat, 64)).content)
    assert is_like(seen.getpixel((0, 0)), BLUE)


async def test_a_part_of_it_can_be_chosen(world: World) -> None:
    pat = await world.acting(Role.TEACHER)

    await world.app.avatars.upload(pat, quarters(), AvatarFields(crop="0.55,0.05,0.4"))

    seen = opened((await world.app.avatars.get(pat, 64)).content)
    assert is_like(seen.getpixel((32, 32)), GREEN)


@pytest.mark.parametrize(
    ("field", "value"),
    [("crop", "0,0"), ("crop", "0,0,2"), ("crop", "0,0,0"), ("crop", "-1,0,1"),
     ("crop", "nan,0,1"), ("crop", "0,0,1,1"), ("crop", "0,0,1e0"), ("background", "red"),
     ("background", "#fff"), ("background", "#12345g"), ("background", "#1234567")],
)  # fmt: skip
def test_what_is_no_crop_or_colour_is_refused(field: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(AvatarFields, {field: value})
    assert (f"/{field}", "invalid_value") == (
        caught.value.faults[0].pointer,
        caught.value.faults[0].code,
    )


# --- Who sees it


async def test_a_private_one_is_its_owners_and_the_administrators(world: World) -> None:
    sam = await world.acting(Role.STUDENT)  # whose profile is private until they say otherwise
    await world.app.avatars.upload(sam, picture())

    for role in (Role.ORG_ADMIN, Role.SUPPORT, Role.PLATFORM_ADMIN):
        assert await world.app.avatars.seen(await world.acting(role), owner(sam), 64)
    above = await world.acting(Role.ORG_ADMIN, "district")
    assert await world.app.avatars.seen(above, owner(sam), 64)
    assert await world.app.avatars.seen(sam, owner(sam), 64)
    for role in (Role.TEACHER, Role.GUARDIAN, Role.DEPARTMENT_HEAD):
        other = await world.acting(role)
        for fallback in (None, Fallback.INITIALS):
            with pytest.raises(NotFound):
                await world.app.avatars.seen(other, owner(sam), 64, fallback)


async def test_one_that_is_shown_to_the_organization_is_seen_there_alone(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await world.app.avatars.upload(sam, picture())
    await world.app.preferences.merge(sam, SHOWN_TO_ALL)

    assert await world.app.avatars.seen(await world.acting(Role.GUARDIAN), owner(sam), 64)
    for role, at in ((Role.GUARDIAN, "south"), (Role.ORG_ADMIN, "other"), (None, "north")):
        with pytest.raises(NotFound):
            await world.app.avatars.seen(await world.acting(role, at), owner(sam), 64)


async def test_one_that_becomes_private_is_not_seen_any_more(world: World) -> None:
    pat, sam = await world.acting(Role.TEACHER), await world.acting(Role.STUDENT)
    await world.app.avatars.upload(pat, picture())
    assert await world.app.avatars.seen(sam, owner(pat), 64)

    await world.app.preferences.merge(pat, {"privacy": {"profile_visibility": "private"}})

    with pytest.raises(NotFound):
        await world.app.avatars.seen(sam, owner(pat), 64)
    assert await world.app.avatars.seen(pat, owner(pat), 64)


async def test_it_can_be_hidden_by_itself(world: World) -> None:
    pat, sam = await world.acting(Role.TEACHER), await world.acting(Role.STUDENT)
    await world.app.avatars.upload(pat, picture())
    fields = parse(ProfileFields, {"visibility": {"avatar_url": "staff"}})
    await world.app.profiles.replace(pat, fields)

    with pytest.raises(NotFound):
        await world.app.avatars.seen(sam, owner(pat), 64)
    initials = await world.app.avatars.seen(sam, owner(pat), 64, Fallback.INITIALS)
    assert "image/svg+xml" == initials.media_type
    assert await world.app.avatars.seen(await world.acting(Role.TEACHER, "south"), owner(pat), 64)


async def test_nobodys_picture_is_not_found(world: World) -> None:
    pat = await world.acting(Role.PLATFORM_ADMIN)

    for nobody in (uuid7(), "nonsense"):
        for fallback in (None, Fallback.INITIALS):
            with pytest.raises(NotFound):
                await world.app.avatars.seen(pat, nobody, 64, fallback)
    with pytest.raises(Forbidden):
        await world.app.avatars.get(NOBODY, 64)


# --- Initials


async def test_who_has_none_has_initials_where_they_are_asked_for(world: World) -> None:
    pat = await world.acting(Role.TEACHER, name="Zoë <b>O'Neill</b> & Söhne")

    with pytest.raises(NotFound):
        await world.app.avatars.get(pat, 64)
    seen = await world.app.avatars.get(pat, 64, Fallback.INITIALS)

    svg = ET.fromstring(seen.content)  # noqa: S314 -- made here
    assert ("64", "64") == (svg.get("width"), svg.get("height"))
    assert {"svg", "title", "rect", "text"} == {part.tag.rpartition("}")[2] for part in svg.iter()}
    assert "ZS" == svg.findtext("{*}text")
    assert "Zoë <b>O'Neill</b> & Söhne" == svg.findtext("{*}title")
    await world.app.avatars.upload(pat, picture())
    assert "image/webp" == (await world.app.avatars.get(pat, 64, Fallback.INITIALS)).media_type


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Ada Lovelace", "AL"), ("ada king lovelace", "AL"), ("Zoë", "Z"), ("Östen Å", "ÖÅ"),
     ("<script>", "S"), ("-- ..", "?"), ("王小明", "王"), ("ßen Ǆ", "SǄ"), ("أحمد علي", "أع"),
     ("\u202eevil\u202c name", "EN"), ("(Pat) O'Neill", "PO"), ("é a\u0301", "ÉÁ"), ("7 up", "7U"),
     ("x" + "\u0316" * 500, "X\u0316\u0316\u0316")],
)  # fmt: skip
def test_initials_are_the_letters_that_words_begin_with(name: str, initials: str) -> None:
    assert initials == initials_of(name)


def test_initials_hold_nothing_but_their_letters() -> None:
    for name in ('" onload="alert(1)', "</text><script>x</script>", "&lt;", "\u2028\u0000{title}"):
        svg = picture_of_initials(name, uuid7(), 64)
        allowed = {"svg", "title", "rect", "text"}
        found = ET.fromstring(svg)  # noqa: S314 -- made here
        assert allowed == {part.tag.rpartition("}")[2] for part in found.iter()}
        assert not [name for part in found.iter() for name in part.attrib if name[:2] == "on"]


# --- Over HTTP


async def upload(
    client: Client,
    content: bytes,
    *,
    name: str = "me.png",
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    form = aiohttp.FormData(quote_fields=False)
    for field, value in (fields or {}).items():
        form.add_field(field, value)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="image/png")
    return await client.ask("POST /users/profile/avatar", data=form, headers=headers or {})


async def test_a_picture_is_uploaded_and_asked_for(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)

    answer = await upload(pat, turned(3))

    me = (await pat.ask("GET /auth/me")).json["id"]
    url = f"/api/v1/users/{me}/avatar"
    assert 201 == answer.status
    assert {"avatar_url": url, "sizes": [64, 128, 256, 512]} == answer.json
    assert "/api/v1/users/profile/avatar" == answer.headers["Location"]
    for size in SIZES:
        for path in (f"/users/{me}/avatar?size={size}", f"/users/profile/avatar?size={size}"):
            seen = await pat.ask(f"GET {path}")
            assert (200, "image/webp") == (seen.status, seen.headers["Content-Type"])
            assert (size, size) == opened(seen.body).size
    assert (256, 256) == opened((await pat.ask(f"GET /{url}")).body).size


async def test_it_is_answered_with_what_keeps_it_safe(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await upload(pat, picture())

    for path in ("/users/profile/avatar", "/users/profile/avatar?size=64"):
        headers = (await pat.ask(f"GET {path}")).headers
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert 'inline; filename="avatar.webp"' == headers["Content-Disposition"]
        assert "private, no-cache" == headers["Cache-Control"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    head = await pat.ask("HEAD /users/profile/avatar")
    assert (200, b"", "image/webp") == (head.status, head.body, head.headers["Content-Type"])


async def test_who_has_it_already_is_told_so(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await upload(pat, picture())
    tag = (await pat.ask("GET /users/profile/avatar?size=64")).headers["ETag"]

    again = await pat.ask("GET /users/profile/avatar?size=64", headers={"If-None-Match": tag})
    other = await pat.ask("GET /users/profile/avatar?size=128", headers={"If-None-Match": tag})
    assert (304, b"", 200) == (again.status, again.body, other.status)

    await upload(pat, picture(colour=BLUE))
    new = await pat.ask("GET /users/profile/avatar?size=64", headers={"If-None-Match": tag})
    assert 200 == new.status


async def test_who_may_not_see_it_is_not_told_that_they_have_it(server: Server) -> None:
    pat, sam = await server.signed_in(Role.TEACHER), await server.signed_in(Role.GUARDIAN)
    await upload(pat, picture())
    me = (await pat.ask("GET /auth/me")).json["id"]
    seen = await sam.ask(f"GET /users/{me}/avatar?size=64")
    assert 200 == seen.status
    await pat.ask("PATCH /users/preferences", {"privacy": {"profile_visibility": "private"}})

    known = {"If-None-Match": seen.headers["ETag"]}
    assert 404 == (await sam.ask(f"GET /users/{me}/avatar?size=64", headers=known)).status
    assert 401 == (await sam.as_nobody().ask(f"GET /users/{me}/avatar")).status


async def test_what_is_wrong_with_a_picture_is_told(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)

    svg = await upload(pat, SVG, name="me.png")
    assert (415, "unsupported_image") == (svg.status, svg.code)
    empty = await upload(pat, b"")
    assert (415, "unsupported_image") == (empty.status, empty.code)
    cut = await upload(pat, picture()[:70])
    assert (422, "invalid_image", {("/file", "invalid_image")}) == (
        cut.status,
        cut.code,
        cut.faults,
    )
    large = await upload(pat, bomb(20_000, 20_000))
    assert (422, "image_too_large") == (large.status, large.code)
    assert 404 == (await pat.ask("GET /users/profile/avatar")).status


async def test_a_picture_is_known_by_its_content_and_not_by_its_name(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)

    assert 201 == (await upload(pat, picture("WEBP"), name="../../etc/passwd.svg")).status
    assert 201 == (await upload(pat, picture("GIF"), name="x.exe")).status


async def test_five_mebibytes_are_taken_and_a_byte_more_is_not(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    padding = (5 << 20) - len(picture())

    assert 201 == (await upload(pat, picture() + b"\0" * padding)).status
    refused = await upload(pat, picture() + b"\0" * (padding + 1))
    assert (413, "body_too_large") == (refused.status, refused.code)
    refused = await upload(pat, picture() + b"\0" * (8 << 20))
    assert (413, "body_too_large") == (refused.status, refused.code)


async def test_what_is_sent_without_a_length_is_bounded_too(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield _head("file") + picture()
        for _ in range(20):
            sent += 1 << 20
            yield b"\0" * (1 << 20)

    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    try:
        answer = await pat.ask("POST /users/profile/avatar", data=endless(), headers=headers)
    except aiohttp.ClientConnectionError:  # it has answered, and hears no more
        return
    assert (413, "body_too_large") == (answer.status, answer.code)


def _head(name: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="me.png"'
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode()


async def raw(client: Client, body: bytes, kind: str = "") -> Answer:
    kind = kind or f"multipart/form-data; boundary={BOUNDARY}"
    headers = {"Content-Type": kind}
    return await client.ask("POST /users/profile/avatar", data=body, headers=headers)


async def test_what_is_no_form_is_refused(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    whole = _head("file") + picture() + f"\r\n--{BOUNDARY}--\r\n".encode()

    assert 201 == (await raw(pat, whole)).status
    assert 415 == (await raw(pat, picture(), "image/png")).status
    assert 415 == (await pat.ask("POST /users/profile/avatar", {"file": "x"})).status
    for body, kind in (
        (whole[:-40], ""),
        (whole, "multipart/form-data"),
        (whole, "multipart/form-data; boundary=another"),
        (b"", ""),
        (b"nonsense", ""),
        (_head("file").replace(b"form-data", b"attachment") + b"x", ""),
        (whole[:-4].replace(b"--\r\n", b"") + b"\r\n" + _head("file") * 40, ""),
    ):
        answer = await raw(pat, body, kind)
        assert (400, "malformed_form") == (answer.status, answer.code), (body[:80], kind)


async def test_all_that_is_wrong_with_a_form_is_told_at_once(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    fields = {"crop": "1", "background": "red", "shape": "star", "owner": "sam"}

    answer = await upload(pat, picture(), fields=fields)
    assert 422 == answer.status
    assert answer.faults == {
        ("/crop", "invalid_value"),
        ("/background", "invalid_value"),
        ("/shape", "invalid_value"),
        ("/owner", "unknown_field"),
    }
    form = aiohttp.FormData({"shape": "circle"}, default_to_multipart=True)
    without = await pat.ask("POST /users/profile/avatar", data=form)
    assert (422, {("/file", "required")}) == (without.status, without.faults)
    twice = aiohttp.FormData()
    for _ in range(2):
        twice.add_field("file", picture(), filename="me.png")
    answer = await pat.ask("POST /users/profile/avatar", data=twice)
    assert (422, {("/file", "invalid_value")}) == (answer.status, answer.faults)


async def test_fields_of_the_form_say_how_it_is_shown(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    fields = {"crop": "0.55,0.05,.4", "background": "#ffffff", "shape": "rounded"}

    assert 201 == (await upload(pat, quarters(), fields=fields)).status

    seen = opened((await pat.ask("GET /users/profile/avatar?size=64")).body)
    assert is_like(seen.getpixel((32, 32)), GREEN)
    look = (await pat.ask("GET /users/profile")).json["avatar"]
    assert {"shape": "rounded", "background": "#ffffff", "sizes": [64, 128, 256, 512]} == look


async def test_another_size_is_refused(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await upload(pat, picture())

    for size in ("0", "63", "1024", "-64", "64.0", "x", ""):
        answer = await pat.ask(f"GET /users/profile/avatar?size={size}")
        assert 422 == answer.status, size
        assert {"?size"} == {pointer for pointer, _ in answer.faults}
    assert 422 == (await pat.ask("GET /users/profile/avatar?fallback=face")).status
    assert 422 == (await pat.ask("GET /users/profile/avatar?width=64")).status


async def test_initials_are_answered_as_a_picture_that_can_do_nothing(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)

    assert 404 == (await pat.ask("GET /users/profile/avatar")).status
    answer = await pat.ask("GET /users/profile/avatar?fallback=initials&size=64")

    assert (200, "image/svg+xml") == (answer.status, answer.headers["Content-Type"])
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    known = {"If-None-Match": answer.headers["ETag"]}
    path = "GET /users/profile/avatar?fallback=initials&size=64"
    assert 304 == (await pat.ask(path, headers=known)).status


async def test_an_upload_sent_again_with_its_key_is_done_once(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    key = {"Idempotency-Key": "one"}

    first = await upload(pat, picture(), headers=key)
    tag = (await pat.ask("GET /users/profile/avatar")).headers["ETag"]
    await upload(pat, picture(colour=BLUE))
    again = await upload(pat, picture(), headers=key)  # in a form with another boundary
    other = await upload(pat, picture(colour=GREEN), headers=key)

    assert (201, first.json) == (again.status, again.json)
    assert tag != (await pat.ask("GET /users/profile/avatar")).headers["ETag"]
    assert (422, "idempotency_mismatch") == (other.status, other.code)


async def test_who_is_signed_out_has_nothing_decoded(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await pat.ask("GET /users/profile")  # and so is remembered
    await pat.ask("POST /auth/logout")

    assert 401 == (await upload(pat, picture())).status
    assert 401 == (await upload(pat.as_nobody(), picture())).status


async def test_removing_is_done_once(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    await upload(pat, picture())

    assert 204 == (await pat.ask("DELETE /users/profile/avatar")).status
    assert 404 == (await pat.ask("DELETE /users/profile/avatar")).status
    put = await pat.ask("PUT /users/profile/avatar", {})
    assert (405, {"DELETE", "GET", "HEAD", "POST"}) == (
        put.status,
        {*put.headers["Allow"].replace(" ", "").split(",")},
    )


async def test_the_files_of_a_replaced_picture_leave_the_data_folder(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    folder = server.mail_folder.parent / "objects"
    await upload(pat, picture())
    first = {*folder.rglob("*.webp")}
    assert 4 == len(first)

    await upload(pat, picture(colour=BLUE))

    async with asyncio.timeout(10):
        while first & {*folder.rglob("*.webp")}:  # noqa: ASYNC110 -- a worker is waited for
            await asyncio.sleep(0.02)
    assert 4 == len({*folder.rglob("*.webp")})


# --- In whole processes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_what_decodes_pictures_ends_with_its_server(data_dir: Path, number: int) -> None:
    with faraday_serve("--demo", data_dir=data_dir) as serving:
        async with aiohttp.ClientSession() as session:
            client = Client(session, serving.url)
            pat = await client.sign_in("teacher@demo.example.org", "Chalk-and-Cheese-7")
            assert 201 == (await upload(pat, picture())).status
        (decoder,) = _decoders_of(serving.process.pid)
        serving.process.send_signal(number)
        serving.process.wait(15)
        wait_until(lambda: not _runs(decoder))
    assert 4 == len([*(data_dir / "objects").rglob("*.webp")])


def _decoders_of(server: int) -> list[int]:
    processes = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in processes if _runs(pid) and f"PPid:\t{server}\n" in _status(pid)]


def _runs(decoder: int) -> bool:
    try:
        command = Path(f"/proc/{decoder}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(DECODER).encode() in command and "State:\tZ" not in _status(decoder)


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""
