"""Who a request comes from, and over what: what a trusted proxy says, and nobody else."""

from functools import lru_cache
from ipaddress import ip_address

from aiohttp import web
from attrs import frozen

from adapters.settings.kinds import Network

_LONGEST_AGENT = 400


@frozen
class Client:
    """`address`: the peer's, or what the trusted proxies in front say it is."""

    address: str
    secure: bool

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.address)


@frozen
class Clients:
    trusted: tuple[Network, ...]

    def of(self, request: web.Request) -> Client:
        peer = request.remote or ""
        if not self.trusted or not self.trusts(peer):
            return Client(peer, request.secure)
        forwarded = [
            part.strip() for part in ",".join(_all(request, "X-Forwarded-For")).split(",")
        ]
        address = next((a for a in reversed(forwarded) if a and not self.trusts(a)), peer)
        scheme = ",".join(_all(request, "X-Forwarded-Proto")).rpartition(",")[2].strip().lower()
        return Client(address if _is_address(address) else peer, scheme == "https")

    def trusts(self, address: str) -> bool:
        """Whether it is a proxy's that may say for whom it asks."""
        return _is_within(address, self.trusted)


def user_agent_of(request: web.Request) -> str | None:
    """Bounded, and without what cannot be stored."""
    agent = request.headers.get("User-Agent")
    if agent is None:
        return None
    agent = agent[:_LONGEST_AGENT]
    if agent.isprintable():
        return agent
    return "".join(letter if letter.isprintable() else "?" for letter in agent)


def _all(request: web.Request, header: str) -> list[str]:
    return list(request.headers.getall(header, ()))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(4096)
def _is_within(text: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


@lru_cache(4096)
def _is_loopback(text: str) -> bool:
    return _is_address(text) and ip_address(text).is_loopback
