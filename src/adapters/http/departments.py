from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.department_service import DepartmentService
from faraday_core.organizations.membership import DepartmentMember, MemberFilter, NewMember
from faraday_core.organizations.model import DepartmentFields, DepartmentFilter
from faraday_core.organizations.views import DepartmentView
from faraday_core.people.member_service import MemberService

routes = Routes("departments")

_CONFLICT = Terms(refusals=(HTTPStatus.CONFLICT,))


@routes.on("GET /departments")
async def list_departments(
    actor: Actor,
    departments: DepartmentService,
    wanted: DepartmentFilter,
    page: PageRequest,
) -> Page[DepartmentView]:
    """Those at or below which one holds a role.

    `q` finds by the beginning of each word of the name.
    """
    return await departments.list(actor, page, wanted)


@routes.on("POST /departments", Terms(location="/api/v1/departments/{id}", idempotent=True))
async def create_department(
    actor: Actor, departments: DepartmentService, body: DepartmentFields
) -> DepartmentView:
    """Make a department of an organisation, or of another department in it."""
    return await departments.create(actor, body)


@routes.on("GET /departments/{department_id}")
async def get_department(
    actor: Actor, departments: DepartmentService, department_id: str
) -> DepartmentView:
    """One department."""
    return await departments.get(actor, department_id)


@routes.on("PUT /departments/{department_id}", _CONFLICT)
async def replace_department(
    actor: Actor,
    departments: DepartmentService,
    department_id: str,
    body: DepartmentFields,
    if_match: IfMatch = None,
) -> DepartmentView:
    """Write all that can be written of a department; another parent or organisation moves it."""
    return await departments.change(actor, department_id, lambda _: body, seen=if_match)


@routes.on("PATCH /departments/{department_id}", _CONFLICT)
async def change_department(
    actor: Actor,
    departments: DepartmentService,
    department_id: str,
    body: MergePatch[DepartmentFields],
    if_match: IfMatch = None,
) -> DepartmentView:
    """Rename, describe or move a department, with all in it."""
    return await departments.change(actor, department_id, body.onto, seen=if_match)


@routes.on("DELETE /departments/{department_id}", _CONFLICT)
async def delete_department(
    actor: Actor,
    departments: DepartmentService,
    department_id: str,
    if_match: IfMatch = None,
) -> None:
    """Remove a department that has nothing below it, and nobody in it."""
    await departments.delete(actor, department_id, seen=if_match)


@routes.on("POST /departments/{department_id}/archive", Terms(status=HTTPStatus.OK))
async def archive_department(
    actor: Actor, departments: DepartmentService, department_id: str
) -> DepartmentView:
    """Take it out of the lists, and close it to whatever is new."""
    return await departments.archive(actor, department_id)


@routes.on("POST /departments/{department_id}/restore", _CONFLICT)
async def restore_department(
    actor: Actor, departments: DepartmentService, department_id: str
) -> DepartmentView:
    """Open an archived one again."""
    return await departments.restore(actor, department_id)


@routes.on("GET /departments/{department_id}/members")
async def list_department_members(
    actor: Actor,
    members: MemberService,
    department_id: str,
    wanted: MemberFilter,
    page: PageRequest,
) -> Page[DepartmentMember]:
    """Who holds a role at the department itself."""
    return await members.list(actor, DepartmentMember, department_id, page, wanted)


@routes.on(
    "POST /departments/{department_id}/members",
    Terms(
        location="/api/v1/departments/{department_id}/members",
        idempotent=True,
        refusals=(HTTPStatus.CONFLICT,),
    ),
)
async def add_department_member(
    actor: Actor, members: MemberService, department_id: str, body: NewMember
) -> DepartmentMember:
    """Give somebody of the tenant a role there."""
    return await members.add(actor, DepartmentMember, department_id, body)


@routes.on("DELETE /departments/{department_id}/members/{user_id}")
async def remove_department_member(
    actor: Actor,
    members: MemberService,
    department_id: str,
    user_id: str,
    role: Role | None = None,
) -> None:
    """Take one role that somebody holds there, or all."""
    await members.remove(actor, DepartmentMember, department_id, user_id, role)
