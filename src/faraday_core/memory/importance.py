"""How important a memory is of which nobody has said so: the formula, and what each score is
made of. docs/memory.md shows it."""

import math
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from faraday_core.memory.builtin import WEIGHT_OF
from faraday_core.memory.model import UserMemory


@frozen
class ImportanceWeights:
    """Every number that the estimate goes by."""

    start: float = 0.35
    kind: float = 1.0  # times what the built-in category weighs
    mark: float = 0.15  # it says itself that it matters
    day: float = 0.05  # it names a day, by which it matters
    pinned: float = 0.3
    repetition: float = 0.08  # for each time that their number doubles
    most_repetition: float = 0.16
    use: float = 0.03  # likewise
    most_use: float = 0.15
    feedback: float = 0.2  # times helpful less unhelpful, by all and two more


@frozen
class Share:
    """What one thing that is known adds to the score."""

    kind: str
    detail: str
    points: float


@frozen
class Importance:
    """`given`: by the person, whatever the estimate would be."""

    score: float
    given: bool
    parts: tuple[Share, ...]


WEIGHTS: Final = ImportanceWeights()
_MARK = re.compile(
    r"\b(important|remember|do ?n[o']t forget|must|exam|deadline|allerg\w+|wichtig|merken"
    r"|vergiss|nicht vergessen|unbedingt|importante|recuerda|no olvid\w+|imprescindible)\b",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|tomorrow|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|morgen"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo|mañana)\b",
    re.IGNORECASE,
)
_READ: Final = 4000  # characters of the content that are looked at


def importance_of(memory: UserMemory, weights: ImportanceWeights = WEIGHTS) -> Importance:
    if memory.importance_given:
        share = Share("given", "as it was given", memory.importance_score)
        return Importance(memory.importance_score, given=True, parts=(share,))
    parts = (*_shares(memory, weights),)
    score = round(min(1.0, max(0.0, sum(part.points for part in parts))), 3)
    return Importance(score, given=False, parts=parts)


def _shares(memory: UserMemory, weights: ImportanceWeights) -> Iterator[Share]:
    yield Share("start", "where every memory starts", weights.start)
    if weight := WEIGHT_OF.get(memory.category or ""):
        yield Share("kind", f"it is one of “{memory.category}”", weights.kind * weight)
    read = memory.content[:_READ]
    if found := _MARK.search(read):
        yield Share("mark", f"it says “{found[0]}”", weights.mark)
    if found := _DAY.search(read):
        yield Share("day", f"it names “{found[0]}”", weights.day)
    if memory.pinned:
        yield Share("pinned", "it is pinned", weights.pinned)
    if memory.repetitions:
        points = min(weights.most_repetition, weights.repetition * _doublings(memory.repetitions))
        yield Share("repetition", f"said again {memory.repetitions} times", round(points, 3))
    if memory.access_count:
        points = min(weights.most_use, weights.use * _doublings(memory.access_count))
        yield Share("use", f"used {memory.access_count} times", round(points, 3))
    if said := memory.helpful + memory.unhelpful:
        balance = (memory.helpful - memory.unhelpful) / (said + 2)
        detail = f"helped {memory.helpful} times of {said}"
        yield Share("feedback", detail, round(weights.feedback * balance, 3))


def _doublings(count: int) -> float:
    return math.log2(1 + count)
