"""Bounds that travel with a type: `Name = Annotated[str, Text(1, 120)]`.

Declared once, read three times: by a `Parser` (all faults of a body), by `obey_rules` (library
callers), and by the HTTP adapter (the API's description).
"""

import re
from collections.abc import Callable, Mapping, Sequence, Sized
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Protocol, Union, get_args, get_origin, get_type_hints

import attrs

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc


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
        if not self.lines and _CONTROL.search(value):
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


Broken = tuple[str, str, str]  # a pointer, the fault's code, and its detail
# Of a value that stands at a pointer; of whatever type, as its annotation says.
Check = Callable[[Any, str], list[Broken]]


def broken_rules(instance: attrs.AttrsInstance) -> list[Broken]:
    """Each rule that a field of the instance breaks."""
    found = []
    for name, pointer, check in _checks(type(instance)):
        if (value := getattr(instance, name)) is not None:
            found += check(value, pointer)
    return found


@cache
def _checks(kind: type) -> tuple[tuple[str, str, Check], ...]:
    """Of those fields that have a rule somewhere: what looks for those that are broken. Made once,
    since every body of a request is looked at."""
    names = {field.name for field in attrs.fields(kind)}
    hints = get_type_hints(kind, include_extras=True)
    found = ((name, _check_of(hint)) for name, hint in hints.items() if name in names)
    return tuple((name, f"/{name}", check) for name, check in found if check)


def _check_of(annotation: Any) -> Check | None:
    """None where there is no rule, however deep one looks."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _all_of([_of_rules(rules_of(annotation)), _check_of(arguments[0])])
    if origin in {Union, UnionType}:
        within = _all_of([_check_of(argument) for argument in arguments])
        return within and (lambda value, at: within(value, at) if value is not None else [])
    if origin in {list, tuple}:
        of_item = _check_of(arguments[0])
        return of_item and _of_items(of_item)
    if origin is Mapping:
        of_key, of_value = map(_check_of, arguments)
        return _of_entries(of_key, of_value) if of_key or of_value else None
    return None


def _all_of(checks: Sequence[Check | None]) -> Check | None:
    there = [check for check in checks if check]
    if len(there) < 2:  # noqa: PLR2004 -- there is nothing to put together
        return there[0] if there else None
    return lambda value, at: [broken for check in there for broken in check(value, at)]


def _of_rules(rules: Sequence[Rule]) -> Check | None:
    def check(value: Any, at: str) -> list[Broken]:  # as the rules want it
        return [(at, *fault) for rule in rules if (fault := rule.broken_by(value))]

    return check if rules else None


def _of_items(of_item: Check) -> Check:
    return lambda value, at: [
        broken for index, item in enumerate(value) for broken in of_item(item, f"{at}/{index}")
    ]


def _of_entries(of_key: Check | None, of_value: Check | None) -> Check:
    def check(value: Mapping[str, Any], at: str) -> list[Broken]:  # of whatever values
        found = []
        for key, item in value.items():
            step = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"  # RFC 6901
            found += of_key(key, step) if of_key else []
            found += of_value(item, step) if of_value else []
        return found

    return check
