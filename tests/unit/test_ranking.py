"""What is found, in which order, how surely, and why."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from faraday_core.memory.ranking import Filters, Found, ReasonKind
from tests.remembering import NOW, THEN, ask, ids, index_of, memory, thread

PETS = [
    memory("cat", "My cat sleeps on the piano."),
    memory("dog", "The dog barks at the postman."),
    memory("fish", "Our goldfish are called Salt and Pepper."),
    memory("exam", "The exam in geography is about rivers."),
]


def kinds(found: Found) -> list[ReasonKind]:
    return [reason.kind for reason in found.reasons]


def test_one_word_of_the_question_is_enough() -> None:
    assert ["exam"] == ids(ask(index_of(PETS), "What is my next exam going to be?"))


def test_another_form_of_the_word_is_found() -> None:
    assert ["dog"] == ids(ask(index_of(PETS), "barking"))
    assert ["f"] == ids(ask(index_of([memory("f", "Ich kürze Brüche.")], "de-AT"), "Bruch"))
    assert ["c"] == ids(ask(index_of([memory("c", "Me gustan las canciones.")], "es"), "canción"))


def test_accents_need_not_be_typed() -> None:
    index = index_of([memory("s", "Der Schüler übt.")], "de")

    assert ["s"] == ids(ask(index, "schuler"))


@pytest.mark.parametrize(
    "question",
    ["the", "zebra", "'; DROP TABLE x --", '"unclosed', "🙈", "???", "\x00", "x" * 10_000, "是"],
)
def test_a_question_that_nothing_matches_finds_nothing(question: str) -> None:
    assert [] == ask(index_of(PETS), question)
    assert [] == ask(index_of([]), question)


def test_nothing_of_tsquery_is_read_in_a_question() -> None:
    assert {"cat", "dog"} == {*ids(ask(index_of(PETS), "cat & ! | ( dog:*"))}


@pytest.mark.parametrize(
    ("content", "question"),
    [
        ("我喜欢学习数学和科学", "数学"),
        ("光合作用は植物が行う", "植物"),
        ("أحب دروس الرياضيات", "الرياضيات"),
        ("ฉันชอบคณิตศาสตร์", "คณิตศาสตร์"),
        ("Я люблю математику", "математику"),
        ("Mia erklärt 分数 mit 🍕", "分数"),
        ("Mia erklärt 分数 mit 🍕", "🍕"),
    ],
)
def test_every_script_is_found(content: str, question: str) -> None:
    assert ["it"] == ids(ask(index_of([memory("it", content), *PETS], "xx"), question))


def test_a_question_of_ten_thousand_words_is_answered() -> None:
    question = " ".join(f"word{number}" for number in range(10_000)) + " cat"

    assert len(ask(index_of(PETS), question)) <= 1


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    common = [memory(f"m{number}", "A maths lesson about numbers.") for number in range(20)]
    index = index_of([*common, memory("it", "A remark about symmetry."), *PETS])

    assert "it" == ids(ask(index, "maths lesson symmetry"))[0]


def test_what_belongs_to_a_matching_thread_is_found_without_a_word_of_its_own() -> None:
    about = thread("volcano", "Lava is molten rock.", "It comes out slowly and glows.")
    index = index_of([*about, *thread("other", "We sang a song.", "It was long and sad."), *PETS])

    found = ask(index, "lava")

    assert ["volcano-1", "volcano-2"] == ids(found)
    assert ReasonKind.THREAD in kinds(found[1])


def test_sessions_of_two_conversations_are_two_threads() -> None:
    first = memory("a", "Lava glows.", context={"conversation": "x", "session": 1})
    second = memory("b", "We sang.", context={"conversation": "y", "session": 1})

    assert ["a"] == ids(ask(index_of([first, second]), "lava"))


def test_who_is_named_in_the_question_comes_first() -> None:
    index = index_of(
        [
            memory("hers", "I like drawing horses best.", context={"speaker": "Ada Byron"}),
            memory("his", "I like drawing horses best.", context={"speaker": "Ben"}),
            memory("nobody's", "I like drawing horses best."),
        ]
    )

    found = ask(index, "What does Ada like drawing?")

    assert "hers" == found[0].id
    assert ("context", "names speaker: ada byron") in [
        (one.kind, one.detail) for one in found[0].reasons
    ]


def test_naming_all_of_them_singles_out_none() -> None:
    index = index_of(
        [
            memory("hers", "I draw.", context={"speaker": "Ada"}),
            memory("his", "I draw horses.", context={"speaker": "Ben"}),
        ]
    )

    found = ask(index, "What do Ada and Ben draw?")

    assert all(ReasonKind.CONTEXT not in kinds(one) for one in found)


def test_a_course_is_named_by_all_its_words() -> None:
    index = index_of(
        [
            memory("social", "A test on Friday.", context={"course": "Social Studies"}),
            memory("maths", "A test on Friday.", context={"course": "Maths"}),
            memory("other", "A test on Friday.", context={"course": "Social Media"}),
        ]
    )

    assert "social" == ids(ask(index, "When is the social studies test?"))[0]


def test_what_fits_what_the_person_is_doing_comes_first() -> None:
    index = index_of(
        [
            memory("maths", "The homework is on page 12.", context={"course": "Maths"}),
            memory("art", "The homework is on page 13.", context={"course": "Art"}),
        ]
    )

    assert "art" == ids(ask(index, "homework", context={"course": "Art"}))[0]
    assert "maths" == ids(ask(index, "homework", context={"course": "Maths"}))[0]


def test_what_says_a_time_comes_first_where_the_question_asks_when() -> None:
    index = index_of(
        [
            memory("what", "The concert is with Ben and his whole orchestra."),
            memory("when", "The concert is on a Friday in December again."),
        ]
    )

    found = ask(index, "When is the concert?")

    assert "when" == found[0].id
    assert ReasonKind.TIME in kinds(found[0])


def test_the_day_of_a_memory_can_be_asked_for_in_words() -> None:
    index = index_of(
        [
            memory("may", "We went to the zoo.", context={"occurred_at": "2026-05-08"}),
            memory("june", "We went to the zoo.", context={"occurred_at": "2026-06-09"}),
        ]
    )

    assert "may" == ids(ask(index, "zoo 8 May"))[0]


def test_an_answer_comes_before_a_question() -> None:
    index = index_of(
        [
            memory("asked", "Is the capital of Peru Lima?"),
            memory("told", "The capital of Peru is Lima."),
        ]
    )

    assert ["told", "asked"] == ids(ask(index, "capital of Peru"))


@pytest.mark.parametrize(
    ("better", "worse", "kind"),
    [
        ({"importance": 0.9}, {"importance": 0.1}, ReasonKind.IMPORTANCE),
        ({"usefulness": 0.8}, {"usefulness": -0.8}, ReasonKind.HELPFUL),
        ({"created_at": NOW - timedelta(days=1)}, {"created_at": THEN}, ReasonKind.RECENT),
    ],
)
def test_of_two_alike_the_better_comes_first_and_says_why(
    better: dict[str, object], worse: dict[str, object], kind: ReasonKind
) -> None:
    index = index_of(
        [memory("a", "We fed ducks.", **worse), memory("b", "We fed ducks.", **better)]
    )

    found = ask(index, "ducks")

    assert ["b", "a"] == ids(found)
    assert kind in kinds(found[0])
    assert kind not in kinds(found[1])


def test_what_a_later_memory_contradicts_sinks() -> None:
    index = index_of(
        [
            memory("old", "My teacher is Mr Hale.", superseded=True, importance=1.0),
            memory("new", "My teacher is Ms Roy."),
        ]
    )

    assert ["new", "old"] == ids(ask(index, "Who is my teacher?"))


def test_a_relevance_never_rises_down_the_list_and_lies_between_0_and_1() -> None:
    notes = [
        memory(f"n{n}", f"Note {n} on rivers and lakes", context={"session": n % 7, "turn": n})
        for n in range(60)
    ]
    for diversity in (0.0, 0.5, 1.0):
        found = ask(index_of([*notes, *PETS]), "exam on rivers", limit=50, diversity=diversity)
        sure = [one.relevance_score for one in found]

        assert all(above >= below for above, below in pairwise(sure))
        assert all(0 < one < 1 for one in sure)


def test_of_few_the_one_that_says_it_all_is_more_likely_useful_than_not() -> None:
    found = ask(index_of(PETS), "exam about rivers")

    assert found[0].relevance_score > 0.5
    assert ask(index_of(PETS), "an exam about elephants in circus")[0].relevance_score < 0.5


def test_each_says_why_it_was_found() -> None:
    found = ask(index_of(PETS), "Which rivers does the exam ask for?")

    assert "exam, rivers" == found[0].reasons[0].detail
    assert ReasonKind.WORDS is found[0].reasons[0].kind


def test_diversity_passes_over_what_says_the_same() -> None:
    doubled = [memory(f"d{n}", "I practise fractions with pizza slices.") for n in range(5)]
    index = index_of([*doubled, memory("other", "Fractions got me a bad mark."), *PETS])

    assert "other" not in ids(ask(index, "fractions pizza", limit=2))
    assert "other" in ids(ask(index, "fractions pizza", limit=2, diversity=0.5))


def test_filters_leave_out_all_else() -> None:
    index = index_of(
        [
            memory("a", "swimming", category="sport", tags=frozenset({"pool", "club"})),
            memory("b", "swimming", category="hobby", tags=frozenset({"pool"})),
            memory("c", "swimming", context={"occurred_at": "2026-11-20T10:00:00Z"}),
        ]
    )
    november = datetime(2026, 11, 1, tzinfo=UTC)

    assert {"a"} == {*ids(ask(index, "swimming", filters=Filters(frozenset({"sport"}))))}
    assert {"a"} == {*ids(ask(index, "swimming", filters=Filters(tags=frozenset({"club"}))))}
    assert {"c"} == {*ids(ask(index, "swimming", filters=Filters(since=november)))}
    assert {"a", "b"} == {*ids(ask(index, "swimming", filters=Filters(until=november)))}
    assert [] == ask(index, "swimming", filters=Filters(frozenset()))


def test_what_a_filter_allows_is_found_behind_a_thousand_that_it_does_not() -> None:
    many = [memory(f"m{n}", "swimming swimming", importance=1.0) for n in range(1000)]
    index = index_of([*many, memory("it", "swimming", category="sport")])

    assert ["it"] == ids(ask(index, "swimming", filters=Filters(frozenset({"sport"}))))


def test_nothing_expired_is_found() -> None:
    index = index_of(
        [
            memory("gone", "swimming", expires_at=NOW),
            memory("there", "swimming", expires_at=NOW + timedelta(seconds=1)),
        ]
    )

    assert ["there"] == ids(ask(index, "swimming"))


def test_no_more_come_than_were_asked_for() -> None:
    index = index_of([memory(f"m{n}", "swimming") for n in range(50)])

    assert 7 == len(ask(index, "swimming", limit=7))
