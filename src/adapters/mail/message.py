from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailRefused


def message_of(mail: Mail, sender: str, message_id: str) -> EmailMessage:
    """RFC 5322, in plain text whose lines stay as they are.

    Raises MailRefused where an address or the subject would be more than one header.
    """
    message = EmailMessage(policy=policy.SMTP)
    try:
        local, _, domain = mail.to.rpartition("@")
        message["To"] = Address(username=local, domain=domain)
        message["From"] = sender
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    except (ValueError, IndexError) as error:
        raise MailRefused("the address or the subject is none") from error
    message.set_content(mail.text, cte="8bit" if not mail.text.isascii() else "7bit")
    return message
