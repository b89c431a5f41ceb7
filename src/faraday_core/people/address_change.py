from attrs import evolve, frozen

from faraday_core.identity import mails
from faraday_core.identity.addresses import email_key
from faraday_core.identity.auth_service import email_taken
from faraday_core.identity.email_service import EmailService
from faraday_core.identity.model import EmailVerification, PasswordResetToken, User, UserRenamed
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.ports import Clock
from faraday_core.mail.mail_service import Outgoing
from faraday_core.people.endings import ended_account
from faraday_core.people.ports import PeopleStorage, PeopleUnit


@frozen
class AddressChange:
    """Gives an account its address, or another one. What was sent to the old one, and who is
    signed in by it, ends: the account may be in other hands from now on."""

    storage: PeopleStorage
    emails: EmailService
    outgoing: Outgoing
    now: Clock

    async def free(self, actor: Actor, email: str) -> None:
        """An account without an organisation and with an unverified address holds that address
        against nobody: whoever made it has not shown that it is theirs. Raises Conflict
        (`email_taken`)."""
        holder = await self.storage.person_with_email(email_key(email))
        if holder is None:
            return
        async with self.storage.begin(actor, person=holder) as unit:
            user = await unit.hold(User, holder)
            person = await unit.people.person(holder)
            if user.email_verified or person.roles:
                raise email_taken()
            nameless = evolve(user, email=None, email_key=None)
            await ended_account(unit, nameless, self.now(), "address_taken_over")
            await unit.account("user.lose_address", "user", holder)

    async def give(
        self, unit: PeopleUnit, user: User, email: str, organization_id: str | None
    ) -> User:
        """The unit stands at the person, and holds them. Both addresses are sent a mail. Raises
        Invalid for a program, Conflict (`email_taken`) at its end."""
        refuse_program(user)
        now, old = self.now(), user
        respelled = email_key(email) == old.email_key
        user = evolve(user, email=email, email_key=email_key(email), updated_at=now)
        if not respelled:
            epoch = user.security_epoch + 1
            user = evolve(user, email_verified=False, security_epoch=epoch)
            await unit.endings.end_sessions(now, "address_changed")
            await unit.endings.forget_devices()
            await unit.endings.void_tokens(PasswordResetToken)
            await unit.endings.void_tokens(EmailVerification)
        user = await unit.save(user)
        if not respelled:
            await self.emails.ask(unit, user, mails.address_given)
            if old.email:
                mail = mails.address_changed(user, old.email)
                await self.outgoing.queue(unit, mail, user_id=user.id, by_mail_alone=False)
        await unit.record(UserRenamed(user.id))  # found by the new address from now on
        await unit.account("user.change_email", "user", user.id, organization_id=organization_id)
        return user


def refuse_program(user: User) -> None:
    """Raises Invalid: with an address a program could be given a password."""
    if user.is_service:
        raise Invalid([Fault("/email", "invalid_value", "is nothing that a program has")])
