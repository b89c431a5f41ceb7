from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from attrs import asdict, evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import Action, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.ports import Clock
from faraday_core.people.subject import meet
from faraday_core.preferences.layers import Document, Layer
from faraday_core.preferences.model import PreferencesChanged, UserPreference
from faraday_core.preferences.ports import Formats, PreferencesStorage, PreferencesUnit
from faraday_core.preferences.quiet_hours import zone_of
from faraday_core.preferences.standing import Standing, columns_of, standing_of
from faraday_core.preferences.views import PreferencesView, Preview, view_of
from faraday_core.preferences.writing import merged, replaced
from faraday_core.records.consents import ConsentGate

_PRIVACY: Final = "/privacy/"
_NUMBER: Final = Decimal("-1234567.891")
_AMOUNT: Final = Decimal("1234.5")

Change = Callable[[Standing], Layer]


@frozen
class UserPreferenceService:
    """What people prefer, over what their organisations and the product do by default."""

    storage: PreferencesStorage
    formats: Formats
    gate: ConsentGate
    now: Clock

    async def get(self, actor: Actor) -> PreferencesView:
        """One's own."""
        return view_of(await self._standing(actor, require_own(actor)))

    async def of(self, actor: Actor, user_id: str) -> PreferencesView:
        """Somebody's, for whoever administers them; raises NotFound, Forbidden."""
        await meet(self.storage, actor, user_id, Action.READ_USERS)
        return view_of(await self._standing(actor, user_id))

    async def replace(
        self, actor: Actor, document: Document, *, seen: Collection[str] | None = None
    ) -> PreferencesView:
        """Set one's own anew: what the document does not name is as by default.

        `seen`: tags of the states that this is meant for. Raises Invalid, Forbidden
        (`locked_by_organization`, `guardian_consent_required`), StaleVersion.
        """
        return await self._change(actor, partial(_by, replaced, document), seen)

    async def merge(
        self, actor: Actor, changes: Document, *, seen: Collection[str] | None = None
    ) -> PreferencesView:
        """Lay changes over one's own (RFC 7396): null goes back to the default.

        `seen`: tags of the states that this is meant for. Raises Invalid, Forbidden
        (`locked_by_organization`, `guardian_consent_required`), StaleVersion.
        """
        return await self._change(actor, partial(_by, merged, changes), seen)

    async def preview(self, actor: Actor) -> Preview:
        """This moment, a number and an amount in one's own formats; raises Unavailable."""
        standing = await self._standing(actor, require_own(actor))
        wanted = standing.in_force.preferences
        moment, formats = self.now().astimezone(zone_of(wanted)), self.formats
        return Preview(
            wanted.language,
            wanted.timezone,
            formats.date(moment, wanted),
            formats.time(moment, wanted),
            formats.number(_NUMBER, wanted),
            formats.amount(_AMOUNT, wanted),
        )

    async def _home(self, actor: Actor, user_id: str) -> str | None:
        """The tenant whose organisations set their defaults, wherever else the actor stands."""
        async with self.storage.look(actor, person=user_id) as reader:
            return (await reader.people.person(user_id)).home

    async def _standing(self, actor: Actor, user_id: str) -> Standing:
        tenant = await self._home(actor, user_id)
        async with self.storage.look(actor, tenant=tenant, person=user_id) as reader:
            return await standing_of(reader, user_id)

    async def _change(
        self, actor: Actor, change: Change, seen: Collection[str] | None
    ) -> PreferencesView:
        user_id = require_own(actor)
        tenant = await self._home(actor, user_id)
        async with self.storage.begin(actor, tenant=tenant, person=user_id) as unit:
            await unit.hold(User, user_id)  # so that one change is made upon the other
            standing = await standing_of(unit, user_id)
            own = change(standing)
            require_state(view_of(standing).tag, seen)
            if own != standing.own:
                standing = await self._save(unit, standing, own)
        return view_of(standing)

    async def _save(self, unit: PreferencesUnit, before: Standing, own: Layer) -> Standing:
        user_id, now = before.person.user.id, self.now()
        for pointer in _opened(before.own, own):
            await self.gate.require(unit, user_id, pointer.removeprefix(_PRIVACY))
        stored = before.stored or UserPreference(user_id, user_id, now, now)
        consents = _consents(stored.consented_at, before.own, own, now)
        changes = columns_of(own) | {"consented_at": consents, "updated_at": now}
        stored = evolve(stored, **changes)
        if before.stored is None:
            await unit.add(stored)
        else:
            stored = await unit.save(stored)
        after = evolve(before, stored=stored, own=own)
        await unit.record(_event(before, after, now))
        await unit.account(
            "preferences.update",
            "user",
            user_id,
            organization_id=before.person.organization_id,
            values=len(_changed(before.own, own)),
        )
        return after


def _by(
    write: Callable[[Standing, Document], Layer], document: Document, standing: Standing
) -> Layer:
    return write(standing, document)


def _changed(before: Layer, after: Layer) -> list[str]:
    return sorted(at for at in {*before, *after} if before.get(at) != after.get(at))


def _opened(before: Layer, after: Layer) -> list[str]:
    """What is let go on about them from now on that was not before."""
    wider = (_PRIVACY + "share_data", _PRIVACY + "track_activity")
    return [at for at in wider if after.get(at) is True and before.get(at) is not True]


def _consents(
    former: Mapping[str, str], before: Layer, after: Layer, now: datetime
) -> Mapping[str, str]:
    """Since when each of the privacy settings is as its person has set it."""
    consents = dict(former)
    for pointer in _changed(before, after):
        if pointer.startswith(_PRIVACY):
            name = pointer.removeprefix(_PRIVACY)
            consents.pop(name, None)
            if pointer in after:
                consents[name] = now.isoformat().replace("+00:00", "Z")
    return consents


def _event(before: Standing, after: Standing, now: datetime) -> PreferencesChanged:
    pointers = _changed(before.own, after.own)
    privacy: dict[str, Any] = {  # of the types of their fields
        name: value
        for name, value in asdict(after.in_force.preferences.privacy).items()
        if _PRIVACY + name in pointers
    }
    return PreferencesChanged(before.person.user.id, now, tuple(pointers), **privacy)
