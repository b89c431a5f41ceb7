import re
from collections.abc import Collection
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from typing import Final
from unicodedata import normalize

from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailRefused

_LONGEST_LINE: Final = 998  # bytes (RFC 5322, 2.1.1)
_PART: Final = r'[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f-\x9f\ud800-\udfff]+'

# One address and nothing beside it: no name, no list, nothing that an SMTP command could end at.
_ADDRESS: Final = re.compile(f"{_PART}@{_PART}")
# `email` itself lets the last line break of a header pass, behind which the body would begin.
_BEYOND_ONE_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def message_of(mail: Mail, sender: str, message_id: str) -> EmailMessage:
    """RFC 5322, in plain text whose lines stay as they are.

    Raises MailRefused where an address or the subject would be more than one header.
    """
    if not _ADDRESS.fullmatch(mail.to):
        raise MailRefused("what it is addressed to is no address")
    if _BEYOND_ONE_LINE.search(mail.subject + message_id):
        raise MailRefused("its subject is no single line of text")
    message = EmailMessage(policy=policy.SMTP if mail.to.isascii() else policy.SMTPUTF8)
    message["To"] = mail.to
    message["From"] = sender
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    try:
        message.set_content(mail.text, cte=_encoding(mail.text))
    except UnicodeEncodeError:
        raise MailRefused("its text holds half of a surrogate pair") from None
    return message


def is_about(text: str, addresses: Collection[str]) -> bool:
    """Whether the text holds one of the addresses, in whatever letter case, as a whole."""
    folded = normalize("NFC", text).casefold()
    return any(
        re.search(rf"(?<![^\s<>,;:()\"']){re.escape(key)}(?![\w@-]|\.\w)", folded)
        for key in (normalize("NFC", address).casefold() for address in addresses)
    )


def sender_of(text: str) -> str:
    """The text itself: one address, with a name before it or without; raises ValueError."""
    addresses = [address for _, address in getaddresses([text])]
    if (
        len(addresses) != 1
        or not _ADDRESS.fullmatch(addresses[0])
        or not addresses[0].isascii()
        or _BEYOND_ONE_LINE.search(text)
    ):
        raise ValueError("is no single address such as Faraday <no-reply@example.org>")
    return text


def _encoding(text: str) -> str:
    """What leaves the text to be read as it is, for as long as its lines are short enough."""
    if any(len(line) > _LONGEST_LINE for line in text.encode().splitlines()):
        return "quoted-printable"
    return "7bit" if text.isascii() else "8bit"
