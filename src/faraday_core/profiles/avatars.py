"""A person's picture: what they send of it, and what is kept."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from attrs import field, frozen

from faraday_core.kernel.parsing import obey_rules
from faraday_core.profiles.model import Shape
from faraday_core.profiles.pictures import SIZES, Crop

_PART: Final = r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?|\.\d{1,6})"
_CROP: Final = re.compile(f"({_PART}),({_PART}),({_PART})", re.ASCII)
_SMALLEST_CROP: Final = 0.05
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


@frozen
class CropText:
    """`x,y,size`: where the square begins in the upright picture, and its side, each as a part."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        found = _CROP.fullmatch(value)
        if found and float(found[3]) >= _SMALLEST_CROP:
            return None
        wanted = "must be x,y,size, each from 0 to 1, the size 0.05 at least, as 0.1,0,0.8 is"
        return "invalid_value", wanted

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"maxLength": 30, "pattern": f"^{_PART},{_PART},{_PART}$"}


@frozen
class Colour:
    def broken_by(self, value: str) -> tuple[str, str] | None:
        if _COLOUR.fullmatch(value):
            return None
        return "invalid_value", "must be a colour as #1f6feb is one"

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"maxLength": 7, "pattern": "^#[0-9a-fA-F]{6}$"}


@frozen
class OneOfSizes:
    def broken_by(self, value: int) -> tuple[str, str] | None:
        if value in SIZES:
            return None
        return "invalid_value", f"must be one of {', '.join(map(str, SIZES))}"

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"enum": [*SIZES]}


Size = Annotated[int, OneOfSizes()]


class Fallback(StrEnum):
    INITIALS = "initials"


@frozen
class AvatarFields:
    """How it is to be cut and shown; each may be left out."""

    crop: Annotated[str, CropText()] | None = None
    background: Annotated[str, Colour()] | None = None
    shape: Shape = Shape.SQUARE

    __attrs_post_init__ = obey_rules

    @property
    def cut_at(self) -> Crop | None:
        return Crop(*map(float, self.crop.split(","))) if self.crop else None


@frozen
class AvatarView:
    avatar_url: str
    sizes: tuple[int, ...] = SIZES


@frozen
class Picture:
    """What a browser is given; `tag`: a hash of it."""

    content: bytes = field(repr=False)
    media_type: str
    tag: str


def avatar_url_of(user_id: str) -> str:
    """Always the same, so that whoever keeps it sees the next picture, too."""
    return f"/api/v1/users/{user_id}/avatar"
