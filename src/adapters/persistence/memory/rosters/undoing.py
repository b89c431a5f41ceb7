"""A run taken back: what it created is gone, what it changed is as it was; or nothing is, and
what stands against it is told."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import Factory, define, evolve

from adapters.persistence.memory.import_journal import (
    ImportChange,
    ImportCreation,
    changes_of,
    creations_of,
)
from adapters.persistence.memory.people import MemoryDirectoryEntries, Terms
from adapters.persistence.memory.rosters.merges import merged_in
from adapters.persistence.memory.rows import Kind, Rows, Stored
from faraday_core.audit.model import AuditEntry, PersonalKey
from faraday_core.identity.model import User
from faraday_core.organizations.model import Department, Organization
from faraday_core.people.model import terms_of_name
from faraday_core.preferences.model import PreferenceDefaults
from faraday_core.profiles.model import ProfileRequirements
from faraday_core.records.model import Disclosure, Guardianship
from faraday_core.roster.importing import Obstacle
from faraday_core.roster.model import AcademicSession, Class, Course
from faraday_core.traffic.model import IdempotencyKey

# By which fields one thing stands on another.
_REFERS: Final[Mapping[str, Kind]] = {
    "user_id": User,
    "guardian_id": User,
    "child_id": User,
    "grantee_id": User,
    "invited_by": User,
    "organization_id": Organization,
    "parent_organization_id": Organization,
    "merged_into_organization_id": Organization,
    "into_organization_id": Organization,
    "department_id": Department,
    "parent_department_id": Department,
    "academic_session_id": AcademicSession,
    "parent_session_id": AcademicSession,
    "course_id": Course,
    "class_id": Class,
}
# What says nothing of its own of whom it is about: that somebody looked, what they are found by,
# what was done, and what an import keeps itself.
_OF_THE_PERSON: Final = (Terms, Disclosure, PersonalKey)
_FOLLOWS: Final = (*_OF_THE_PERSON, AuditEntry, IdempotencyKey, ImportChange, ImportCreation)


@define
class Undoing:
    rows: Rows
    run_id: str
    _created: dict[Kind, frozenset[str]] = Factory(dict)
    _changed: list[ImportChange] = Factory(list)

    @classmethod
    def of(cls, rows: Rows, run_id: str) -> "Undoing":
        created = {made.kind: frozenset(made.ids) for _, made in creations_of(rows, run_id)}
        return cls(rows, run_id, created, [change for _, change in changes_of(rows, run_id)])

    def obstacles(self) -> list[Obstacle]:
        changed: dict[str, list[str]] = {}
        for kind, id in self._changed_since():
            changed.setdefault(_table(kind), []).append(id)
        used: dict[str, list[str]] = {}
        for kind, id in self._used():
            used.setdefault(_table(kind), []).append(id)
        return [
            Obstacle(table, len(ids), min(ids), reason)
            for found, reason in ((changed, "changed"), (used, "in_use"))
            for table, ids in sorted(found.items())
        ]

    def _changed_since(self) -> Iterator[tuple[Kind, str]]:
        """What somebody has saved since: each save counts a version up."""
        for kind, ids in self._created.items():
            for id in ids:
                now = self._now(kind, id)
                if now is not None and now.version != 1:
                    yield kind, id
        taken = {user.email_key: user.id for user in self.rows.all(User) if user.email_key}
        given_back = {c.row_id for c in self._changed} | self._created.get(User, frozenset())
        for change in self._changed:
            now = self._now(change.kind, change.row_id)
            is_gone = (
                now is None and change.kind is not Guardianship
            )  # of which those are that end
            is_other = is_gone or (now and now.version != change.before.version + 1)
            holder = taken.get(change.before.email_key) if change.kind is User else None
            if is_other or (holder and holder not in given_back):
                yield change.kind, change.row_id

    def _used(self) -> Iterator[tuple[Kind, str]]:
        """What refers to what the run created, and was neither created nor changed by it."""
        for kind in list(self.rows.database.tables):
            if kind in _FOLLOWS:
                continue
            changed = {change.row_id for change in self._changed if change.kind is kind}
            own = self._created.get(kind, frozenset()) | changed
            for stored in self.rows.stored(kind):
                if getattr(stored.row, "id", None) not in own:
                    yield from ((kind, id) for id in self._named_by(kind, stored.row))

    def _named_by(self, kind: Kind, row: Any) -> Iterator[str]:  # of whatever kind
        """What the row stands on, of what the run created."""
        for field, referred in _REFERS.items():
            id = getattr(row, field, None)
            if id and id in self._created.get(referred, ()):
                yield id
        by_organization = kind in {PreferenceDefaults, ProfileRequirements}  # kept by its id
        if by_organization and row.id in self._created.get(Organization, ()):
            yield row.id

    def _now(self, kind: Kind, id: str) -> Any:  # an entity of the kind, or None
        stored = self.rows.by_id(kind).get(id)
        return stored.row if stored else None

    async def take_back(self) -> None:
        people = self._created.get(User, frozenset())
        for kind, ids in self._created.items():
            self._drop(kind, [id for id in ids if self._now(kind, id) is not None])
        for kind in _OF_THE_PERSON:
            of_them = [
                key
                for key, stored in self.rows.by_id(kind).items()
                if stored.row is not None and stored.row.user_id in people
            ]
            self._drop(kind, of_them)
        for change in self._changed:
            await self._restore(change)
        self._drop(ImportChange, [key for key, _ in changes_of(self.rows, self.run_id)])
        self._drop(ImportCreation, [key for key, _ in creations_of(self.rows, self.run_id)])

    async def _restore(self, change: ImportChange) -> None:
        before = change.before
        if isinstance(before, User):
            # Never set back: it would let in again who was signed out.
            epoch = self._now(User, before.id).security_epoch
            before = evolve(before, security_epoch=epoch)
            if self._now(Terms, f"{self.rows.scope.tenant_id} {before.id}"):
                terms = terms_of_name(before.full_name, before.email_key)
                await MemoryDirectoryEntries(self.rows).describe(before.id, terms)
        if isinstance(before, Guardianship):
            # Between people who are both here still, whoever it was that confirmed it.
            if self._now(User, before.guardian_id) is None:
                return
            if before.confirmed_by and self._now(User, before.confirmed_by) is None:
                before = evolve(before, confirmed_by=None)
        self.rows.write(before, self._where_it_is(change.kind, before))

    def _where_it_is(self, kind: Kind, before: Any) -> Any:  # an entity of the kind
        """What was carried over by a merge of schools meanwhile stays where that has put it."""
        now, merged = self._now(kind, before.id), merged_in(self.rows)
        stays = {}
        for name in ("organization_id", "parent_organization_id"):
            at = merged.get(getattr(before, name, None) or "")
            if at and now and getattr(now, name) == at:
                stays[name] = at
        return evolve(before, **stays)

    def _drop(self, kind: Kind, keys: list[str]) -> None:
        for key in keys:
            owner = self.rows.by_id(kind)[key].owner
            self.rows.written[kind][key] = Stored(owner, None)


def _table(kind: Kind) -> str:
    """As a person would call many of them: `UserSession` is `user_sessions`."""
    words = re.sub("(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    return f"{words}{'es' if words.endswith('s') else 's'}"
