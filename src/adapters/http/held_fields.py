from adapters.http.routes import IfMatch, Routes
from faraday_core.kernel.actor import Actor
from faraday_core.organizations.model import Department, Organization
from faraday_core.roster.held_fields import HeldFields, HeldFieldService, HeldFieldsView
from faraday_core.roster.model import AcademicSession, Class, Course

routes = Routes("held fields")


@routes.on("GET /users/{user_id}/held-fields")
async def get_held_fields_of_user(
    actor: Actor, held_fields: HeldFieldService, user_id: str
) -> HeldFieldsView:
    """Which fields of a person an import leaves as they are."""
    return await held_fields.of_user(actor, user_id)


@routes.on("PUT /users/{user_id}/held-fields")
async def hold_fields_of_user(
    actor: Actor,
    held_fields: HeldFieldService,
    user_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of a person as they are, and no others."""
    return await held_fields.hold_of_user(actor, user_id, body, seen=if_match)


@routes.on("GET /organizations/{organization_id}/held-fields")
async def get_held_fields_of_organization(
    actor: Actor, held_fields: HeldFieldService, organization_id: str
) -> HeldFieldsView:
    """Which fields of an organisation an import leaves as they are."""
    return await held_fields.of(actor, Organization, organization_id)


@routes.on("PUT /organizations/{organization_id}/held-fields")
async def hold_fields_of_organization(
    actor: Actor,
    held_fields: HeldFieldService,
    organization_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of an organisation as they are, and no others."""
    return await held_fields.hold(actor, Organization, organization_id, body, seen=if_match)


@routes.on("GET /departments/{department_id}/held-fields")
async def get_held_fields_of_department(
    actor: Actor, held_fields: HeldFieldService, department_id: str
) -> HeldFieldsView:
    """Which fields of a department an import leaves as they are."""
    return await held_fields.of(actor, Department, department_id)


@routes.on("PUT /departments/{department_id}/held-fields")
async def hold_fields_of_department(
    actor: Actor,
    held_fields: HeldFieldService,
    department_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of a department as they are, and no others."""
    return await held_fields.hold(actor, Department, department_id, body, seen=if_match)


@routes.on("GET /classes/{class_id}/held-fields")
async def get_held_fields_of_class(
    actor: Actor, held_fields: HeldFieldService, class_id: str
) -> HeldFieldsView:
    """Which fields of a class an import leaves as they are."""
    return await held_fields.of(actor, Class, class_id)


@routes.on("PUT /classes/{class_id}/held-fields")
async def hold_fields_of_class(
    actor: Actor,
    held_fields: HeldFieldService,
    class_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of a class as they are, and no others."""
    return await held_fields.hold(actor, Class, class_id, body, seen=if_match)


@routes.on("GET /courses/{course_id}/held-fields")
async def get_held_fields_of_course(
    actor: Actor, held_fields: HeldFieldService, course_id: str
) -> HeldFieldsView:
    """Which fields of a course an import leaves as they are."""
    return await held_fields.of(actor, Course, course_id)


@routes.on("PUT /courses/{course_id}/held-fields")
async def hold_fields_of_course(
    actor: Actor,
    held_fields: HeldFieldService,
    course_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of a course as they are, and no others."""
    return await held_fields.hold(actor, Course, course_id, body, seen=if_match)


@routes.on("GET /academic-sessions/{academic_session_id}/held-fields")
async def get_held_fields_of_academic_session(
    actor: Actor, held_fields: HeldFieldService, academic_session_id: str
) -> HeldFieldsView:
    """Which fields of an academic session an import leaves as they are."""
    return await held_fields.of(actor, AcademicSession, academic_session_id)


@routes.on("PUT /academic-sessions/{academic_session_id}/held-fields")
async def hold_fields_of_academic_session(
    actor: Actor,
    held_fields: HeldFieldService,
    academic_session_id: str,
    body: HeldFields,
    if_match: IfMatch = None,
) -> HeldFieldsView:
    """Have an import leave these fields of an academic session as they are, and no others."""
    return await held_fields.hold(actor, AcademicSession, academic_session_id, body, seen=if_match)
