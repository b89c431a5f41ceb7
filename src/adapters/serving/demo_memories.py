"""What the people of the demo school remember: enough to make a search worth trying."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

STUDENT: Final = "student@demo.example.org"
LEARNER: Final = "linh.nguyen@demo.example.org"
TEACHER: Final = "teacher@demo.example.org"

_MATHS: Final = {"course": "Maths", "speaker": "Kim"}
_READING: Final = {"course": "Reading", "speaker": "Kim"}


def _said(
    context: Mapping[str, str], conversation: str, *contents: str, **more: Any
) -> list[dict[str, Any]]:  # as in JSON
    """The turns of one conversation."""
    return [
        {"content": content, "context": {**context, "conversation": conversation, "turn": n}}
        | more
        for n, content in enumerate(contents, 1)
    ]


MEMORIES: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    STUDENT: [
        *_said(
            _MATHS,
            "fractions, first try",
            "I mix up numerators and denominators when I add fractions.",
            "Pizza slices help me to see why one half is more than one third.",
            "Ms Yusuf showed me to make the denominators the same first.",
            "With the same denominator I add the numerators only.",
            category="Difficulties and mistakes",
            tags=["fractions"],
        ),
        *_said(
            _MATHS,
            "fractions, a week later",
            "I got eight of ten right in the fractions quiz.",
            "The two mistakes were with mixed numbers.",
            category="Facts and methods",
            tags=["fractions", "quiz"],
        ),
        *_said(
            _READING,
            "the otter book",
            "I am reading a book about otters and like it a lot.",
            "Otters hold hands when they sleep so that they do not drift apart.",
            "Long words like 'estuary' I read syllable by syllable.",
            category="Strengths and interests",
            tags=["animals"],
        ),
        {
            "content": "The maths test is on 14 October; fractions and decimals are in it.",
            "category": "Exams and deadlines",
            "context": {"course": "Maths"},
            "pinned": True,
        },
        {
            "content": "I learn best with pictures and short examples.",
            "category": "Learning preferences",
        },
        {
            "id": "the goal before",
            "content": "This term I want to know the times tables up to ten by heart.",
            "category": "Learning goals",
            "context": {"course": "Maths"},
        },
        {
            "content": "By Christmas I want to know the times tables up to twelve by heart.",
            "category": "Learning goals",
            "context": {"course": "Maths"},
            "supersedes": "the goal before",
        },
        {
            "content": "Class 3b visits the planetarium in November.",
            "category": "Trips",
            "context": {"class": "Class 3b"},
        },
    ],
    LEARNER: [
        *_said(
            {"course": "Physics", "speaker": "Linh"},
            "free fall",
            "I thought that heavy things fall faster than light ones.",
            "In the vacuum tube the feather and the coin fell alike.",
            "Air resistance is what slows the feather down.",
            category="Difficulties and mistakes",
            tags=["mechanics"],
        ),
        {
            "content": "Mr Doe said my lab report was clear, and that I should label the axes.",
            "category": "Feedback from teachers",
            "context": {"course": "Physics"},
        },
    ],
    TEACHER: [
        {
            "content": "Grade 7 needs a second lesson on air resistance.",
            "category": "Homework and projects",
            "context": {"course": "Physics", "class": "Grade 7"},
        },
        {
            "content": "The vacuum tube's seal leaks; order a new one before December.",
            "category": "Homework and projects",
        },
    ],
}
