from attrs import Factory, frozen

from faraday_core.mail.model import Mail


@frozen
class MemoryMailer:
    """Keeps what was sent, for a library user and for tests."""

    _by_id: dict[str, Mail] = Factory(dict)

    @property
    def sent(self) -> list[Mail]:
        return [*self._by_id.values()]

    async def send(self, mail: Mail, message_id: str) -> None:
        self._by_id[message_id] = mail
