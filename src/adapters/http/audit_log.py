from adapters.http.routes import Routes
from faraday_core.audit.audit_service import AuditService
from faraday_core.audit.model import AuditEntryView, AuditFilter
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest

routes = Routes("audit log")


@routes.on("GET /audit-log")
async def list_audit_log(
    actor: Actor, audit: AuditService, wanted: AuditFilter, page: PageRequest
) -> Page[AuditEntryView]:
    """What was done where the caller administers, the newest first.

    `person_id` finds what somebody did, and what was done to them.
    """
    return await audit.list(actor, page, wanted)
