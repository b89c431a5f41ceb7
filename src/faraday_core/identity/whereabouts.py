"""Where a sign-in came from, in words that its person understands, and no more exact."""

from ipaddress import IPv4Address, ip_address
from typing import Final

from faraday_core.kernel.actor import Origin

# The first that a browser's own description holds: Edge calls itself Chrome, too, and that Safari.
_PROGRAMS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a Python program"),
)
_SYSTEMS: Final = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def described(origin: Origin) -> str:
    """Such as "Firefox on Windows, from the network of 192.0.2.*". Nothing that whoever signs in
    words themselves: it goes into a mail that its reader is to trust."""
    agent = origin.user_agent or ""
    program = _first(_PROGRAMS, agent) or "an unknown program"
    system = _first(_SYSTEMS, agent)
    parts = [f"{program} on {system}" if system else program]
    if network := _network(origin.ip_address):
        parts.append(f"from the network of {network}")
    return ", ".join(parts)


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in known if mark in agent), None)


def _network(address: str | None) -> str | None:
    """Without what tells one machine from its neighbours."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return ".".join([*str(found).split(".")[:3], "*"])
    return ":".join([*found.exploded.split(":")[:3], "*"])
