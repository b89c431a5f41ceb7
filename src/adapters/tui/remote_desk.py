"""The desk over HTTP: `faraday tui --server URL`."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from attrs import define, evolve, frozen

from adapters.tui.line import Line
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
from faraday_core.kernel.access import OWN, Action
from faraday_core.kernel.errors import NotSignedIn, Unavailable
from faraday_core.kernel.paging import Page

T = TypeVar("T")
_COLLECTIONS: Final = {
    "organization": "organizations",
    "department": "departments",
    "team": "teams",
}


@frozen
class RemoteEntrance:
    line: Line

    async def sign_in(self, email: str, password: str, code: str | None) -> "RemoteDesk":
        asked = {"email": email, "password": password, "device_name": self.line.device}
        if code:
            asked["totp_code"] = code
        self.line.take(await self.line.ask("POST /auth/login", asked))
        return RemoteDesk(self.line, _shaped(Person, await self.line.ask("GET /auth/me")))

    async def close(self) -> None:
        await self.line.close()


@define
class RemoteDesk:
    line: Line
    me: Person

    async def sign_out(self) -> None:
        try:
            await self.line.ask("POST /auth/logout")
        except NotSignedIn:
            return

    async def people(self, text: str) -> Page[Person]:
        limit = str(MOST // 2)
        by_word = self._page(
            Person, "/users", q=text or None, include_inactive="true", limit=limit
        )
        if not may_be_an_id(text):
            return await by_word
        by_id = self._page(Person, "/users", source_id=text, limit=limit)
        return either(*await asyncio.gather(by_id, by_word))

    async def person(self, user_id: str) -> Person:
        return _shaped(Person, await self.line.ask(f"GET /users/{user_id}"))

    async def account(self, user_id: str) -> Account:
        return _shaped(Account, await self.line.ask(f"GET /users/{user_id}/account"))

    async def sessions(self, user_id: str) -> Page[Session]:
        return await self._page(Session, f"/users/{user_id}/sessions", limit=str(MOST))

    async def devices(self, user_id: str) -> Page[Device]:
        return await self._page(Device, f"/users/{user_id}/devices")

    async def classes(self, user_id: str) -> Page[ClassTaken]:
        path = f"/users/{user_id}/classes"
        return await self._page(ClassTaken, path, include_inactive="true", limit=str(MOST))

    async def guardians(self, user_id: str) -> Page[Guardian]:
        return await self._page(Guardian, f"/users/{user_id}/guardians", limit=str(MOST))

    async def memory_usage(self, user_id: str) -> MemoryUsage:
        return _shaped(MemoryUsage, await self.line.ask(f"GET /users/{user_id}/memory-usage"))

    async def imports(self, cursor: str | None = None) -> Page[Import]:
        limit = str(MOST // 2)
        return newest_first(
            *await asyncio.gather(
                self._page(Import, "/imports", limit=limit, status="planning"),
                self._page(Import, "/imports", limit=limit, status="planned"),
                self._page(Import, "/imports", limit=limit, cursor=cursor),
            )
        )

    async def one_import(self, import_id: str) -> Import:
        return _shaped(Import, await self.line.ask(f"GET /imports/{import_id}"))

    async def imports_of(self, user_id: str) -> Page[Import]:
        return await self._page(Import, f"/users/{user_id}/imports")

    async def held_fields(self, user_id: str) -> HeldFields:
        return _shaped(HeldFields, await self.line.ask(f"GET /users/{user_id}/held-fields"))

    async def audit(self, asked: AuditQuestion, cursor: str | None = None) -> Page[Entry]:
        return await self._page(
            Entry,
            "/audit-log",
            limit=str(MOST // 2),
            cursor=cursor,
            action=asked.action or None,
            person_id=asked.person_id,
            since=asked.since.isoformat() if asked.since else None,
            until=asked.until.isoformat() if asked.until else None,
        )

    async def may(self, user_id: str, resource: str) -> Sequence[Answer]:
        async def ask(action: str) -> Answer:
            path = f"GET /users/{user_id}/access"
            answer = await self.line.ask(path, action=action, resource=resource)
            return evolve(_shaped(Answer, answer), action=action)

        actions = (str(action) for action in Action if action not in OWN)
        return await asyncio.gather(*(ask(action) for action in actions))

    async def place(self, held: RoleHeld) -> Place:
        found = await self.line.ask(f"GET /{_COLLECTIONS[held.scope_type]}/{held.scope_id}")
        return evolve(_shaped(Place, found), kind=held.scope_type)

    async def top_places(self) -> Page[Place]:
        return at_the_top(await self._places("organization"))

    async def places_in(self, place: Place) -> Page[Place]:
        match place.kind:
            case "organization":
                below, departments = await asyncio.gather(
                    self._places("organization", parent_organization_id=place.id),
                    self._places("department", organization_id=place.id),
                )
                return joined((below, directly_in(departments, None)))
            case "department":
                departments, teams = await asyncio.gather(
                    self._places("department", organization_id=place.organization_id),
                    self._places("team", department_id=place.id),
                )
                return joined((directly_in(departments, place.id), teams))
        return Page(())

    async def members(self, place: Place) -> Page[Member]:
        return await self._page(Member, _members_of(place.kind, place.id), limit=str(MOST))

    async def unlock(self, user_id: str) -> None:
        await self.line.ask(f"POST /users/{user_id}/unlock")

    async def end_session(self, user_id: str, session_id: str) -> None:
        await self.line.ask(f"DELETE /users/{user_id}/sessions/{session_id}")

    async def end_sessions(self, user_id: str) -> None:
        await self.line.ask(f"DELETE /users/{user_id}/sessions")

    async def send_reset(self, user_id: str) -> None:
        await self.line.ask(f"POST /users/{user_id}/send-reset")

    async def resend_invitation(self, user_id: str) -> None:
        await self.line.ask(f"POST /users/{user_id}/resend-invitation")

    async def rename(self, user_id: str, full_name: str) -> None:
        await self.line.ask(f"PATCH /users/{user_id}", {"full_name": full_name})

    async def hold_fields(self, user_id: str, fields: Sequence[str]) -> None:
        await self.line.ask(f"PUT /users/{user_id}/held-fields", {"fields": [*fields]})

    async def give_role(self, user_id: str, role: str, place: Place) -> None:
        new = {"user_id": user_id, "role": role}
        await self.line.ask(f"POST {_members_of(place.kind, place.id)}", new)

    async def end_role(self, user_id: str, held: RoleHeld) -> None:
        path = f"DELETE {_members_of(held.scope_type, held.scope_id)}/{user_id}"
        await self.line.ask(path, role=held.role)

    async def _places(self, kind: str, **query: str | None) -> Page[Place]:
        async def ask(cursor: str | None) -> Page[Place]:
            path = f"/{_COLLECTIONS[kind]}"
            return await self._page(Place, path, limit=str(MOST), cursor=cursor, **query)

        return as_kind(await gathered(ask), kind)

    async def _page(self, kind: type[T], path: str, **query: str | None) -> Page[T]:
        answer = await self.line.ask(f"GET {path}", **query)
        found: Page[T] = _shaped(Page[kind], answer)  # type: ignore[valid-type] # of a value
        return found


def _members_of(kind: str, node_id: str | None) -> str:
    return f"/{_COLLECTIONS[kind]}/{node_id}/members"


def _shaped(kind: type[T], answer: Any) -> T:  # JSON
    try:
        return shaped(kind, answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable("The server answers what this terminal cannot read.") from error
