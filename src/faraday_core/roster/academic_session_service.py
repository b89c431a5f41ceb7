from attrs import frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.lessons import Lessons
from faraday_core.roster.model import AcademicSession, AcademicSessionFilter
from faraday_core.roster.ports import Wanted
from faraday_core.roster.views import AcademicSessionView, academic_session_view


@frozen
class AcademicSessionService:
    """School years, terms, grading periods."""

    lessons: Lessons

    async def get(self, actor: Actor, session_id: str) -> AcademicSessionView:
        """Raises NotFound."""
        async with self.lessons.look(actor) as reader:
            found = await self.lessons.get(reader, actor, AcademicSession, session_id)
        return academic_session_view(found)

    async def list(
        self, actor: Actor, page: PageRequest, wanted: AcademicSessionFilter | None = None
    ) -> Page[AcademicSessionView]:
        """Those at and below the nodes where the actor may read them, and those of their own
        classes, the oldest first."""
        asked = wanted or AcademicSessionFilter()
        narrowed = Wanted(
            source_system=asked.source_system,
            source_id=asked.source_id,
            include_inactive=asked.include_inactive or asked.source_id is not None,
        )
        organization = asked.organization_id
        found = await self.lessons.page(actor, AcademicSession, organization, narrowed, page)
        return Page(tuple(map(academic_session_view, found.items)), found.next_cursor)
