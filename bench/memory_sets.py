"""Sets of memories and of questions to them whose answers are known."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from faraday_core.memory.ranking import Indexed

OWN: Final = Path(__file__).parents[1] / "tests" / "memory_set"
_TURN: Final = re.compile(r"D(\d+):0*(\d+)")
_ANSWERABLE: Final = {1, 2, 3, 4}  # a fifth category asks for what was never said


@frozen
class Asked:
    text: str
    answers: frozenset[str]  # ids of memories


@frozen
class MemorySet:
    """Of one person."""

    name: str
    language: str
    memories: Sequence[Indexed]
    questions: Sequence[Asked]


def own_sets() -> Sequence[MemorySet]:
    """Ours, in the language of schools: English, German and Spanish."""
    return [_own(path) for path in sorted(OWN.glob("*.json"))]


def read_sets(path: Path) -> Sequence[MemorySet]:
    """A file in our own form, or long conversations: sessions of turns `D<session>:<turn>`, and
    questions that name the turns that answer them as `evidence`."""
    read = json.loads(path.read_text())
    if isinstance(read, Mapping):
        return [_own(path)]
    return [_conversation(sample) for sample in read]


def _own(path: Path) -> MemorySet:
    read = json.loads(path.read_text())
    memories = [
        Indexed(
            memory["id"],
            memory["content"],
            datetime.fromisoformat(memory["context"]["occurred_at"]),
            memory["context"],
        )
        for memory in read["memories"]
    ]
    questions = [Asked(one["question"], frozenset(one["answers"])) for one in read["questions"]]
    return MemorySet(path.stem, read["language"], memories, questions)


def _conversation(sample: Mapping[str, Any]) -> MemorySet:
    told = sample["conversation"]
    memories = [
        _turn(turn, number, _moment(told[f"session_{number}_date_time"]))
        for number in range(1, 1 + len(told))
        for turn in told.get(f"session_{number}", ())
    ]
    known = {memory.id for memory in memories}
    questions = [
        Asked(one["question"], answers)
        for one in sample["qa"]
        if one.get("category") in _ANSWERABLE
        and (answers := frozenset(_evidence(one.get("evidence", ()))) & known)
    ]
    return MemorySet(str(sample.get("sample_id", "")), "en", memories, questions)


def _turn(turn: Mapping[str, Any], session: int, moment: datetime) -> Indexed:
    context = {
        "session": session,
        "turn": turn["dia_id"],
        "speaker": turn["speaker"],
        "occurred_at": moment.isoformat(),
    }
    if caption := turn.get("blip_caption"):
        context["caption"] = caption
    return Indexed(_evidence([turn["dia_id"]])[0], turn["text"], moment, context)


def _evidence(told: Sequence[str]) -> list[str]:
    """Some are written several in one text, some with noughts before the turn."""
    found = _TURN.findall(" ".join(told))
    return [f"D{session}:{turn}" for session, turn in found]


def _moment(told: str) -> datetime:
    return datetime.strptime(told, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
