"""From outside data (JSON, a query string, an import row) to values, with every fault at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import attrs
from cattrs import (
    AttributeValidationNote,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.cols import is_mapping, is_sequence, list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.rules import Rule, broken_rules, rules_of

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# What comes in may be anything; a hook is what finds out.
Hook = Callable[[Any, Any], Any]
Checks = Mapping[type, Rule]


class Parser:
    """Makes values out of outside data, or raises Invalid.

    `checks`: what stands in for a kind of rule whose bound is a setting, such as the shortest
    password, and so is not known where the type is declared.
    """

    def __init__(self, checks: Checks | None = None) -> None:
        self.checks: Checks = checks or {}
        self._from_json = _converter(self.checks)
        self._from_text = _converter(self.checks)
        self._from_text.register_structure_hook(int, _only(str, "a string", _integer))
        self._from_text.register_structure_hook(float, _only(str, "a string", _number))
        self._from_text.register_structure_hook(bool, _only(str, "a string", _boolean))

    def parse(self, kind: type[T], data: object, *, at: str = "", spelled_out: bool = False) -> T:
        """Make a `kind` out of `data`.

        `at`: a JSON pointer to put before those of the faults. `spelled_out`: numbers and truth
        values come as text, as they do in a query string or a CSV row.

        Raises Invalid, with all faults.
        """
        try:
            return (self._from_text if spelled_out else self._from_json).structure(data, kind)
        except Exception as error:
            raise Invalid(_faults(error, at)) from error

    def rules_of(self, annotation: Any) -> tuple[Rule, ...]:
        """The rules of a type, as they hold here."""
        return _in_force(annotation, self.checks)


def plain(value: object) -> Any:
    """The way back: dicts, lists, strings, numbers, booleans and None alone.

    A field whose name begins with an underscore is not for showing.
    """
    return _WITHOUT_SETTINGS._from_json.unstructure(value)


def obey_rules(instance: attrs.AttrsInstance) -> None:
    """An input class says `__attrs_post_init__ = obey_rules`, and cannot exist in a broken state.

    Entities do not say so: a row written under an older, laxer rule must still load.
    """
    if faults := [Fault(*broken) for broken in broken_rules(instance)]:
        raise Invalid(faults)


class _Refused(ValueError):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def _only(accepted: type | UnionType, called: str, then: Hook | None = None) -> Hook:
    """cattrs coerces where it can ("5" to 5, "abc" to a list of letters); an API should not."""

    def structure(value: Any, kind: Any) -> Any:
        disguised = isinstance(value, bool) and accepted is not bool
        if disguised or not isinstance(value, accepted):
            raise _Refused("wrong_type", f"must be {called}")
        return then(value, kind) if then else value

    return structure


def _storable(value: str, kind: Any) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Refused("invalid_character", "holds half of a surrogate pair") from None
    if "\0" in value:
        raise _Refused("invalid_character", "holds a NUL character")
    if kind is str:
        return value
    try:
        return kind(value)  # a StrEnum is a str as well
    except ValueError:
        members = ", ".join(kind)
        raise _Refused("invalid_value", f"must be one of {members}") from None


def _integer(value: str, _: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise _Refused("wrong_type", "must be a whole number") from None


def _float(value: float, _: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        raise _Refused("invalid_value", "is too large a number") from None


def _number(value: str, _: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise _Refused("wrong_type", "must be a number") from None


def _boolean(value: str, _: Any) -> bool:
    try:
        return {"true": True, "false": False}[value]
    except KeyError:
        raise _Refused("wrong_type", "must be true or false") from None


def _moment(value: str, _: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 -- naive, and so refused below
    if moment.tzinfo is None:
        raise _Refused("wrong_type", "must be an RFC 3339 time with an offset")
    return moment


def _day(value: str, _: Any) -> date:
    if _DAY.fullmatch(value):  # no other form of ISO 8601 than RFC 3339's
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise _Refused("invalid_value", "must be a day, as in 2026-09-01")


def _in_force(annotation: Any, checks: Checks) -> tuple[Rule, ...]:
    return tuple(checks.get(type(rule), rule) for rule in rules_of(annotation))


def _object(kind: Any, converter: Converter) -> Hook:
    """A class may name, as `READ_ONLY`, what is shown besides its fields: it may be sent back, and
    is ignored."""
    fill = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)
    ignored: frozenset[str] = getattr(kind, "READ_ONLY", frozenset())
    if not ignored:
        return _only(Mapping, "an object", fill)

    def fill_without(value: Mapping[str, Any], kind: Any) -> Any:  # as a hook's are
        return fill({name: item for name, item in value.items() if name not in ignored}, kind)

    return _only(Mapping, "an object", fill_without)


def _shown(kind: Any, converter: Converter) -> Callable[[Any], Any]:
    hidden = {
        field.name: override(omit=True)
        for field in attrs.fields(get_origin(kind) or kind)
        if field.name.startswith("_")
    }
    # By the fields' names, which mypy takes for cattrs' own parameters.
    return make_dict_unstructure_fn(kind, converter, **hidden)  # type: ignore[arg-type]


def _list(kind: Any, converter: Converter) -> Hook:
    return _only(list, "a list", list_structure_factory(kind, converter))


def _mapping(kind: Any, converter: Converter) -> Hook:
    return _only(Mapping, "an object", mapping_structure_factory(kind, converter))


def _is_annotated(kind: Any) -> bool:  # an annotation
    return get_origin(kind) is Annotated


def _converter(checks: Checks) -> Converter:
    def ruled(annotation: Any, converter: Converter) -> Hook:
        kind = get_args(annotation)[0]
        inner = converter.get_structure_hook(kind)
        rules = _in_force(annotation, checks)

        def structure(value: Any, _: Any) -> Any:
            value = inner(value, kind)
            for rule in rules:
                if broken := rule.broken_by(value):
                    raise _Refused(*broken)
            return value

        return structure

    converter = Converter()
    converter.register_structure_hook(bool, _only(bool, "true or false"))
    converter.register_structure_hook(int, _only(int, "a whole number"))
    converter.register_structure_hook(float, _only(int | float, "a number", _float))
    converter.register_structure_hook(datetime, _only(str, "a string", _moment))
    converter.register_structure_hook(date, _only(str, "a string", _day))
    converter.register_structure_hook(str, _only(str, "a string", _storable))
    converter.register_structure_hook_factory(is_sequence, _list)
    converter.register_structure_hook_factory(is_mapping, _mapping)
    converter.register_structure_hook_factory(attrs.has, _object)
    converter.register_structure_hook_factory(_is_annotated, ruled)
    converter.register_unstructure_hook_factory(attrs.has, _shown)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(
        datetime, lambda moment: moment.isoformat().replace("+00:00", "Z")
    )
    return converter


_WITHOUT_SETTINGS: Final = Parser()
parse = _WITHOUT_SETTINGS.parse


def _step(name: str | int) -> str:
    sendable = str(name).encode(errors="backslashreplace").decode()  # half a surrogate pair is not
    return "/" + sendable.replace("~", "~0").replace("/", "~1")  # RFC 6901


def _faults(error: BaseException, at: str) -> Iterator[Fault]:
    match error:
        case ClassValidationError() | IterableValidationError():
            yield from _faults_within(error, at)
        case ForbiddenExtraKeysError():
            for name in sorted(error.extra_fields):
                yield Fault(at + _step(name), "unknown_field", "is not a field of this object")
        case Invalid():
            yield from (attrs.evolve(fault, pointer=at + fault.pointer) for fault in error.faults)
        case _Refused():
            yield Fault(at, error.code, str(error))
        case KeyError():
            yield Fault(at, "required", "is required")
        case _:
            yield Fault(at, "invalid_value", str(error))


def _faults_within(
    error: ClassValidationError | IterableValidationError, at: str
) -> Iterator[Fault]:
    noted, bare = error.group_exceptions()
    for inner, note in noted:
        step = note.name if isinstance(note, AttributeValidationNote) else note.index
        yield from _faults(inner, at + _step(step))
    for inner in bare:
        yield from _faults(inner, at)
