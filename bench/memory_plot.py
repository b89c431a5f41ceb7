"""What each feature is worth, and how far a relevance can be trusted, as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.memory_quality import Answered, interval, mean
from bench.memory_trust import Bin

WIDTH: Final = 900
FIGURE: Final = "recall@5"
_LEFT: Final = 250  # of the bars
_BAR: Final = 26
_LEAST: Final = 0.5  # where the bars begin
_SIDE: Final = 220  # of the square of trust
_INK, _PALE, _STRONG = "#222222", "#c8d6e5", "#1f6f8b"


def write_plot(path: Path, found: Mapping[str, Sequence[Answered]], trust: Sequence[Bin]) -> None:
    bars = 60 + _BAR * len(found)
    height = bars + _SIDE + 110
    parts = [*_bars(found), *_trust(trust, bars + 40)]
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _bars(found: Mapping[str, Sequence[Answered]]) -> Sequence[str]:
    """With a line from end to end of where the mean lies in 95 of 100 sets like ours."""
    parts = [_text(20, 28, f"{FIGURE} on our set, by words alone", weight="bold")]
    for number, (name, each) in enumerate(found.items()):
        top = 50 + _BAR * number
        share, (low, high) = mean(each, FIGURE), interval(each, FIGURE)
        colour = _STRONG if number == 0 else _PALE
        width = _at(share) - _LEFT
        parts += [
            _text(_LEFT - 10, top + 14, name, anchor="end"),
            f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="18" fill="{colour}"/>',
            f'<line x1="{_at(low):.1f}" x2="{_at(high):.1f}" y1="{top + 9}" y2="{top + 9}" '
            f'stroke="{_INK}"/>',
            _text(WIDTH - 60, top + 14, f"{100 * share:.1f}"),
        ]
    return parts


def _at(share: float) -> float:
    return _LEFT + (WIDTH - _LEFT - 80) * max(0.0, share - _LEAST) / (1 - _LEAST)


def _trust(trust: Sequence[Bin], top: int) -> Sequence[str]:
    """A point a bin; on the line lies what is as useful as it is shown to be."""
    left, bottom = _LEFT, top + 20 + _SIDE
    parts = [
        _text(20, top, "How often what is shown as so likely was useful", weight="bold"),
        f'<rect x="{left}" y="{bottom - _SIDE}" width="{_SIDE}" height="{_SIDE}" '
        f'fill="none" stroke="{_PALE}"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{left + _SIDE}" y2="{bottom - _SIDE}" '
        f'stroke="{_PALE}"/>',
        _text(left + _SIDE / 2, bottom + 30, "relevance_score", anchor="middle"),
        _text(left - 10, bottom - _SIDE / 2, "useful", anchor="end"),
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(_text(left + share * _SIDE, bottom + 15, f"{share:g}", anchor="middle"))
        parts.append(_text(left - 10, bottom + 4 - share * _SIDE, f"{share:g}", anchor="end"))
    for one in trust:
        if one.count:
            x = left + _SIDE * (one.low + one.high) / 2
            y = bottom - _SIDE * one.useful
            radius = 3 + one.count**0.5 / 6
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_STRONG}"/>')
            parts.append(_text(x + radius + 4, y + 4, f"{one.count}"))
    return parts


def _text(x: float, y: float, told: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{_INK}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{told}</text>'
    )
