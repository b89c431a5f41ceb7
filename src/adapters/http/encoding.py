"""JSON straight from what a use case answers: its class says how, once; orjson writes it."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import orjson
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_unstructure_fn, override

# Keys may be members of an enumeration.
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS

Writer = Callable[[Any], dict[str, Any]]  # of whatever fields


def encoded(value: object) -> bytes:
    """RFC 8259; times as RFC 3339 in UTC with `Z`. A field that begins with `_` is not shown."""
    return orjson.dumps(value, default=_shown, option=_OPTIONS)


def _shown(value: Any) -> Any:  # what orjson knows nothing of, as what it knows
    kind = type(value)
    writer = _writers.get(kind)
    if writer is None:
        writer = _writers[kind] = _writer_of(kind)
    return writer(value)


def _writer_of(kind: type[Any]) -> Writer:
    if attrs.has(kind):
        fields = {
            field.name: override(omit=True)
            if field.name.startswith("_")
            else override(unstruct_hook=identity)  # orjson comes back for what lies within
            for field in attrs.fields(kind)
        }
        return make_dict_unstructure_fn(kind, _converter, **fields)  # type: ignore[arg-type]  # by name
    if issubclass(kind, Mapping):
        return dict
    raise TypeError(f"{kind.__name__} has no form in JSON")


_converter = Converter()
_writers: dict[type, Writer] = {}
