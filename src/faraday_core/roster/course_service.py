from attrs import frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.lessons import Lessons
from faraday_core.roster.model import Course, CourseFilter
from faraday_core.roster.ports import Wanted
from faraday_core.roster.views import CourseView, course_view


@frozen
class CourseService:
    """What may be taught again and again."""

    lessons: Lessons

    async def get(self, actor: Actor, course_id: str) -> CourseView:
        """Raises NotFound."""
        async with self.lessons.look(actor) as reader:
            return course_view(await self.lessons.get(reader, actor, Course, course_id))

    async def list(
        self, actor: Actor, page: PageRequest, wanted: CourseFilter | None = None
    ) -> Page[CourseView]:
        """Those at and below the nodes where the actor may read them, and those of their own
        classes, the oldest first."""
        asked = wanted or CourseFilter()
        narrowed = Wanted(
            source_system=asked.source_system,
            source_id=asked.source_id,
            include_inactive=asked.include_inactive or asked.source_id is not None,
        )
        found = await self.lessons.page(actor, Course, asked.organization_id, narrowed, page)
        return Page(tuple(map(course_view, found.items)), found.next_cursor)
