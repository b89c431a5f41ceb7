"""JSON straight from what a use case answers: its class says how, once; orjson writes it."""

from datetime import datetime
from typing import Any

import attrs
import orjson
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override


def encoded(value: object) -> bytes:
    """RFC 8259; times as RFC 3339 in UTC with `Z`. A field that begins with `_` is not shown."""
    return orjson.dumps(_converter.unstructure(value), option=orjson.OPT_UTC_Z)


def _shown(kind: Any, converter: Converter) -> Any:  # a class, and cattrs' own hook for it
    hidden = {
        field.name: override(omit=True)
        for field in attrs.fields(kind)
        if field.name.startswith("_")
    }
    return make_dict_unstructure_fn(kind, converter, **hidden)  # type: ignore[arg-type]  # by name


_converter = Converter()
_converter.register_unstructure_hook_factory(attrs.has, _shown)
# orjson writes times itself, faster.
_converter.register_unstructure_hook(datetime, lambda moment: moment)
