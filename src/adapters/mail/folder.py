import asyncio
import os
from collections.abc import Collection
from contextlib import suppress
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

from attrs import field, frozen

from adapters.mail.message import is_about, message_of, sender_of
from faraday_core.kernel.errors import Unavailable
from faraday_core.mail.model import Mail
from faraday_core.mail.ports import MailUndelivered


@frozen
class MailFolder:
    """The files that mails have become, now or in an earlier run with other settings."""

    folder: Path

    async def forget(self, addresses: Collection[str]) -> int:
        """Remove those to these addresses, or that name them; answers how many.

        Raises Unavailable.
        """
        try:
            return await asyncio.to_thread(self._forget, addresses)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unavailable(f"The folder of mails cannot be used: {reason}.") from error

    def _forget(self, addresses: Collection[str]) -> int:
        count = 0
        for file in [*self.folder.glob("*.eml"), *self.folder.glob(".*.tmp")]:
            with suppress(FileNotFoundError):
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                body = mail.get_body(("plain",))
                text = f"{mail['To']}\n{body.get_content() if body else ''}"
                if is_about(text, addresses):
                    file.unlink(missing_ok=True)
                    count += 1
        return count


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
