from adapters.http.routes import Routes
from faraday_core.identity.device_service import DeviceService
from faraday_core.identity.session_model import (
    DeviceName,
    DeviceView,
    NamedDevice,
    SessionView,
)
from faraday_core.identity.session_service import SessionService
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest

routes = Routes("sessions")


@routes.on("GET /auth/sessions")
async def list_sessions(
    actor: Actor, sessions: SessionService, page: PageRequest
) -> Page[SessionView]:
    """One's own sessions, the newest first."""
    return await sessions.list(actor, page)


@routes.on("PATCH /auth/sessions/{session_id}")
async def name_session(
    actor: Actor, sessions: SessionService, session_id: str, body: DeviceName
) -> SessionView:
    """Call the device of one of one's own sessions by a name."""
    return await sessions.name(actor, session_id, device_name=body.device_name)


@routes.on("DELETE /auth/sessions/{session_id}")
async def end_session(actor: Actor, sessions: SessionService, session_id: str) -> None:
    """End one of one's own sessions."""
    await sessions.end(actor, session_id)


@routes.on("GET /users/me/devices")
async def list_devices(actor: Actor, devices: DeviceService) -> Page[DeviceView]:
    """One's own devices that have signed in before."""
    return await devices.list(actor)


@routes.on("PATCH /users/me/devices/{device_id}")
async def name_device(
    actor: Actor, devices: DeviceService, device_id: str, body: NamedDevice
) -> DeviceView:
    """Call one of one's own devices by a name."""
    return await devices.name(actor, device_id, name=body.name)


@routes.on("DELETE /users/me/devices/{device_id}")
async def end_device(actor: Actor, devices: DeviceService, device_id: str) -> None:
    """Forget one of one's own devices, and end its sessions."""
    await devices.end(actor, device_id)
