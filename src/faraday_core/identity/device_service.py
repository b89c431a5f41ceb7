from datetime import datetime

from attrs import evolve, frozen

from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import (
    DeviceView,
    NamedDevice,
    UserDevice,
    device_view_of,
)
from faraday_core.kernel.access import require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock


@frozen
class DeviceService:
    """The devices that a person has signed in from: named, and ended, by that person."""

    storage: IdentityStorage
    policy: SignInPolicy
    now: Clock

    async def list(self, actor: Actor) -> Page[DeviceView]:
        """One's own devices that signed in before, at most ten, the one used last first."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            devices = await reader.devices.all()
        return Page(tuple(device_view_of(device) for device in reversed(devices)))

    async def name(self, actor: Actor, device_id: str, *, name: str) -> DeviceView:
        """Call a device of one's own, and its sessions, by a name; raises NotFound, Invalid."""
        user_id, now = require_own(actor), self.now()
        name = parse(NamedDevice, {"name": name}).name
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            device = await call_device(unit, self.policy, now, device_id, name)
            await unit.account("device.name", "device", device_id)
        return device_view_of(device)

    async def end(self, actor: Actor, device_id: str) -> None:
        """Forget a device of one's own, and end its sessions; raises NotFound."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await forget_device(unit, self.policy, now, device_id)
            await unit.account("device.end", "device", device_id)


async def call_device(
    unit: IdentityUnit, policy: SignInPolicy, now: datetime, device_id: str, name: str
) -> UserDevice:
    """A device of the person stood at, and its sessions, by a name; raises NotFound."""
    device = await unit.hold(UserDevice, device_id)
    device = await unit.save(evolve(device, name=name))
    unused_since = policy.unused_since(now)
    for session in await unit.sessions.all_living(now=now, unused_since=unused_since):
        if session.device_id == device_id:
            await unit.save(evolve(session, device_name=name))
    return device


async def forget_device(
    unit: IdentityUnit, policy: SignInPolicy, now: datetime, device_id: str
) -> None:
    """A device of the person stood at; its sessions end. Raises NotFound."""
    await unit.remove(await unit.hold(UserDevice, device_id))
    unused_since = policy.unused_since(now)
    for session in await unit.sessions.all_living(now=now, unused_since=unused_since):
        if session.device_id == device_id:
            await unit.save(evolve(session, ended_at=now, end_reason="device_ended"))
