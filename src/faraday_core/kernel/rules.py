"""Bounds that travel with a type: `Name = Annotated[str, Text(1, 120)]`.

Declared once, read three times: by a `Parser` (all faults of a body), by `obey_rules` (library
callers), and by the HTTP adapter (the API's description).
"""

from collections.abc import Iterator, Mapping, Sized
from functools import cache
from types import UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin, get_type_hints
from unicodedata import category

import attrs


class Rule(Protocol):
    def broken_by(self, value: Any) -> tuple[str, str] | None:
        """The fault's code and detail, or None."""

    def schema(self) -> Mapping[str, Any]:
        """What JSON Schema can say of it."""


@attrs.frozen
class Text:
    """`min` to `max` characters, blanks at the ends not counted; one line unless `lines`."""

    min: int
    max: int
    lines: bool = False

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value.strip()) < self.min:
            return "too_short", f"needs at least {self.min} characters"
        if len(value) > self.max:
            return "too_long", f"takes at most {self.max} characters"
        if not self.lines and any(category(letter) == "Cc" for letter in value):
            return "invalid_character", "holds a control character; it is one line of text"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"minLength": self.min, "maxLength": self.max}


@attrs.frozen
class Between:
    low: int
    high: int

    def broken_by(self, value: float) -> tuple[str, str] | None:
        if self.low <= value <= self.high:
            return None
        return "invalid_value", f"must lie between {self.low} and {self.high}"

    def schema(self) -> Mapping[str, Any]:
        return {"minimum": self.low, "maximum": self.high}


@attrs.frozen
class AtMost:
    """So many entries of a list or an object."""

    max: int

    def broken_by(self, value: Sized) -> tuple[str, str] | None:
        if len(value) <= self.max:
            return None
        return "too_long", f"takes at most {self.max} entries"

    def schema(self) -> Mapping[str, Any]:
        return {"maxItems": self.max, "maxProperties": self.max}


Name = Annotated[str, Text(1, 120)]
Token = Annotated[str, Text(1, 512)]
Limit = Annotated[int, Between(1, 100)]


def rules_of(annotation: Any) -> tuple[Rule, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def broken_rules(instance: attrs.AttrsInstance) -> Iterator[tuple[str, str, str]]:
    """Pointer, code and detail of each rule that a field of the instance breaks."""
    for name, annotation in _ruled(type(instance)).items():
        if (value := getattr(instance, name)) is not None:
            yield from _broken(annotation, value, f"/{name}")


@cache
def _ruled(kind: type) -> dict[str, Any]:
    """The annotations of those fields that have a rule somewhere."""
    names = {field.name for field in attrs.fields(kind)}
    hints = get_type_hints(kind, include_extras=True)
    return {name: hint for name, hint in hints.items() if name in names and _has_rule(hint)}


def _has_rule(annotation: Any) -> bool:
    return bool(rules_of(annotation)) or any(map(_has_rule, get_args(annotation)))


def _broken(annotation: Any, value: Any, at: str) -> Iterator[tuple[str, str, str]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        broken = (rule.broken_by(value) for rule in rules_of(annotation))
        yield from ((at, *fault) for fault in broken if fault)
        yield from _broken(arguments[0], value, at)
    elif origin in {Union, UnionType} and value is not None:
        for argument in arguments:
            yield from _broken(argument, value, at)
    elif origin in {list, tuple}:
        for index, item in enumerate(value):
            yield from _broken(arguments[0], item, f"{at}/{index}")
    elif origin is Mapping:
        for key, item in value.items():
            step = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"  # RFC 6901
            yield from _broken(arguments[0], key, step)
            yield from _broken(arguments[1], item, step)
