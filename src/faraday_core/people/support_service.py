from attrs import evolve, frozen

from faraday_core.identity.attempts import Attempts, Counter
from faraday_core.identity.device_service import call_device, forget_device
from faraday_core.identity.factors import confirmed_secret
from faraday_core.identity.model import Credential, ResetPurpose, User
from faraday_core.identity.password_service import PasswordService
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.session_model import (
    DeviceView,
    NamedDevice,
    SessionView,
    UserSession,
    device_view_of,
    view_of,
)
from faraday_core.identity.token_model import PersonalToken, TokenView, token_view_of
from faraday_core.kernel.access import Action, not_found
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock
from faraday_core.people.model import Account
from faraday_core.people.ports import PeopleReader, PeopleStorage, PeopleUnit
from faraday_core.people.subject import Subject, meet


@frozen
class SupportService:
    """Helps somebody who cannot get in, or whom somebody else got in as."""

    storage: PeopleStorage
    policy: SignInPolicy
    attempts: Attempts
    passwords: PasswordService
    now: Clock

    async def account(self, actor: Actor, user_id: str) -> Account:
        """Whether it is locked, and what it signs in with; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.look(actor, tenant=subject.tenant, person=user_id) as reader:
            locks = [
                await reader.attempts.locked_until(counter.key, self.now())
                for counter in self._counters(subject)
            ]
            has_password = await _has_password(reader, user_id)
            second_factor = await confirmed_secret(reader, user_id)
        until = max((lock for lock in locks if lock), default=None)
        return Account(until, has_password, has_second_factor=second_factor is not None)

    async def unlock(self, actor: Actor, user_id: str) -> None:
        """Set the count of wrong attempts to 0; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            await self.attempts.clear(unit, self._counters(subject))
            for device in await unit.devices.all():
                key = subject.person.user.email_key or ""
                await self.attempts.clear(unit, self.attempts.counters(key, device.id))
            await self._account(unit, "user.unlock", subject)

    async def sessions(self, actor: Actor, user_id: str, page: PageRequest) -> Page[SessionView]:
        """A person's sessions that live, the newest first; raises NotFound, Forbidden."""
        subject, now = await self._meet(actor, user_id), self.now()
        async with self.storage.look(actor, tenant=subject.tenant, person=user_id) as reader:
            found = await reader.sessions.living(
                page, now=now, unused_since=self.policy.unused_since(now)
            )
        views = (view_of(session, actor.session_id) for session in found.items)
        return Page(tuple(views), found.next_cursor)

    async def devices(self, actor: Actor, user_id: str) -> Page[DeviceView]:
        """Those that a person has signed in from before, at most ten, the one used last first;
        raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.look(actor, tenant=subject.tenant, person=user_id) as reader:
            devices = await reader.devices.all()
        return Page(tuple(device_view_of(device) for device in reversed(devices)))

    async def name_device(
        self, actor: Actor, user_id: str, device_id: str, *, name: str
    ) -> DeviceView:
        """Call one of them by a name; raises NotFound, Forbidden, Invalid."""
        name = parse(NamedDevice, {"name": name}).name
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            device = await call_device(unit, self.policy, self.now(), device_id, name)
            await self._account(unit, "device.name", subject, device_id=device_id)
        return device_view_of(device)

    async def end_device(self, actor: Actor, user_id: str, device_id: str) -> None:
        """Forget one of them, and end its sessions; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            await forget_device(unit, self.policy, self.now(), device_id)
            await self._account(unit, "device.end", subject, device_id=device_id)

    async def tokens(self, actor: Actor, user_id: str, page: PageRequest) -> Page[TokenView]:
        """A person's tokens that live, the newest first; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.look(actor, tenant=subject.tenant, person=user_id) as reader:
            found = await reader.personal_tokens.page(page, self.now())
        return Page(tuple(map(token_view_of, found.items)), found.next_cursor)

    async def end_token(self, actor: Actor, user_id: str, token_id: str) -> None:
        """End one of them at once; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            await unit.remove(await unit.hold(PersonalToken, token_id))
            await self._account(unit, "token.delete", subject, token_id=token_id)

    async def end_session(self, actor: Actor, user_id: str, session_id: str) -> None:
        """Sign one of a person's devices out; raises NotFound, Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            session = await unit.hold(UserSession, session_id)
            if session.ended_at:
                raise not_found()
            await unit.save(evolve(session, ended_at=self.now(), end_reason="ended_by_support"))
            await self._account(unit, "session.end", subject, session_id=session_id)

    async def end_sessions(self, actor: Actor, user_id: str) -> int:
        """Sign a person out everywhere; answers of how many sessions. Raises NotFound,
        Forbidden."""
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            count = await unit.endings.end_sessions(self.now(), "ended_by_support")
            await self._account(unit, "session.end_all", subject, sessions=count)
        return count

    async def send_reset(self, actor: Actor, user_id: str) -> None:
        """Mail a person a token to set a password by.

        Raises NotFound, Forbidden, Conflict (`no_email`).
        """
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            if user.email is None:
                raise Conflict("This person has no e-mail address.", code="no_email")
            await self.passwords.mail_token(unit, user, ResetPurpose.RESET)
            await self._account(unit, "user.send_reset", subject)

    async def resend_invitation(self, actor: Actor, user_id: str) -> None:
        """Mail a person who has not chosen a password yet another token to do so by.

        Raises NotFound, Forbidden, Conflict (`deactivated`, `no_email`, `has_password`).
        """
        subject = await self._meet(actor, user_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            if not user.is_active:
                raise Conflict("This person may not sign in.", code="deactivated")
            if user.email is None:
                raise Conflict("This person has no e-mail address.", code="no_email")
            if await _has_password(unit, user_id):
                detail = "This person has chosen a password already. Send a reset instead."
                raise Conflict(detail, code="has_password")
            await self.passwords.mail_token(unit, user, ResetPurpose.INVITATION)
            await self._account(unit, "user.resend_invitation", subject)

    async def _account(
        self, unit: PeopleUnit, action: str, subject: Subject, **details: str | int
    ) -> None:
        organization = subject.organization_id
        await unit.account(action, "user", subject.id, organization_id=organization, **details)

    async def _meet(self, actor: Actor, user_id: str) -> Subject:
        return await meet(self.storage, actor, user_id, Action.SUPPORT_USERS)

    def _counters(self, subject: Subject) -> tuple[Counter, ...]:
        return self.attempts.of_account(subject.person.user.email_key or "")


async def _has_password(reader: PeopleReader, user_id: str) -> bool:
    try:
        await reader.get(Credential, user_id)
    except NotFound:
        return False
    return True
