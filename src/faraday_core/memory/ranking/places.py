"""What a memory's context says of its place: what it belongs to, and who and what it is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from faraday_core.kernel.ids import is_id
from faraday_core.memory.ranking.languages import Language
from faraday_core.memory.ranking.model import Indexed

TOGETHER: Final = ("conversation", "thread", "session")  # what one thread of memories shares
NAMED: Final = ("speaker", "course", "topic", "class", "lesson")  # what a question may name
LONGEST_VALUE: Final = 200
MOST_OTHERS: Final = 16  # values of its own making by which a memory is found as by its words
Thread = tuple[str, ...]
Turn = tuple[int, float, datetime, str]  # by which the memories of a thread are in order
_NUMBER: Final = re.compile(r"\d+")


@frozen
class Place:
    thread: Thread | None
    turn: Turn
    occurred_at: datetime
    named: Mapping[str, str]  # field to value
    caption: str
    others: Sequence[str]  # what else the context says in a word or two


def place_of(memory: Indexed) -> Place:
    context = memory.context
    occurred = _moment(context.get("occurred_at")) or memory.created_at
    named = {name: value for name in NAMED if (value := _value(context.get(name)))}
    caption = _value(context.get("caption"))
    others = [value for name, value in context.items() if name not in _READ and _word(value)]
    if isinstance(given := context.get("occurred_at"), str) and _moment(given) is None:
        others.insert(0, given[:LONGEST_VALUE])  # a day in words of their own
    return Place(
        _thread(context),
        _turn(memory, occurred),
        occurred,
        named,
        caption,
        others[:MOST_OTHERS],
    )


def text_around(memory: Indexed, place: Place, language: Language) -> str:
    """What it is found by beside its own words: those of its context, and its day in words."""
    parts = [*place.named.values(), *sorted(memory.tags), *place.others]
    parts += [memory.category_name or "", day_in_words(place.occurred_at, language)]
    return " ".join(parts)


def text_to_embed(memory: Indexed, language: Language) -> str:
    """A model gets told who speaks of what and when: that alone finds as much again."""
    place = place_of(memory)
    about = [place.named[name] for name in ("speaker", "topic", "course") if name in place.named]
    day = day_in_words(place.occurred_at, language)
    text = " ".join([memory.content, place.caption]).strip()
    return f"{', '.join(about)} ({day}): {text}" if about else f"({day}): {text}"


def day_in_words(moment: datetime, language: Language) -> str:
    if not language.months:
        return f"{moment:%Y-%m-%d}"
    return f"{moment.day} {language.months[moment.month - 1]} {moment.year}"


def values_in(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What it names, and what holds it together: all that two memories can have in common."""
    for name in (*NAMED, *TOGETHER):
        if value := _value(context.get(name)):
            yield name, value


def _thread(context: Mapping[str, Any]) -> Thread | None:
    parts = tuple(f"{name}:{value}" for name in TOGETHER if (value := _value(context.get(name))))
    if parts:
        return parts
    lesson = _value(context.get("lesson"))
    return (f"lesson:{lesson}",) if lesson else None


def _turn(memory: Indexed, occurred: datetime) -> Turn:
    given = context_number(memory.context.get("turn"))
    if given is None:
        return (1, 0.0, occurred, memory.id)
    return (0, given, occurred, memory.id)


def context_number(given: object) -> float | None:
    """Of "D3:17" the last number: what stands before it is the thread's."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int | float):
        return float(given) if abs(given) < 1e15 else None  # noqa: PLR2004 -- NaN is not below it
    numbers = _NUMBER.findall(given[:LONGEST_VALUE]) if isinstance(given, str) else []
    return float(numbers[-1][:15]) if numbers else None


def _value(given: object) -> str:
    """As text. What is nested names nothing."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    if isinstance(given, int) and abs(given) >= 10**15:
        return ""
    return str(given).strip()[:LONGEST_VALUE]


def _word(given: object) -> bool:
    """Something that somebody may look for: no number, no id, nothing nested, nothing long."""
    return (
        isinstance(given, str)
        and len(given) <= LONGEST_VALUE
        and _LETTERS.search(given) is not None
        and not is_id(given)
    )


_READ: Final = {*TOGETHER, *NAMED, "turn", "occurred_at", "caption"}
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


def _moment(given: object) -> datetime | None:
    if not isinstance(given, str):
        return None
    try:
        moment = datetime.fromisoformat(given[:LONGEST_VALUE])
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
