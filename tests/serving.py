"""Real servers: one in this process, on a real socket and a real PostgreSQL; and whole processes,
started as an operator starts them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
from attrs import define, frozen

from adapters.compose import StoredApp, stored
from adapters.http.listening import bound_socket, listening
from adapters.http.server import build_server
from adapters.installation import Installation
from adapters.jobs.subscriptions import subscriptions
from adapters.jobs.timers import running, timers_of_each, timers_of_one
from adapters.jobs.worker import Worker
from adapters.security.hashing import BcryptHasher
from adapters.settings import read_settings
from faraday_core.kernel.actor import Role, operator
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser
from tests import forked
from tests.waiting import wait_until
from tests.world import PASSWORD, SECRETS

OPERATOR = operator("tests")
FARADAY = [sys.executable, "-m", "adapters.cli.main"]
# For a process beside a `serving`, on its database.
SECRET = {"FARADAY_SECRET_KEY": SECRETS.current._value.decode()}


@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # whatever JSON holds
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of a problem."""
        return str(self.json["code"])

    @property
    def faults(self) -> set[tuple[str, str]]:
        return {(fault["pointer"], fault["code"]) for fault in self.json["errors"]}


@define
class Client:
    """Somebody who asks the server, signed in or not."""

    session: aiohttp.ClientSession
    base: str
    token: str | None = None

    async def ask(self, route: str, body: object = None, **more: Any) -> Answer:
        """`route`: as in "POST /auth/login", below /api/v1 unless it begins with two slashes."""
        method, path = route.split(" ")
        url = self.base + (path[1:] if path.startswith("//") else f"/api/v1{path}")
        headers = dict(more.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            more["data"] = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        async with self.session.request(method, url, headers=headers, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    def as_nobody(self) -> "Client":
        return Client(self.session, self.base)

    async def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> "Client":
        answer = await self.ask("POST /auth/login", {"email": email, "password": password} | more)
        assert answer.status == 200, answer.body
        return Client(self.session, self.base, answer.json["access_token"])


@frozen
class Server:
    """A product that serves. `places`: district > north, south; and other, another tenant."""

    app: StoredApp
    client: Client
    url: str
    mail_folder: Path
    places: Mapping[str, str]

    async def person(self, role: Role | None, at: str = "north", *, email: str = "") -> str:
        """Makes somebody with a password, and answers their address."""
        email = email or f"{role or 'nobody'}.{at}@example.org"
        if role is None:
            await self.app.auth.register(email=email, password=PASSWORD, full_name="Pat Doe")
        elif role is Role.PLATFORM_ADMIN:
            await self.app.users.create_platform_admin(
                OPERATOR, email=email, full_name="Ada Okafor", password=PASSWORD
            )
        else:
            new = NewUser(email, f"{role} at {at}", self.places[at], role, PASSWORD)
            await self.app.users.create(OPERATOR, new)
        return email

    async def signed_in(self, role: Role | None = None, at: str = "north", **more: Any) -> Client:
        return await self.client.sign_in(await self.person(role, at, **more))

    async def mailed_token(self, to: str) -> str:
        """The token of the last mail to this address, as soon as it is there."""
        async with asyncio.timeout(10):
            while not (found := self._tokens(to)):  # noqa: ASYNC110 -- a file is waited for
                await asyncio.sleep(0.02)
        return found[-1]

    def _tokens(self, to: str) -> list[str]:
        mails = sorted(self.mail_folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        texts = [mail.read_text(encoding="utf-8") for mail in mails]
        return [
            line.removeprefix("Token: ").strip()
            for text in texts
            if f"To: {to}\n" in text or f"To: {to}\r\n" in text
            for line in text.splitlines()
            if line.startswith("Token: ")
        ]


@asynccontextmanager
async def serving(
    database_url: str, folder: Path, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """In this process. `environ`: settings, as an operator would give them."""
    given = {"FARADAY_AUTH_RATE_PER_MINUTE": "0"} | dict(environ or {})
    settings = read_settings(given | {"FARADAY_DATABASE_URL": database_url})
    installation = Installation(settings, folder, SECRETS, database_url)
    hasher = BcryptHasher(SECRETS, cost=4)
    async with stored(installation, hasher) as app:
        server = build_server(attrs.astuple(app, recurse=False), settings, app.storage_answers)
        worker = Worker(database_url, subscriptions(app), with_mail=True)
        working = asyncio.create_task(worker.run())
        timers = [*timers_of_each(app), *timers_of_one(app, worker.recover)]
        at = bound_socket("127.0.0.1", 0)
        base = f"http://127.0.0.1:{at.getsockname()[1]}"
        places = await _places(app)
        async with (
            running(timers),
            listening(server, at, None),
            aiohttp.ClientSession() as session,
        ):
            client = Client(session, base)
            yield Server(app, client, base, installation.mail_folder, places)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _places(app: StoredApp) -> dict[str, str]:
    async def make(name: str, parent: str | None = None) -> str:
        return (await app.organizations.create(OPERATOR, OrganizationFields(name, parent))).id

    district = await make("District")
    return {
        "district": district,
        "north": await make("North School", district),
        "south": await make("South School", district),
        "other": await make("Other District"),
    }


@define
class Serving:
    """A `faraday serve` of its own: another process, as an operator has it."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = 15) -> int:
        """Its exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


def faraday(
    *arguments: str, data_dir: Path, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """A command, to its end."""
    given = environment(data_dir, environ)
    return forked.run(arguments, environ=given, stdin=stdin, seconds=120)


def environment(data_dir: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Without whatever is set where the tests run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FARADAY_")}
    source = str(Path(__file__).parents[1] / "src")
    return kept | {"FARADAY_DATA_DIR": str(data_dir), "PYTHONPATH": source} | dict(environ or {})


@contextmanager
def faraday_serve(
    *arguments: str, data_dir: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """A server in a process of its own, ready; killed at the end where it still runs."""
    at = bound_socket("127.0.0.1", 0)
    port = at.getsockname()[1]
    at.close()
    log = data_dir.parent / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*FARADAY, "serve", "--port", str(port), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(data_dir, environ),
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: "serves at" in log.read_text() or process.poll() is not None, seconds=60
        )
        assert process.poll() is None, log.read_text()
        yield Serving(process, f"http://127.0.0.1:{port}", log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
