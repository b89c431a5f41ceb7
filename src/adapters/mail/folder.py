import asyncio
import os
from hashlib import sha256
from pathlib import Path

from attrs import field, frozen

from adapters.mail.message import message_of, sender_of
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailUndelivered


@frozen
class FolderMailer:
    """Each mail is one `.eml` file (RFC 5322): what development has instead of a mail server."""

    folder: Path
    sender: str = field(converter=sender_of)

    async def send(self, mail: Mail, message_id: str) -> None:
        """Raises MailUndelivered, MailRefused."""
        content = message_of(mail, self.sender, message_id).as_bytes()
        try:
            await asyncio.to_thread(self._write, content, message_id)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise MailUndelivered(f"the folder of mails: {reason}") from error

    def _write(self, content: bytes, message_id: str) -> None:
        """Under another name and renamed, so that whoever reads the folder sees whole mails; a
        mail that is sent again takes the place of its first try."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = sha256(message_id.encode()).hexdigest()[:24]
        new = self.folder / f".{name}.tmp"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / f"{name}.eml")
