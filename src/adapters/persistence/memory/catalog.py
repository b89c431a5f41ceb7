from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.kernel.access import not_found
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.ports import Sight
from faraday_core.records.model import Guardianship
from faraday_core.roster.model import Class, Course, Enrollment, EnrollmentFilter
from faraday_core.roster.ports import Own, Part, T, Wanted
from faraday_core.roster.views import ClassOfUser, EnrollmentView, status_of


@frozen
class MemoryCatalog:
    rows: Rows

    async def page(
        self, kind: type[T], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[T]:
        below = self._below(sight)
        own = () if sight is None else sight.own
        found = [
            row
            for _, row in self.rows.in_sight(kind)
            if (below is None or row.organization_id in below or row.id in own)
            and _is_wanted(row, wanted)
        ]
        return self.rows.page(kind, found, page, ("id",))

    async def one(self, kind: type[T], id: str) -> T:
        for _, row in self.rows.in_sight(kind):
            if row.id == id:
                return row
        raise not_found()

    async def own(self, kind: type[T]) -> Sequence[Own]:
        taken = {part.class_id for part in self._own_parts()}
        own = [row for _, row in self.rows.in_sight(Class) if row.id in taken]
        ids = taken
        if kind is Course:
            ids = {row.course_id for row in own if row.course_id}
        elif kind is not Class:
            ids = {id for row in own for id in row.academic_session_ids}
        found = (row for _, row in self.rows.in_sight(kind) if row.id in ids)
        return [Own(row.id, row.organization_id) for row in found]

    async def parts(self, class_id: str) -> Sequence[Part]:
        found = (part for part in self._own_parts() if part.class_id == class_id)
        return [Part(part.user_id, part.role) for part in found]

    async def enrollments(
        self,
        class_id: str,
        people: Collection[str] | None,
        wanted: EnrollmentFilter,
        page: PageRequest,
    ) -> Page[EnrollmentView]:
        known = {user.id: user for user in self.rows.all(User) if not user.is_platform_admin}
        found = [
            _shown(part, known[part.user_id])
            for _, part in self.rows.in_sight(Enrollment)
            if part.class_id == class_id
            and part.user_id in known
            and (people is None or part.user_id in people)
            and wanted.role in {None, part.role}
        ]
        return self.rows.page(EnrollmentView, found, page, ("id",))

    async def classes_of(
        self, user_id: str, sight: Sight | None, page: PageRequest, *, include_inactive: bool
    ) -> Page[ClassOfUser]:
        below = self._below(sight)
        classes = {row.id: row for _, row in self.rows.in_sight(Class)}
        found = [
            ClassOfUser(part.id, class_, part.role, part.is_active, part.is_primary)
            for _, part in self.rows.in_sight(Enrollment)
            if part.user_id == user_id
            and (class_ := classes.get(part.class_id))
            and (below is None or class_.organization_id in below)
            and (include_inactive or (part.is_active and class_.is_active))
        ]
        return self.rows.page(ClassOfUser, found, page, ("id",))

    async def tenants_as_guardian(self, child_id: str) -> Sequence[str]:
        return [tenant for tenant, child in self._children() if child == child_id]

    def _below(self, sight: Sight | None) -> set[str] | None:
        return None if sight is None else MemoryOrganizations(self.rows).below(sight.nodes)

    def _children(self) -> list[tuple[str, str]]:
        """Each with the tenant in which the person stood at is their guardian."""
        return [
            (tenant, row.child_id)
            for tenant, row in self.rows.in_sight(Guardianship)
            if row.guardian_id == self.rows.scope.user_id
        ]

    def _own_parts(self) -> Iterator[Enrollment]:
        children = self._children()
        for tenant, part in self.rows.in_sight(Enrollment):
            own = part.user_id == self.rows.scope.user_id
            if part.is_active and (own or (tenant, part.user_id) in children):
                yield part


def _is_wanted(row: T, wanted: Wanted) -> bool:
    sessions = getattr(row, "academic_session_ids", ())
    return (
        wanted.course_id in {None, getattr(row, "course_id", None)}
        and (wanted.academic_session_id is None or wanted.academic_session_id in sessions)
        and wanted.source_system in {None, row.source_system}
        and wanted.source_id in {None, row.source_id}
        and (wanted.include_inactive or row.is_active)
    )


def _shown(part: Enrollment, user: User) -> EnrollmentView:
    return EnrollmentView(
        part.id,
        part.user_id,
        user.full_name,
        part.role,
        status_of(is_active=part.is_active),
        part.is_primary,
        part.starts_on,
        part.ends_on,
        part.source_system,
        part.source_id,
    )
