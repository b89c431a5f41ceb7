"""What is in force: the product's defaults, under those of the organisations, under one's own.

A layer is a mapping of JSON pointers to single values: what is set, and nothing else. A colour
scheme is one value, since the colours of two do not go together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.parsing import parse, plain
from faraday_core.preferences.model import (
    PreferenceDefaults,
    Preferences,
    Privacy,
    Source,
    Visibility,
)

Layer = Mapping[str, Any]  # values as in JSON, by their pointers
Document = Mapping[str, Any]  # the same as nested objects

NOTHING_SET: Final[Layer] = MappingProxyType({})
_ANY_NAME: Final = "*"


def _walk(kind: type, at: str = "") -> Iterator[tuple[str, bool]]:
    """Each pointer that there is, the groups before what is in them; whether it is a value."""
    hints = get_type_hints(kind)
    for name in (field.name for field in attrs.fields(kind)):
        pointer, hint = f"{at}/{name}", hints[name]
        value = get_args(hint)[1] if get_origin(hint) is Mapping else hint
        if attrs.has(hint):
            yield pointer, False
            yield from _walk(hint, pointer)
        elif isinstance(value, type) and attrs.has(value):
            yield pointer, False
            yield f"{pointer}/{_ANY_NAME}", False
            yield from _walk(value, f"{pointer}/{_ANY_NAME}")
        else:
            yield pointer, True


_SHAPE: Final = dict(_walk(Preferences))
_NAMED: Final = next(p.removesuffix(f"/{_ANY_NAME}") for p in _SHAPE if p.endswith(_ANY_NAME))
VALUES: Final = tuple(p for p, is_value in _SHAPE.items() if is_value and _ANY_NAME not in p)


def is_value(pointer: str) -> bool | None:
    """Whether it points at a single value or at a group of them; None: at nothing."""
    return _SHAPE.get(_general(pointer))


def _general(pointer: str) -> str:
    if not pointer.startswith(f"{_NAMED}/"):
        return pointer
    _, slash, rest = pointer.removeprefix(f"{_NAMED}/").partition("/")
    return f"{_NAMED}/{_ANY_NAME}{slash}{rest}"


def covers(lock: str, pointer: str) -> bool:
    return pointer == lock or pointer.startswith(f"{lock}/")


def is_locked(pointer: str, locked: Iterable[str]) -> bool:
    return any(covers(lock, pointer) for lock in locked)


def layer_of(document: Document) -> Layer:
    """What is set in it; null is what is not."""
    return dict(_values(document, ""))


def _values(document: Document, at: str) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        pointer = f"{at}/{name}"
        if is_value(pointer) is False:
            yield from _values(value or {}, pointer)
        elif value is not None:
            yield pointer, _as_json(value)


def _as_json(value: Any) -> Any:  # whatever JSON holds
    if isinstance(value, Enum):
        return value.value
    return [*map(_as_json, value)] if isinstance(value, list | tuple) else value


def document_of(layer: Layer) -> dict[str, Any]:
    """As nested objects; of a group in which nothing is set, nothing is in it."""
    document: dict[str, Any] = {}
    for pointer, value in layer.items():
        *groups, name = pointer.split("/")[1:]
        inner = document
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return document


def layer_from(document: Document, *, at: str = "") -> Layer:
    """The layer that somebody sends, each value checked and in its canonical form.

    `at`: a JSON pointer to put before those of the faults. Raises Invalid, with all of them.
    """
    whole = layer_of(plain(parse(Preferences, document, at=at)))
    return {at: whole[at] for at in layer_of(document) if at in whole}


@frozen
class Inherited:
    """What organisations set, and hold whatever is set below."""

    layer: Layer = NOTHING_SET
    locked: tuple[str, ...] = ()


def inherited(chain: Iterable[PreferenceDefaults]) -> Inherited:
    """Of the nearest organisation that sets a value, unless one above has locked it. `chain`:
    from the top down."""
    layer: dict[str, Any] = {}
    locked: tuple[str, ...] = ()
    for defaults in chain:
        values = layer_of(defaults.set_values)
        layer |= {at: value for at, value in values.items() if not is_locked(at, locked)}
        locked = (*locked, *defaults.locked)
    return Inherited(layer, _without_covered(locked))


def _without_covered(locked: Sequence[str]) -> tuple[str, ...]:
    every = sorted({*locked})
    return tuple(lock for lock in every if not is_locked(lock, {*every} - {lock}))


@frozen
class InForce:
    """`held`: what would be, had the person set nothing themselves."""

    preferences: Preferences
    layer: Layer
    held: Layer
    sources: Mapping[str, Source]
    locked: tuple[str, ...]


def in_force(own: Layer, above: Inherited, visibility: Visibility) -> InForce:
    """`visibility`: of a profile, by default, for whoever the person is."""
    product = Preferences(privacy=Privacy(profile_visibility=visibility))
    held = {**layer_of(plain(product)), **above.layer}
    free = {at: value for at, value in own.items() if not is_locked(at, above.locked)}
    layer = {**held, **free}
    sources = {
        at: Source.USER
        if at in free
        else Source.ORGANIZATION
        if at in above.layer
        else Source.DEFAULT
        for at in sorted({*VALUES, *layer})
    }
    return InForce(_lenient(layer, product), layer, held, sources, above.locked)


def _lenient(layer: Layer, product: Preferences) -> Preferences:
    """What was stored under older rules, or on a machine with other time zones, must still load:
    where a value holds no more, the product's stands in for it."""
    while True:
        try:
            return parse(Preferences, document_of(layer))
        except Invalid as error:
            wrong = {fault.pointer for fault in error.faults}
            left = {at: v for at, v in layer.items() if not any(covers(at, p) for p in wrong)}
            if len(left) == len(layer):
                return product
            layer = left
