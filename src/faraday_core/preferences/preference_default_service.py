from collections.abc import Collection, Iterator, Mapping

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, not_found, require
from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock
from faraday_core.organizations.model import Organization
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import allow, place_of
from faraday_core.preferences.layers import (
    NOTHING_SET,
    Document,
    document_of,
    in_force,
    is_value,
    layer_from,
)
from faraday_core.preferences.model import DefaultsFields, PreferenceDefaults, Visibility
from faraday_core.preferences.ports import PreferencesReader, PreferencesStorage
from faraday_core.preferences.standing import above_of
from faraday_core.preferences.views import DefaultsView, defaults_view
from faraday_core.preferences.writing import refuse_locked


@frozen
class PreferenceDefaultService:
    """What organisations set for their people, and what they hold as it is."""

    storage: PreferencesStorage
    organizations: OrganizationService
    now: Clock

    async def get(self, actor: Actor, organization_id: str) -> DefaultsView:
        """What it sets itself, without what it inherits; raises NotFound."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            located, place = await place_of(reader, actor, organization_id)
            action = Action.READ_ORGANIZATIONS
            require(actor, action, place, to_see=action)
            if located.kind is not ScopeType.ORGANIZATION:
                raise not_found()
            return defaults_view(await _stored(reader, organization_id))

    async def replace(
        self,
        actor: Actor,
        organization_id: str,
        document: Document,
        *,
        seen: Collection[str] | None = None,
    ) -> DefaultsView:
        """Set them anew: `{"values": {…}, "locked": [pointer]}`, either of which may be missing.

        `seen`: tags of the states that this is meant for. Raises Invalid, NotFound, Forbidden
        (`locked_by_organization`: by one above), StaleVersion.
        """
        fields = _fields(document)
        values = layer_from(document.get("values", {}))
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            # Held, so that one change is made upon the other.
            organization = await unit.hold(Organization, organization_id)
            path = (await allow(actor, unit, organization)).path
            above = await above_of(unit, path[-2] if len(path) > 1 else None)
            held = in_force(NOTHING_SET, above, Visibility.PRIVATE).held
            refuse_locked(values, held, above.locked)
            stored = await _stored(unit, organization_id)
            require_state(defaults_view(stored).tag, seen)
            new = self._new(stored, organization_id)
            new = evolve(new, set_values=document_of(values), locked=sorted({*fields.locked}))
            if stored is None:
                await unit.add(new)
            elif (new.set_values, new.locked) != (stored.set_values, stored.locked):
                new = await unit.save(new)
            else:
                return defaults_view(stored)
            await unit.account(
                "preference_defaults.update",
                "organization",
                organization_id,
                organization_id=organization_id,
                values=len(values),
                locked=len(new.locked),
            )
        return defaults_view(new)

    def _new(self, stored: PreferenceDefaults | None, organization_id: str) -> PreferenceDefaults:
        now = self.now()
        if stored is None:
            return PreferenceDefaults(organization_id, {}, (), now, now)
        return evolve(stored, updated_at=now)


async def _stored(reader: PreferencesReader, organization_id: str) -> PreferenceDefaults | None:
    return (await reader.preference_defaults.of([organization_id])).get(organization_id)


def _fields(document: Document) -> DefaultsFields:
    """Raises Invalid, with all faults."""
    fields, faults = None, list[Fault]()
    try:
        fields = parse(DefaultsFields, document)
    except Invalid as error:
        faults += error.faults
    told = {fault.pointer for fault in faults}
    faults += (fault for fault in _lost(document) if fault.pointer not in told)
    if fields is None or faults:
        raise Invalid(faults)
    return fields


def _lost(document: Document) -> Iterator[Fault]:
    """The locks that point at no preference."""
    locked = document.get("locked") if isinstance(document, Mapping) else None
    for index, pointer in enumerate(locked if isinstance(locked, list | tuple) else ()):
        if isinstance(pointer, str) and is_value(pointer) is None:
            yield Fault(f"/locked/{index}", "invalid_value", "points at no preference")
