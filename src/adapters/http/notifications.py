from adapters.http.routes import Routes
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.notifications.model import NotificationFilter, NotificationView
from faraday_core.notifications.notification_service import NotificationService

routes = Routes("notifications")


@routes.on("GET /users/me/notifications")
async def list_notifications(
    actor: Actor,
    notifications: NotificationService,
    wanted: NotificationFilter,
    page: PageRequest,
) -> Page[NotificationView]:
    """What one was told, the newest first; with `unread` what one has not read yet."""
    return await notifications.list(actor, wanted, page)


@routes.on("POST /users/me/notifications/{notification_id}/read")
async def read_notification(
    actor: Actor, notifications: NotificationService, notification_id: str
) -> NotificationView:
    """Say that one has read it."""
    return await notifications.read(actor, notification_id)
