from collections.abc import Collection

from attrs import Factory, frozen

from adapters.mail.message import is_about, message_of
from faraday_core.mail.model import Mail


@frozen
class MemoryMailer:
    """Keeps what was sent, for a library user and for tests."""

    _by_id: dict[str, Mail] = Factory(dict)

    @property
    def sent(self) -> list[Mail]:
        """In the order of the first try; a mail that was sent again is there once."""
        return [*self._by_id.values()]

    async def send(self, mail: Mail, message_id: str) -> None:
        """Raises MailRefused for what none would take."""
        message_of(mail, "no-reply@localhost", message_id)
        self._by_id[message_id] = mail

    async def forget(self, addresses: Collection[str]) -> int:
        """Remove those to these addresses, or that name them; answers how many."""
        found = [
            id
            for id, mail in self._by_id.items()
            if is_about(mail.to, addresses) or is_about(mail.text, addresses)
        ]
        for id in found:
            del self._by_id[id]
        return len(found)
