"""RFC 7396: a PATCH is a PUT of what is there with the changes laid over it.

And a PUT in which what is left out is not the same as what it is by default.
"""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, get_origin

import attrs

from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.parsing import Parser, parse, plain

F = TypeVar("F", bound=attrs.AttrsInstance)


@attrs.frozen
class MergePatch(Generic[F]):
    fields: type[F]
    changes: Mapping[str, Any]  # whatever JSON holds

    def require_shape(self, parser: Parser) -> None:
        """Refuse what would be wrong whatever it is laid over; raises Invalid."""
        names = attrs.fields_dict(self.fields)
        unknown = {name: None for name in self.changes if name not in names}
        try:
            parser.parse(self.fields, _merged({}, self.changes) | unknown)
        except Invalid as error:
            # What is required may be there already.
            if faults := [fault for fault in error.faults if fault.code != "required"]:
                raise Invalid(faults) from None

    def onto(self, entity: attrs.AttrsInstance) -> F:
        names = attrs.fields_dict(self.fields)
        current = {name: value for name, value in plain(entity).items() if name in names}
        return parse(self.fields, _merged(current, self.changes))


@attrs.frozen
class Replacement(Generic[F]):
    """The document itself, which was found to be one of these `fields`: it tells what was sent
    from what was left out."""

    fields: type[F]
    document: Mapping[str, Any]  # whatever JSON holds


def media_types(body: Any) -> tuple[str, ...]:  # an annotation
    """What a body of this type may be sent as."""
    also = ("application/merge-patch+json",) if get_origin(body) is MergePatch else ()
    return ("application/json", *also)


def _merged(current: Any, changes: Any) -> Any:  # whatever JSON holds
    if not isinstance(changes, Mapping):
        return changes
    result = dict(current) if isinstance(current, Mapping) else {}
    for name, change in changes.items():
        if change is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), change)
    return result
