from collections.abc import Collection

from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailUndelivered


class NoMailer:
    """Stands where no mail server is set in production: mails wait in the outbox until one is."""

    async def send(self, mail: Mail, message_id: str) -> None:
        raise MailUndelivered("no mail server is set (FARADAY_SMTP_URL)")


class NoMails:
    """Stands where nothing is kept of a mail that was sent."""

    async def forget(self, addresses: Collection[str]) -> int:
        return 0
