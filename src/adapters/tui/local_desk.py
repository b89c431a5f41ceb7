"""The desk directly over the services, in this process."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from attrs import define, evolve, frozen

from adapters.app import App
from adapters.tui.paging import (
    MOST,
    as_kind,
    at_the_top,
    directly_in,
    either,
    gathered,
    joined,
    may_be_an_id,
    newest_first,
)
from adapters.tui.seen import (
    Account,
    Answer,
    AuditQuestion,
    ClassTaken,
    Device,
    Entry,
    Guardian,
    HeldFields,
    Import,
    Member,
    MemoryUsage,
    Person,
    Place,
    RoleHeld,
    Session,
    shaped,
)
from faraday_core.audit.model import AuditFilter
from faraday_core.identity.model import User
from faraday_core.identity.session_model import Claims
from faraday_core.kernel.access import OWN, Action
from faraday_core.kernel.actor import Actor, Origin, Role
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import plain
from faraday_core.organizations.membership import (
    DepartmentMember,
    NewMember,
    OrganizationMember,
    TeamMember,
)
from faraday_core.organizations.model import DepartmentFilter, OrganizationFilter, TeamFilter
from faraday_core.people.model import AccessQuestion, UserFields, UserFilter
from faraday_core.roster import held_fields
from faraday_core.roster.model import UserClassFilter
from faraday_core.roster.requests import ImportFilter
from faraday_core.roster.runs import RunStatus

T = TypeVar("T")
DEVICE: Final = "support terminal"
ORIGIN: Final = Origin(user_agent=DEVICE)
_MEMBERS: Final[dict[str, type[Any]]] = {  # as each service method takes any of the three
    "organization": OrganizationMember,
    "department": DepartmentMember,
    "team": TeamMember,
}


@frozen
class LocalEntrance:
    app: App

    async def sign_in(self, email: str, password: str, code: str | None) -> "LocalDesk":
        answer = await self.app.auth.login(
            email=email, password=password, totp_code=code, device_name=DEVICE, origin=ORIGIN
        )
        claims = await self.app.keys.read(answer.access_token)
        identity = await self.app.sessions.identify(claims)
        me = await self.app.users.get(identity.acting(ORIGIN), claims.user_id)
        return LocalDesk(self.app, claims, shaped(Person, plain(me)))

    async def close(self) -> None:
        """Nothing is held."""


@define
class LocalDesk:
    app: App
    claims: Claims
    me: Person

    async def sign_out(self) -> None:
        try:
            await self.app.sessions.logout(await self._actor())
        except NotSignedIn:
            return

    async def people(self, text: str) -> Page[Person]:
        by_word = UserFilter(q=text or None, include_inactive=True)
        if not may_be_an_id(text):
            return await self._people(by_word)
        by_id = UserFilter(source_id=text)
        return either(*await asyncio.gather(self._people(by_id), self._people(by_word)))

    async def person(self, user_id: str) -> Person:
        return shaped(Person, plain(await self.app.users.get(await self._actor(), user_id)))

    async def account(self, user_id: str) -> Account:
        found = await self.app.support.account(await self._actor(), user_id)
        return shaped(Account, plain(found))

    async def sessions(self, user_id: str) -> Page[Session]:
        page = PageRequest(limit=MOST)
        found = await self.app.support.sessions(await self._actor(), user_id, page)
        return _page(Session, found)

    async def devices(self, user_id: str) -> Page[Device]:
        found = await self.app.support.devices(await self._actor(), user_id)
        return _page(Device, found)

    async def classes(self, user_id: str) -> Page[ClassTaken]:
        wanted, page = UserClassFilter(include_inactive=True), PageRequest(limit=MOST)
        found = await self.app.classes.of_user(await self._actor(), user_id, page, wanted)
        return _page(ClassTaken, found)

    async def guardians(self, user_id: str) -> Page[Guardian]:
        page = PageRequest(limit=MOST)
        found = await self.app.guardians.list(await self._actor(), user_id, page)
        return _page(Guardian, found)

    async def memory_usage(self, user_id: str) -> MemoryUsage:
        found = await self.app.memory_usage.of_person(await self._actor(), user_id)
        return shaped(MemoryUsage, plain(found))

    async def imports(self, cursor: str | None = None) -> Page[Import]:
        actor, page = await self._actor(), PageRequest(MOST // 2, cursor)
        others = await self.app.imports.list(actor, ImportFilter(), page)
        planning, planned = [
            await self.app.imports.list(actor, ImportFilter(status=status), PageRequest(MOST // 2))
            for status in (RunStatus.PLANNING, RunStatus.PLANNED)
        ]
        return newest_first(*(_page(Import, each) for each in (planning, planned, others)))

    async def one_import(self, import_id: str) -> Import:
        return shaped(Import, plain(await self.app.imports.get(await self._actor(), import_id)))

    async def imports_of(self, user_id: str) -> Page[Import]:
        return _page(Import, await self.app.imports.of_user(await self._actor(), user_id))

    async def held_fields(self, user_id: str) -> HeldFields:
        found = await self.app.held_fields.of_user(await self._actor(), user_id)
        return shaped(HeldFields, plain(found))

    async def audit(self, asked: AuditQuestion, cursor: str | None = None) -> Page[Entry]:
        page = PageRequest(MOST // 2, cursor)
        wanted = AuditFilter(asked.action or None, asked.person_id, asked.since, asked.until)
        return _page(Entry, await self.app.audit.list(await self._actor(), page, wanted))

    async def may(self, user_id: str, resource: str) -> Sequence[Answer]:
        actor, answers = await self._actor(), []
        for action in (action for action in Action if action not in OWN):
            asked = AccessQuestion(action, resource)
            answer = await self.app.access.explain(actor, user_id, asked)
            answers.append(evolve(shaped(Answer, plain(answer)), action=str(action)))
        return answers

    async def place(self, held: RoleHeld) -> Place:
        actor, id = await self._actor(), held.scope_id or ""
        found: object
        match held.scope_type:
            case "organization":
                found = await self.app.organizations.get(actor, id)
            case "department":
                found = await self.app.departments.get(actor, id)
            case _:
                found = await self.app.teams.get(actor, id)
        return evolve(shaped(Place, plain(found)), kind=held.scope_type)

    async def top_places(self) -> Page[Place]:
        return at_the_top(await self._organizations(OrganizationFilter()))

    async def places_in(self, place: Place) -> Page[Place]:
        match place.kind:
            case "organization":
                below = await self._organizations(OrganizationFilter(place.id))
                departments = await self._departments(place.id)
                return joined((below, directly_in(departments, None)))
            case "department":
                departments = await self._departments(place.organization_id or "")
                return joined((directly_in(departments, place.id), await self._teams(place.id)))
        return Page(())

    async def members(self, place: Place) -> Page[Member]:
        kind, page = _MEMBERS[place.kind], PageRequest(limit=MOST)
        return _page(
            Member, await self.app.members.list(await self._actor(), kind, place.id, page)
        )

    async def unlock(self, user_id: str) -> None:
        await self.app.support.unlock(await self._actor(), user_id)

    async def end_session(self, user_id: str, session_id: str) -> None:
        await self.app.support.end_session(await self._actor(), user_id, session_id)

    async def end_sessions(self, user_id: str) -> None:
        await self.app.support.end_sessions(await self._actor(), user_id)

    async def send_reset(self, user_id: str) -> None:
        await self.app.support.send_reset(await self._actor(), user_id)

    async def resend_invitation(self, user_id: str) -> None:
        await self.app.support.resend_invitation(await self._actor(), user_id)

    async def rename(self, user_id: str, full_name: str) -> None:
        def renamed(user: User) -> UserFields:
            return UserFields(full_name, user.is_active)

        await self.app.users.change(await self._actor(), user_id, renamed)

    async def hold_fields(self, user_id: str, fields: Sequence[str]) -> None:
        held = held_fields.HeldFields([*fields])
        await self.app.held_fields.hold_of_user(await self._actor(), user_id, held)

    async def give_role(self, user_id: str, role: str, place: Place) -> None:
        new, kind = NewMember(user_id, Role(role)), _MEMBERS[place.kind]
        await self.app.members.add(await self._actor(), kind, place.id, new)

    async def end_role(self, user_id: str, held: RoleHeld) -> None:
        kind, at = _MEMBERS[held.scope_type], held.scope_id or ""
        await self.app.members.remove(await self._actor(), kind, at, user_id, Role(held.role))

    async def _people(self, wanted: UserFilter) -> Page[Person]:
        page = PageRequest(limit=MOST // 2)
        return _page(Person, await self.app.users.list(await self._actor(), wanted, page))

    async def _organizations(self, wanted: OrganizationFilter) -> Page[Place]:
        actor = await self._actor()

        async def ask(cursor: str | None) -> Page[Place]:
            page = PageRequest(MOST, cursor)
            return _page(Place, await self.app.organizations.list(actor, page, wanted))

        return as_kind(await gathered(ask), "organization")

    async def _departments(self, organization_id: str) -> Page[Place]:
        actor, wanted = await self._actor(), DepartmentFilter(organization_id)

        async def ask(cursor: str | None) -> Page[Place]:
            page = PageRequest(MOST, cursor)
            return _page(Place, await self.app.departments.list(actor, page, wanted))

        return as_kind(await gathered(ask), "department")

    async def _teams(self, department_id: str) -> Page[Place]:
        actor, wanted = await self._actor(), TeamFilter(department_id)

        async def ask(cursor: str | None) -> Page[Place]:
            page = PageRequest(MOST, cursor)
            return _page(Place, await self.app.teams.list(actor, page, wanted))

        return as_kind(await gathered(ask), "team")

    async def _actor(self) -> Actor:
        """Who acts, asked anew for each act; raises NotSignedIn where the session is over.

        The session's own ends hold, not the access token's: it never leaves this process.
        """
        identity = await self.app.sessions.identify(self.claims)
        actor = identity.acting(ORIGIN)
        await self.app.sessions.touch(actor, identity.last_used_at)
        return actor


def _page(kind: type[T], page: Page[Any]) -> Page[T]:  # of any of the services' views
    found: Page[T] = shaped(Page[kind], plain(page))  # type: ignore[valid-type]  # of a value
    return found
