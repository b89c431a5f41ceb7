"""What the people of the demo school remember, beside the pupil of whom `demo_diary` tells."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

LEARNER: Final = "linh.nguyen@demo.example.org"
TEACHER: Final = "teacher@demo.example.org"


def said(
    context: Mapping[str, str], conversation: str, *contents: str, **more: Any
) -> list[dict[str, Any]]:  # as in JSON
    """The turns of one conversation."""
    return [
        {"content": content, "context": {**context, "conversation": conversation, "turn": n}}
        | more
        for n, content in enumerate(contents, 1)
    ]


MEMORIES: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    LEARNER: [
        *said(
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
