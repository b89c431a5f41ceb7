from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime
from typing import cast

from attrs import AttrsInstance, field, frozen

from adapters.persistence.postgres import audit
from adapters.persistence.postgres.audit import PostgresAuditLog, PostgresSeals
from adapters.persistence.postgres.catalog import PostgresCatalog
from adapters.persistence.postgres.connections import Pool
from adapters.persistence.postgres.directory import PostgresDirectory, PostgresDirectoryEntries
from adapters.persistence.postgres.identity import (
    PERSON_WITH_EMAIL,
    PostgresEndings,
    PostgresLeftovers,
    PostgresLoginAttempts,
    PostgresOneTimeTokens,
    PostgresSigningKeys,
)
from adapters.persistence.postgres.imports import PostgresImports
from adapters.persistence.postgres.invitations import PostgresInvitations
from adapters.persistence.postgres.memories import (
    PostgresMemories,
    PostgresMemoryGrants,
    PostgresMemoryUpkeep,
)
from adapters.persistence.postgres.memory_analytics import (
    PostgresMemoryActivity,
    PostgresMemoryActivityKeeping,
)
from adapters.persistence.postgres.memory_categories import PostgresMemoryCategories
from adapters.persistence.postgres.memory_keeping import PostgresMemoryKeeping
from adapters.persistence.postgres.memory_usage import PostgresMemoryTotals
from adapters.persistence.postgres.moves import PostgresMoves
from adapters.persistence.postgres.notifications import PostgresNotifications
from adapters.persistence.postgres.organizations import PostgresOrganizations
from adapters.persistence.postgres.outbox import defer
from adapters.persistence.postgres.people import PostgresPeople
from adapters.persistence.postgres.personal_keys import PostgresPersonalKeys
from adapters.persistence.postgres.personal_tokens import (
    PostgresPersonalTokens,
    PostgresTokenUses,
)
from adapters.persistence.postgres.preferences import PostgresPreferenceDefaults
from adapters.persistence.postgres.privacy import PostgresHeld, PostgresRemoval
from adapters.persistence.postgres.profiles import PostgresProfileRequirements
from adapters.persistence.postgres.records import PostgresGuardianships, PostgresRecords
from adapters.persistence.postgres.roster_export import PostgresRosterExport
from adapters.persistence.postgres.rows import Proof, Rows, Scope, maker_of, role_of, values_of
from adapters.persistence.postgres.service_accounts import PostgresServiceAccounts
from adapters.persistence.postgres.sessions import (
    PostgresDevices,
    PostgresSessions,
    PostgresSessionUse,
)
from adapters.persistence.postgres.statements import VERBS, Statement
from adapters.persistence.postgres.traffic import (
    PostgresIdempotencyKeys,
    PostgresMails,
    PostgresRateLimits,
)
from faraday_core.audit.model import PLATFORM_CHAIN, entry_of
from faraday_core.kernel.access import not_found
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import E, Entity, next_version
from faraday_core.kernel.ids import is_id, uuid7
from faraday_core.kernel.ports import Clock


@frozen
class PostgresReader:
    _rows: Rows

    @property
    def people(self) -> PostgresPeople:
        return PostgresPeople(self._rows)

    @property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self._rows)

    @property
    def devices(self) -> PostgresDevices:
        return PostgresDevices(self._rows)

    @property
    def personal_tokens(self) -> PostgresPersonalTokens:
        return PostgresPersonalTokens(self._rows)

    @property
    def one_time_tokens(self) -> PostgresOneTimeTokens:
        return PostgresOneTimeTokens(self._rows)

    @property
    def signing_keys(self) -> PostgresSigningKeys:
        return PostgresSigningKeys(self._rows)

    @property
    def attempts(self) -> PostgresLoginAttempts:
        return PostgresLoginAttempts(self._rows)

    @property
    def organizations(self) -> PostgresOrganizations:
        return PostgresOrganizations(self._rows)

    @property
    def directory(self) -> PostgresDirectory:
        return PostgresDirectory(self._rows)

    @property
    def preference_defaults(self) -> PostgresPreferenceDefaults:
        return PostgresPreferenceDefaults(self._rows)

    @property
    def profile_requirements(self) -> PostgresProfileRequirements:
        return PostgresProfileRequirements(self._rows)

    @property
    def invitations(self) -> PostgresInvitations:
        return PostgresInvitations(self._rows)

    @property
    def service_accounts(self) -> PostgresServiceAccounts:
        return PostgresServiceAccounts(self._rows)

    @property
    def audit_log(self) -> PostgresAuditLog:
        return PostgresAuditLog(self._rows)

    @property
    def personal_keys(self) -> PostgresPersonalKeys:
        return PostgresPersonalKeys(self._rows)

    @property
    def notifications(self) -> PostgresNotifications:
        return PostgresNotifications(self._rows)

    @property
    def records(self) -> PostgresRecords:
        return PostgresRecords(self._rows)

    @property
    def guardianships(self) -> PostgresGuardianships:
        return PostgresGuardianships(self._rows)

    @property
    def imports(self) -> PostgresImports:
        return PostgresImports(self._rows)

    @property
    def catalog(self) -> PostgresCatalog:
        return PostgresCatalog(self._rows)

    @property
    def roster_export(self) -> PostgresRosterExport:
        return PostgresRosterExport(self._rows)

    @property
    def held(self) -> PostgresHeld:
        return PostgresHeld(self._rows)

    @property
    def memories(self) -> PostgresMemories:
        return PostgresMemories(self._rows)

    @property
    def memory_categories(self) -> PostgresMemoryCategories:
        return PostgresMemoryCategories(self._rows)

    @property
    def memory_grants(self) -> PostgresMemoryGrants:
        return PostgresMemoryGrants(self._rows)

    @property
    def memory_activity(self) -> PostgresMemoryActivity:
        return PostgresMemoryActivity(self._rows)

    @property
    def memory_usage(self) -> PostgresMemoryTotals:
        return PostgresMemoryTotals(self._rows)

    @property
    def memory_upkeep(self) -> PostgresMemoryUpkeep:
        return PostgresMemoryUpkeep(self._rows)

    async def get(self, kind: type[E], id: str) -> E:
        return await self._one(kind, VERBS[kind].get, id)

    async def _one(self, kind: type[E], statement: Statement, id: str) -> E:
        # PostgreSQL reads a UUID in other forms, too, than the one that is given out.
        row = await self._rows.one(statement, id=id) if is_id(id) else None
        if row is None:
            raise not_found()
        return cast(E, maker_of(kind)(row))


@frozen
class PostgresUnit(PostgresReader):
    _actor: Actor
    _now: Clock

    @property
    def moves(self) -> PostgresMoves:
        return PostgresMoves(self._rows)

    @property
    def endings(self) -> PostgresEndings:
        return PostgresEndings(self._rows)

    @property
    def failures(self) -> PostgresLoginAttempts:
        return PostgresLoginAttempts(self._rows)

    @property
    def use(self) -> PostgresSessionUse:
        return PostgresSessionUse(self._rows)

    @property
    def token_use(self) -> PostgresTokenUses:
        return PostgresTokenUses(self._rows)

    @property
    def leftovers(self) -> PostgresLeftovers:
        return PostgresLeftovers(self._rows)

    @property
    def directory_entries(self) -> PostgresDirectoryEntries:
        return PostgresDirectoryEntries(self._rows)

    @property
    def seals(self) -> PostgresSeals:
        return PostgresSeals(self._rows)

    @property
    def key_making(self) -> PostgresPersonalKeys:
        return PostgresPersonalKeys(self._rows)

    @property
    def removal(self) -> PostgresRemoval:
        return PostgresRemoval(self._rows)

    @property
    def memory_activity_keeping(self) -> PostgresMemoryActivityKeeping:
        return PostgresMemoryActivityKeeping(self._rows)

    @property
    def memory_keeping(self) -> PostgresMemoryKeeping:
        return PostgresMemoryKeeping(self._rows)

    @property
    def rate_limits(self) -> PostgresRateLimits:
        return PostgresRateLimits(self._rows)

    @property
    def idempotency_keys(self) -> PostgresIdempotencyKeys:
        return PostgresIdempotencyKeys(self._rows)

    @property
    def mails(self) -> PostgresMails:
        return PostgresMails(self._rows)

    async def hold(self, kind: type[E], id: str) -> E:
        return await self._one(kind, VERBS[kind].hold, id)

    async def add(self, entity: Entity) -> None:
        self._rows.send(VERBS[type(entity)].add, values_of(entity))

    async def save(self, entity: E) -> E:
        saved = next_version(entity)
        self._change(VERBS[type(entity)].save, entity, saved)
        return saved

    async def remove(self, entity: Entity) -> None:
        self._change(VERBS[type(entity)].remove, entity, entity)

    async def record(self, event: AttrsInstance) -> None:
        defer(self._rows, event)

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
        audit.write(self._rows, entry, self._rows.scope.tenant_id or PLATFORM_CHAIN)

    def _change(self, statement: Statement, seen: Entity, new: Entity) -> None:
        values = values_of(new) | {"seen_version": seen.version}
        values.pop("user_id", None)  # never changed; and whose it is to be, the scope says
        self._rows.send(statement, values, must_hit=True)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@frozen
class PostgresStorage:
    _pool: Pool
    _now: Clock = field(default=_utc_now)

    @asynccontextmanager
    async def begin(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> AsyncIterator[PostgresUnit]:
        # What happens in nobody's tenant is accounted for in the platform's chain.
        scope = Scope(
            tenant or PLATFORM_CHAIN, user_id=person, role=role_of(actor), today=self._today()
        )
        rows = Rows(self._pool, scope, in_transaction=True, proof=_proof(actor))
        try:
            yield PostgresUnit(rows, actor, self._now)
            await rows.commit()
        finally:
            await rows.release()

    def look(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> "Look":
        whose = person or actor.user_id
        scope = Scope(tenant, user_id=whose, role=role_of(actor), today=self._today())
        return self._look(actor, scope)

    def look_across(self, actor: Actor, tenants: Collection[str]) -> "Look":
        seen = tuple(sorted(tenants))
        scope = Scope(tenant_ids=seen, user_id=actor.user_id, today=self._today())
        return self._look(actor, scope)

    def look_everywhere(self, actor: Actor) -> "Look":
        role = role_of(actor, everywhere=True)
        today = self._today()
        scope = Scope(user_id=actor.user_id, role=role, everywhere=True, today=today)
        return self._look(actor, scope)

    async def person_with_email(self, key: str) -> str | None:
        rows = Rows(self._pool, Scope(email_key=key))
        try:
            row = await rows.one(PERSON_WITH_EMAIL, address=key)
        finally:
            await rows.release()
        id: str | None = row[0] if row else None
        return id

    def _today(self) -> date:
        return self._now().date()

    def _look(self, actor: Actor, scope: Scope) -> "Look":
        return Look(Rows(self._pool, scope, proof=_proof(actor)))


@frozen
class Look(AbstractAsyncContextManager[PostgresReader]):
    """A reader, and its connection for as long. A class: most of what is asked is a look, and a
    generator takes several times as long to come and go."""

    _rows: Rows

    async def __aenter__(self) -> PostgresReader:
        return PostgresReader(self._rows)

    async def __aexit__(self, *_: object) -> None:
        await self._rows.release()


def _proof(actor: Actor) -> Proof | None:
    evidence = actor.evidence
    if evidence is None or evidence.confirmed:
        return None
    return cast(Proof, evidence)  # of this storage's making: it is what `identity` answered
