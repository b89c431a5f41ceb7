from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from attrs import field, frozen

_PORTS: Final = {"smtp": 25, "smtps": 465}
_ESCAPES: Final = "write / ? # @ of a password as %2F %3F %23 %40"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@frozen
class SmtpServer:
    """`tls`: from the first byte; else STARTTLS where it is offered."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def needs_starttls(self) -> bool:
        """Where a password goes over the network."""
        return not self.tls and self.username is not None and not self._is_near

    @property
    def proves_itself(self) -> bool:
        """Whether its certificate counts. On loopback there is nobody between, and what listens
        there offers STARTTLS under a certificate that it made for itself."""
        return self.tls or not self._is_near

    @property
    def _is_near(self) -> bool:
        return self.host in _LOOPBACK


def smtp_server(url: str) -> SmtpServer:
    """From `smtp://user:password@host:port` or `smtps://…`, user and password percent-encoded.

    Raises ValueError, whose reason holds nothing of the URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _port(parts)
        host.encode("idna")
    except ValueError:
        raise ValueError(f"has no host or port that could be one; {_ESCAPES}") from None
    if parts.scheme not in _PORTS or not host:
        raise ValueError("is no URL that begins with smtp:// or smtps://")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"has more than a host and port; {_ESCAPES}")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("names one of user and password without the other")
    return SmtpServer(
        host,
        port,
        tls=parts.scheme == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _port(parts: SplitResult) -> int:
    port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    if not port and parts.scheme in _PORTS:
        raise ValueError
    return port
