"""How well the colours of a scheme can be told apart (WCAG 2.2, success criterion 1.4.3)."""

from collections.abc import Mapping
from enum import StrEnum
from math import floor
from typing import Final

from attrs import frozen

from faraday_core.preferences.model import Theme

FOR_TEXT: Final = 4.5  # level AA, 1.4.3
FOR_LARGE_TEXT: Final = 3.0  # level AA, 1.4.3, and 1.4.11 for what is no text
_BEHIND: Final = ("background", "surface", "bg")  # how the names end of what lies behind text
_WHITE: Final = {"white": "#ffffff"}
_BLACK: Final = {"black": "#000000"}
# What lies behind, where a scheme does not say so itself.
_OF_THEME: Final = {
    Theme.LIGHT: _WHITE,
    Theme.DARK: _BLACK,
    Theme.HIGH_CONTRAST: _BLACK,
    Theme.SYSTEM: _WHITE | _BLACK,
}


class Level(StrEnum):
    AA = "AA"
    AA_LARGE = "AA large"  # for large text, and for what is no text
    FAIL = "fail"


@frozen
class Pair:
    foreground: str
    background: str
    ratio: float  # to two places, never rounded up to one that passes
    level: Level


@frozen
class Contrast:
    """`passes_aa`: whether all pairs are fit for text of any size."""

    passes_aa: bool
    pairs: tuple[Pair, ...]


def contrast_of(scheme: Mapping[str, str] | None, theme: Theme) -> Contrast | None:
    """Of each colour on each background: those whose names end in background, surface or bg, or
    else the theme's own. It is told and nothing more: whoever needs other colours has them."""
    if not scheme:
        return None
    behind = {name: color for name, color in scheme.items() if _lies_behind(name)}
    backgrounds = behind or _OF_THEME[theme]
    pairs = tuple(
        _pair(name, color, background, under)
        for name, color in sorted(scheme.items())
        if name not in behind
        for background, under in sorted(backgrounds.items())
    )
    return Contrast(all(pair.level is Level.AA for pair in pairs), pairs)


def ratio_of(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _pair(name: str, color: str, background: str, under: str) -> Pair:
    ratio = ratio_of(color, under)
    return Pair(name, background, floor(ratio * 100) / 100, _level(ratio))


def _level(ratio: float) -> Level:
    if ratio >= FOR_TEXT:
        return Level.AA
    return Level.AA_LARGE if ratio >= FOR_LARGE_TEXT else Level.FAIL


def _lies_behind(name: str) -> bool:
    return name.lower().endswith(_BEHIND)


def _luminance(color: str) -> float:
    """Relative luminance, as WCAG defines it."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    # 0.04045 is what sRGB itself says; for colours of eight bits both answer the same.
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 -- IEC 61966-2-1
