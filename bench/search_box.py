"""What a key costs in the terminal's search box, over HTTP: `faraday tui --server URL`."""

import asyncio
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final

from adapters.compose import stored
from adapters.security.hashing import BcryptHasher
from adapters.tui.line import Line, checked
from adapters.tui.remote_desk import RemoteEntrance
from bench.machine import Running
from bench.school import PASSWORD, installation_of
from faraday_core.kernel.actor import Role, operator
from faraday_core.people.model import NewUser

# A common name and half of another, one with an accent, an address, and an id of the source.
TYPED: Final = ("fatima gar", "helene", "p4711@people.gr", "P4711")
_EMAIL: Final = "support@example.org"


def keystrokes(environ: Mapping[str, str], server: Running, place: str) -> Sequence[float]:
    """Milliseconds, of each beginning of what is typed, for somebody who supports the place."""
    return asyncio.run(_typed(environ, server, place))


async def _typed(environ: Mapping[str, str], server: Running, place: str) -> Sequence[float]:
    installation = installation_of(environ)
    async with stored(installation, BcryptHasher(installation.secrets, cost=4)) as app:
        new = NewUser(_EMAIL, "Sam Support", place, Role.SUPPORT, PASSWORD)
        await app.users.create(operator("bench"), new)
    entrance = RemoteEntrance(Line(checked(server.url)))
    desk = await entrance.sign_in(_EMAIL, PASSWORD, None)
    took = []
    for text in TYPED:
        for end in range(1, len(text) + 1):
            began = perf_counter()
            await desk.people(text[:end])
            took.append((perf_counter() - began) * 1000)
    await entrance.close()
    return took
