"""What is recommended to do with memories: with a reason, and a request that does it."""

from datetime import timedelta
from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.analytics_views import Call
from faraday_core.memory.fields import Feedback, MemoryFields
from faraday_core.memory.recommendations_model import (
    MemoryRecommendation,
    RecommendationFeedback,
    RecommendationKind,
    RecommendationQuery,
    RecommendationView,
)
from tests.serving import OPERATOR, Client, Server
from tests.world import WORKER, World

KIND = RecommendationKind
YES, NO = RecommendationFeedback(accepted=True), RecommendationFeedback(accepted=False)


async def keep(world: World, actor: Actor, content: str, **more: Any) -> str:  # as its fields
    far = world.clock() + timedelta(days=3000)
    fields = MemoryFields(content, **{"expires_at": far, **more})
    return (await world.app.memories.create(actor, fields)).id


async def found(
    world: World, actor: Actor, kind: RecommendationKind | None = None, limit: int = 20
) -> list[RecommendationView]:
    asked = RecommendationQuery(kind, limit)
    return [*(await world.app.memory_recommendations.list(actor, asked)).items]


async def say(world: World, actor: Actor, id: str, said: RecommendationFeedback) -> None:
    await world.app.memory_recommendations.feedback(actor, id, said)


async def track(world: World, actor: Actor) -> None:
    await world.app.preferences.merge(actor, {"privacy": {"track_activity": True}})


async def twice_the_same(world: World, sam: Actor) -> tuple[str, str]:
    first = await keep(world, sam, "Otters hold hands when they sleep, so as not to drift apart.")
    again = await keep(world, sam, "otters hold hands when they sleep so as not to drift apart")
    return first, again


async def test_who_has_no_memories_is_recommended_nothing(world: World) -> None:
    assert [] == await found(world, await world.acting(Role.STUDENT))


async def test_of_two_that_say_the_same_the_newer_one_can_go(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first, again = await twice_the_same(world, sam)
    await keep(world, sam, "Otters eat fish.")

    (one,) = await found(world, sam, KIND.DUPLICATE)

    assert (again, [first]) == (one.memory.id, [other.id for other in one.related])
    assert 1.0 == one.score
    assert Call("DELETE", f"/api/v1/memories/{again}") == one.action


async def test_what_has_no_words_can_be_doubled_too(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await keep(world, sam, "😀")
    again = await keep(world, sam, "😀")
    await keep(world, sam, "🦦")

    assert [again] == [one.memory.id for one in await found(world, sam, KIND.DUPLICATE)]


async def test_a_pinned_one_stays_and_its_double_goes(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first = await keep(world, sam, "The maths test is in October.")
    pinned = await keep(world, sam, "The maths test is in October!", pinned=True)

    (one,) = await found(world, sam, KIND.DUPLICATE)

    assert (first, pinned) == (one.memory.id, one.related[0].id)


async def test_two_that_differ_by_a_number_are_no_doubles_but_at_odds(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = await keep(world, sam, "The big maths test takes place on October 14")
    world.clock.move(days=2)
    new = await keep(world, sam, "The big maths test takes place on October 21")

    assert [] == await found(world, sam, KIND.DUPLICATE)
    (one,) = await found(world, sam, KIND.OUTDATED)

    assert (old, [new]) == (one.memory.id, [other.id for other in one.related])
    assert Call("PATCH", f"/api/v1/memories/{new}", {"supersedes": old}) == one.action


async def test_what_is_superseded_is_outdated_unless_it_is_pinned(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = await keep(world, sam, "My favourite animal is the cat.")
    pinned = await keep(world, sam, "I live in Bern.", pinned=True)
    new = await keep(world, sam, "I like otters best by now.", supersedes=old)
    await keep(world, sam, "We have moved to Basel.", supersedes=pinned)

    (one,) = await found(world, sam, KIND.OUTDATED)

    assert (old, new, "DELETE") == (one.memory.id, one.related[0].id, one.action.method)


async def test_what_was_due_two_months_ago_is_over(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    due = await keep(world, sam, "Essay on Friday", category="Exams and deadlines")
    world.clock.move(days=61)
    await keep(world, sam, "Poem next Friday", category="Exams and deadlines")

    assert [due] == [one.memory.id for one in await found(world, sam, KIND.OUTDATED)]


async def test_what_is_old_unused_and_of_no_importance_can_be_forgotten(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    trivial = await keep(world, sam, "It rained.", importance_score=0.1)
    await keep(world, sam, "It snowed.", importance_score=0.1, pinned=True)
    await keep(world, sam, "I am allergic to nuts.", importance_score=0.9)
    used = await keep(world, sam, "It hailed.", importance_score=0.1)
    assert [] == await found(world, sam, KIND.FORGET)
    world.clock.move(days=91)
    await world.app.memories.get(sam, used)

    (one,) = await found(world, sam, KIND.FORGET)

    assert (trivial, "DELETE") == (one.memory.id, one.action.method)
    assert 0 < one.score < 1
    assert "91 days" in one.reason


async def test_what_would_be_forgotten_is_to_be_seen_again_and_then_is_not(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    memory_id = await keep(world, sam, "Seven times eight is fifty-six.", importance_score=0.8)
    assert [] == await found(world, sam, KIND.REVISIT)
    world.clock.move(days=10)

    (one,) = await found(world, sam, KIND.REVISIT)
    assert Call("GET", f"/api/v1/memories/{memory_id}") == one.action
    assert "Seen 10 days ago" in one.reason
    await world.app.memories.get(sam, memory_id)
    await world.app.memory_use.flush(WORKER)

    assert [] == await found(world, sam, KIND.REVISIT)


async def test_what_is_recalled_often_is_to_be_seen_again_later(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    often = await keep(world, sam, "Bern is on the Aare.", importance_score=0.8)
    lapsed = await keep(world, sam, "Basel is on the Rhine.", importance_score=0.8)
    for days in (3, 8):
        world.clock.move(days=days)
        for one in (often, lapsed):
            await world.app.memories.get(sam, one)
    await world.app.memories.feedback(sam, lapsed, Feedback(helpful=False))
    world.clock.move(days=6)

    assert [lapsed] == [one.memory.id for one in await found(world, sam, KIND.REVISIT)]


async def test_what_belongs_together_is_put_together_by_one_call(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    thread = {"conversation": "estuaries"}
    other = await keep(
        world, sam, "An estuary is where a river meets the sea, said the geography teacher.",
        context=thread,
    )  # fmt: skip
    mine = await keep(world, sam, "Geography: draw the estuary of the river, and label the sea.")
    await keep(world, sam, "Denominators have to be alike.")

    items = await found(world, sam, KIND.RELATED)

    pairs = [(one.memory.id, one.related[0].id) for one in items]
    assert (mine, other) in pairs
    one = items[pairs.index((mine, other))]
    assert Call("PATCH", f"/api/v1/memories/{mine}", {"context": thread}) == one.action
    assert "estuary" in one.reason


async def test_an_id_follows_from_what_is_recommended(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await twice_the_same(world, sam)

    once, again = await found(world, sam), await found(world, sam, KIND.DUPLICATE)

    assert [one.id for one in once if one.kind is KIND.DUPLICATE] == [one.id for one in again]


async def test_what_is_declined_is_not_offered_for_thirty_days(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await twice_the_same(world, sam)
    (one,) = await found(world, sam, KIND.DUPLICATE)

    await say(world, sam, one.id, NO)
    assert [] == await found(world, sam, KIND.DUPLICATE)
    world.clock.move(days=29)
    assert [] == await found(world, sam, KIND.DUPLICATE)
    world.clock.move(days=1)

    assert [one.id] == [again.id for again in await found(world, sam, KIND.DUPLICATE)]


async def test_what_was_linked_as_outdated_is_not_offered_again_at_once(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = await keep(world, sam, "At the library one can borrow 5 books at a time.")
    world.clock.move(days=2)
    await keep(world, sam, "At the library one can borrow 4 books at a time.", supersedes=old)
    (one,) = await found(world, sam, KIND.OUTDATED)

    await say(world, sam, one.id, YES)

    assert [] == await found(world, sam, KIND.OUTDATED)
    world.clock.move(days=30)
    assert [one.id] == [again.id for again in await found(world, sam, KIND.OUTDATED)]


async def test_what_was_noted_before_is_noted_still(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    other = await keep(world, sam, "An estuary is where a river meets the sea, muddy and flat.")
    noted = {"related": [other.replace("0", "1")]}
    mine = await keep(world, sam, "Draw the estuary of the river, and the sea.", context=noted)

    items = await found(world, sam, KIND.RELATED)

    body = next(one.action.body for one in items if one.memory.id == mine)
    assert {"context": {"related": [*noted["related"], other]}} == body


async def test_a_kind_that_is_declined_comes_with_less_weight(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await twice_the_same(world, sam)
    await keep(world, sam, "Fish have gills.")
    await keep(world, sam, "Fish have gills!")
    first, second = await found(world, sam, KIND.DUPLICATE)

    await say(world, sam, first.id, NO)
    (less,) = await found(world, sam, KIND.DUPLICATE)
    await say(world, sam, first.id, YES)
    more = await found(world, sam, KIND.DUPLICATE)

    assert (second.id, 0.6667) == (less.id, less.score)
    assert [1.0, 1.0] == [one.score for one in more]


async def test_what_was_done_can_be_answered_afterwards(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    _, again = await twice_the_same(world, sam)
    (one,) = await found(world, sam, KIND.DUPLICATE)
    await world.app.memories.delete(sam, again)

    decided = await world.app.memory_recommendations.feedback(sam, one.id, YES)

    assert (True, again, KIND.DUPLICATE) == (decided.accepted, decided.memory_id, decided.kind)
    assert [] == await found(world, sam, KIND.DUPLICATE)


async def test_what_goes_for_good_takes_what_was_recommended_of_it_along(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    _, again = await twice_the_same(world, sam)
    (one,) = await found(world, sam, KIND.DUPLICATE)
    await world.app.memories.delete(sam, again)
    world.clock.move(days=31)
    await world.app.memory_cleanup.run(WORKER)

    with pytest.raises(NotFound):
        await say(world, sam, one.id, YES)


async def test_nobody_answers_for_somebody_else(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    kim = await world.acting(Role.STUDENT, email="kim@example.org")
    await twice_the_same(world, sam)
    (one,) = await found(world, sam, KIND.DUPLICATE)

    assert [] == await found(world, kim)
    for id in (one.id, uuid7(), "x"):
        with pytest.raises(NotFound):
            await say(world, kim, id, NO)


async def test_expired_memories_are_in_no_recommendation(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    soon = world.clock() + timedelta(days=1)
    for content in ("Fish have gills.", "Fish have gills!"):
        await keep(world, sam, content, expires_at=soon)
    world.clock.move(days=2)

    assert [] == await found(world, sam)


async def test_the_most_urgent_come_first_and_no_more_than_asked(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await twice_the_same(world, sam)
    for number in range(12):
        await keep(world, sam, f"Word number {number} of the list.", importance_score=0.1)
    world.clock.move(days=120)

    items = await found(world, sam)

    scores = [one.score for one in items]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert {KIND.DUPLICATE, KIND.FORGET} <= {one.kind for one in items}
    assert 3 == len(await found(world, sam, limit=3))


async def test_an_operator_looks_is_seen_to_and_offers_nothing(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await twice_the_same(world, sam)
    id = sam.user_id or ""

    seen = await world.app.memory_recommendations.of_person(OPERATOR, id)

    disclosed = await world.app.records.disclosures(sam, id, PageRequest(limit=10))
    assert ["memories"] == [one.what for one in disclosed.items]
    async with world.storage.look(WORKER, person=id) as reader:
        with pytest.raises(NotFound):
            await reader.get(MemoryRecommendation, seen.items[0].id)
    with pytest.raises(Forbidden):
        await world.app.memory_recommendations.of_person(sam, id)


# --- Over HTTP


async def carry_out(client: Client, item: Any) -> int:  # an item as JSON
    action = item["action"]
    path = action["path"].removeprefix("/api/v1")
    return (await client.ask(f"{action['method']} {path}", action["body"])).status


async def test_an_act_is_one_request_as_it_stands(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    for content in ("Fish have gills.", "fish have gills"):
        await sam.ask("POST /memories", {"content": content})

    answer = await sam.ask("GET /memories/recommendations?kind=duplicate")

    assert 200 == answer.status, answer.body
    (item,) = answer.json["items"]
    assert {"id", "kind", "memory", "related", "score", "reason", "action"} == {*item}
    assert {"method", "path", "body"} == {*item["action"]}
    assert 204 == await carry_out(sam, item)
    said = await sam.ask(
        f"POST /memories/recommendations/{item['id']}/feedback", {"accepted": True}
    )
    assert (200, True) == (said.status, said.json["accepted"])
    assert [] == (await sam.ask("GET /memories/recommendations?kind=duplicate")).json["items"]


async def test_each_act_of_what_is_related_is_taken(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    for name, more in (
        ("Elbe", {"context": {"lesson": "rivers"}}),
        ("Thames", {"category": "Geography"}),
        ("Seine", {"tags": ["rivers"], "category": "Rivers"}),
        ("Tagus", {}),
    ):
        content = (
            f"{name}: its estuary is muddy. {name}boats, {name}fish, {name}birds, {name}tide."
        )
        await sam.ask("POST /memories", {"content": content, **more})

    items = (await sam.ask("GET /memories/recommendations?kind=related")).json["items"]

    assert items
    assert {200} == {await carry_out(sam, item) for item in items}
    left = (await sam.ask("GET /memories/recommendations?kind=related")).json["items"]
    pairs = {frozenset({one["memory"]["id"], one["related"][0]["id"]}) for one in items}
    assert not pairs & {frozenset({one["memory"]["id"], one["related"][0]["id"]}) for one in left}


async def test_wrong_questions_and_answers_are_refused(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)

    asked = await sam.ask("GET /memories/recommendations?kind=all&limit=0&x=1")
    nothing = await sam.ask(
        f"POST /memories/recommendations/{uuid7()}/feedback", {"accepted": True}
    )
    said = await sam.ask(f"POST /memories/recommendations/{uuid7()}/feedback", {"accepted": "no"})

    assert {
        ("?kind", "invalid_value"), ("?limit", "invalid_value"), ("?x", "unknown_parameter")
    } == asked.faults  # fmt: skip
    assert (404, 422) == (nothing.status, said.status)
    assert 401 == (await server.client.ask("GET /memories/recommendations")).status
