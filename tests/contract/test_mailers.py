"""Mails: one contract for all mailers, a real mail server's faults, and a mail's way to it."""

import asyncio
import resource
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import attrs
import pytest
from attrs import frozen

from adapters.mail.folder import FolderMailer
from adapters.mail.memory import MemoryMailer
from adapters.mail.smtp import SmtpMailer, smtp_server
from faraday_core.kernel.actor import WORKER
from faraday_core.mail.mail_service import MailService
from faraday_core.mail.model import Mail, MailQueued, QueuedMail
from faraday_core.mail.ports import Mailer, MailRefused, MailUndelivered
from tests.serving import serving
from tests.smtp import Does, MailServer, mail_server, own_certificate
from tests.waiting import until
from tests.world import PASSWORD, World

SENDER = "Faraday <no-reply@example.org>"
TOKEN = "frd_1234567890abcdefghijklmnopqrstuv"
MAIL = Mail(
    "pat.doe@example.org",
    "Ein neues Passwort für Zoë",
    f"Hello Zoë Übermut 学校,\n\nEnter this code:\n\nToken: {TOKEN}\n\n.\n..\nFrom a dot on.\n",
)
PLAIN = Mail("pat.doe@example.org", "Hello", "Hello Pat,\n\nToken: abc\n")


@frozen
class Received:
    to: str
    subject: str
    text: str
    message_id: str


@frozen
class Delivery:
    """A mailer, and what came out at its other end."""

    mailer: Mailer
    received: Callable[[], list[Received]]


def _received(content: bytes) -> Received:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert "text/plain" == message.get_content_type()
    return Received(
        str(message["To"]),
        str(message["Subject"]),
        message.get_content().replace("\r\n", "\n"),
        str(message["Message-ID"]),
    )


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


def _mailer_to(server: MailServer, *, timeout: float = 10) -> SmtpMailer:
    return SmtpMailer(smtp_server(server.url), SENDER, timeout)


@pytest.fixture(params=["smtp", "smtp_7bit", "folder", "memory"])
async def delivery(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Delivery]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            memory = MemoryMailer()
            yield Delivery(memory, lambda: _kept(memory))
        elif request.param == "folder":
            folder = tmp_path / "mails"
            yield Delivery(FolderMailer(folder, SENDER), lambda: _filed(folder))
        else:
            server = await stack.enter_async_context(
                mail_server(takes_8bit=request.param == "smtp")
            )
            yield Delivery(_mailer_to(server), lambda: _served(server))


def _kept(mailer: MemoryMailer) -> list[Received]:
    kept = mailer._by_id.items()
    return [Received(mail.to, mail.subject, mail.text, id) for id, mail in kept]


def _filed(folder: Path) -> list[Received]:
    return [_received(file.read_bytes()) for file in folder.glob("*.eml")]


def _lines_filed(folder: Path) -> list[list[str]]:
    return [file.read_text(encoding="utf-8").splitlines() for file in folder.glob("*.eml")]


def _served(server: MailServer) -> list[Received]:
    return [_received(arrived.content) for arrived in server.arrived]


# --- One contract for all mailers -----------------------------------------------------------


@pytest.mark.parametrize("mail", [MAIL, PLAIN], ids=["unicode", "ascii"])
async def test_a_mail_arrives_as_it_was_written(delivery: Delivery, mail: Mail) -> None:
    await delivery.mailer.send(mail, "<1@faraday>")

    expected = Received(mail.to, mail.subject, mail.text, "<1@faraday>")
    assert [expected] == delivery.received()


async def test_a_token_stands_on_a_line_of_its_own(delivery: Delivery) -> None:
    await delivery.mailer.send(MAIL, "<1@faraday>")

    assert f"Token: {TOKEN}" in delivery.received()[0].text.split("\n")


async def test_a_line_longer_than_mail_may_have_arrives_whole(delivery: Delivery) -> None:
    mail = attrs.evolve(PLAIN, text=f"{'é' * 600}\n{'x' * 2000}\n")

    await delivery.mailer.send(mail, "<1@faraday>")

    assert mail.text == delivery.received()[0].text


async def test_what_is_sent_twice_is_known_as_one(delivery: Delivery) -> None:
    await delivery.mailer.send(MAIL, "<1@faraday>")
    await delivery.mailer.send(MAIL, "<1@faraday>")
    await delivery.mailer.send(MAIL, "<2@faraday>")

    ids = {mail.message_id for mail in delivery.received()}
    assert {"<1@faraday>", "<2@faraday>"} == ids


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Hello\r\nBcc: eve@example.org"},
        {"subject": "Hello\n"},
        {"subject": "Hello\r\rBcc: eve@example.org"},
        {"subject": "Hello\u2028Bcc: eve@example.org"},
        {"to": "pat@example.org\r\nBcc: eve@example.org"},
        {"to": "pat@example.org\n"},
        {"to": "pat@example.org, eve@example.org"},
        {"to": "pat@example.org> SIZE=1\r\nRCPT TO:<eve@example.org"},
        {"to": "Eve <eve@example.org>"},
        {"to": ""},
    ],
    ids=lambda change: repr(change)[:40],
)
async def test_a_mail_that_would_be_more_than_one_is_refused(
    delivery: Delivery, change: dict[str, str]
) -> None:
    with pytest.raises(MailRefused) as caught:
        await delivery.mailer.send(attrs.evolve(MAIL, **change), "<1@faraday>")

    assert "example.org" not in _as_logged(caught.value)
    assert [] == delivery.received()


# --- What a mail server may do --------------------------------------------------------------

FAULTS = [
    (Does.REFUSE_SENDER, MailRefused),
    (Does.REFUSE_RECIPIENT, MailRefused),
    (Does.REFUSE_CONTENT, MailRefused),
    (Does.REFUSE_AND_STALL, MailRefused),
    (Does.SAY_LATER, MailUndelivered),
    (Does.SAY_LATER_TO_CONTENT, MailUndelivered),
    (Does.DROP_AT_ONCE, MailUndelivered),
    (Does.DROP_UNANSWERED, MailUndelivered),
    (Does.STALL_RECIPIENT, MailUndelivered),
    (Does.STALL, MailUndelivered),
]


@pytest.mark.parametrize(("does", "kind"), FAULTS, ids=lambda given: getattr(given, "name", ""))
async def test_a_fault_is_for_good_or_for_now_and_names_nobody(
    smtp: MailServer, does: Does, kind: type[Exception]
) -> None:
    smtp.does = does

    with pytest.raises((MailRefused, MailUndelivered)) as caught:
        await _mailer_to(smtp, timeout=0.3).send(MAIL, "<1@faraday>")

    assert kind is type(caught.value)
    logged = _as_logged(caught.value)
    assert [] == [word for word in (MAIL.to, "example.org", TOKEN) if word in logged]


async def test_a_server_that_is_away_is_one_for_now() -> None:
    async with mail_server() as server:
        mailer = _mailer_to(server)

    with pytest.raises(MailUndelivered):
        await mailer.send(MAIL, "<1@faraday>")


async def test_an_accepted_mail_is_sent_whatever_becomes_of_the_line(smtp: MailServer) -> None:
    smtp.does = Does.DROP_ANSWERED

    await _mailer_to(smtp).send(MAIL, "<1@faraday>")

    assert ["<1@faraday>"] == [mail.message_id for mail in _served(smtp)]


async def test_the_envelope_names_the_recipient_and_our_address_alone(smtp: MailServer) -> None:
    await _mailer_to(smtp).send(MAIL, "<1@faraday>")

    (arrived,) = smtp.arrived
    assert ("no-reply@example.org", (MAIL.to,)) == (arrived.sender, arrived.recipients)


async def test_an_address_beyond_ascii_arrives_where_the_server_takes_it(
    smtp: MailServer,
) -> None:
    await _mailer_to(smtp).send(attrs.evolve(MAIL, to="zoë@schüle.example"), "<1@faraday>")

    assert ("zoë@schüle.example",) == smtp.arrived[0].recipients
    assert "SMTPUTF8" in smtp.arrived[0].options


async def test_an_address_beyond_ascii_is_refused_where_it_does_not() -> None:
    async with mail_server(takes_utf8=False) as server:
        with pytest.raises(MailRefused):
            await _mailer_to(server).send(
                attrs.evolve(MAIL, to="zoë@schüle.example"), "<1@faraday>"
            )

        assert [] == server.arrived


async def test_a_fault_of_one_mail_holds_up_no_other(smtp: MailServer) -> None:
    mailer = _mailer_to(smtp, timeout=0.5)
    smtp.next = [Does.STALL, Does.REFUSE_AND_STALL]

    async with asyncio.TaskGroup() as group:
        for number in range(2):
            group.create_task(_fails(mailer, f"<{number}@faraday>"))
    for number in range(2, 8):
        await mailer.send(MAIL, f"<{number}@faraday>")

    assert {f"<{number}@faraday>" for number in range(2, 8)} <= {
        mail.message_id for mail in _served(smtp)
    }


async def _fails(mailer: SmtpMailer, message_id: str) -> None:
    with pytest.raises((MailRefused, MailUndelivered)):
        await mailer.send(MAIL, message_id)


def _as_logged(error: BaseException) -> str:
    """With its causes, as a log has it; without lines of source, which are these tests' own."""
    found, texts = [error], []
    while found:
        seen = found.pop()
        texts += traceback.format_exception_only(seen)
        if cause := seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__):
            found.append(cause)
    return "".join(texts)


# --- What goes over the network encrypted ---------------------------------------------------


async def test_by_smtps_a_mail_and_a_password_go_encrypted_to_who_is_trusted(
    tmp_path: Path,
) -> None:
    own = own_certificate(tmp_path)
    async with mail_server(tls=own.server) as server:
        to = smtp_server(f"smtps://pat:p%40ss%2Fword@localhost:{server.port}")

        await SmtpMailer(to, SENDER, timeout=10, trusted=own.trusting).send(MAIL, "<1@faraday>")

        assert [True] == [mail.encrypted for mail in server.arrived]
        assert [(b"pat", b"p@ss/word")] == server.signed_in


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail_and_no_password(
    tmp_path: Path,
) -> None:
    async with mail_server(tls=own_certificate(tmp_path).server) as server:
        to = smtp_server(f"smtps://pat:password@localhost:{server.port}")

        with pytest.raises(MailUndelivered):
            await SmtpMailer(to, SENDER, timeout=10).send(MAIL, "<1@faraday>")

        assert ([], []) == (server.arrived, server.signed_in)


async def test_starttls_is_taken_where_it_is_offered(tmp_path: Path) -> None:
    async with mail_server(starttls=own_certificate(tmp_path).server) as server:
        await _mailer_to(server).send(MAIL, "<1@faraday>")

        assert [True] == [mail.encrypted for mail in server.arrived]


# --- The folder -----------------------------------------------------------------------------


async def test_a_mail_in_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mails"

    await FolderMailer(folder, SENDER).send(MAIL, "<1@faraday>")

    assert 0o700 == folder.stat().st_mode & 0o777
    assert [0o600] == [file.stat().st_mode & 0o777 for file in folder.iterdir()]


async def test_a_mail_in_the_folder_can_be_read_as_it_is(tmp_path: Path) -> None:
    await FolderMailer(tmp_path, SENDER).send(MAIL, "<1@faraday>")

    (lines,) = await asyncio.to_thread(_lines_filed, tmp_path)
    assert f"Token: {TOKEN}" in lines


async def test_whoever_reads_the_folder_meanwhile_sees_whole_mails(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path, SENDER)
    long = attrs.evolve(PLAIN, text="A line of a long mail\n" * 20_000)
    await mailer.send(long, "<1@faraday>")

    async def write() -> None:
        for _ in range(10):
            await mailer.send(long, "<1@faraday>")

    writing, seen = asyncio.create_task(write()), set()
    while not writing.done():
        seen |= {mail.text for mail in await asyncio.to_thread(_filed, tmp_path)}
    await writing

    assert {long.text} == seen


async def test_a_mail_that_finds_no_room_leaves_none_behind_and_the_last_one_whole(
    tmp_path: Path,
) -> None:
    await FolderMailer(tmp_path, SENDER).send(PLAIN, "<1@faraday>")

    told = await asyncio.to_thread(_send_without_room, tmp_path)

    assert "MailUndelivered\n" == told
    assert [PLAIN.text] == [mail.text for mail in _filed(tmp_path)]


_WITHOUT_ROOM = """
import asyncio, sys
from pathlib import Path
from adapters.mail.folder import FolderMailer
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailUndelivered

try:
    mail = Mail("pat@example.org", "Hello", "A line\\n" * 10_000)
    asyncio.run(FolderMailer(Path(sys.argv[1]), "a@example.org").send(mail, "<1@faraday>"))
except MailUndelivered as error:
    print(type(error).__name__)
"""


def _send_without_room(folder: Path) -> str:
    """In a process that may write no file longer than 4 KiB."""
    return subprocess.run(
        [sys.executable, "-B", "-c", _WITHOUT_ROOM, str(folder)],
        env={"PYTHONPATH": "src"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout


async def test_a_folder_that_cannot_be_written_is_one_for_now(tmp_path: Path) -> None:
    in_its_place = tmp_path / "mails"
    in_its_place.write_text("no folder")

    with pytest.raises(MailUndelivered) as caught:
        await FolderMailer(in_its_place, SENDER).send(MAIL, "<1@faraday>")

    assert "example.org" not in _as_logged(caught.value)


# --- The outbox, over both storages ---------------------------------------------------------


@frozen
class Queued:
    """A mail that waits in the outbox of a product which sends to a real mail server."""

    world: World
    mail: MailService
    id: str

    async def send(self) -> None:
        await self.mail.send(WORKER, self.id)

    async def stored(self) -> QueuedMail:
        async with self.world.storage.begin(WORKER) as unit:
            return await unit.get(QueuedMail, self.id)


@pytest.fixture
async def queued(world: World, smtp: MailServer) -> Queued:
    await world.app.auth.register(
        email="pat.doe@example.org", password=PASSWORD, full_name="Zoë Doe"
    )
    (event,) = [event for event in await world._events() if isinstance(event, MailQueued)]
    mail = attrs.evolve(world.app.mail, mailer=_mailer_to(smtp, timeout=2))
    return Queued(world, mail, event.mail_id)


async def test_a_sent_mail_is_ended_and_its_content_gone(queued: Queued, smtp: MailServer) -> None:
    before = await queued.stored()

    await queued.send()

    after = await queued.stored()
    assert before.content is not None
    assert b"pat.doe" not in before.content
    assert (None, None, queued.world.clock()) == (after.content, after.failure, after.ended_at)
    assert [f"<{queued.id}@faraday>"] == [mail.message_id for mail in _served(smtp)]


@pytest.mark.parametrize(
    "does",
    [Does.SAY_LATER, Does.SAY_LATER_TO_CONTENT, Does.DROP_AT_ONCE],
    ids=lambda does: does.name,
)
async def test_after_a_fault_a_mail_is_tried_again_and_then_sent_once(
    queued: Queued, smtp: MailServer, does: Does
) -> None:
    smtp.next = [does]
    with pytest.raises(MailUndelivered):
        await queued.send()
    waiting, tried = await queued.stored(), len(smtp.arrived)

    for _ in range(3):
        await queued.send()

    assert (None, None) == (waiting.ended_at, waiting.claimed_at)
    assert 1 == len(smtp.arrived) - tried
    assert (await queued.stored()).ended_at is not None


async def test_a_mail_that_may_have_arrived_is_sent_again_under_its_id(
    queued: Queued, smtp: MailServer
) -> None:
    smtp.next = [Does.DROP_UNANSWERED]
    with pytest.raises(MailUndelivered):
        await queued.send()

    await queued.send()

    assert 2 * [f"<{queued.id}@faraday>"] == [mail.message_id for mail in _served(smtp)]


async def test_an_accepted_mail_is_not_sent_again_though_the_line_dropped(
    queued: Queued, smtp: MailServer
) -> None:
    smtp.next = [Does.DROP_ANSWERED]

    for _ in range(3):
        await queued.send()

    assert 1 == len(smtp.arrived)


async def test_of_many_workers_at_once_one_sends(queued: Queued, smtp: MailServer) -> None:
    outcomes = await asyncio.gather(*(queued.send() for _ in range(4)), return_exceptions=True)

    assert [] == [
        outcome
        for outcome in outcomes
        if outcome is not None and not isinstance(outcome, MailUndelivered)
    ]
    assert None in outcomes
    await queued.send()
    assert 1 == len(smtp.arrived)


async def test_a_mail_whose_worker_has_died_is_sent_by_another_after_a_while(
    queued: Queued, smtp: MailServer
) -> None:
    smtp.next = [Does.STALL]
    dying = asyncio.create_task(queued.send())
    await asyncio.wait_for(smtp.has_mail.wait(), 10)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)

    queued.world.clock.move(minutes=2)
    with pytest.raises(MailUndelivered, match="another worker is sending it"):
        await queued.send()
    assert 1 == len(smtp.arrived)
    queued.world.clock.move(minutes=1)
    await queued.send()

    assert 2 * [f"<{queued.id}@faraday>"] == [mail.message_id for mail in _served(smtp)]


@pytest.mark.parametrize(
    ("does", "code"),
    [(Does.REFUSE_SENDER, 553), (Does.REFUSE_RECIPIENT, 550), (Does.REFUSE_CONTENT, 554)],
)
async def test_a_refused_mail_is_given_up_with_the_reason_and_without_its_content(
    queued: Queued, smtp: MailServer, does: Does, code: int
) -> None:
    smtp.next = [does]

    await queued.send()
    tries = smtp.connections
    await queued.send()

    stored = await queued.stored()
    assert f"the mail server answered {code}" == stored.failure
    assert (None, queued.world.clock()) == (stored.content, stored.ended_at)
    assert 1 == tries == smtp.connections


# --- From the request to the mailbox --------------------------------------------------------


async def test_a_forgotten_password_arrives_though_the_server_first_asks_to_wait(
    database_url: str, tmp_path: Path, smtp: MailServer
) -> None:
    settings = {"FARADAY_SMTP_URL": smtp.url}
    async with serving(database_url, tmp_path, settings) as server:
        email = await server.person(None, email="pat@example.org")
        await until(lambda: _has(smtp, "Please confirm your e-mail address"))
        smtp.next = [Does.SAY_LATER]

        answer = await server.client.ask("POST /auth/forgot-password", {"email": email})
        assert 202 == answer.status
        await until(lambda: _has(smtp, "Set a new password"), seconds=20)

        text = _served(smtp)[-1].text
        token = next(line for line in text.split("\n") if line.startswith("Token: "))[7:]
        reset = {"token": token, "new_password": "Quite-Another-1897"}
        assert 204 == (await server.client.ask("POST /auth/reset-password", reset)).status
        await server.client.sign_in(email, "Quite-Another-1897")


async def _has(server: MailServer, subject: str) -> bool:
    return subject in [mail.subject for mail in _served(server)]
