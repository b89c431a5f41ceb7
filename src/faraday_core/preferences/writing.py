"""What becomes of somebody's own settings by what they send."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from faraday_core.kernel.errors import Fault, Forbidden, Invalid
from faraday_core.preferences.layers import Document, Layer, is_locked, is_value, layer_from
from faraday_core.preferences.model import Preferences
from faraday_core.preferences.standing import Standing

_SCHEME: Final = "color_scheme"


def replaced(standing: Standing, document: Document) -> Layer:
    """By a PUT: what is sent is theirs, and what is missing is set no more.

    Raises Invalid, Forbidden (`locked_by_organization`).
    """
    sent = layer_from(document)
    refuse_locked(sent, standing.in_force.held, standing.above.locked)
    return _around_locks(standing, sent)


def merged(standing: Standing, changes: Document) -> Layer:
    """By a merge patch (RFC 7396): what is sent is theirs, and null goes back to what is above.

    Raises Invalid, Forbidden (`locked_by_organization`).
    """
    cleared = [*_cleared(changes)]
    faults = [
        Fault(pointer, "unknown_field", "is not a field of this object")
        for pointer in cleared
        if is_value(pointer) is None
    ]
    sent: Layer = {}
    try:
        sent = layer_from(_set_by(standing, changes))
    except Invalid as error:
        faults += error.faults
    if faults:
        raise Invalid(faults)
    refuse_locked(sent, standing.in_force.held, standing.above.locked)
    kept = {at: value for at, value in standing.own.items() if not is_locked(at, cleared)}
    return _around_locks(standing, {**kept, **sent})


def refuse_locked(sent: Layer, held: Layer, locked: tuple[str, ...]) -> None:
    """Raises Forbidden where it would be another value than the one that is held there."""
    wrong = sorted(at for at in sent if is_locked(at, locked) and sent[at] != held.get(at))
    if wrong:
        detail = f"An organisation holds this as it is: {', '.join(wrong)}."
        raise Forbidden(detail, code="locked_by_organization")


def _around_locks(standing: Standing, wanted: Layer) -> Layer:
    """Beneath a lock all stays as it was, for when the lock is taken away."""
    locked = standing.above.locked
    free = {at: value for at, value in wanted.items() if not is_locked(at, locked)}
    return free | {at: value for at, value in standing.own.items() if is_locked(at, locked)}


def _cleared(changes: Document, at: str = "") -> Iterator[str]:
    for name, value in changes.items():
        pointer = f"{at}/{name}"
        if value is None and not (at == "" and name in Preferences.READ_ONLY):
            yield pointer
        elif is_value(pointer) is False and isinstance(value, Mapping):
            yield from _cleared(value, pointer)


def _set_by(standing: Standing, changes: Document) -> Document:
    """Without what is null; a scheme's colours laid over those that are in force."""
    scheme = changes.get(_SCHEME)
    if isinstance(scheme, Mapping):
        current = standing.in_force.preferences.color_scheme or {}
        changes = {**changes, _SCHEME: {**current, **scheme}}
    return _without_nulls(changes)


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:  # whatever JSON holds
    return {
        name: _without_nulls(value) if isinstance(value, Mapping) else value
        for name, value in document.items()
        if value is not None
    }
