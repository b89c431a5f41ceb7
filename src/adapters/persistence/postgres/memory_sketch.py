"""What a question can find among a person's memories, by one statement: the cold path of a search.

Words go by the GIN index over person and term; meaning is compared with each of the person's
vectors, exactly. Each `lateral … offset 0` asks for one row, or one thread, by its key: joined
otherwise, the planner would read all of the person's rows instead.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from struct import Struct
from sys import intern
from typing import Any, Final

from adapters.persistence.postgres.connections import Value
from adapters.persistence.postgres.half_vectors import as_text, from_wire
from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import text_statement
from faraday_core.memory.layouts import laid_from, packed, usefulness_of
from faraday_core.memory.ranking import Filters, Halves, Indexed, Vector
from faraday_core.memory.ranking.sketch import (
    Candidate,
    Place,
    Sketch,
    Total,
    Wanted,
    spread_of,
)

_MINE: Final = "user_id = %(user_id)s::uuid"
_NEWEST: Final = 20  # that are looked at in any case: others have other courses than those chosen
_FOUND: Final = "deleted_at is null and summary_id is null"


def _allowed(id: str) -> str:
    """That one is of those that may be found, which is looked up where not all of them may."""
    return f"""(not %(narrowed)s::boolean or exists (
      select from user_memories m join memory_layouts l using (user_id, id)
      where m.{_MINE} and m.id = {id} and m.tags @> %(tags)s::text[]
        and (%(categories)s::text[] is null or m.category = any(%(categories)s::text[]))
        and (%(since)s::timestamptz is null or l.occurred_at >= %(since)s::timestamptz)
        and (%(until)s::timestamptz is null or l.occurred_at < %(until)s::timestamptz)))"""


def _deviation(of: str, number: str) -> str:
    """Of the worths there are, and of noughts for the rest of so many."""
    squares, mean = f"sum(worth * worth) / max({number})", f"sum(worth) / max({number})"
    variance = f"greatest(0, {squares} - power({mean}, 2))"
    return f"(select coalesce(sqrt({variance}), 0) + 1e-9 from {of}, total)"  # noqa: S608 -- ours


# Places and threads come as bytes, packed: thousands of rows would take longer to read than to
# find. Lengths go up to 65,535, and int2 from -32,768.
SKETCH = text_statement(f"""
with asked as materialized (select unnest(%(terms)s::text[]) as term),
place as materialized (
  select asked.term, there.id, there.thread, there.length, there.plain_length,
    there.log_length, there.flags,
    substr(there.times, 2 * array_position(there.terms, asked.term collate "C") - 1, 2) as times
  from asked cross join lateral (
    select * from own_memory_layouts l
    where l.terms @> array[asked.term collate "C"] and l.rules = %(rules)s::text offset 0) there
),
thread as materialized (
  select thread, count(*) as members, sum(length) as length, sum(plain_length) as plain_length
  from memory_layouts where {_MINE} and rules = %(rules)s::text group by thread
),
total as materialized (
  select coalesce(sum(members), 0)::bigint as members, coalesce(sum(length), 0)::bigint as length,
    coalesce(sum(plain_length), 0)::bigint as plain_length,
    count(*) filter (where thread <> 0) as threads,
    coalesce(sum(members) filter (where thread <> 0), 0)::bigint as threaded,
    coalesce(sum(length) filter (where thread <> 0), 0)::bigint as threaded_length
  from thread
),
mean as materialized (
  select greatest(length::float8 / nullif(members, 0), 1) as length,
    greatest(threaded_length::float8 / nullif(threads, 0), 1) as of_thread from total
),
rare as materialized (
  select term, ln(1 + ((select members from total) - count(*) + 0.5) / (count(*) + 0.5)) as worth,
    string_agg(uuid_send(id) || times || int2send((length - 32768)::int2)
      || int2send((plain_length - 32768)::int2) || int8send(thread), '') as places
  from place group by term
),
own as materialized (
  select id, thread, log_length, flags,
    sum(rare.worth * get_byte(times, 0) / (get_byte(times, 0) + %(constant)s::float8
      + %(slope)s::float8 * place.length / mean.length)) as worth,
    bool_or(get_byte(times, 0) > get_byte(times, 1)) as is_named
  from place join rare using (term) cross join mean group by id, thread, log_length, flags
),
of_thread as materialized (
  select thread, sum(rare.worth * times / (times + %(constant)s::float8
    + %(slope)s::float8 * each.length / mean.of_thread)) as worth
  from (
    select place.thread, place.term, sum(get_byte(place.times, 0)) as times, thread.length
    from place join thread using (thread) where place.thread <> 0
    group by place.thread, place.term, thread.length
  ) each join rare using (term) cross join mean group by thread
),
strong as materialized (
  select own.id, %(words)s::float8 * own.worth / scale.own
    + %(thread)s::float8 * coalesce(of_thread.worth, 0) / scale.thread
    + %(named)s::float8 * own.is_named::integer + %(length)s::float8 * own.log_length
    + %(asks)s::float8 * (own.flags & 1) + %(time)s::float8 * (own.flags >> 1 & 1) as strength
  from own left join of_thread using (thread) cross join (
    select {_deviation("own", "members")} as own, {_deviation("of_thread", "threads")} as thread
  ) scale
),
near as materialized (
  select v.id, v.model, -(v.numbers operator(public.<#>) given.vector) as cosine
  from memory_vectors v
    join unnest(%(models)s::text[], %(vectors)s::public.halfvec[]) as given (model, vector)
      using (model)
  where v.{_MINE}
),
picked as materialized (
  (select strong.id from strong where {_allowed("strong.id")}
    order by strong.strength desc limit %(most)s::integer)
  union (select nearest.id from (select unnest(%(models)s::text[]) as model) given
    cross join lateral (select near.id from near
      where near.model = given.model and {_allowed("near.id")}
      order by near.cosine desc limit %(most)s::integer * 2 / 3) nearest)
  union (select newest.id from memory_layouts newest where newest.{_MINE} order by newest.id desc
    limit case when (select members from total) <= %(few)s::integer then %(few)s::integer
      else {_NEWEST} end)
),
chosen as materialized (
  select picked.id, there.thread from picked cross join lateral (
    select thread from memory_layouts l where l.{_MINE} and l.id = picked.id offset 0) there
),
around as materialized (
  select id, bool_or(is_picked) over near_it as is_near,
    row_number() over (partition by thread order by turn, occurred_at, id) as at
  from (
    select there.*, picked.id is not null as is_picked
    from (select distinct thread from chosen where thread <> 0) one cross join lateral (
      select id, thread, turn, occurred_at from memory_layouts l
      where l.{_MINE} and l.thread = one.thread offset 0) there
    left join picked using (id)
  ) member
  window near_it as (partition by thread order by turn, occurred_at, id
    rows between 2 preceding and 2 following)
),
candidate as materialized (
  select id from around where is_near or at <= 2 union select id from chosen
)
select
  (select json_build_array(members, length, plain_length, threads, threaded, threaded_length,
    (select count(*) from user_memories where {_MINE} and {_FOUND}) - members) from total),
  (select json_agg(term order by term) from rare),
  (select string_agg(int4send(length(places)) || places, '' order by term) from rare),
  (select string_agg(int8send(thread) || int4send(length::integer), '') from thread
    where thread in (select thread from of_thread union select thread from chosen)),
  (select json_agg(json_build_array(model, count, total, squares)) from (
    select model, count(*), sum(cosine) as total, sum(cosine * cosine) as squares
    from near group by model) spread),
  (select json_agg(json_build_array(m.id, m.created_at, m.category, m.tags, m.importance_score,
      m.helpful, m.unhelpful, m.expires_at,
      exists (select from user_memories s where s.{_MINE} and s.supersedes = m.id
        and s.deleted_at is null and s.summary_id is null),
      l.turn, l.occurred_at, l.log_length, l.length, l.plain_length, l.flags, l.terms,
      encode(l.times, 'base64'), l.place, near.model, near.cosine,
      case when %(numbers)s::boolean then (
        select json_build_array(v.model, encode(public.halfvec_send(v.numbers), 'base64'))
        from memory_vectors v where v.{_MINE} and v.id = m.id) end))
    from candidate
    cross join lateral (
      select * from memory_layouts l where l.{_MINE} and l.id = candidate.id offset 0) l
    cross join lateral (
      select * from user_memories m where m.{_MINE} and m.id = candidate.id
        and m.version = l.said and m.deleted_at is null and m.summary_id is null
        offset 0) m
    left join near on near.id = candidate.id)
""")  # noqa: S608 -- nothing in it comes from elsewhere

_PLACE: Final = Struct(">16sBBhhq")
_THREAD: Final = Struct(">qi")
_SIZE: Final = Struct(">i")
_BELOW: Final = 32_768


def given_of(wanted: Wanted) -> Mapping[str, Value]:
    """For the statement's parameters, but for whose memories they are."""
    filters, by = wanted.filters, wanted.strength
    return {
        "narrowed": filters != Filters(),
        "tags": sorted(filters.tags),
        "categories": None if filters.categories is None else sorted(filters.categories),
        "since": filters.since,
        "until": filters.until,
        "terms": wanted.terms,
        "rules": wanted.rules,
        "models": [vector.model for vector in wanted.vectors],
        "vectors": [as_text(packed(vector.values)) for vector in wanted.vectors],
        "most": wanted.most,
        "few": wanted.few,
        "numbers": wanted.numbers,
        "words": by.words,
        "thread": by.thread,
        "named": by.named,
        "length": by.length,
        "asks": by.asks,
        "time": by.time,
        "constant": by.constant,
        "slope": by.slope,
    }


async def sketch_of(rows: Rows, wanted: Wanted) -> Sketch:
    row = await rows.one(SKETCH, **given_of(wanted))
    assert row  # it has no condition
    total, terms, places, threads, spreads, candidates = row
    return Sketch(
        Total(*total),
        dict(zip(terms or (), map(_places, _cut(places or b"")), strict=True)),
        dict(_THREAD.iter_unpack(threads or b"")),
        {model: spread_of(*how) for model, *how in spreads or ()},
        [_candidate(one) for one in candidates or ()],
    )


def _cut(packed_places: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed_places):
        (size,) = _SIZE.unpack_from(packed_places, at)
        at += _SIZE.size
        yield packed_places[at : at + size]
        at += size


def _places(told: bytes) -> list[Place]:
    return [
        (id, times, in_content, length + _BELOW, plain_length + _BELOW, thread)
        for id, times, in_content, length, plain_length, thread in _PLACE.iter_unpack(told)
    ]


def _candidate(told: Sequence[Any]) -> Candidate:  # as in JSON
    id, created, category, tags, importance, helpful, unhelpful, expires, superseded = told[:9]
    turn, occurred, log_length, length, plain_length, flags, terms, times, place = told[9:18]
    model, cosine, vector = told[18:]
    laid = laid_from(
        place,
        tuple(terms),
        b64decode(times),
        length,
        plain_length,
        turn,
        datetime.fromisoformat(occurred),
        log_length,
        flags,
    )
    memory = Indexed(
        id,
        "",
        datetime.fromisoformat(created),
        {},
        category,
        category,
        frozenset(tags),
        importance,
        usefulness_of(helpful, unhelpful),
        superseded,
        expires and datetime.fromisoformat(expires),
        vector and Vector(vector[0], Halves(from_wire(b64decode(vector[1])))),
    )
    return Candidate(memory, laid, model and intern(model), cosine or 0.0)
