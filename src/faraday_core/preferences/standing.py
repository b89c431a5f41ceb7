"""What somebody has set, what stands above it, and so what is in force for them."""

from enum import StrEnum
from typing import Any, Final, get_type_hints

import attrs
from attrs import evolve, frozen

from faraday_core.identity.model import Person
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.parsing import plain
from faraday_core.preferences.layers import (
    NOTHING_SET,
    InForce,
    Inherited,
    Layer,
    document_of,
    in_force,
    inherited,
    layer_of,
)
from faraday_core.preferences.model import Preferences, UserPreference
from faraday_core.preferences.ports import PreferencesReader
from faraday_core.preferences.visibility import default_visibility

_TYPES: Final = get_type_hints(Preferences)
COLUMNS: Final = tuple(one.name for one in attrs.fields(Preferences))
_GROUPS: Final = frozenset(name for name in COLUMNS if attrs.has(_TYPES[name]))
_ENUMS: Final[dict[str, type[StrEnum]]] = {
    name: kind
    for name, kind in _TYPES.items()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
}


@frozen
class Standing:
    """`stored`: None where the person has never set anything."""

    person: Person
    stored: UserPreference | None
    own: Layer
    above: Inherited

    @property
    def in_force(self) -> InForce:
        return in_force(self.own, self.above, default_visibility(self.person))

    def with_own(self, own: Layer) -> "Standing":
        return evolve(self, own=own)


async def standing_of(reader: PreferencesReader, user_id: str) -> Standing:
    """Asked from where one stands at the person, and in the tenant that they are at home in.

    Raises NotFound.
    """
    person = await reader.people.person(user_id)
    stored = await _stored(reader, user_id)
    above = await above_of(reader, person.organization_id)
    return Standing(person, stored, own_of(stored), above)


async def above_of(reader: PreferencesReader, organization_id: str | None) -> Inherited:
    """What its people inherit; whoever belongs to several organisations, from the first."""
    if organization_id is None:
        return Inherited()
    located = await reader.organizations.located([organization_id])
    path = located[organization_id].path if organization_id in located else ()
    found = await reader.preference_defaults.of(path)
    return inherited(found[node] for node in path if node in found)


async def _stored(reader: PreferencesReader, user_id: str) -> UserPreference | None:
    try:
        return await reader.get(UserPreference, user_id)
    except NotFound:
        return None


def own_of(stored: UserPreference | None) -> Layer:
    if stored is None:
        return NOTHING_SET
    document = plain(stored)
    return layer_of({column: document[column] for column in COLUMNS})


def columns_of(own: Layer) -> dict[str, Any]:  # of whatever types
    """The fields of a `UserPreference` in which a layer is kept."""
    document = document_of(own)
    empty: dict[str, Any] = {name: {} if name in _GROUPS else None for name in COLUMNS}
    typed = {name: _ENUMS[name](document[name]) for name in _ENUMS if name in document}
    return empty | document | typed
