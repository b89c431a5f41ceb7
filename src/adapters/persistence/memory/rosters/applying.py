"""What was found, done: kind by kind, in the order in which one refers to another."""

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define

from adapters.persistence.memory.import_journal import Journal
from adapters.persistence.memory.people import MemoryDirectoryEntries
from adapters.persistence.memory.rosters.person import Person
from adapters.persistence.memory.rosters.targets import PLAIN, Target
from adapters.persistence.memory.rosters.work import Deed, Work
from adapters.persistence.memory.rows import Rows, Stored
from faraday_core.identity.model import EmailVerification, PasswordResetToken, User
from faraday_core.identity.session_model import UserDevice
from faraday_core.kernel.actor import Role
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.people.model import terms_of_name
from faraday_core.records.model import BirthDate, Guardianship
from faraday_core.roster.model import Enrollment
from faraday_core.roster.rows import Kind

# What was sent to an address, and where it was signed in from.
_VOIDED: Final = (PasswordResetToken, EmailVerification, UserDevice)


@define
class Applying:
    work: Work
    journal: Journal
    actor_id: str | None
    now: datetime

    async def all(self) -> None:
        for target in PLAIN:
            self._plain(target)
        await self._users()
        self._roles()
        self._guardians()
        self._births()
        self._enrollments()
        self._move_enrollments()
        self.journal.close()

    def _plain(self, target: Target) -> None:
        for thing in self.work.found[target.kind]:
            in_use = _in_use(target.entity, thing.old, thing.in_use, self.now)
            if thing.deed is Deed.CREATE:
                self._create(target.entity, thing.id, thing.row.source_id, thing.values | in_use)
            elif thing.deed is Deed.UPDATE:
                changes = thing.values | in_use
                self.journal.change(thing.old, **changes, updated_at=self.now)
        for old in self.work.gone[target.kind]:
            gone = _in_use(target.entity, old, False, self.now)  # noqa: FBT003 -- as it is
            self.journal.change(old, **gone, updated_at=self.now)

    def _create(
        self, entity: Any, id: str, source_id: str | None, values: dict[str, Any]
    ) -> None:  # a class of entities, with its fields
        source = {**self._source, "source_id": source_id}
        times = {"created_at": self.now, "updated_at": self.now}
        self.journal.create(entity(id=id, **values, **source, **times))

    @property
    def _source(self) -> dict[str, Any]:
        system = self.work.task.source_system
        return {"source_root_id": self.work.root, "source_system": system}

    async def _users(self) -> None:
        people: list[Person] = self.work.found[Kind.USERS]
        ended: set[str] = set()
        for holder in (p.ends_holder for p in people if p.ends_holder):
            nobody = {"email": None, "email_key": None}
            self._end(holder, **nobody)
            ended.add(holder.id)
        for person in people:
            if person.deed is Deed.CREATE:
                tenant = {"source_tenant_id": self.work.tenant, "is_active": person.in_use}
                self._create(User, person.id, person.row.source_id, person.values | tenant)
            elif person.is_written and self._write(person):
                ended.add(person.id)
            if person.deed is Deed.CREATE or person.is_written:
                terms = terms_of_name(person.values["full_name"], person.key)
                await MemoryDirectoryEntries(self.work.rows).describe(person.id, terms)
        for user in self.work.gone[Kind.USERS]:
            self._end(user)
            ended.add(user.id)
        _void(self.work.rows, ended)

    def _write(self, person: Person) -> bool:
        """Answers whether it ends what the person was signed in by."""
        user: User = person.old
        ends = person.has_new_key or (user.is_active and not person.in_use)
        self.journal.change(
            user,
            **person.values,
            **self._source,
            source_id=person.row.source_id,
            source_tenant_id=self.work.tenant,
            is_active=person.in_use,
            email_verified=user.email_verified and not person.has_new_key,
            security_epoch=user.security_epoch + ends,
            updated_at=self.now,
        )
        return ends

    def _end(self, user: User, **more: Any) -> None:
        epoch = user.security_epoch + 1
        self.journal.change(
            user, is_active=False, security_epoch=epoch, updated_at=self.now, **more
        )

    def _roles(self) -> None:
        found, now = self.work.belonging, self.now
        for key, days in found.new_roles.items():
            made = UserOrganization(
                uuid7(),
                key.user_id,
                key.organization_id,
                Role(key.role),
                now,
                now,
                department_id=key.department_id,
                starts_on=days.starts_on,
                ends_on=days.ends_on,
                **self._source,
            )
            self.journal.create(made)
        for role, days in found.other_roles:
            self.journal.change(
                role, starts_on=days.starts_on, ends_on=days.ends_on, updated_at=now
            )
        yesterday = now.date() - timedelta(days=1)
        for role in found.ended_roles:
            self.journal.change(role, ends_on=yesterday, updated_at=now)

    def _guardians(self) -> None:
        found = self.work.belonging
        for (child_id, guardian_id), relation in found.new_guardians.items():
            made = Guardianship(
                uuid7(),
                guardian_id,
                child_id,
                self.actor_id,
                self.now,
                **self._source,
                relation=relation,
            )
            self.journal.create(made)
        for old, relation in found.other_guardians:
            self.journal.change(old, relation=relation)
        for ended in found.ended_guardians:
            self.journal.remove(ended)

    def _births(self) -> None:
        for user_id, (old, born_on) in self.work.belonging.new_births.items():
            if old is None:
                self.journal.create(BirthDate(user_id, user_id, born_on))
            else:
                self.journal.change(old, born_on=born_on)

    def _enrollments(self) -> None:
        for thing in self.work.found[Kind.ENROLLMENTS]:
            if thing.deed is Deed.CREATE:
                self._create(Enrollment, thing.id, thing.row.source_id, thing.values)
            elif thing.deed is Deed.UPDATE:
                source_id = thing.row.source_id or thing.old.source_id
                changes = {**thing.values, **self._source, "source_id": source_id}
                self.journal.change(thing.old, **changes, updated_at=self.now)
        for old in self.work.gone[Kind.ENROLLMENTS]:
            self.journal.change(old, is_active=False, updated_at=self.now)

    def _move_enrollments(self) -> None:
        """They lie where their class does; those that this run has written have a new version
        already."""
        places = {
            thing.old.id: thing.values["organization_id"]
            for thing in self.work.found[Kind.CLASSES]
            if thing.deed is Deed.UPDATE
        }
        for part in self.work.here(Enrollment):
            at = places.get(part.class_id, part.organization_id)
            if at == part.organization_id:
                continue
            if self.journal.has_changed(part):
                self.work.rows.change_quietly(part, organization_id=at)
            else:
                self.journal.change(part, organization_id=at, updated_at=self.now)


def _in_use(entity: Any, old: Any, in_use: object, now: datetime) -> dict[str, Any]:
    """The field that says so, of a class of entities. `old`: one that is here already."""
    if entity not in {Organization, Department}:
        return {"is_active": in_use}
    return {"archived_at": None if in_use else getattr(old, "archived_at", None) or now}


def _void(rows: Rows, people: set[str]) -> None:
    """What was sent to an address that is theirs no more, and where they were signed in."""
    for kind in _VOIDED:
        for stored in list(rows.stored(kind)):
            if stored.row.user_id in people:
                rows.written[kind][stored.row.id] = Stored(stored.owner, None)
