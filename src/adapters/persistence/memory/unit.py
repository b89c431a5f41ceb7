from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from attrs import AttrsInstance, Factory, field, frozen

from adapters.persistence.memory import audit
from adapters.persistence.memory.audit import MemoryAuditLog, MemoryPersonalKeys, MemorySeals
from adapters.persistence.memory.catalog import MemoryCatalog
from adapters.persistence.memory.identity import (
    MemoryDevices,
    MemoryEndings,
    MemoryLeftovers,
    MemoryLoginAttempts,
    MemoryOneTimeTokens,
    MemorySessions,
    MemorySessionUse,
    MemorySigningKeys,
)
from adapters.persistence.memory.imports import MemoryImports
from adapters.persistence.memory.invitations import MemoryInvitations
from adapters.persistence.memory.memories import (
    MemoryMemories,
    MemoryMemoryGrants,
    MemoryMemoryKeeping,
    MemoryMemoryUpkeep,
)
from adapters.persistence.memory.memory_analytics import (
    MemoryMemoryActivity,
    MemoryMemoryActivityKeeping,
)
from adapters.persistence.memory.memory_categories import MemoryMemoryCategories
from adapters.persistence.memory.memory_usage import MemoryMemoryTotals
from adapters.persistence.memory.moves import MemoryMoves
from adapters.persistence.memory.notifications import MemoryNotifications
from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.people import (
    MemoryDirectory,
    MemoryDirectoryEntries,
    MemoryPeople,
)
from adapters.persistence.memory.personal_tokens import MemoryPersonalTokens, MemoryTokenUses
from adapters.persistence.memory.preferences import MemoryPreferenceDefaults
from adapters.persistence.memory.privacy import MemoryHeld, MemoryRemoval
from adapters.persistence.memory.profiles import MemoryProfileRequirements
from adapters.persistence.memory.records import MemoryGuardianships, MemoryRecords
from adapters.persistence.memory.roster_export import MemoryRosterExport
from adapters.persistence.memory.rows import Kind, MemoryDatabase, Rows, Scope, Stored
from adapters.persistence.memory.service_accounts import MemoryServiceAccounts
from adapters.persistence.memory.traffic import (
    MemoryIdempotencyKeys,
    MemoryMails,
    MemoryRateLimits,
)
from faraday_core.audit.model import PLATFORM_CHAIN, PersonalKey, entry_of
from faraday_core.identity.model import (
    EmailVerification,
    PasswordResetToken,
    RecoveryCode,
    User,
)
from faraday_core.identity.session_model import RefreshToken, UserDevice
from faraday_core.identity.token_model import PersonalToken
from faraday_core.kernel.access import not_found
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import E, Entity, next_version
from faraday_core.kernel.errors import Conflict, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.ports import Clock
from faraday_core.memory.model import MemoryCategory, TenantMemoryCategory
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.people.invitation_model import Invitation
from faraday_core.records.model import Guardianship
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.runs import ImportMapping

_NONE_IS_SOME = frozenset({"already_member"})  # of two who are at no department
_AT_A_NODE = ("user_id", "organization_id", "department_id", "team_id", "role")


_of_source = attrgetter("source_root_id", "source_system", "source_id")

# Under the names of the tables' constraints. None is as in SQL: equal to nothing.
UNIQUE: Mapping[Kind, Mapping[str, Callable[[Any], object | None]]] = {
    User: {
        "email_taken": attrgetter("email_key"),
        "users_of_source": attrgetter(
            "source_tenant_id", "source_root_id", "source_system", "source_id"
        ),
    },
    PasswordResetToken: {"reset_token_taken": attrgetter("user_id", "token_hash")},
    EmailVerification: {"verification_token_taken": attrgetter("user_id", "token_hash")},
    RecoveryCode: {"recovery_code_taken": attrgetter("user_id", "code_hash")},
    RefreshToken: {"refresh_token_taken": attrgetter("user_id", "token_hash")},
    PersonalKey: {"personal_key_taken": attrgetter("user_id")},
    Guardianship: {"already_guardian": attrgetter("child_id", "guardian_id")},
    MemoryCategory: {"category_taken": attrgetter("user_id", "name_key")},
    TenantMemoryCategory: {"tenant_category_taken": attrgetter("name_key")},
    UserDevice: {"device_token_taken": attrgetter("user_id", "token_hash")},
    Organization: {"organization_known": _of_source},
    Department: {"department_known": _of_source},
    AcademicSession: {"academic_session_known": _of_source},
    Course: {"course_known": _of_source},
    Class: {"class_known": _of_source},
    Enrollment: {"already_enrolled": attrgetter("class_id", "user_id", "role")},
    ImportMapping: {"mapping_taken": attrgetter("organization_id", "name")},
    UserOrganization: {"already_member": attrgetter(*_AT_A_NODE)},
    PersonalToken: {"personal_token_taken": attrgetter("user_id", "token_hash")},
    Invitation: {
        "already_invited": attrgetter("organization_id", "email_key"),
        "invitation_token_taken": attrgetter("token_hash"),
    },
}


@frozen
class MemoryReader:
    _rows: Rows

    @property
    def people(self) -> MemoryPeople:
        return MemoryPeople(self._rows)

    @property
    def sessions(self) -> MemorySessions:
        return MemorySessions(self._rows)

    @property
    def devices(self) -> MemoryDevices:
        return MemoryDevices(self._rows)

    @property
    def personal_tokens(self) -> MemoryPersonalTokens:
        return MemoryPersonalTokens(self._rows)

    @property
    def one_time_tokens(self) -> MemoryOneTimeTokens:
        return MemoryOneTimeTokens(self._rows)

    @property
    def signing_keys(self) -> MemorySigningKeys:
        return MemorySigningKeys(self._rows)

    @property
    def attempts(self) -> MemoryLoginAttempts:
        return MemoryLoginAttempts(self._rows)

    @property
    def organizations(self) -> MemoryOrganizations:
        return MemoryOrganizations(self._rows)

    @property
    def directory(self) -> MemoryDirectory:
        return MemoryDirectory(self._rows)

    @property
    def preference_defaults(self) -> MemoryPreferenceDefaults:
        return MemoryPreferenceDefaults(self._rows)

    @property
    def profile_requirements(self) -> MemoryProfileRequirements:
        return MemoryProfileRequirements(self._rows)

    @property
    def invitations(self) -> MemoryInvitations:
        return MemoryInvitations(self._rows)

    @property
    def service_accounts(self) -> MemoryServiceAccounts:
        return MemoryServiceAccounts(self._rows)

    @property
    def audit_log(self) -> MemoryAuditLog:
        return MemoryAuditLog(self._rows)

    @property
    def personal_keys(self) -> MemoryPersonalKeys:
        return MemoryPersonalKeys(self._rows)

    @property
    def notifications(self) -> MemoryNotifications:
        return MemoryNotifications(self._rows)

    @property
    def records(self) -> MemoryRecords:
        return MemoryRecords(self._rows)

    @property
    def guardianships(self) -> MemoryGuardianships:
        return MemoryGuardianships(self._rows)

    @property
    def imports(self) -> MemoryImports:
        return MemoryImports(self._rows)

    @property
    def catalog(self) -> MemoryCatalog:
        return MemoryCatalog(self._rows)

    @property
    def roster_export(self) -> MemoryRosterExport:
        return MemoryRosterExport(self._rows)

    @property
    def held(self) -> MemoryHeld:
        return MemoryHeld(self._rows)

    @property
    def memories(self) -> MemoryMemories:
        return MemoryMemories(self._rows)

    @property
    def memory_categories(self) -> MemoryMemoryCategories:
        return MemoryMemoryCategories(self._rows)

    @property
    def memory_grants(self) -> MemoryMemoryGrants:
        return MemoryMemoryGrants(self._rows)

    @property
    def memory_activity(self) -> MemoryMemoryActivity:
        return MemoryMemoryActivity(self._rows)

    @property
    def memory_usage(self) -> MemoryMemoryTotals:
        return MemoryMemoryTotals(self._rows)

    @property
    def memory_upkeep(self) -> MemoryMemoryUpkeep:
        return MemoryMemoryUpkeep(self._rows)

    async def get(self, kind: type[E], id: str) -> E:
        if found := self._rows.find(kind, id):
            return found
        raise not_found()


@frozen
class MemoryUnit(MemoryReader):
    _actor: Actor
    _now: Clock
    _before: dict[tuple[Kind, str], Stored | None] = Factory(dict)
    _added: set[tuple[Kind, str]] = Factory(set)
    _events: list[AttrsInstance] = Factory(list)

    @property
    def moves(self) -> MemoryMoves:
        return MemoryMoves(self._rows)

    @property
    def endings(self) -> MemoryEndings:
        return MemoryEndings(self._rows)

    @property
    def failures(self) -> MemoryLoginAttempts:
        return MemoryLoginAttempts(self._rows)

    @property
    def use(self) -> MemorySessionUse:
        return MemorySessionUse(self._rows)

    @property
    def token_use(self) -> MemoryTokenUses:
        return MemoryTokenUses(self._rows)

    @property
    def leftovers(self) -> MemoryLeftovers:
        return MemoryLeftovers(self._rows)

    @property
    def directory_entries(self) -> MemoryDirectoryEntries:
        return MemoryDirectoryEntries(self._rows)

    @property
    def seals(self) -> MemorySeals:
        return MemorySeals(self._rows)

    @property
    def key_making(self) -> MemoryPersonalKeys:
        return MemoryPersonalKeys(self._rows)

    @property
    def removal(self) -> MemoryRemoval:
        return MemoryRemoval(self._rows)

    @property
    def memory_activity_keeping(self) -> MemoryMemoryActivityKeeping:
        return MemoryMemoryActivityKeeping(self._rows)

    @property
    def memory_keeping(self) -> MemoryMemoryKeeping:
        return MemoryMemoryKeeping(self._rows)

    @property
    def rate_limits(self) -> MemoryRateLimits:
        return MemoryRateLimits(self._rows)

    @property
    def idempotency_keys(self) -> MemoryIdempotencyKeys:
        return MemoryIdempotencyKeys(self._rows)

    @property
    def mails(self) -> MemoryMails:
        return MemoryMails(self._rows)

    async def hold(self, kind: type[E], id: str) -> E:
        await self._rows.wait()
        return await self.get(kind, id)

    async def add(self, entity: Entity) -> None:
        if self._rows.is_there(entity):
            raise Conflict("It is there already.")
        self._added.add((type(entity), entity.id))
        self._write(entity, entity)

    async def save(self, entity: E) -> E:
        self._refuse_stale(entity)
        saved = next_version(entity)
        self._write(entity, saved)
        return saved

    async def remove(self, entity: Entity) -> None:
        self._refuse_stale(entity)
        self._write(entity, None)

    async def record(self, event: AttrsInstance) -> None:
        self._events.append(event)

    async def account(
        self,
        action: str,
        target_type: str,
        target_id: str | None,
        *,
        organization_id: str | None = None,
        **details: str | int | bool | None,
    ) -> None:
        target = (target_type, target_id)
        entry = entry_of(
            self._actor, uuid7(), self._now(), action, target, organization_id, details
        )
        audit.write(self._rows, entry)

    def commit(self) -> None:
        """All checks, then all writes; nothing in here awaits, so nobody comes between."""
        for (kind, id), before in self._before.items():
            # Rows are frozen: what is still the same object has not been changed.
            if self._rows.committed(kind).get(id) is not before:
                if (kind, id) in self._added:
                    raise Conflict("It is there already.")
                raise StaleVersion("It was changed or removed by somebody else.")
        for kind in self._rows.written:
            self._refuse_duplicates(kind)
        for kind, written in self._rows.written.items():
            self._rows.committed(kind).update(written)
        self._rows.database.outbox.extend(self._events)

    def _write(self, entity: Entity, after: Entity | None) -> None:
        kind, committed = type(entity), self._rows.committed(type(entity))
        self._before.setdefault((kind, entity.id), committed.get(entity.id))
        self._rows.write(entity, after)

    def _refuse_stale(self, entity: Entity) -> None:
        current = self._rows.find(type(entity), entity.id)
        if not current or current.version != entity.version:
            raise StaleVersion("It was changed or removed by somebody else.")

    def _refuse_duplicates(self, kind: Kind) -> None:
        for code, key in UNIQUE.get(kind, {}).items():
            found = (key(row) for row in self._rows.all(kind))
            keys = [value for value in found if code in _NONE_IS_SOME or not _lacks(value)]
            if len({*keys}) < len(keys):
                raise Conflict("It is there already.", code=code)


def _lacks(key: object) -> bool:
    return key is None or (isinstance(key, tuple) and None in key)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@frozen
class MemoryStorage:
    database: MemoryDatabase = Factory(MemoryDatabase)
    _now: Clock = field(default=_utc_now)

    @asynccontextmanager
    async def begin(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> AsyncIterator[MemoryUnit]:
        rows = Rows(self.database, self._scope(actor, tenant or PLATFORM_CHAIN, person))
        unit = MemoryUnit(rows, actor, self._now)
        try:
            yield unit
            unit.commit()  # an exception never comes this far, and so leaves no trace
        finally:
            rows.release()

    @asynccontextmanager
    async def look(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> AsyncIterator[MemoryReader]:
        yield MemoryReader(Rows(self.database, self._scope(actor, tenant, person)))

    @asynccontextmanager
    async def look_across(
        self, actor: Actor, tenants: Collection[str]
    ) -> AsyncIterator[MemoryReader]:
        scope = Scope(tenants=frozenset(tenants), user_id=actor.user_id, today=self._now().date())
        yield MemoryReader(Rows(self.database, scope))

    @asynccontextmanager
    async def look_everywhere(self, actor: Actor) -> AsyncIterator[MemoryReader]:
        today = self._now().date()
        scope = Scope(user_id=actor.user_id, everywhere=True, today=today)
        yield MemoryReader(Rows(self.database, scope))

    async def person_with_email(self, key: str) -> str | None:
        users = Rows(self.database, Scope()).all(User)
        return next((user.id for user in users if user.email_key == key), None)

    def _scope(self, actor: Actor, tenant: str | None, person: str | None) -> Scope:
        tenants, today = frozenset({tenant} if tenant else ()), self._now().date()
        return Scope(tenant, tenants, user_id=person or actor.user_id, today=today)
