"""Four months of a pupil's memories, by how many days ago: what grew, what has gone quiet, what
was said twice or is over, and what helped."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from adapters.serving.demo_memories import said

STUDENT: Final = "student@demo.example.org"
CATEGORY: Final = ("Trips", "Where the class went, and what it saw.")  # of the whole district

_MATHS: Final = {"course": "Maths", "speaker": "Kim"}
_READING: Final = {"course": "Reading", "speaker": "Kim"}
_SCIENCE: Final = {"course": "Science", "speaker": "Kim"}


@frozen
class Day:
    """`ends_in`: days from today after which what is kept on it ends."""

    ago: int
    memories: Sequence[Mapping[str, Any]]  # as in JSON
    ends_in: int | None = None


@frozen
class Look:
    """What was found by a question, or opened where there was none; memories by how they begin.
    `helped`: whether the first one did, where the pupil has said so."""

    ago: int
    hour: int
    query: str | None
    found: Sequence[str]
    course: str
    helped: bool | None = None
    milliseconds: int = 9


DIARY: Final = (
    Day(
        125,
        [
            {"content": "We had pancakes at the school party.", "importance_score": 0.1},
            {"content": "The bus was late, and I missed the song.", "importance_score": 0.15},
        ],
    ),
    Day(
        70,
        [
            {
                "content": "The poster about the water cycle is due before the holidays.",
                "category": "Exams and deadlines",
                "context": {"course": "Geography"},
            }
        ],
    ),
    Day(
        62,
        said(
            _READING,
            "the otter book",
            "I am reading a book about otters and like it a lot.",
            "Otters hold hands when they sleep so that they do not drift apart.",
            "Long words like 'estuary' I read syllable by syllable.",
            category="Strengths and interests",
            tags=["animals"],
        ),
    ),
    Day(
        40,
        said(
            _MATHS,
            "fractions, first try",
            "I mix up numerators and denominators when I add fractions.",
            "Pizza slices help me to see why one half is more than one third.",
            "Ms Yusuf showed me to make the denominators the same first.",
            "With the same denominator I add the numerators only.",
            category="Difficulties and mistakes",
            tags=["fractions"],
        ),
    ),
    Day(
        33,
        said(
            _MATHS,
            "fractions, a week later",
            "I got eight of ten right in the fractions quiz.",
            "The two mistakes were with mixed numbers.",
            category="Facts and methods",
            tags=["fractions", "quiz"],
        ),
    ),
    Day(
        30,
        [
            {
                "content": "This term I want to know the times tables up to ten by heart.",
                "category": "Learning goals",
                "context": {"course": "Maths"},
            }
        ],
    ),
    Day(
        26,
        [
            {
                "content": "The maths test covers fractions and decimals; bring a ruler.",
                "category": "Exams and deadlines",
                "context": {"course": "Maths"},
                "pinned": True,
            },
            {
                "content": "I learn best with pictures and short examples.",
                "category": "Learning preferences",
            },
            {"content": "At the library one can borrow 5 books at a time."},
        ],
    ),
    Day(
        18,
        [
            {
                "content": "Volcanoes are made where magma comes up through the crust.",
                "context": _SCIENCE,
                "category": "Facts and methods",
            },
            {
                "content": "The class went to the planetarium; Saturn's rings are ice.",
                "category": "Trips",
                "context": {"class": "Class 3b"},
            },
        ],
    ),
    Day(
        10,
        [
            {
                "content": "By Christmas I want to know the times tables up to twelve by heart.",
                "category": "Learning goals",
                "context": {"course": "Maths"},
                "supersedes": "This term I want",
            },
            *said(
                _SCIENCE,
                "volcano project",
                "For the volcano project I build a model from clay.",
                "Baking soda and vinegar make the lava foam.",
                category="Homework and projects",
                tags=["volcanoes"],
            ),
        ],
    ),
    Day(
        6,
        [
            {"content": "At the library one can borrow 4 books at a time."},
            {
                "content": "Lava that cools quickly becomes black glass, obsidian.",
                "context": _SCIENCE,
                "category": "Facts and methods",
                "tags": ["volcanoes"],
            },
            {"content": "Mr Rossi lent me a stone from Etna for the volcano model."},
        ],
    ),
    Day(
        5,
        [
            {
                "content": "Volcanoes are made where hot magma comes up through the crust.",
                "context": _SCIENCE,
                "category": "Facts and methods",
            },
            {"content": "In the pizza game I compared one half with one third again."},
        ],
    ),
    Day(
        3,
        [
            {
                "content": "Etna erupts almost every year, Vesuvius last in 1944.",
                "context": _SCIENCE,
                "category": "Facts and methods",
                "tags": ["volcanoes"],
            },
            {"content": "I may show the volcano model to Class 3b on Monday."},
        ],
    ),
    Day(1, [{"content": "Bring the library books back this week."}], ends_in=5),
)
_OTTERS: Final = ("Otters hold hands", "I am reading a book", "Long words like")
_ADDING: Final = ("Ms Yusuf showed me", "With the same denominator")
_VOLCANOES: Final = ("Volcanoes are made", "For the volcano project")
LOOKS: Final = (
    *(Look(ago, 16, None, _OTTERS, "Reading") for ago in (60, 55, 47)),
    Look(39, 15, "adding fractions", _ADDING, "Maths", helped=True),
    Look(37, 15, None, _ADDING[:1], "Maths"),
    Look(28, 16, "how do I add fractions", _ADDING, "Maths", helped=True, milliseconds=14),
    Look(27, 16, "numerator or denominator", _ADDING, "Maths", helped=True, milliseconds=11),
    Look(25, 17, "fractions", ("With the same", "Ms Yusuf"), "Maths", helped=True),
    Look(24, 16, "what helps with fractions", ("Pizza slices", "Ms Yusuf"), "Maths", helped=True),
    Look(21, 16, "mixed numbers", ("The two mistakes", "I got eight"), "Maths", helped=True),
    Look(17, 15, "planets", ("The class went",), "Science", helped=False, milliseconds=22),
    Look(16, 15, "project", ("Volcanoes are made", "I learn best"), "Science", milliseconds=12),
    Look(14, 16, "same denominator", ("With the same", "Ms Yusuf"), "Maths", helped=True),
    Look(11, 8, None, ("The maths test",), "Maths"),
    Look(9, 16, "volcano", _VOLCANOES, "Science", helped=False),
    Look(8, 16, "lava", ("Baking soda", *_VOLCANOES), "Science", milliseconds=31),
    Look(7, 19, "times tables", ("By Christmas", "This term"), "Maths", helped=True),
    Look(4, 16, "volcanoes", (*_VOLCANOES, "Lava that cools"), "Science", helped=False),
    Look(2, 17, "test", ("The maths test", "I got eight"), "Maths", helped=True, milliseconds=8),
    Look(1, 16, "model", ("For the volcano", "I may show"), "Science", milliseconds=10),
)
