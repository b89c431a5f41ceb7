"""What people are told in the product itself, when they want it; over both storages and HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import Factory, define, evolve

from adapters.installation import CannotStart
from adapters.senders import senders
from faraday_core.identity.model import User, UserView
from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.mail.model import Mail, MailKind, MessageTold
from faraday_core.notifications.model import Notification, NotificationFilter, NotificationView
from faraday_core.notifications.notification_service import (
    AGAIN_AFTER,
    PATIENCE,
    NotificationService,
)
from faraday_core.notifications.ports import Undelivered
from faraday_core.preferences.quiet_hours import Channel
from faraday_core.privacy.rules import personal
from tests.serving import Server
from tests.world import OPERATOR, PASSWORD, World

PAGE = PageRequest()
ALL, UNREAD = NotificationFilter(), NotificationFilter(unread=True)
QUIET = {"do_not_disturb": {"enabled": True, "start": "07:00", "end": "09:00"}}  # it is 07:40
BY_PUSH = {"push": True}


async def pat(world: World) -> tuple[UserView, Actor]:
    person = await world.person(Role.ORG_ADMIN, email="pat@example.org")
    return person, await world.actor(await world.sign_in(person))


async def told(world: World, user_id: str, kind: MailKind = MailKind.IMPORT) -> str:
    """As a mail tells it that is queued for somebody."""
    outgoing = world.app.mail.outgoing
    mail = Mail("pat@example.org", "A roster was not imported", "It was cut off.")
    async with world.storage.begin(WORKER) as unit:
        await outgoing.queue(unit, mail, user_id=user_id, kind=kind, by_mail_alone=False)
    return mail.subject


async def prefer(world: World, actor: Actor, **notifications: Any) -> None:
    await world.app.preferences.merge(actor, {"notifications": notifications})


async def listed(
    world: World, actor: Actor, wanted: NotificationFilter = ALL
) -> list[NotificationView]:
    return [*(await world.app.notifications.list(actor, wanted, PAGE)).items]


async def stored(world: World, user_id: str) -> list[Notification]:
    async with world.storage.look(WORKER, person=user_id) as reader:
        holding = next(one for one in personal() if one.kind is Notification)
        return [*(await reader.held.rows(holding, PageRequest(100))).items]


async def test_what_a_mail_tells_is_told_in_the_product_too(world: World) -> None:
    person, actor = await pat(world)
    await told(world, person.id)
    await world.settle()

    (shown,) = await listed(world, actor)

    assert ("A roster was not imported", "It was cut off.", MailKind.IMPORT, None) == (
        shown.title,
        shown.text,
        shown.kind,
        shown.read_at,
    )
    assert world.clock.now == shown.shown_at
    assert 1 == len(world.mailer.sent)


async def test_the_newest_comes_first_page_by_page_and_what_is_read_is_left_out(
    world: World,
) -> None:
    person, actor = await pat(world)
    for _ in range(5):
        await told(world, person.id)
        await world.settle()
        world.clock.move(minutes=1)

    first = await world.app.notifications.list(actor, ALL, PageRequest(3))
    rest = await world.app.notifications.list(actor, ALL, PageRequest(3, first.next_cursor))
    times = [one.shown_at for one in (*first.items, *rest.items)]
    assert 5 == len(times)
    assert times == sorted(times, reverse=True)

    read = await world.app.notifications.read(actor, first.items[0].id)
    again = await world.app.notifications.read(actor, first.items[0].id)

    assert world.clock.now == read.read_at == again.read_at
    assert 4 == len(await listed(world, actor, UNREAD))
    assert 5 == len(await listed(world, actor))


async def test_a_token_is_mailed_alone(world: World) -> None:
    person, actor = await pat(world)
    await world.app.support.send_reset(OPERATOR, person.id)
    await world.settle()

    assert "Token: " in world.mailer.sent[-1].text
    assert [] == await listed(world, actor)


async def test_a_new_device_is_told_whatever_is_set(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, in_app=False, frequency="never", **QUIET)
    await world.sign_in(person, device_name="Somebody's phone")
    await world.settle()

    (shown,) = await listed(world, actor)
    assert MailKind.ACCOUNT is shown.kind
    (one,) = await stored(world, person.id)
    assert {"in_app": "shown", "push": "unwanted", "sms": "unwanted"} == one.outcomes


async def test_who_wants_none_is_told_none_and_nothing_is_stored(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, in_app=False)
    await told(world, person.id)
    await world.settle()

    assert [] == await listed(world, actor)
    assert [] == await stored(world, person.id)


async def test_in_quiet_hours_it_waits_for_their_end(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **QUIET)
    await told(world, person.id)
    await world.settle()
    (waiting,) = await stored(world, person.id)

    assert [] == await listed(world, actor)
    with pytest.raises(NotFound):
        await world.app.notifications.read(actor, waiting.id)
    world.clock.move(minutes=79)
    assert [] == await listed(world, actor)
    world.clock.move(minutes=1)

    (shown,) = await listed(world, actor)
    assert datetime(2026, 9, 1, 9, 0, tzinfo=UTC) == shown.shown_at


async def test_other_preferences_are_heard_by_what_waits(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **QUIET)
    await told(world, person.id)
    await world.settle()

    await prefer(world, actor, do_not_disturb={"enabled": False})
    await world.settle()
    assert 1 == len(await listed(world, actor))
    await prefer(world, actor, in_app=False)
    await world.settle()
    assert 1 == len(await listed(world, actor)), "what was shown stays"

    await prefer(world, actor, in_app=True, **QUIET)
    await told(world, person.id)
    await world.settle()
    await prefer(world, actor, in_app=False)
    await world.settle()
    assert 1 == len(await stored(world, person.id)), "what waited is not wanted any more"


async def test_nobody_sees_or_reads_anothers(world: World) -> None:
    person, actor = await pat(world)
    await told(world, person.id)
    await world.settle()
    (shown,) = await listed(world, actor)
    other = await world.acting(Role.ORG_ADMIN, "district")

    assert [] == await listed(world, other)
    for id in (shown.id, uuid7()):
        with pytest.raises(NotFound):
            await world.app.notifications.read(other, id)
    with pytest.raises(Forbidden):
        await listed(world, OPERATOR)
    for act in (
        world.app.notifications.send_due(actor),
        world.app.notifications.plan_again(actor, person.id),
    ):
        with pytest.raises(Forbidden):
            await act


async def test_a_job_that_is_told_twice_stores_it_once(world: World) -> None:
    person, actor = await pat(world)
    event = MessageTold(uuid7(), person.id, MailKind.IMPORT, "Once", "Only.", world.clock.now)

    for _ in range(2):
        await world.app.notifications.tell(WORKER, event)
    (shown,) = await listed(world, actor)
    await world.app.notifications.read(actor, shown.id)
    await world.app.notifications.tell(WORKER, event)

    assert [] == await listed(world, actor, UNREAD)
    gone = evolve(event, id=uuid7(), user_id=uuid7())
    await world.app.notifications.tell(WORKER, gone)


async def test_after_ninety_days_they_are_gone(world: World) -> None:
    person, actor = await pat(world)
    await told(world, person.id)
    await world.settle()

    world.clock.move(days=89)
    await world.app.retention.run(WORKER)
    assert 1 == len(await stored(world, person.id))
    world.clock.move(days=2)
    await world.app.retention.run(WORKER)

    assert [] == await stored(world, person.id)
    assert actor.user_id == person.id


# Channels that a deployment plugs in


@define
class Phones:
    """Keeps what it was given; fails as often as it is told to."""

    sent: list[tuple[str, str]] = Factory(list)
    failing: list[Exception] = Factory(list)

    async def send(self, notification: Notification, to: User) -> None:
        if self.failing:
            raise self.failing.pop()
        self.sent.append((notification.title, to.id))


def plugged(world: World, phones: Phones) -> NotificationService:
    return evolve(world.app.notifications, senders={Channel.PUSH: phones})


async def telling(world: World, service: NotificationService, user_id: str) -> Notification:
    event = MessageTold(uuid7(), user_id, MailKind.IMPORT, "Refused", "Rows.", world.clock.now)
    await service.tell(WORKER, event)
    (one,) = await stored(world, user_id)
    return one


async def test_without_anything_plugged_in_what_is_wanted_is_recorded_as_not_deliverable(
    world: World,
) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, in_app=False, push=True)
    await told(world, person.id)
    await world.settle()

    (one,) = await stored(world, person.id)

    assert {"in_app": "unwanted", "push": "not_deliverable", "sms": "unwanted"} == one.outcomes
    assert [] == await listed(world, actor)


async def test_what_is_plugged_in_is_given_what_its_reader_wants(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH)
    phones = Phones()

    one = await telling(world, plugged(world, phones), person.id)

    assert [("Refused", person.id)] == phones.sent
    assert {"in_app": "shown", "push": "sent", "sms": "unwanted"} == one.outcomes
    assert 0 == await plugged(world, phones).send_due(WORKER)


async def test_it_waits_for_the_end_of_quiet_hours_there_too(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH, **QUIET)
    phones = Phones()
    service = plugged(world, phones)
    await telling(world, service, person.id)

    world.clock.move(minutes=79)
    assert 0 == await service.send_due(WORKER)
    world.clock.move(minutes=1)
    assert 1 == await service.send_due(WORKER)
    assert 0 == await service.send_due(WORKER)

    assert 1 == len(phones.sent)


async def test_a_digest_is_waited_for_once(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH, frequency="daily")
    phones = Phones()
    service = plugged(world, phones)
    await telling(world, service, person.id)
    assert 0 == await service.send_due(WORKER)

    world.clock.move(days=1)

    assert 1 == await service.send_due(WORKER)
    assert 1 == len(phones.sent)


async def test_who_changes_their_mind_meanwhile_is_not_called(world: World) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH, **QUIET)
    phones = Phones()
    service = plugged(world, phones)
    await telling(world, service, person.id)
    await world.app.preferences.merge(actor, {"notifications": {"push": False}})
    await service.plan_again(WORKER, person.id)

    world.clock.move(days=1)

    assert 0 == await service.send_due(WORKER)
    assert [] == phones.sent
    (one,) = await stored(world, person.id)
    assert "unwanted" == one.outcomes["push"]


async def test_a_sender_that_fails_is_asked_again_for_a_day_and_holds_up_nobody(
    world: World,
) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH)
    phones = Phones(failing=[ValueError("broken")])
    service = plugged(world, phones)

    one = await telling(world, service, person.id)
    assert ("waiting", world.clock.now + AGAIN_AFTER) == (one.outcomes["push"], one.send_at)
    world.clock.move(minutes=5)
    assert 1 == await service.send_due(WORKER)

    (one,) = await stored(world, person.id)
    assert ("sent", None) == (one.outcomes["push"], one.send_at)


@pytest.mark.parametrize("refusal", [Undelivered(), ValueError("broken")])
async def test_in_the_end_it_is_given_up(world: World, refusal: Exception) -> None:
    person, actor = await pat(world)
    await prefer(world, actor, **BY_PUSH, **QUIET)
    phones = Phones(failing=[refusal])
    service = plugged(world, phones)
    await telling(world, service, person.id)

    world.clock.move(seconds=PATIENCE.total_seconds() + timedelta(hours=2).total_seconds())
    await service.send_due(WORKER)

    (one,) = await stored(world, person.id)
    assert ("failed", None) == (one.outcomes["push"], one.send_at)


def test_without_a_package_that_brings_one_nothing_is_plugged_in() -> None:
    assert {} == senders()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("fax = json:loads", "only push and sms"),
        ("sms = nowhere:make", "fails: No module named 'nowhere'"),
    ],
)
def test_what_cannot_be_plugged_in_is_told_in_one_line(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, entry: str, said: str
) -> None:
    installed = tmp_path / "their_sender-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: their-sender\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(f"[faraday.senders]\n{entry}\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(CannotStart, match=said):
        senders()


# Over HTTP


async def test_over_http_they_are_listed_and_read(server: Server) -> None:
    client = await server.signed_in(Role.TEACHER, email="pat@example.org")
    new = {"current_password": PASSWORD, "new_password": "Taller-Ships-1898"}
    assert 204 == (await client.ask("POST /auth/change-password", new)).status
    client = await server.client.sign_in("pat@example.org", "Taller-Ships-1898")

    async def unread() -> Any:  # as JSON has them
        return (await client.ask("GET /users/me/notifications?unread=true")).json["items"]

    while not (items := await unread()):
        pass
    ids = {one["id"] for one in items}
    assert {"id", "kind", "title", "text", "shown_at", "read_at"} == {*items[0]}

    for id in ids:
        read = await client.ask(f"POST /users/me/notifications/{id}/read")
        assert 200 == read.status
        assert read.json["read_at"]

    everything = (await client.ask("GET /users/me/notifications")).json["items"]
    assert ids <= {one["id"] for one in everything}
    assert not ids & {one["id"] for one in await unread()}
    stranger = await server.signed_in(Role.TEACHER, email="sam@example.org")
    assert (
        404 == (await stranger.ask(f"POST /users/me/notifications/{items[0]['id']}/read")).status
    )
    assert 404 == (await client.ask(f"POST /users/me/notifications/{uuid7()}/read")).status
    assert 422 == (await client.ask("GET /users/me/notifications?unread=perhaps")).status
    assert 401 == (await server.client.ask("GET /users/me/notifications")).status
