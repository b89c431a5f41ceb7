"""A real mail server on loopback that does to each mail what a test tells it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import Factory, define, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK: Final = "127.0.0.1"


class Does(Enum):
    ACCEPT = auto()
    REFUSE_SENDER = auto()
    REFUSE_RECIPIENT = auto()
    REFUSE_CONTENT = auto()
    REFUSE_AND_STALL = auto()  # refuses the recipient, and never answers again
    SAY_LATER = auto()  # to the recipient
    SAY_LATER_TO_CONTENT = auto()
    STALL_RECIPIENT = auto()  # never answers the recipient
    STALL = auto()  # never answers the content
    DROP_AT_ONCE = auto()
    DROP_UNANSWERED = auto()  # has the whole mail, and says nothing
    DROP_ANSWERED = auto()  # accepts it, and is gone


@frozen
class Arrived:
    """A mail as the server got it, whatever it then said of it."""

    sender: str
    recipients: tuple[str, ...]
    options: frozenset[str]
    content: bytes
    encrypted: bool


@define
class MailServer:
    """`next`: what it does to the next mails, in turn; `does`: to all others.

    Those whose names begin with `handle` aiosmtpd finds by them.
    """

    port: int = 0
    does: Does = Does.ACCEPT
    next: list[Does] = Factory(list)
    arrived: list[Arrived] = Factory(list)
    signed_in: list[tuple[bytes, bytes]] = Factory(list)
    connections: int = 0
    has_mail: asyncio.Event = Factory(asyncio.Event)
    _open: list["Connection"] = Factory(list)

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def authenticate(self, *given: Any) -> AuthResult:  # by aiosmtpd, the password last
        """Lets in whoever has a password at all."""
        password = given[-1]
        assert isinstance(password, LoginPassword)
        self.signed_in.append((password.login, password.password))
        return AuthResult(success=True)

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, line: "Connection", _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if line.does is Does.REFUSE_SENDER:
            return f"553 5.1.8 <{address}> may not"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 go on"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, line: "Connection", _: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        if line.does in {Does.REFUSE_RECIPIENT, Does.REFUSE_AND_STALL}:
            return f"550 5.1.1 <{address}> is nobody"
        if line.does is Does.SAY_LATER:
            return f"451 4.2.1 <{address}> is busy"
        if line.does is Does.STALL_RECIPIENT:
            await _line_gone()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, line: "Connection", _: Session, envelope: Envelope
    ) -> str:
        self.arrived.append(_arrived(line, envelope))
        self.has_mail.set()
        match line.does:
            case Does.REFUSE_CONTENT:
                return "554 5.7.1 we do not like it"
            case Does.SAY_LATER_TO_CONTENT:
                return "452 4.3.1 no room"
            case Does.STALL:
                await _line_gone()
            case Does.DROP_UNANSWERED:
                line.drop()
                await _line_gone()
            case Does.DROP_ANSWERED:
                await line.push("250 2.0.0 accepted")
                line.drop()
                await _line_gone()
        return "250 2.0.0 accepted"

    async def handle_RSET(self, line: "Connection", _: Session, __: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        if line.does is Does.REFUSE_AND_STALL:
            await _line_gone()
        return "250 2.0.0 forgotten"

    def took(self, line: "Connection") -> Does:
        """What it does to the mail that comes over this line: there is one mail to each."""
        self.connections += 1
        self._open.append(line)
        return self.next.pop(0) if self.next else self.does

    def lost(self, line: "Connection") -> None:
        self._open.remove(line)

    def drop_all(self) -> None:
        for line in self._open:
            line.drop()


class Connection(SMTP):
    def __init__(self, server: MailServer, **options: Any) -> None:  # aiosmtpd's own
        super().__init__(
            server, hostname="localhost", authenticator=server.authenticate, **options
        )
        self.does = Does.ACCEPT
        self._server = server
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.transport is None:  # with STARTTLS it is made twice
            self.does = self._server.took(self)
        super().connection_made(transport)
        if self.does is Does.DROP_AT_ONCE:
            self.drop()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._server.lost(self)
        super().connection_lost(error)

    def drop(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.close()


def _arrived(line: Connection, envelope: Envelope) -> Arrived:
    content, transport = envelope.original_content, line.transport
    assert content is not None
    assert transport is not None
    return Arrived(
        envelope.mail_from or "",
        tuple(envelope.rcpt_tos),
        frozenset(envelope.mail_options),
        content,
        encrypted=transport.get_extra_info("ssl_object") is not None,
    )


async def _line_gone() -> None:
    """aiosmtpd cancels who waits here as soon as it is."""
    await asyncio.Event().wait()


@asynccontextmanager
async def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    takes_utf8: bool = True,
    takes_8bit: bool = True,
) -> AsyncIterator[MailServer]:
    """In the test's own loop. `tls`: from the first byte; `starttls`: offered."""
    server = MailServer()
    options = {
        "enable_SMTPUTF8": takes_utf8,
        "decode_data": not takes_8bit,
        "tls_context": starttls,
        "auth_require_tls": False,
    }
    listening = await asyncio.get_running_loop().create_server(
        lambda: Connection(server, **options), LOOPBACK, 0, ssl=tls
    )
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
        server.drop_all()


@frozen
class OwnCertificate:
    """One for loopback that a server made for itself: its context, and one that trusts it."""

    server: ssl.SSLContext
    trusting: ssl.SSLContext


def own_certificate(folder: Path) -> OwnCertificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "own.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return OwnCertificate(server, ssl.create_default_context(cafile=pem))
