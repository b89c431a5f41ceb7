from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

from attrs import frozen

from faraday_core.kernel.access import Action, require_somewhere
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, FaradayError, Fault, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text, Token
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.people.model import UserFilter
from faraday_core.people.support_service import SupportService
from faraday_core.people.user_service import UserService
from faraday_core.roster.class_service import ClassService
from faraday_core.roster.import_ports import ImportsStorage
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.thinning import require_journal

AT_ONCE: Final = 100  # people, of one request

_Id = Annotated[str, Text(1, 64)]


@frozen
class WhomToInvite:
    """One of the three: who is in a class, at an organisation, or was brought in by an import.
    `cursor`: where the request before ended: its `next_cursor`."""

    class_id: _Id | None = None
    organization_id: _Id | None = None
    import_id: _Id | None = None
    cursor: Token | None = None

    __attrs_post_init__ = obey_rules

    @property
    def named(self) -> int:
        return sum(bool(id) for id in (self.class_id, self.organization_id, self.import_id))


@frozen
class Invited:
    """How many were sent a mail, and how many were left out: who has no address, who has chosen a
    password already, who may not sign in any more, and whom the actor may not invite.
    `next_cursor`: None when all are done."""

    invited: int = 0
    without_address: int = 0
    have_password: int = 0
    not_allowed: int = 0
    deactivated: int = 0
    next_cursor: str | None = None

    def and_also(self, more: "Invited") -> "Invited":
        return Invited(
            self.invited + more.invited,
            self.without_address + more.without_address,
            self.have_password + more.have_password,
            self.not_allowed + more.not_allowed,
            self.deactivated + more.deactivated,
            more.next_cursor,
        )


@frozen
class BulkInvitationService:
    """Has people who were brought in by a file choose a password, where they never signed in."""

    storage: ImportsStorage
    imports: ImportService
    classes: ClassService
    organizations: OrganizationService
    users: UserService
    support: SupportService

    async def invite(self, actor: Actor, whom: WhomToInvite) -> Invited:
        """Mail the next hundred of them a token, good for 14 days; the queue sends the mails at
        the rate that the mail server bears.

        Raises Forbidden, NotFound, Invalid, Conflict (`journal_expired`).
        """
        require_somewhere(actor, Action.SUPPORT_USERS)
        if whom.named != 1:
            detail = "name one of class_id, organization_id and import_id"
            raise Invalid([Fault("", "invalid_value", detail)])
        ids, next_cursor = await self._next(actor, whom)
        done: Counter[str] = Counter()
        for id in ids:
            try:
                await self.support.resend_invitation(actor, id)
                done["invited"] += 1
            except (Conflict, Forbidden, NotFound) as error:
                done[_reason(error)] += 1
        return Invited(
            done["invited"],
            done["no_email"],
            done["has_password"],
            done["forbidden"],
            done["deactivated"],
            next_cursor,
        )

    async def _next(self, actor: Actor, whom: WhomToInvite) -> tuple[Sequence[str], str | None]:
        page = PageRequest(AT_ONCE, whom.cursor)
        if whom.class_id:
            enrolled = await self.classes.enrollments(actor, whom.class_id, page)
            active = [one for one in enrolled.items if one.status == "active"]
            return [*dict.fromkeys(one.user_id for one in active)], enrolled.next_cursor
        if whom.organization_id:
            await self.organizations.get(actor, whom.organization_id)
            found = await self.users.list(actor, UserFilter(whom.organization_id), page)
            return [user.id for user in found.items], found.next_cursor
        return await self._of_import(actor, whom)

    async def _of_import(
        self, actor: Actor, whom: WhomToInvite
    ) -> tuple[Sequence[str], str | None]:
        """Their ids are known all at once, and a cursor is the last one of them."""
        run_id, behind = whom.import_id or "", whom.cursor or ""
        if behind and not is_id(behind):
            raise Invalid([Fault("/cursor", "invalid_value", "was not given out here")])
        tenant, run, _ = await self.imports.located(actor, run_id, Action.READ_IMPORTS)
        require_journal(run)
        async with self.storage.look(actor, tenant=tenant) as reader:
            every = await reader.imports.brought_in(run.id)
        left = [id for id in every if id > behind]
        some = left[:AT_ONCE]
        return some, some[-1] if len(left) > AT_ONCE else None


def _reason(error: FaradayError) -> str:
    told = {"no_email", "has_password", "deactivated"}
    return error.code if error.code in told else "forbidden"
