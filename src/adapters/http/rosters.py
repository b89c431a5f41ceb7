from adapters.http.routes import Routes
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.academic_session_service import AcademicSessionService
from faraday_core.roster.class_service import ClassService
from faraday_core.roster.course_service import CourseService
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.model import (
    AcademicSessionFilter,
    ClassFilter,
    CourseFilter,
    EnrollmentFilter,
    UserClassFilter,
)
from faraday_core.roster.requests import ImportView
from faraday_core.roster.views import (
    AcademicSessionView,
    ClassView,
    CourseView,
    EnrollmentView,
    UserClassView,
)

routes = Routes("rosters")


@routes.on("GET /classes")
async def list_classes(
    actor: Actor, classes: ClassService, wanted: ClassFilter, page: PageRequest
) -> Page[ClassView]:
    """Those where the caller may read them, and those in which they or their children take part.

    `source_id` also finds what is inactive.
    """
    return await classes.list(actor, page, wanted)


@routes.on("GET /classes/{class_id}")
async def get_class(actor: Actor, classes: ClassService, class_id: str) -> ClassView:
    """One class."""
    return await classes.get(actor, class_id)


@routes.on("GET /classes/{class_id}/enrollments")
async def list_enrollments(
    actor: Actor,
    classes: ClassService,
    class_id: str,
    wanted: EnrollmentFilter,
    page: PageRequest,
) -> Page[EnrollmentView]:
    """Who takes part in a class, active or not.

    Who does not teach it, and may not read it by a role, sees only themselves and their children.
    """
    return await classes.enrollments(actor, class_id, page, wanted)


@routes.on("GET /users/{user_id}/classes")
async def list_classes_of_user(
    actor: Actor,
    classes: ClassService,
    user_id: str,
    wanted: UserClassFilter,
    page: PageRequest,
) -> Page[UserClassView]:
    """The classes in which somebody takes part.

    Of oneself, of one's child, or of somebody whom one may read, as far as one reads the classes.
    """
    return await classes.of_user(actor, user_id, page, wanted)


@routes.on("GET /users/{user_id}/imports")
async def list_imports_of_user(
    actor: Actor, imports: ImportService, user_id: str
) -> Page[ImportView]:
    """The latest imports that created or changed somebody, without their refused rows."""
    return await imports.of_user(actor, user_id)


@routes.on("GET /courses")
async def list_courses(
    actor: Actor, courses: CourseService, wanted: CourseFilter, page: PageRequest
) -> Page[CourseView]:
    """Those where the caller may read them, and those of their own classes.

    `source_id` also finds what is inactive.
    """
    return await courses.list(actor, page, wanted)


@routes.on("GET /courses/{course_id}")
async def get_course(actor: Actor, courses: CourseService, course_id: str) -> CourseView:
    """One course."""
    return await courses.get(actor, course_id)


@routes.on("GET /academic-sessions")
async def list_academic_sessions(
    actor: Actor,
    academic_sessions: AcademicSessionService,
    wanted: AcademicSessionFilter,
    page: PageRequest,
) -> Page[AcademicSessionView]:
    """School years, terms and grading periods.

    Those where the caller may read them, and those of their own classes. `source_id` also finds
    what is inactive.
    """
    return await academic_sessions.list(actor, page, wanted)


@routes.on("GET /academic-sessions/{academic_session_id}")
async def get_academic_session(
    actor: Actor, academic_sessions: AcademicSessionService, academic_session_id: str
) -> AcademicSessionView:
    """One academic session."""
    return await academic_sessions.get(actor, academic_session_id)
