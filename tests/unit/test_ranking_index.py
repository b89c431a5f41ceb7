"""An index kept current answers as one that was made anew."""

import random
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from faraday_core.memory.ranking import Indexed, MemoryIndex, Vector
from faraday_core.memory.ranking.places import place_of
from tests.remembering import STEMMER, THEN, ask, ids, index_of, memory, thread

# fmt: off
WORDS = [
    "river", "lake", "sea", "rain", "cloud", "storm", "ice", "snow", "wind", "sun", "delta",
    "flood",
]
# fmt: on


def one(rng: random.Random, number: int) -> Indexed:
    session = rng.randrange(6)
    context: dict[str, object] = {"topic": rng.choice(WORDS)}
    if session:
        context |= {"session": session, "turn": rng.randrange(50)}
    vector = [rng.uniform(-1, 1) for _ in range(8)]
    length = sum(value * value for value in vector) ** 0.5
    return memory(
        f"m{number}",
        " ".join(rng.choices(WORDS, k=rng.randrange(1, 9))) + rng.choice([".", "?"]),
        context=context,
        created_at=THEN + timedelta(minutes=number),
        vector=rng.choice([None, Vector("model", [value / length for value in vector])]),
    )


@pytest.mark.parametrize("seed", range(5))
def test_it_answers_as_one_that_was_made_anew(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 -- the same in each run
    index = MemoryIndex(STEMMER)
    there: dict[str, Indexed] = {}
    for _ in range(400):
        it = one(rng, rng.randrange(80))
        if rng.random() < 0.3:
            index.remove(it.id)
            there.pop(it.id, None)
        else:
            index.put(it)
            there[it.id] = it
        if rng.random() < 0.2:
            ask(index, " ".join(rng.choices(WORDS, k=3)))  # what it keeps for later is to hold
    fresh = index_of(there.values())

    for _ in range(20):
        question = " ".join(rng.choices(WORDS, k=2))
        vectors = [Vector("model", [0.6, 0.8, 0, 0, 0, 0, 0, 0])]
        kept = {f.id: f.relevance_score for f in ask(index, question, vectors=vectors)}
        made = {f.id: f.relevance_score for f in ask(fresh, question, vectors=vectors)}

        # The mean length may have moved a little since a term's part was worked out.
        both = made.keys() & kept.keys()
        assert len(both) >= 0.8 * len(made)
        assert {id: pytest.approx(made[id], abs=0.1) for id in both} == {
            id: kept[id] for id in both
        }


def test_an_emptied_index_holds_nothing() -> None:
    rng = random.Random(3)  # noqa: S311 -- as above
    index = index_of([one(rng, number) for number in range(50)])

    for id in [*index]:
        index.remove(id)

    assert 0 == len(index) == index.size_in_bytes == len(index.postings) == len(index.threads)
    assert [] == ask(index, "river")


def test_removing_what_is_not_there_changes_nothing() -> None:
    index = index_of([memory("a", "river")])

    index.remove("b")

    assert ["a"] == ids(ask(index, "river"))


def test_a_memory_that_was_changed_is_found_by_its_new_words_alone() -> None:
    index = index_of([memory("a", "river"), memory("b", "sea")])

    index.put(memory("a", "mountain"))

    assert [] == ask(index, "river")
    assert ["a"] == ids(ask(index, "mountain"))


def test_its_size_grows_with_what_it_holds() -> None:
    small = index_of([memory("a", "river")])
    large = index_of(memory(f"m{n}", f"river number {n} flows to the sea") for n in range(100))

    assert 0 < small.size_in_bytes < large.size_in_bytes


def test_turns_are_in_the_order_of_their_numbers_not_of_their_coming() -> None:
    turns = thread("s", "one", "two", "three", "four")
    index = index_of(reversed(turns))
    entry = index.get("s-3")
    assert entry
    around = index.around(entry)

    assert ("s-2", "s-1", "s-4", None) == tuple(
        other.id if other else None
        for other in (around.before, around.two_before, around.after, around.two_after)
    )
    assert not around.opens


def test_without_turns_the_order_is_that_of_their_making() -> None:
    made = [
        memory(f"m{n}", "x", context={"lesson": "L"}, created_at=THEN + timedelta(minutes=n))
        for n in (2, 1, 3)
    ]
    index = index_of(made)
    entry = index.get("m2")
    assert entry
    before, after = index.around(entry).before, index.around(entry).after

    assert before
    assert after
    assert ("m1", "m3") == (before.id, after.id)


@pytest.mark.parametrize(
    "context",
    [
        {"turn": float("nan")},
        {"turn": float("inf")},
        {"turn": 10**400},
        {"turn": "D3:" + "9" * 5000},
        {"turn": True},
        {"turn": None, "session": None},
        {"turn": [1], "session": {"a": 1}, "speaker": ["Mia"]},
        {"session": 10**400},
        {"occurred_at": "yesterday"},
        {"occurred_at": 17},
        {"occurred_at": "9" * 5000},
        {"speaker": "x" * 100_000},
        {"speaker": "the", "topic": "🙈"},
        {"a": {"b": {"c": []}}, "d": "e" * 100_000},
    ],
)
def test_no_context_is_too_odd_to_be_kept(context: dict[str, Any]) -> None:  # whatever JSON holds
    index = index_of([memory("odd", "river", context=context), memory("b", "river")])

    assert {"odd", "b"} == {*ids(ask(index, "river"))}
    index.remove("odd")
    assert ["b"] == ids(ask(index, "river"))


def test_a_day_in_words_of_its_own_is_found_by_them() -> None:
    odd = memory("odd", "We sang.", context={"occurred_at": "1:56 pm on 8 May, 2023"})

    assert ["odd"] == ids(ask(index_of([odd, memory("b", "We ran.")]), "May 2023"))


def test_a_text_of_a_megabyte_is_kept_within_reason() -> None:
    index = index_of([memory("long", "river " * 170_000), memory("b", "river")])

    assert {"long", "b"} == {*ids(ask(index, "river"))}
    assert index.size_in_bytes < 10_000


def test_what_a_memory_says_of_its_context_by_names_of_its_own_is_found() -> None:
    index = index_of([memory("a", "It was great.", context={"museum": "Kunsthalle Wien"})])

    assert ["a"] == ids(ask(index, "kunsthalle"))


def test_a_place_reads_the_contracts_names() -> None:
    place = place_of(
        memory(
            "a", "x", context={"conversation": 4, "thread": "t", "turn": "D3:17", "class": "7a"}
        )
    )

    assert ("conversation:4", "thread:t") == place.thread
    assert 17.0 == place.turn[1]
    assert {"class": "7a"} == place.named


def test_an_index_can_be_changed_word_by_word_into_another() -> None:
    index = index_of([memory("a", "river", context={"session": 1})])

    index.put(evolve(memory("a", "river"), context={"session": 2}))

    assert [("session:2",)] == [*index.threads]
