"""A product with a clock that a test sets, and a small district in it.

district
├── north (a school)
└── south (a school)
other     (another tenant)
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, frozen

from adapters.apart import in_place, in_thread
from adapters.app import App, wire
from adapters.jobs.subscriptions import subscriptions
from adapters.mail.memory import MemoryMailer
from adapters.media import media_in_memory
from adapters.parts import AppStorage, Parts
from adapters.persistence.memory import MemoryStorage
from adapters.persistence.memory.rosters import MemoryRosters
from adapters.persistence.postgres import PostgresStorage
from adapters.persistence.postgres.rosters import PostgresRosters
from adapters.persistence.postgres.statements import text_statement
from adapters.rosters import FileReaders
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.hashing import BcryptHasher
from adapters.security.sealing import AesSealer, sealer_by
from adapters.security.totp import AuthenticatorCodes
from faraday_core.identity.model import PasswordForgotten, UserRegistered, UserRenamed, UserView
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.session_model import SignIn
from faraday_core.kernel.actor import WORKER, Actor, Origin, Role, operator
from faraday_core.kernel.objects import ObjectStore
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.secrets import Secret, Secrets
from faraday_core.mail.model import MailQueued, MessageTold
from faraday_core.memory.model import MemoriesToEmbed, TenantCategoryChanged
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser
from faraday_core.preferences.model import PreferencesChanged
from faraday_core.privacy.model import ErasureDue, ExportAsked, PrivacyPolicy
from faraday_core.profiles.model import AvatarReplaced, BadgeEarned, ProfileCompleted
from faraday_core.roster.importing import Rosters
from faraday_core.roster.upload_model import ImportAsked

PASSWORD = "Tall-Ships-1897"
OPERATOR = operator("tests")
SECRETS = Secrets(Secret(b"a secret of the tests' own, long enough"))
ORIGIN = Origin("192.0.2.7", "tests", "request-1")
EVENTS: tuple[type[Any], ...] = (
    AvatarReplaced,
    BadgeEarned,
    ErasureDue,
    ExportAsked,
    ImportAsked,
    MailQueued,
    MessageTold,
    MemoriesToEmbed,
    PasswordForgotten,
    PreferencesChanged,
    ProfileCompleted,
    TenantCategoryChanged,
    UserRegistered,
    UserRenamed,
)


@define
class TestClock:
    """Stands still until a test moves it on."""

    __test__ = False

    now: datetime = datetime(2026, 9, 1, 7, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@frozen
class World:
    app: App
    storage: MemoryStorage | PostgresStorage
    clock: TestClock
    mailer: MemoryMailer
    objects: ObjectStore
    tokens: JwtAccessTokens
    places: dict[str, str]

    @property
    def is_stored(self) -> bool:
        return isinstance(self.storage, PostgresStorage)

    async def person(
        self, role: Role | None = None, at: str = "north", *, email: str = "", name: str = ""
    ) -> UserView:
        """Somebody with a password, and a role at one of the places."""
        email = email or f"{role or 'nobody'}.{at}@example.org"
        name = name or f"{(role or 'nobody').replace('_', ' ').title()} {at.title()}"
        if role is Role.PLATFORM_ADMIN:
            return await self.app.users.create_platform_admin(
                OPERATOR, email=email, full_name=name, password=PASSWORD
            )
        if role is None:
            return await self.app.auth.register(email=email, password=PASSWORD, full_name=name)
        new = NewUser(email, name, self.places[at], role, PASSWORD)
        return await self.app.users.create(OPERATOR, new)

    async def sign_in(self, user: UserView | str, **more: Any) -> SignIn:
        email = user if isinstance(user, str) else user.email
        given = {"email": email, "password": PASSWORD, "origin": ORIGIN} | more
        return await self.app.auth.login(**given)

    async def actor(self, signed_in: SignIn) -> Actor:
        """Who has signed in, as an edge finds it out."""
        return await self.actor_of(signed_in.access_token)

    async def actor_of(self, access_token: str) -> Actor:
        claims = await self.app.keys.read(access_token)
        return (await self.app.sessions.identify(claims)).acting(ORIGIN)

    async def acting(self, role: Role | None = None, at: str = "north", **more: Any) -> Actor:
        return await self.actor(await self.sign_in(await self.person(role, at, **more)))

    async def settle(self) -> None:
        """Let everybody hear of what has happened, until there is nothing new."""
        listeners = subscriptions(self.app)
        while events := await self._events():
            for event in events:
                await listeners[type(event)](event)

    async def _events(self) -> list[Any]:
        if isinstance(self.storage, MemoryStorage):
            events = [*self.storage.database.outbox]
            self.storage.database.outbox.clear()
            return events
        pool = self.storage._pool
        kinds = {kind.__name__: kind for kind in EVENTS}
        async with pool.connection() as connection:
            rows = await taken_jobs(connection)
        return [parse(kinds[task], content["event"]) for task, content in rows]

    def token_of_last_mail(self, to: str) -> str:
        mail = [mail for mail in self.mailer.sent if mail.to == to][-1]
        line = next(line for line in mail.text.splitlines() if line.startswith("Token: "))
        return line.removeprefix("Token: ")


async def taken_jobs(connection: Any) -> list[tuple[str, dict[str, Any]]]:
    """What a worker would be given; in its role, since a request may read none of it."""
    results = await connection.trip(
        [
            (text_statement("begin"), {}),
            (text_statement("set local role faraday_worker"), {}),
            (
                text_statement(
                    "delete from procrastinate_jobs where status = 'todo'"
                    " returning task_name, args"
                ),
                {},
            ),
            (text_statement("commit"), {}),
        ]
    )
    return [(row[0], row[1]) for row in results[2].rows]


@asynccontextmanager
async def world_over(
    storage: MemoryStorage | PostgresStorage,
    clock: TestClock,
    *,
    policy: SignInPolicy | None = None,
    secrets: Secrets = SECRETS,
    privacy: PrivacyPolicy | None = None,
) -> AsyncIterator[World]:
    mailer, tokens = MemoryMailer(), JwtAccessTokens(lambda: clock().timestamp())
    hasher = BcryptHasher(secrets, cost=4)
    stack = AsyncExitStack()
    media = await stack.enter_async_context(media_in_memory())
    parts = Parts(
        policy=policy or SignInPolicy(),
        secrets=secrets,
        sealer=AesSealer(secrets),
        sealer_of=sealer_by,
        hasher=hasher,
        tokens=tokens,
        totp=AuthenticatorCodes(),
        mailer=mailer,
        media=media,
        kept_mails=mailer,
        privacy=privacy or PrivacyPolicy(),
        rosters=_rosters(storage),
        readers=FileReaders(),
        apart=in_place if isinstance(storage, MemoryStorage) else in_thread,
        now=clock,
    )
    typed: AppStorage = storage
    app = wire(typed, parts)
    await app.keys.load()
    places = await _places(app)
    try:
        yield World(app, storage, clock, mailer, media.objects, tokens, places)
    finally:
        await stack.aclose()
        hasher.close()
        if isinstance(storage, PostgresStorage):
            storage._pool.close()


def _rosters(storage: MemoryStorage | PostgresStorage) -> Rosters:
    if isinstance(storage, MemoryStorage):
        return MemoryRosters(storage.database)
    return PostgresRosters(storage._pool._url)


async def _places(app: App) -> dict[str, str]:
    async def make(name: str, parent: str | None = None) -> str:
        fields = OrganizationFields(name, parent)
        return (await app.organizations.create(OPERATOR, fields)).id

    district = await make("District")
    return {
        "district": district,
        "north": await make("North School", district),
        "south": await make("South School", district),
        "other": await make("Other District"),
    }


__all__ = [
    "OPERATOR",
    "ORIGIN",
    "PASSWORD",
    "SECRETS",
    "WORKER",
    "TestClock",
    "World",
    "world_over",
]
