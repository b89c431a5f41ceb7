"""The categories that everybody has. They are no rows: their ids follow from their names."""

import hashlib
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from faraday_core.kernel.ids import id_from


@frozen
class BuiltIn:
    """`weight`: what it adds to the importance of a memory of which nobody has said so."""

    name: str
    description: str
    parent: str | None = None
    weight: float = 0.0

    @property
    def id(self) -> str:
        return _id_of(self.name)

    @property
    def parent_category_id(self) -> str | None:
        return _id_of(self.parent) if self.parent else None


def _id_of(name: str) -> str:
    return id_from(hashlib.sha256(f"faraday memory category {name}".encode()).digest())


_LEARNING: Final = "How I learn"
_COURSEWORK: Final = "Course work"
BUILT_IN: Final = (
    BuiltIn(_LEARNING, "What helps, what is hard, and where it is to lead."),
    BuiltIn("Learning goals", "What is to be reached.", _LEARNING, 0.15),
    BuiltIn("Learning preferences", "What helps to learn.", _LEARNING, 0.15),
    BuiltIn("Difficulties and mistakes", "What went wrong, and why.", _LEARNING, 0.1),
    BuiltIn("Strengths and interests", "What comes easily, or is enjoyed.", _LEARNING, 0.05),
    BuiltIn(_COURSEWORK, "What is learnt, and what is to be done for it."),
    BuiltIn("Exams and deadlines", "What is due, and when.", _COURSEWORK, 0.2),
    BuiltIn("Homework and projects", "What is being worked on.", _COURSEWORK, 0.05),
    BuiltIn("Facts and methods", "What was understood.", _COURSEWORK),
    BuiltIn("Feedback from teachers", "What they said of it.", _COURSEWORK, 0.1),
    BuiltIn("Questions to come back to", "What is still open.", _COURSEWORK, 0.05),
)
BY_ID: Final[Mapping[str, BuiltIn]] = {one.id: one for one in BUILT_IN}
BY_NAME: Final[Mapping[str, BuiltIn]] = {one.name: one for one in BUILT_IN}
WEIGHT_OF: Final[Mapping[str, float]] = {one.name: one.weight for one in BUILT_IN}
