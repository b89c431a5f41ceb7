import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from attrs import Factory, field, frozen

from adapters.mail.message import message_of, sender_of
from adapters.mail.smtp_server import SmtpServer, smtp_server
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailRefused, MailUndelivered

__all__ = ["SmtpMailer", "SmtpServer", "smtp_server"]

TIMEOUT: Final = 60.0  # seconds for a whole mail, from the wait for a place to the server's answer
AT_ONCE: Final = 4
_PERMANENT: Final = 500


@frozen
class SmtpMailer:
    """A connection a mail. `trusted`: whose certificates count, where not the machine's own."""

    server: SmtpServer
    sender: str = field(converter=sender_of)
    timeout: float = TIMEOUT
    trusted: ssl.SSLContext | None = None
    _places: asyncio.Semaphore = Factory(lambda: asyncio.Semaphore(AT_ONCE))

    async def send(self, mail: Mail, message_id: str) -> None:
        """Done as soon as the server has accepted it, whatever becomes of the line then.

        Raises MailUndelivered, MailRefused. Neither carries the server's own words with it, which
        name the address: both are logged.
        """
        message = message_of(mail, self.sender, message_id)
        try:
            async with asyncio.timeout(self.timeout), self._places, self._connected() as client:
                await self._hand_over(client, message, mail.to)
        except (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError) as error:
            raise _refusal(error.code) from None
        except (SMTPException, OSError) as error:
            raise MailUndelivered(f"the mail server: {_reason(error)}") from None

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> None:
        """Not by `send_message`, which asks for a reset after a refusal and forgets the refusal
        where that is not answered."""
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        options, encoding, body = [], "ascii", "7bit"
        if not to.isascii():
            if not client.supports_extension("smtputf8"):
                raise MailRefused("the mail server takes no address beyond ASCII")
            options, encoding = ["SMTPUTF8"], "utf-8"
        if client.supports_extension("8bitmime"):
            options, body = [*options, "BODY=8BITMIME"], "8bit"
        content = message.as_bytes(policy=message.policy.clone(cte_type=body))
        await client.mail(parseaddr(self.sender)[1], options=options, encoding=encoding)
        await client.rcpt(to, encoding=encoding)
        await client.data(content)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=True if server.needs_starttls else None,
            validate_certs=server.proves_itself,
            tls_context=self.trusted if server.proves_itself else None,
            username=server.username,
            password=server.password,
            # None of its own: in Python 3.11 `wait_for` may swallow the end of the whole time, and
            # what follows would then begin anew, until another worker takes the mail for lost.
            timeout=None,
        )
        await client.connect()
        try:
            yield client
            _say_goodbye(client)
        finally:
            client.close()


def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """As RFC 5321, 4.1.1.10, asks for. Nobody waits for the answer: it says nothing about the
    mail, and may never come."""
    if client.protocol and client.is_connected:
        client.protocol.write(b"QUIT\r\n")


def _refusal(code: int) -> MailRefused | MailUndelivered:
    """5xx is for good, 4xx for now (RFC 5321, 4.2.1)."""
    kind = MailRefused if code >= _PERMANENT else MailUndelivered
    return kind(f"the mail server answered {code}")


def _reason(error: SMTPException | OSError) -> str:
    """Of the server's own words the code alone; what the library and the machine say names none
    but the server."""
    if isinstance(error, SMTPResponseException):
        return f"it answered {error.code}"
    return str(error) or "no answer in time"
