"""What a question can find among a person's memories, chosen as PostgreSQL chooses it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log
from operator import attrgetter, mul
from typing import Final

from attrs import evolve, frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.memory.layouts import (
    ASKS,
    SAYS_TIME,
    indexed,
    is_found,
    laid_of,
    unpacked,
)
from faraday_core.memory.model import MemoryLayout, MemoryVector, UserMemory
from faraday_core.memory.ranking import Filters, Halves, Vector
from faraday_core.memory.ranking.sketch import (
    Candidate,
    Place,
    Sketch,
    Strength,
    Total,
    Wanted,
    bytes_of,
    spread_of,
)
from faraday_core.memory.ranking.standard import standard

_NEWEST: Final = 20
_AROUND: Final = 2
_OPENING: Final = 2
Cosines = Mapping[str, tuple[str, float]]  # by the memory's id, with the model


@frozen
class _Shelf:
    """A person's memories that can be found, and what was read of them."""

    memories: Mapping[str, UserMemory]
    layouts: Mapping[str, MemoryLayout]
    vectors: Mapping[str, MemoryVector]

    def threads(self) -> Mapping[int, Sequence[MemoryLayout]]:
        """In the order of their turns."""
        found: defaultdict[int, list[MemoryLayout]] = defaultdict(list)
        for layout in sorted(self.layouts.values(), key=_turn):
            found[layout.thread].append(layout)
        return found

    def having(self, term: str) -> list[MemoryLayout]:
        return [one for one in self.layouts.values() if term in one.terms]


def sketch_of(rows: Rows, wanted: Wanted) -> Sketch:
    shelf = _Shelf(
        {one.id: one for one in rows.own(UserMemory) if is_found(one)},
        {one.id: one for one in rows.own(MemoryLayout) if one.rules == wanted.rules},
        {one.id: one for one in rows.own(MemoryVector)},
    )
    having = {term: found for term in wanted.terms if (found := shelf.having(term))}
    cosines = _cosines(shelf, wanted)
    picked = {*_picked(shelf, having, cosines, wanted)}
    chosen = {*picked, *_around(shelf, picked)}
    threads = {layout.thread for found in having.values() for layout in found}
    threads |= {shelf.layouts[id].thread for id in picked}
    return Sketch(
        _total(shelf),
        {term: [_place(layout, term) for layout in found] for term, found in having.items()},
        {
            thread: sum(one.length for one in members)
            for thread, members in shelf.threads().items()
            if thread in threads
        },
        {
            model: spread_of(len(found), sum(found), sum(map(mul, found, found)))
            for model, found in _by_model(cosines).items()
        },
        [*_candidates(rows, shelf, sorted(chosen), cosines, wanted)],
    )


def _total(shelf: _Shelf) -> Total:
    layouts = shelf.layouts.values()
    threaded = [one for one in layouts if one.thread]
    return Total(
        len(layouts),
        sum(one.length for one in layouts),
        sum(one.plain_length for one in layouts),
        len({one.thread for one in threaded}),
        len(threaded),
        sum(one.length for one in threaded),
        len(shelf.memories) - len(layouts),
    )


def _place(layout: MemoryLayout, term: str) -> Place:
    at = 2 * layout.terms.index(term)
    times, in_content = layout.times[at], layout.times[at + 1]
    id = bytes_of(layout.id)
    return id, times, in_content, layout.length, layout.plain_length, layout.thread


def _cosines(shelf: _Shelf, wanted: Wanted) -> Cosines:
    asked = {vector.model: vector.values for vector in wanted.vectors}
    return {
        id: (one.model, sum(map(mul, asked[one.model], unpacked(one.numbers))))
        for id, one in shelf.vectors.items()
        if one.model in asked
    }


def _by_model(cosines: Cosines) -> Mapping[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for model, cosine in cosines.values():
        found[model].append(cosine)
    return found


def _picked(
    shelf: _Shelf,
    having: Mapping[str, Sequence[MemoryLayout]],
    cosines: Cosines,
    wanted: Wanted,
) -> Iterator[str]:
    """The strongest by their words and their thread's, the nearest, and the newest."""
    newest = sorted(shelf.layouts, reverse=True)
    if len(newest) <= wanted.few:
        yield from newest
        return
    allowed = {id for id in shelf.layouts if _is_allowed(shelf, id, wanted.filters)}
    strengths = _strengths(shelf, having, wanted.strength)
    strength = {id: its for id, its in strengths.items() if id in allowed}
    yield from sorted(strength, key=strength.__getitem__, reverse=True)[: wanted.most]
    for model in _by_model(cosines):
        near = {
            id: cosine for id, (its, cosine) in cosines.items() if its == model and id in allowed
        }
        nearest = sorted(near, key=near.__getitem__, reverse=True)[: wanted.most * 2 // 3]
        yield from nearest
    yield from newest[:_NEWEST]


def _strengths(
    shelf: _Shelf, having: Mapping[str, Sequence[MemoryLayout]], by: Strength
) -> Mapping[str, float]:
    """Of whoever has one of the words."""
    total = _total(shelf)
    threads = {key: sum(one.length for one in its) for key, its in shelf.threads().items()}
    mean = max(1.0, total.length / total.memories)
    mean_of_thread = max(1.0, total.threaded_length / (total.threads or 1))
    own: defaultdict[str, float] = defaultdict(float)
    of_thread: defaultdict[int, float] = defaultdict(float)
    named = set()
    for term, found in having.items():
        worth = log(1 + (total.memories - len(found) + 0.5) / (len(found) + 0.5))
        in_thread: defaultdict[int, int] = defaultdict(int)
        for layout in found:
            _, times, in_content, length, *_ = _place(layout, term)
            own[layout.id] += worth * times / (times + by.constant + by.slope * length / mean)
            in_thread[layout.thread] += times
            if times > in_content:
                named.add(layout.id)
        for key in in_thread.keys() - {0}:
            times, share = in_thread[key], threads[key] / mean_of_thread
            of_thread[key] += worth * times / (times + by.constant + by.slope * share)
    own_scale = standard(own.values(), total.memories).scale
    thread_scale = standard(of_thread.values(), total.threads).scale if of_thread else 1.0
    return {
        id: by.words * worth / own_scale
        + by.thread * of_thread.get(shelf.layouts[id].thread, 0.0) / thread_scale
        + by.named * (id in named)
        + by.length * shelf.layouts[id].log_length
        + by.asks * bool(shelf.layouts[id].flags & ASKS)
        + by.time * bool(shelf.layouts[id].flags & SAYS_TIME)
        for id, worth in own.items()
    }


def _is_allowed(shelf: _Shelf, id: str, filters: Filters) -> bool:
    memory, occurred = shelf.memories.get(id), shelf.layouts[id].occurred_at
    return (
        memory is not None
        and filters.tags <= {*memory.tags}
        and (filters.categories is None or memory.category in filters.categories)
        and (filters.since is None or occurred >= filters.since)
        and (filters.until is None or occurred < filters.until)
    )


def _around(shelf: _Shelf, picked: set[str]) -> Iterator[str]:
    """Who stands near them in their thread, and the first two of it."""
    for thread, members in shelf.threads().items():
        at = [number for number, one in enumerate(members) if one.id in picked]
        if not thread or not at:
            continue
        yield from (one.id for one in members[:_OPENING])
        for number in at:
            near = members[max(0, number - _AROUND) : number + _AROUND + 1]
            yield from (one.id for one in near)


def _candidates(
    rows: Rows, shelf: _Shelf, chosen: Sequence[str], cosines: Cosines, wanted: Wanted
) -> Iterator[Candidate]:
    superseded = {one.supersedes for one in rows.own(UserMemory) if is_found(one)}
    for id in chosen:
        memory, layout = shelf.memories.get(id), shelf.layouts[id]
        if memory is None or layout.said != memory.version:
            continue
        vector = shelf.vectors.get(id) if wanted.numbers else None
        told = indexed(
            memory,
            superseded=id in superseded,
            vector=Vector(vector.model, Halves(vector.numbers)) if vector else None,
        )
        model, cosine = cosines.get(id, (None, 0.0))
        yield Candidate(evolve(told, content=""), laid_of(layout), model, cosine)


_by_turn = attrgetter("occurred_at", "id")


def _turn(layout: MemoryLayout) -> tuple[bool, float, object]:
    """As the ranking has it: who gives no turn comes last."""
    return layout.turn is None, layout.turn or 0.0, _by_turn(layout)
