"""How mail goes over the network: proven servers, passwords, time, places, the setting's URL."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as some

from adapters.mail.folder import FolderMailer
from adapters.mail.message import message_of
from adapters.mail.smtp import AT_ONCE, SmtpMailer, SmtpServer, smtp_server
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailUndelivered
from tests.smtp import LOOPBACK, Does, MailServer, mail_server, own_certificate
from tests.waiting import until

SENDER = "Schule Süd <no-reply@example.org>"
MAIL = Mail("pat@example.org", "Set a new password", "Hello Pat,\n\nToken: abc\n")
ID = "<0192-1@faraday>"
SOON = 0.5  # seconds


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


def mailer_to(server: MailServer, timeout: float = 10) -> SmtpMailer:
    return SmtpMailer(smtp_server(server.url), SENDER, timeout)


# What is written


@given(some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_any_text_is_read_as_it_was_written(text: str) -> None:
    message = message_of(evolve(MAIL, text=f"{text}\n"), SENDER, ID)

    for kind in "8bit", "7bit":
        content = message.as_bytes(policy=message.policy.clone(cte_type=kind))
        assert f"{text}\n" == read(content).get_content().replace("\r\n", "\n")


async def test_a_mail_says_who_sent_it_and_that_a_machine_did(server: MailServer) -> None:
    await mailer_to(server).send(MAIL, ID)

    message = read(server.arrived[0].content)
    assert SENDER == str(message["From"])
    assert "auto-generated" == message["Auto-Submitted"]
    assert ("text/plain", "utf-8") == (message.get_content_type(), message.get_content_charset())


@pytest.mark.parametrize("takes_8bit", [True, False])
async def test_a_text_beyond_ascii_goes_as_the_server_can_take_it(*, takes_8bit: bool) -> None:
    async with mail_server(takes_utf8=False, takes_8bit=takes_8bit) as server:
        await mailer_to(server).send(evolve(MAIL, text="größer\n"), ID)

    (arrived,) = server.arrived
    assert takes_8bit == ("BODY=8BITMIME" in arrived.options)
    assert takes_8bit != arrived.content.isascii()


@pytest.mark.parametrize(
    "sender", ["", "Faraday", "a@b.example, c@d.example", "schüle@b.example", "F\n <a@b.example>"]
)
def test_a_sender_is_one_address(sender: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no single address"):
        FolderMailer(tmp_path, sender)
    with pytest.raises(ValueError, match="is no single address"):
        SmtpMailer(SmtpServer(LOOPBACK, 25, tls=False), sender)


# Time and places


async def test_a_server_that_is_away_or_says_nothing_is_tried_again() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        mailer = SmtpMailer(SmtpServer(LOOPBACK, port, tls=False), SENDER, SOON)
        with pytest.raises(MailUndelivered, match="no answer in time"):
            await mailer.send(MAIL, ID)

    with pytest.raises(MailUndelivered, match=f"{LOOPBACK} on port {port}"):
        await mailer.send(MAIL, ID)


async def test_four_mails_are_under_way_at_most_and_the_next_takes_a_place_that_is_free(
    server: MailServer,
) -> None:
    server.next = [Does.STALL] * AT_ONCE
    mailer = mailer_to(server)
    sending = [asyncio.create_task(mailer.send(MAIL, f"<{n}@faraday>")) for n in range(6)]

    async def four_are_there() -> bool:
        return AT_ONCE <= len(server.arrived)

    await until(four_are_there)
    connections = server.connections
    server.drop_all()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)

    assert 4 == connections
    assert [MailUndelivered] * 4 + [type(None)] * 2 == [type(outcome) for outcome in outcomes]


async def test_waiting_for_a_place_and_each_answer_count_as_one_time(server: MailServer) -> None:
    server.does = Does.STALL
    mailer, now = mailer_to(server, SOON), asyncio.get_running_loop().time
    begun = now()

    outcomes = await asyncio.gather(
        *(mailer.send(MAIL, f"<{n}@faraday>") for n in range(3 * AT_ONCE)), return_exceptions=True
    )

    assert {MailUndelivered} == {type(outcome) for outcome in outcomes}
    assert now() - begun < 2 * SOON


async def test_who_has_handed_a_mail_over_says_goodbye_and_waits_for_no_answer() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {
            b"DATA": b"354",
            b"QUIT": b"",
            b"EHLO": b"250",
            b"MAIL": b"250",
            b"RCPT": b"250",
        }
        writer.write(b"220 here\r\n")
        in_mail = False
        async for line in reader:
            in_mail = (in_mail or line == b"DATA\r\n") and line != b".\r\n"
            said = b"250" if line == b".\r\n" else answers.get(line[:4], b"")
            if said and (not in_mail or line == b"DATA\r\n"):
                writer.write(said + b" yes\r\n")
            heard.put_nowait(line)
        heard.put_nowait(b"gone")
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        await SmtpMailer(SmtpServer(LOOPBACK, port, tls=False), SENDER, 10).send(MAIL, ID)
        lines = [await heard.get()]
        while lines[-1] != b"gone":
            lines.append(await heard.get())

    assert [b".\r\n", b"QUIT\r\n", b"gone"] == lines[-3:]


# TLS and passwords


async def test_what_proves_itself_takes_mail_over_tls(tmp_path: Path) -> None:
    own = own_certificate(tmp_path)

    async with mail_server(tls=own.server) as server:
        url = server.url.replace("smtp:", "smtps:")
        with pytest.raises(MailUndelivered, match="certificate"):
            await SmtpMailer(smtp_server(url), SENDER).send(MAIL, ID)
        assert [] == server.arrived
        await SmtpMailer(smtp_server(url), SENDER, trusted=own.trusting).send(MAIL, ID)

    assert 1 == len(server.arrived)


async def test_starttls_is_taken_where_it_is_offered(tmp_path: Path) -> None:
    async with mail_server(starttls=own_certificate(tmp_path).server) as server:
        await mailer_to(server).send(MAIL, ID)

    assert [True] == [mail.encrypted for mail in server.arrived]


def over_the_network(server: MailServer) -> SmtpServer:
    """In capitals it is none of the names that are known to be loopback."""
    return SmtpServer("LOCALHOST", server.port, tls=False, username="u", password="p")


async def test_over_the_network_a_certificate_is_checked(tmp_path: Path) -> None:
    own = own_certificate(tmp_path)

    async with mail_server(starttls=own.server) as server:
        far = over_the_network(server)
        with pytest.raises(MailUndelivered, match="certificate"):
            await SmtpMailer(far, SENDER).send(MAIL, ID)
        assert [] == server.signed_in
        await SmtpMailer(far, SENDER, trusted=own.trusting).send(MAIL, ID)

    assert [True] == [mail.encrypted for mail in server.arrived]
    assert [(b"u", b"p")] == server.signed_in


async def test_no_password_goes_over_the_network_in_the_clear(server: MailServer) -> None:
    with pytest.raises(MailUndelivered, match="STARTTLS"):
        await SmtpMailer(over_the_network(server), SENDER).send(MAIL, ID)

    assert ([], []) == (server.signed_in, server.arrived)


async def test_a_password_of_the_url_signs_in(server: MailServer) -> None:
    url = server.url.replace("//", "//pat%40example.org:p%2Fw%C3%BC@")

    await SmtpMailer(smtp_server(url), SENDER).send(MAIL, ID)

    assert [(b"pat@example.org", "p/wü".encode())] == server.signed_in
    assert 1 == len(server.arrived)


# The setting


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 25, tls=False)),
        ("smtps://mail.example.org/", SmtpServer("mail.example.org", 465, tls=True)),
        ("smtp://[::1]:2525", SmtpServer("::1", 2525, tls=False)),
        ("smtp://u:p%40@h:587", SmtpServer("h", 587, tls=False, username="u", password="p@")),
    ],
)
def test_a_url_names_a_server(url: str, expected: SmtpServer) -> None:
    assert expected == smtp_server(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://host:99999",
        "smtp://host:0",
        "smtp://host:port",
        "smtp://[::1",
        "smtp://a..b",
        "smtp://user@host",
        "smtp://user:SECRET#more@host",
        "smtp://user:SECRET/more@host",
        "smtp://host/SECRET",
        "smtp://host/?SECRET",
    ],
)
def test_a_url_that_names_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has|names) ") as caught:
        smtp_server(url)

    assert "secret" not in "".join(traceback.format_exception(caught.value)).lower()


def test_a_server_shows_no_password() -> None:
    assert "SECRET" not in repr(SmtpMailer(smtp_server("smtp://u:SECRET@host"), SENDER))
