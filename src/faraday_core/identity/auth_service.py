from attrs import evolve, frozen

from faraday_core.identity.addresses import email_key
from faraday_core.identity.attempts import Attempts, Counter
from faraday_core.identity.email_service import EmailService
from faraday_core.identity.entrances import Entrances
from faraday_core.identity.factors import SecondFactor, WrongCode
from faraday_core.identity.model import (
    Credential,
    Login,
    Person,
    Registration,
    User,
    UserRegistered,
    UserView,
    view_of,
)
from faraday_core.identity.passwords import PasswordHasher, faults_beside_address
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import IdentityReader, IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import Refreshed, SignIn, UserDevice
from faraday_core.identity.session_refresh import SessionRefresh
from faraday_core.identity.session_start import SessionStart, known_device
from faraday_core.kernel.actor import NOBODY, Actor, Grant, Origin
from faraday_core.kernel.errors import (
    Conflict,
    FaradayError,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
)
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId


@frozen
class Candidate:
    """Whoever may have an address. Of one that nobody has, all is missing but a made-up id, so
    that it takes the same steps to find out."""

    user_id: str
    person: Person | None = None
    credential: Credential | None = None
    device: UserDevice | None = None

    @property
    def home(self) -> str | None:
        return self.person.home if self.person else None

    @property
    def password_hash(self) -> str | None:
        return self.credential.password_hash if self.credential else None


@frozen
class AuthService:
    """Makes accounts, and signs people in."""

    storage: IdentityStorage
    policy: SignInPolicy
    parser: Parser
    hasher: PasswordHasher
    attempts: Attempts
    session_start: SessionStart
    session_refresh: SessionRefresh
    second_factor: SecondFactor
    emails: EmailService
    entrances: Entrances
    now: Clock
    new_id: NewId

    async def register(
        self,
        *,
        email: str,
        password: str,
        full_name: str,
        invitation_token: str | None = None,
        origin: Origin = NOBODY.origin,
    ) -> UserView:
        """Make an account for oneself, without any role, and ask to verify its address.

        With the token of an invitation it has the role of that, also where registration is
        closed; the address is verified, since the token was read there.
        Raises Invalid (`invalid_invitation`), Conflict (`email_taken`), Forbidden
        (`registration_closed`), Unavailable.
        """
        asked = {
            "email": email,
            "password": password,
            "full_name": full_name,
            "invitation_token": invitation_token,
        }
        registration = self.parser.parse(Registration, asked)
        if faults := faults_beside_address(password, email, "/password"):
            raise Invalid(faults)
        key, entry = email_key(registration.email), None
        if invitation_token is not None:
            entry = await self.entrances.find(invitation_token, key, at="/invitation_token")
        elif not self.policy.registration_open:
            detail = "Accounts are made by the school here. Ask it for an invitation."
            raise Forbidden(detail, code="registration_closed")
        if await self.storage.person_with_email(key):
            raise email_taken()
        hashed, now = await self.hasher.hash(password), self.now()
        user = User(self.new_id(), registration.email, key, registration.full_name, now, now)
        user = evolve(user, email_verified=entry is not None)
        actor, tenant = Actor(user.id, origin=origin), entry.tenant_id if entry else None
        grants: tuple[Grant, ...] = ()
        async with self.storage.begin(actor, tenant=tenant, person=user.id) as unit:
            await unit.add(user)
            await unit.add(Credential(user.id, user.id, hashed, changed_at=now))
            if entry:
                grants = (await self.entrances.take(unit, entry, user),)
            else:
                await self.emails.ask(unit, user)
            await unit.record(UserRegistered(user.id))
            await unit.account("auth.register", "user", user.id)
        return view_of(Person(user, grants))

    async def login(
        self,
        *,
        email: str,
        password: str,
        device_name: str | None = None,
        totp_code: str | None = None,
        device_token: str | None = None,
        origin: Origin = NOBODY.origin,
    ) -> SignIn:
        """Start a session. Of an unknown address no more is told than of a wrong password.

        Raises Invalid, NotSignedIn (`invalid_credentials`, `totp_required`), TooMany
        (`too_many_attempts`), Unavailable (`overloaded`).
        """
        asked = {
            "email": email,
            "password": password,
            "device_name": device_name,
            "totp_code": totp_code,
            "device_token": device_token,
        }
        login = self.parser.parse(Login, asked)
        with self.hasher.admit():
            return await self._sign_in(login, origin)

    async def _sign_in(self, login: Login, origin: Origin) -> SignIn:
        key = email_key(login.email)
        user_id = await self.storage.person_with_email(key) or self.new_id()
        async with self.storage.look(NOBODY, person=user_id) as reader:
            candidate = await self._candidate(reader, user_id, login.device_token)
            device_id = candidate.device.id if candidate.device else None
            counters = self.attempts.counters(key, device_id)
            await self.attempts.refuse_locked(reader, counters)
        right = await self.hasher.matches(login.password, candidate.password_hash)
        person = candidate.person
        if not (right and person and person.user.is_active):
            raise await self._wrong(candidate, counters, origin)
        renewed = await self._renewed(candidate, login.password)
        actor = person.acting(origin)
        try:
            async with self.storage.begin(actor, tenant=person.home, person=user_id) as unit:
                await self.attempts.refuse_locked(unit, counters)
                person = await self._hold(unit, person, candidate, renewed)
                await self.second_factor.require(unit, user_id, login.totp_code)
                signed_in = await self.session_start.start(
                    unit,
                    person,
                    origin,
                    device_name=login.device_name,
                    device_token=login.device_token,
                )
                await self.attempts.clear(unit, counters)
                await unit.account("auth.login", "user", user_id, device=login.device_name)
        except WrongCode:
            raise await self._wrong(candidate, counters, origin) from None
        return signed_in

    async def refresh(self, *, refresh_token: str, origin: Origin = NOBODY.origin) -> Refreshed:
        """Spend a refresh token for its successor and a new access token.

        Spent again within the grace, as by a client that lost the answer or raced with itself, it
        gives the same successor; after that somebody has stolen it, and the session ends.
        Raises Invalid, NotSignedIn (`invalid_token`, `refresh_reused`).
        """
        return await self.session_refresh.spend(refresh_token, origin)

    async def _candidate(
        self, reader: IdentityReader, user_id: str, device_token: str | None
    ) -> Candidate:
        try:
            person: Person | None = await reader.people.person(user_id)
        except NotFound:
            person = None
        try:
            credential: Credential | None = await reader.get(Credential, user_id)
        except NotFound:
            credential = None
        device = await known_device(reader, user_id, device_token, self.now())
        return Candidate(user_id, person, credential, device)

    async def _renewed(self, candidate: Candidate, password: str) -> str | None:
        """A new hash, where the stored one was made at an older cost or with an older secret."""
        hashed = candidate.password_hash
        return (
            await self.hasher.hash(password) if hashed and self.hasher.is_dated(hashed) else None
        )

    async def _hold(
        self, unit: IdentityUnit, person: Person, candidate: Candidate, renewed: str | None
    ) -> Person:
        """The person as they are now, unless the password was changed while it was hashed."""
        user = await unit.hold(User, person.user.id)
        credential = await unit.get(Credential, user.id)
        if not user.is_active or credential != candidate.credential:
            raise WrongCode
        if renewed:
            await unit.save(evolve(credential, password_hash=renewed))
        return evolve(person, user=user)

    async def _wrong(
        self, candidate: Candidate, counters: tuple[Counter, ...], origin: Origin
    ) -> FaradayError:
        actor = NOBODY.acting_from(origin)
        home, user_id = candidate.home, candidate.user_id
        async with self.storage.begin(actor, tenant=home, person=user_id) as unit:
            too_many = await self.attempts.fail(unit, counters)
            await unit.account(
                "auth.fail_login",
                "user",
                user_id if candidate.person else None,
                organization_id=candidate.person.organization_id if candidate.person else None,
                locked=too_many is not None,
            )
        detail = "The address, the password or the code is not right."
        return too_many or NotSignedIn(detail, code="invalid_credentials")


def email_taken() -> Conflict:
    return Conflict("There is an account with this e-mail address already.", code="email_taken")
