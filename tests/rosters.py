"""A small roster: what a file would have brought, put into a storage as it is."""

from datetime import UTC, date, datetime
from typing import Any

from attrs import evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.membership import UserOrganization
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.reading import Format
from faraday_core.roster.runs import ImportProgress, ImportRun, Mode, RunStatus, Stage

NOW = datetime(2026, 9, 1, 7, 40, tzinfo=UTC)
SYSTEM = "oneroster"


@frozen
class Roster:
    """Of one tenant. `storage`: of either kind."""

    storage: Any
    tenant: str

    async def _add(self, made: Any) -> Any:  # an entity of a tenant
        async with self.storage.begin(WORKER, tenant=self.tenant) as unit:
            await unit.add(made)
        return made

    async def session(self, at: str, title: str = "2026/27", **more: Any) -> AcademicSession:
        given = self._of_source(more)
        made: AcademicSession = await self._add(
            AcademicSession(
                uuid7(),
                title,
                at,
                NOW,
                NOW,
                starts_on=date(2026, 9, 1),
                ends_on=date(2027, 6, 30),
                **given,
            )
        )
        return made

    async def course(self, at: str, title: str = "Physics", **more: Any) -> Course:
        made: Course = await self._add(
            Course(uuid7(), title, at, NOW, NOW, **self._of_source(more))
        )
        return made

    async def class_(self, at: str, title: str = "Physics 7a", **more: Any) -> Class:
        made: Class = await self._add(Class(uuid7(), title, at, NOW, NOW, **self._of_source(more)))
        return made

    async def enroll(
        self, class_: Class, user_id: str, role: str = "student", **more: Any
    ) -> Enrollment:
        made: Enrollment = await self._add(
            Enrollment(uuid7(), class_.id, user_id, role, class_.organization_id, NOW, NOW, **more)
        )
        return made

    async def person(self, name: str, at: str | None = None, **more: Any) -> User:
        """Somebody whom a file brought; `at`: where they are a student."""
        id = uuid7()
        given = {"source_tenant_id": self.tenant} | self._of_source(more)
        user = User(id, None, None, name, NOW, NOW, **given)
        async with self.storage.begin(WORKER, tenant=self.tenant, person=id) as unit:
            await unit.add(user)
            if at:
                await unit.add(UserOrganization(uuid7(), id, at, Role.STUDENT, NOW, NOW))
        return user

    async def import_run(self, at: str) -> ImportRun:
        """One that is applied, and changed nothing."""
        run = ImportRun(
            uuid7(), at, Format.ONEROSTER, Mode.STRICT, SYSTEM, "set", NOW, RunStatus.APPLIED
        )
        await self._add(run)
        await self._add(ImportProgress(run.id, Stage.ENDED, NOW))
        return run

    async def save(self, entity: Any, **changes: Any) -> Any:  # an entity of a tenant
        async with self.storage.begin(WORKER, tenant=self.tenant) as unit:
            return await unit.save(evolve(entity, **changes))

    def _of_source(self, more: dict[str, Any]) -> dict[str, Any]:
        if "source_id" not in more:
            return more
        return {"source_root_id": self.tenant, "source_system": SYSTEM} | more
