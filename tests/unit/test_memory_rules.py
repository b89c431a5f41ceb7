"""The pure rules of memories: what says the same, what matters, what is left of many."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from faraday_core.memory.builtin import BUILT_IN, BY_ID
from faraday_core.memory.categories import Categories
from faraday_core.memory.consolidation import central_sentences, clusters_of, summary_of
from faraday_core.memory.doubles import LIKE, SAME, similarity, text_hash_of
from faraday_core.memory.importance import importance_of
from faraday_core.memory.model import MemoryPolicy, UserMemory
from faraday_core.memory.moments import begin_of, end_of

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def memory(content: str = "We drew triangles.", **more: Any) -> UserMemory:  # as its fields
    return UserMemory("1", "me", content, NOW, NOW, **more)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("The exam is on Friday.", "the EXAM is on friday", 1, 1),
        ("The exam is on Friday.", "The exam is on Monday.", LIKE, SAME - 0.01),
        ("ﬁne", "fine", 1, 1),
        ("A b c d e f g h", "h g f e d c b a", SAME, 0.99),
        ("I like maths and art a lot", "I do not like maths and art a lot", LIKE, SAME - 0.01),
        ("page 12 of the long green book", "page 13 of the long green book", LIKE, SAME - 0.01),
        ("cats", "dogs", 0, 0),
        ("😀", "😀", 1, 1),
        ("😀", "😢", 0, 0),
        ("你好", "你好!", 1, 1),
        ("😀", "word", 0, 0),
    ],
)
def test_how_alike_two_texts_are(one: str, other: str, low: float, high: float) -> None:
    assert low <= similarity(one, other) <= high
    assert similarity(one, other) == similarity(other, one)
    assert (text_hash_of(one) == text_hash_of(other)) == (low == high == 1)


@pytest.mark.parametrize(
    "more",
    [
        {"content": "Important: triangles."},
        {"content": "Nicht vergessen: Dreiecke."},
        {"content": "Es imprescindible."},
        {"content": "On Friday."},
        {"category": "Exams and deadlines"},
        {"pinned": True},
        {"repetitions": 1},
        {"access_count": 3},
        {"helpful": 1},
    ],
)
def test_what_is_known_of_a_memory_makes_it_more_important(more: dict[str, Any]) -> None:
    assert importance_of(memory()).score < importance_of(memory(**more)).score


def test_an_importance_lies_between_nothing_and_all() -> None:
    most = memory(
        "Remember: the exam is on Friday.",
        category="Exams and deadlines",
        pinned=True,
        repetitions=10**9,
        access_count=10**9,
        helpful=10**9,
    )

    assert 1 == importance_of(most).score
    assert 0 < importance_of(memory(unhelpful=10**9)).score < importance_of(memory()).score
    given = importance_of(memory(importance_given=True, importance_score=0.0, pinned=True))
    assert (0.0, True) == (given.score, given.given)


def test_each_part_of_an_importance_is_told() -> None:
    told = importance_of(memory(repetitions=3, access_count=1, unhelpful=1))

    assert ["start", "repetition", "use", "feedback"] == [part.kind for part in told.parts]
    assert [0.35, 0.16, 0.03, -0.067] == [part.points for part in told.parts]
    assert told.score == round(sum(part.points for part in told.parts), 3)


def test_the_built_in_categories_form_a_tree() -> None:
    assert len(BUILT_IN) == len(BY_ID)
    known = Categories(())
    for one in BUILT_IN:
        assert known.named(one.name) is one is known.by_id[one.id]
        assert one.parent is None or one.parent_category_id in BY_ID
    assert "Learning goals" in known.below("How I learn")
    assert ["nothing"] == [*known.below("nothing")]  # of a school that was left


def many(count: int, **context: Any) -> list[UserMemory]:  # as in JSON
    return [
        evolve(
            memory(f"On day {n} we drew triangles. {'Rain.' * (n % 2)}", context=context),
            id=str(n),
            created_at=NOW + timedelta(days=n),
        )
        for n in range(count)
    ]


def test_memories_of_one_subject_belong_together() -> None:
    few, maths, art = many(4), many(5, course="Maths"), many(31, course="Art")
    summary = many(9, course="Maths", source="summary")

    found = clusters_of([*few, *maths, *art, *summary])

    assert [5, 30] == [len(cluster) for cluster in found]
    assert [maths, art[:30]] == found


def test_a_summary_says_what_was_said_and_names_its_sources() -> None:
    memories = many(6, course="Maths", turn=1)

    summary = summary_of("s", memories, NOW, MemoryPolicy())

    assert "Summary of 6 memories, 2026-09-01 to 2026-09-06" in summary.content
    lines = summary.content.splitlines()[1:]
    said = " ".join(one.content for one in memories)
    assert all(line.removeprefix("- ") in said for line in lines)
    assert {"course": "Maths", "source": "summary", "summary_of": list("012345")} == {
        **summary.context
    }
    assert 1 <= len(central_sentences(memories)) <= 5


def test_a_day_is_meant_whole() -> None:
    day, next_day = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)

    assert (day, next_day) == (begin_of("2026-09-01"), end_of("2026-09-01"))
    assert day == begin_of("2026-09-01T02:00:00+02:00") == end_of("2026-09-01T00:00:00Z")
    assert begin_of(None) is None is end_of(None)
