from contextlib import suppress
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from faraday_core.audit.audit_service import AuditService
from faraday_core.identity.addresses import email_key
from faraday_core.identity.model import (
    EmailVerification,
    PasswordResetToken,
    Person,
    User,
    UserView,
    view_of,
)
from faraday_core.identity.password_service import PasswordService
from faraday_core.kernel.access import PLATFORM, Action, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import Conflict, NotFound, StaleVersion
from faraday_core.kernel.objects import ObjectStore, delete_all_of
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock
from faraday_core.people.subject import meet, require_whole
from faraday_core.privacy.model import (
    Erasure,
    ErasureDue,
    ErasureRequest,
    ErasureView,
    PrivacyPolicy,
)
from faraday_core.privacy.ports import KeptMails, PrivacyStorage, PrivacyUnit
from faraday_core.privacy.rules import personal
from faraday_core.records.rectifications import RectificationLog
from faraday_core.roster.thinning import ImportThinning
from faraday_core.roster.uploads import Uploads

SEALING_TRIES: Final = 5


@frozen
class ErasureService:
    """Removes people, with all that is held about them, some time after they asked for it."""

    storage: PrivacyStorage
    policy: PrivacyPolicy
    passwords: PasswordService
    audit: AuditService
    rectifications: RectificationLog
    objects: ObjectStore
    mails: KeptMails
    imports: ImportThinning
    now: Clock

    async def ask(self, actor: Actor, *, password: str) -> ErasureView:
        """Have oneself erased. All sessions end, and nobody can sign in; the address stays taken.

        Raises Invalid (`wrong_password`), TooMany, Conflict (`last_platform_admin`).
        """
        user_id = require_own(actor)
        parse(ErasureRequest, {"password": password})
        await self.passwords.require_password(actor, password, at="/password")
        await self._refuse_last(user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            return await self._ask(unit, user, self.policy.erasure_delay)

    async def restore(self, actor: Actor, user_id: str) -> UserView:
        """Call an erasure off: the person can sign in again.

        Raises NotFound, Forbidden, Conflict (`no_erasure`).
        """
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            if not actor.is_platform_admin:
                await require_whole(actor, unit, subject)
            try:
                await unit.remove(await unit.hold(Erasure, user_id))
            except NotFound:
                detail = "This person did not ask to be erased."
                raise Conflict(detail, code="no_erasure") from None
            user = await unit.save(evolve(user, is_active=True, updated_at=self.now()))
            place = subject.organization_id
            await unit.account("user.restore", "user", user_id, organization_id=place)
        return view_of(evolve(subject.person, user=user))

    async def erase(self, actor: Actor, user_id: str) -> None:
        """At once, as an operator may; raises NotFound, Forbidden, Conflict
        (`last_platform_admin`)."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        await self._refuse_last(user_id)
        async with self.storage.begin(actor, person=user_id) as unit:
            await self._ask(unit, await unit.hold(User, user_id), 0)
        await self._erase(actor, user_id)

    async def carry_out(self, actor: Actor, due: ErasureDue) -> None:
        """What a worker does when somebody is to be erased by now; told twice, it does it once."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        await self._erase(WORKER, due.user_id)

    async def carry_out_due(self, actor: Actor) -> int:
        """Of all who asked; answers how many there were."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(WORKER) as reader:
            due = await reader.held.due(self.now())
        for user_id in due:
            await self._erase(WORKER, user_id)
        return len(due)

    async def _refuse_last(self, user_id: str) -> None:
        """Who stands at one person does not see the others, so this is asked from above."""
        async with self.storage.look_everywhere(WORKER) as reader:
            user = (await reader.people.person(user_id)).user
            is_one = user.is_platform_admin and user.is_active
            if is_one and await reader.people.platform_admins() <= 1:
                detail = "There would be no platform_admin left."
                raise Conflict(detail, code="last_platform_admin")

    async def _ask(self, unit: PrivacyUnit, user: User, delay: int) -> ErasureView:
        now = self.now()
        erasure = Erasure(user.id, user.id, now, now + timedelta(seconds=delay))
        try:
            known = await unit.hold(Erasure, user.id)
            await unit.save(evolve(erasure, version=known.version))
        except NotFound:
            await unit.add(erasure)
        await unit.endings.end_sessions(now, "erasure_asked")
        await unit.endings.forget_devices()
        for kind in (PasswordResetToken, EmailVerification):
            await unit.endings.void_tokens(kind)
        epoch = user.security_epoch + 1
        await unit.save(evolve(user, is_active=False, security_epoch=epoch, updated_at=now))
        await unit.account("user.ask_erasure", "user", user.id, delay=delay)
        if not delay:
            await unit.record(ErasureDue(user.id))
        return ErasureView(erasure.erase_after)

    async def _erase(self, actor: Actor, user_id: str) -> None:
        """Files first, then rows: what is broken off half-way is found, and done, again."""
        try:
            person, addresses = await self._read(user_id)
        except NotFound:
            await delete_all_of(self.objects, user_id)
            return
        await self._seal()
        await self._forget_in_imports(person, addresses)
        await self._remove_files(person, addresses)
        if await self._remove_rows(actor, person, addresses):
            # What was written meanwhile: an export that was being made, a mail on its way.
            await self._remove_files(person, addresses)

    async def _seal(self) -> None:
        """So that what was done last is under the pseudonym, too. The worker whose work that is
        may be at it at this very moment: then it is tried again."""
        for _ in range(SEALING_TRIES):
            with suppress(StaleVersion, Conflict):
                await self.audit.seal(WORKER)
                return

    async def _read(self, user_id: str) -> tuple[Person, frozenset[str]]:
        """The person, with all addresses that they ever had. Raises NotFound."""
        async with self.storage.look(WORKER, person=user_id) as reader:
            person = await reader.people.person(user_id)
            former = await self.rectifications.old_values(reader, user_id, "email")
        address = person.user.email
        return person, frozenset((*former, *([address] if address else [])))

    async def _remove_files(self, person: Person, addresses: frozenset[str]) -> None:
        """Rosters, too, that wait to be imported where the person is: they may be named there."""
        await delete_all_of(self.objects, person.user.id)
        await Uploads(self.objects).remove_all_of(_tenants_of(person))
        await self.mails.forget(addresses)

    async def _forget_in_imports(self, person: Person, addresses: frozenset[str]) -> None:
        """What was said of rows that were refused, and of values that were not taken."""
        user = person.user
        named = (*addresses, user.full_name, user.username, user.source_id, user.identifier)
        words = {word for word in named if word}
        await self.imports.forget(_tenants_of(person), user.id, words)

    async def _remove_rows(self, actor: Actor, person: Person, addresses: frozenset[str]) -> bool:
        """False where it was called off at the last moment."""
        user_id = person.user.id
        async with self.storage.begin(actor, tenant=person.home, person=user_id) as unit:
            try:
                user = await unit.hold(User, user_id)
                erasure = await unit.hold(Erasure, user_id)
            except NotFound:
                return False
            if user.is_active:  # an administrator let them in again
                await unit.remove(erasure)
                return False
            if erasure.erase_after > self.now():
                return False
            keys = await unit.personal_keys.of_people([user_id])
            await unit.removal.person([*personal()])
            await unit.removal.invitations({email_key(address) for address in addresses})
            # By the name that they have in the log from now on: the key to it is gone.
            pseudonym = keys[0].id if keys else None
            place = person.organization_id
            await unit.account("user.erase", "pseudonym", pseudonym, organization_id=place)
        return True


def _tenants_of(person: Person) -> set[str]:
    tenants = {grant.tenant_id for grant in person.roles} | {person.user.source_tenant_id}
    return {tenant for tenant in tenants if tenant}
