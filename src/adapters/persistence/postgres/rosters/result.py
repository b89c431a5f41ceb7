"""What a comparison has found, as the core has it."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.persistence.postgres.rosters.people import TEXTS
from adapters.persistence.postgres.rosters.targets import PLAIN
from adapters.persistence.postgres.rosters.work import OF_SOURCE, Work
from faraday_core.roster.importing import Comparison, Counts, HeldBack
from faraday_core.roster.reading import MOST_NOTED, FileRead, Note
from faraday_core.roster.rows import Kind

_ACTIVE: Final[Mapping[Kind, str]] = {
    **{target.kind: target.active for target in PLAIN},
    Kind.USERS: "o.is_active",
    Kind.ENROLLMENTS: "o.is_active",
}
# All that a plan goes by: where any of it is saved anew, comes or goes, this is another one.
_STATE: Final = """
select md5(string_agg(n || ':' || coalesce(v, 0), ',' order by t)) from (
  {each}
  union all select 'users', count(*), sum(version) from users o
    where o.source_tenant_id = %(tenant)s or exists (select from user_organizations m
      where m.tenant_id = %(tenant)s and m.user_id = o.id)
) counted (t, n, v)
"""
_OF_TENANT: Final = (
    "organizations",
    "departments",
    "academic_sessions",
    "courses",
    "classes",
    "enrollments",
    "user_organizations",
    "guardianships",
)


async def comparison_of(work: Work, files: Sequence[FileRead]) -> Comparison:
    return Comparison(
        counts={kind: await _counts(work, kind) for kind in Kind},
        refused=await _notes(work, files, "refusals"),
        warnings=await _notes(work, files, "warnings"),
        held=[note for kind in Kind for note in await _held(work, kind)],
        state=await state_of(work),
    )


async def state_of(work: Work) -> str:
    each = " union all ".join(
        f"select '{table}', count(*), sum(version) from {table} where tenant_id = %(tenant)s"
        for table in _OF_TENANT
    )
    state: str = await work.one(_STATE.format(each=each))
    return state


async def _counts(work: Work, kind: Kind) -> Counts:
    by_action = dict(await work.rows(f"select action, count(*) from found_{kind} group by action"))
    refused = await work.one("select count(*) from refusals where kind = %(kind)s", kind=kind)
    gone = await work.one(f"select count(*) from gone_{kind}")
    # What others have a say in is not removed, though its row says so.
    kept = by_action.get("remove", 0) if not work.task.full else 0
    unchanged = by_action.get("unchanged", 0) + max(0, kept - gone)
    by_tenant = "source_tenant_id" if kind is Kind.USERS else "tenant_id"
    of_source = (
        OF_SOURCE if kind is not Kind.ENROLLMENTS else OF_SOURCE.partition(" and o.source_id")[0]
    )
    known = await work.one(
        f"select count(*) from {kind} o where o.{by_tenant} = %(tenant)s"
        f" and {of_source} and {_ACTIVE[kind]}"
    )
    return Counts(
        create=by_action.get("create", 0),
        update=by_action.get("update", 0),
        unchanged=unchanged,
        remove=gone,
        refuse=refused,
        known=known,
    )


async def _notes(work: Work, files: Sequence[FileRead], table: str) -> list[Note]:
    found = await work.rows(
        f"select file, line, heading, code, detail from {table}"
        f" order by file, line, code limit {MOST_NOTED}"
    )
    return [Note(files[file].name, line, *rest) for file, line, *rest in found]


async def _held(work: Work, kind: Kind) -> list[HeldBack]:
    """The source's values that are left, since somebody holds the field."""
    if kind is Kind.ENROLLMENTS:
        return []
    target = next((target for target in PLAIN if target.kind is kind), None)
    values = target.values if target else {name: f"s.{name}" for name in (*TEXTS, "email")}
    each = " union all ".join(
        f"select o.id, s.source_id, '{name}', ({value})::text from held join"
        f" stage_{kind} s on s.file = held.file and s.line = held.line"
        f" and s.source_id = held.source_id join {kind} o on o.id = held.old_id"
        f" where '{name}' = any(o.held_fields) and ({value}) is distinct from o.{name}"
        for name, value in values.items()
    )
    found = await work.rows(f"""
        with held as materialized (
          select c.file, c.line, c.source_id, c.old_id from found_{kind} c
          join {kind} o on o.id = c.old_id where cardinality(o.held_fields) > 0
            and c.action in ('update', 'unchanged'))
        select * from ({each}) q limit {MOST_NOTED}""")
    return [HeldBack(kind, *row) for row in found]
