import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from attrs import Factory, field, frozen

from adapters.mail.message import message_of
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailRefused, MailUndelivered

TIMEOUT: Final = 60.0  # seconds for a whole mail, from the connection to the server's answer
AT_ONCE: Final = 4
_PERMANENT: Final = 500
_PORTS: Final = {"smtp": 25, "smtps": 465}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@frozen
class SmtpServer:
    """`smtps`: TLS from the first byte; else STARTTLS, which must be offered where a password goes
    over the network."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def needs_starttls(self) -> bool:
        return not self.tls and self.username is not None and self.host not in _LOOPBACK


def smtp_server(url: str) -> SmtpServer:
    """From `smtp://user:password@host:port` or `smtps://…`; raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("is no URL that begins with smtp:// or smtps://")
    return SmtpServer(
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


@frozen
class SmtpMailer:
    server: SmtpServer
    sender: str
    timeout: float = TIMEOUT
    _places: asyncio.Semaphore = Factory(lambda: asyncio.Semaphore(AT_ONCE))

    async def send(self, mail: Mail, message_id: str) -> None:
        """Done as soon as the server has accepted it, whatever becomes of the line then.

        Raises MailUndelivered, MailRefused; neither names the address.
        """
        message = message_of(mail, self.sender, message_id)
        try:
            async with self._places, asyncio.timeout(self.timeout), self._connected() as client:
                await self._hand_over(client, message, mail.to)
        except SMTPNotSupported as error:
            raise MailRefused("the server takes no such address") from error
        except (SMTPException, OSError) as error:
            raise MailUndelivered(f"the mail server: {type(error).__name__}") from error

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> None:
        _, sender = parseaddr(self.sender)
        try:
            await client.send_message(message, sender=sender, recipients=[to])
        except SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code) from error
        except (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError) as error:
            raise _refusal(error.code) from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=True if server.needs_starttls else None,
            username=server.username,
            password=server.password,
            timeout=self.timeout,
        )
        await client.connect()
        try:
            yield client
        finally:
            # Not `quit`: its answer says nothing about the mail, and may never come.
            client.close()


def _refusal(code: int) -> MailRefused | MailUndelivered:
    """5xx is for good, 4xx for now (RFC 5321, 4.2.1)."""
    kind = MailRefused if code >= _PERMANENT else MailUndelivered
    return kind(f"the mail server answered {code}")
