from typing import Final

from attrs import frozen

from faraday_core.kernel.access import Action, not_found, reach_of
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.ports import Sight
from faraday_core.people.subject import meet
from faraday_core.roster.lessons import READ, Lessons
from faraday_core.roster.model import Class, ClassFilter, EnrollmentFilter, UserClassFilter
from faraday_core.roster.ports import RosterReader, RosterStorage, Wanted
from faraday_core.roster.views import (
    ClassView,
    EnrollmentView,
    UserClassView,
    class_view,
    user_class_view,
)

# Whoever takes part as one of these sees who else does. Sources have further roles, such as an
# observer's: these are not named, since they may be anybody's.
TEACHING: Final = frozenset(
    {
        "teacher",
        "aide",
        "ta",
        "proctor",
        "designer",
        "faculty",
        "professor",
        "counselor",
        "principal",
        "administrator",
    }
)


@frozen
class ClassService:
    """Classes, and who takes part in them."""

    storage: RosterStorage
    lessons: Lessons

    async def get(self, actor: Actor, class_id: str) -> ClassView:
        """Raises NotFound."""
        async with self.lessons.look(actor) as reader:
            return class_view(await self.lessons.get(reader, actor, Class, class_id))

    async def list(
        self, actor: Actor, page: PageRequest, wanted: ClassFilter | None = None
    ) -> Page[ClassView]:
        """Those at and below the nodes where the actor may read them, and their own: in which they
        or their children take part. The oldest first."""
        asked = wanted or ClassFilter()
        narrowed = Wanted(
            asked.course_id,
            asked.academic_session_id,
            asked.source_system,
            asked.source_id,
            asked.include_inactive or asked.source_id is not None,
        )
        found = await self.lessons.page(actor, Class, asked.organization_id, narrowed, page)
        return Page(tuple(map(class_view, found.items)), found.next_cursor)

    async def enrollments(
        self,
        actor: Actor,
        class_id: str,
        page: PageRequest,
        wanted: EnrollmentFilter | None = None,
    ) -> Page[EnrollmentView]:
        """Who takes part in a class, active or not: all for who may read it there or teaches it,
        for anybody else themselves and their children. Raises NotFound."""
        wanted = wanted or EnrollmentFilter()
        async with self.lessons.look(actor) as reader:
            found = await reader.catalog.one(Class, class_id)
            people = None
            if not await self.lessons.is_over(reader, actor, found):
                await self.lessons.get(reader, actor, Class, class_id)
                parts = await reader.catalog.parts(class_id)
                own = {part.role.lower() for part in parts if part.user_id == actor.user_id}
                people = None if own & TEACHING else {part.user_id for part in parts}
            return await reader.catalog.enrollments(class_id, people, wanted, page)

    async def of_user(
        self,
        actor: Actor,
        user_id: str,
        page: PageRequest,
        wanted: UserClassFilter | None = None,
    ) -> Page[UserClassView]:
        """The classes in which somebody takes part: oneself, one's child, or somebody whom one may
        read, as far as one reads the classes. Raises NotFound."""
        wanted = wanted or UserClassFilter()
        is_read = user_id != actor.user_id and await self._is_read(actor, user_id)
        async with self.lessons.look(actor) as reader:
            sight = await _sight(reader, actor, user_id, is_read=is_read)
            found = await reader.catalog.classes_of(
                user_id, sight, page, include_inactive=wanted.include_inactive
            )
        return Page(tuple(map(user_class_view, found.items)), found.next_cursor)

    async def _is_read(self, actor: Actor, user_id: str) -> bool:
        """Whether somebody's classes are read as those of others are: by a role."""
        try:
            await meet(self.storage, actor, user_id, Action.READ_USERS)
        except NotFound:
            return False
        return bool(reach_of(actor, READ))


async def _sight(
    reader: RosterReader, actor: Actor, user_id: str, *, is_read: bool
) -> Sight | None:
    if user_id == actor.user_id:
        return Sight([actor.narrowed_to], ()) if actor.narrowed_to else None
    if is_read:
        reach = reach_of(actor, READ)
        return None if reach.everywhere else Sight(reach.nodes, ())
    if tenants := await reader.catalog.tenants_as_guardian(user_id):
        return Sight(tenants, ())
    raise not_found()
