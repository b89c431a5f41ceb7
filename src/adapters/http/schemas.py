"""JSON Schema (2020-12) for what goes over the wire, from its type."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import attrs

from faraday_core.kernel.parsing import Parser

Schema = dict[str, Any]  # JSON

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
    Any: {},
}


class Schemas:
    """A class goes into `classes` once, and is referred to.

    What is read is strict (`additionalProperties: false`), with all its bounds. What is shown may
    get more fields in later versions, and was written under whatever bounds then held.
    """

    def __init__(self, parser: Parser) -> None:
        self.classes: dict[str, Schema] = {}
        self._shown: dict[str, bool] = {}
        self._parser = parser

    def read(self, kind: Any) -> Schema:  # an annotation
        return self._of(kind, {}, shown=False)

    def shown(self, kind: Any) -> Schema:  # an annotation
        return self._of(kind, {}, shown=True)

    def merged(self, fields: type) -> Schema:
        """Of a merge patch: any of the fields, and null for one that goes back to its default."""
        whole = self._object(fields, {}, shown=False)
        return whole | {"required": []}

    def _of(  # noqa: PLR0911 -- a case each
        self, kind: Any, variables: dict[Any, Any], *, shown: bool
    ) -> Schema:  # annotations
        kind = variables.get(kind, kind)
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._of(arguments[0], variables, shown=shown) | self._bounds(kind, shown=shown)
        if origin in {Union, UnionType}:
            options = [self._of(argument, variables, shown=shown) for argument in arguments]
            return {"anyOf": options}
        if origin in {list, tuple, Sequence}:
            return {"type": "array", "items": self._of(arguments[0], variables, shown=shown)}
        if origin in {dict, Mapping} or getattr(origin, "__name__", "") == "Mapping":
            value = self._of(arguments[1], variables, shown=shown)
            return self._mapping(arguments[0], value, shown=shown)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"type": "string", "enum": [member.value for member in kind]}
        if attrs.has(origin or kind):
            return self._reference(origin or kind, arguments, shown=shown)
        raise TypeError(f"{kind} has no place on the wire")

    def _mapping(self, key: Any, value: Schema, *, shown: bool) -> Schema:  # an annotation
        """What is read has names of a certain form, and no others."""
        if shown:
            return {"type": "object", "additionalProperties": value}
        closed: Schema = {"type": "object", "additionalProperties": False}
        if key is str:  # whatever a JSON object may call it here
            return closed | {"patternProperties": {"^[^\\x00]*$": value}}
        if isinstance(key, type) and issubclass(key, Enum):
            return closed | {"properties": {member.value: value for member in key}}
        named = self._bounds(key, shown=shown)
        any_of_length = f"^[^\\x00-\\x1f]{{{named.get('minLength', 0)},{named['maxLength']}}}$"
        return closed | {"patternProperties": {named.get("pattern", any_of_length): value}}

    def _bounds(self, kind: Any, *, shown: bool) -> Schema:  # an annotation
        found: Schema = {}
        for rule in () if shown else self._parser.rules_of(kind):
            found |= rule.schema()
        return found

    def _reference(self, kind: Any, arguments: tuple[Any, ...], *, shown: bool) -> Schema:
        name = "".join(argument.__name__ for argument in arguments) + kind.__name__
        if self._shown.setdefault(name, shown) is not shown:
            name += "Shown" if shown else "Given"  # it is both read and shown
        if name not in self.classes:
            self.classes[name] = {}  # taken, so that a class may hold itself
            variables = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=True))
            self.classes[name] = self._object(kind, variables, shown=shown)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, kind: Any, variables: dict[Any, Any], *, shown: bool) -> Schema:
        fields = attrs.fields(attrs.resolve_types(kind, include_extras=True))
        seen = [field for field in fields if not field.name.startswith("_")]
        described: Schema = {
            "type": "object",
            "properties": {
                field.name: self._of(_filled_in(field.type, variables), variables, shown=shown)
                for field in seen
            },
            "required": [f.name for f in seen if shown or f.default is attrs.NOTHING],
        }
        if not shown:
            for name in sorted(getattr(kind, "READ_ONLY", ())):
                described["properties"].setdefault(name, {"readOnly": True})
            described["additionalProperties"] = False
        return described


def _filled_in(kind: Any, variables: dict[Any, Any]) -> Any:  # annotations
    """The `tuple[E, ...]` of a `Page[Team]` is a `tuple[Team, ...]`."""
    parameters = getattr(kind, "__parameters__", ())
    return kind[*(variables[parameter] for parameter in parameters)] if parameters else kind
