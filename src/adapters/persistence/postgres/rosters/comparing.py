"""A set of rows beside what is there, kind by kind: what each would do, or why it cannot.

Each kind leaves a table `found_KIND`, a row a thing, with its `action`: `create`, `update`,
`remove`, `unchanged`, `refuse`, or `skip` (gone already, and never was here); and `ids_KIND`, by
which those that refer to it find it.
"""

from collections.abc import Sequence
from typing import Final

from adapters.persistence.postgres.rosters.merges import follow_merges, leave_merged, own_ids
from adapters.persistence.postgres.rosters.repeats import NOT_DROPPED, drop_repeats
from adapters.persistence.postgres.rosters.targets import DEPARTMENTS, ORGANIZATIONS, Target
from adapters.persistence.postgres.rosters.work import NEW_ID, OF_SOURCE, Work
from faraday_core.roster.rows import Kind

_DEEPEST: Final = 40  # of a chain that is followed upward; a longer one is taken for a circle
# What a row is refused for that comes first in it, reading by columns.
_FAULT_OF_READER: Final = (
    "select split_part(c.fault, chr(31), 1), nullif(split_part(c.fault, chr(31), 2), ''),"
    " split_part(c.fault, chr(31), 3)::int, split_part(c.fault, chr(31), 4)"
    " where c.fault is not null"
)


async def compare(work: Work, target: Target) -> None:
    await drop_repeats(work, target.stage, target.kind, "source_id")
    await _name(work, target)
    if target is ORGANIZATIONS:
        await follow_merges(work)
    if target is DEPARTMENTS:
        await _find_homes(work)
    await _find(work, target)
    if target is ORGANIZATIONS:
        await leave_merged(work)
    await _settle(work, target)
    await note_refused(work, target.kind, target.stage, [r.field for r in target.references])
    await note_skipped(work, target.kind)
    await _carry(work, target)
    await work.run(f"create temp table gone_{target.kind} (id uuid)")
    await find_gone(work, target.kind, target.stage, target.table, target.active)


async def _name(work: Work, target: Target) -> None:
    """An id for each thing that is named: its own, or a new one."""
    ids, table, stage = f"ids_{target.kind}", target.table, target.stage
    await work.sift(f"""
        create temp table {ids} as
        select k.source_id, coalesce(o.id, {NEW_ID}) id, o.id is not null known,
          null::uuid organization_id
        from (select s.source_id, row_number() over () n from {stage} s
          where s.source_id is not null and {NOT_DROPPED.format(stage=stage)}) k
        left join {table} o on o.tenant_id = %(tenant)s and {OF_SOURCE}
          and o.source_id = k.source_id
        union all
        select o.source_id, o.id, true, null from {table} o
        where o.tenant_id = %(tenant)s and {OF_SOURCE}
          and not exists (select from {stage} s where s.source_id = o.source_id)""")
    await work.run(f"analyze {ids}")


async def _find_homes(work: Work) -> None:
    """Where a department lies: its parent is an organisation, or a department that lies in one."""
    await work.run(f"""
        create temp table homes as
        select s.source_id, coalesce(r.id, d.organization_id,
            case when s.parent is null then %(root)s::uuid end) organization_id,
          d.id department_id
        from stage_departments s
        left join ids_organizations r on r.source_id = s.parent
        left join departments d on r.id is null and d.tenant_id = %(tenant)s
          and {OF_SOURCE.replace("o.", "d.")} and d.source_id = s.parent
          and not exists (select from stage_departments p where p.source_id = s.parent)
        where {NOT_DROPPED.format(stage="stage_departments")}
          and (s.parent is null or r.id is not null or d.id is not null)""")
    for _ in range(_DEEPEST):
        more = await work.run(f"""
            insert into homes select s.source_id, h.organization_id, i.id
            from stage_departments s join homes h on h.source_id = s.parent
            join ids_departments i on i.source_id = s.parent
            where {NOT_DROPPED.format(stage="stage_departments")}
              and not exists (select from homes k where k.source_id = s.source_id)""")
        if not more:
            break


async def _find(work: Work, target: Target) -> None:
    columns = target.columns
    held = {
        name: f"case when '{name}' = any(o.held_fields) then o.{name} else {value} end"
        for name, value in columns.items()
    }
    in_use = (
        f"case when 'is_active' = any(o.held_fields) then {target.active}"
        " else s.standing = 'active' end"
    )
    differs = (
        f"row({', '.join(held.values())}, {in_use}) is distinct from"
        f" row({', '.join(f'o.{name}' for name in columns)}, {target.active})"
    )
    taken = ", ".join(f"{value} as {name}" for name, value in {**held, **target.follows}.items())
    flags = "".join(f", {r.dangling} as dangling_{r.field}" for r in target.references)
    dangling = " or ".join(r.dangling for r in target.references)
    joins = "\n".join(reference.join for reference in target.references)
    await work.run(f"""
        create temp table found_{target.kind} as
        select q.*, {ACTION} as action from (
          select s.file, s.line, s.standing, s.source_id, s.fault, i.id, o.id old_id,
            {target.active} old_active, {in_use} in_use, {differs} differs,
            ({dangling}) dangling{flags}, s.{target.required} is null lacks, {taken}
          from {target.stage} s
          left join {own_ids(target.kind)} i on i.source_id = s.source_id
          left join {target.table} o on o.tenant_id = %(tenant)s and o.id = i.id and i.known
          {joins}
          where {NOT_DROPPED.format(stage=target.stage)}) q""")


# Of a row that says that its thing is gone, nothing else counts. `lacks`: what a new one needs.
ACTION: Final = """
case when q.standing = 'deleted' then
    case when q.old_id is not null then
        case when q.old_active and not q.in_use then 'remove' else 'unchanged' end
      when q.fault is not null or q.dangling or q.lacks then 'skip' else 'create' end
  when q.fault is not null or q.dangling then 'refuse'
  when q.old_id is null then 'create'
  when q.differs then 'update' else 'unchanged' end"""


async def _settle(work: Work, target: Target) -> None:
    """Leave out, with what is refused, what refers to it within the kind, until all holds."""
    await _forget_refused(work, target.kind)
    if not any(r.field == "parent" for r in target.references):
        return
    among_others = ""
    if target is DEPARTMENTS:
        others = "select from ids_organizations i where i.source_id = s.parent"
        among_others = f"and not exists ({others})"
    for _ in range(_DEEPEST):
        # Who is refused stays where they were, and so may close another circle.
        if await _refuse_circles(work, target):
            await _forget_refused(work, target.kind)
            continue
        lost = await work.run(f"""
            update found_{target.kind} c set dangling_parent = true, dangling = true,
              action = case when c.standing = 'deleted' then 'skip' else 'refuse' end
            from {target.stage} s
            where s.file = c.file and s.line = c.line and s.source_id = c.source_id
              and c.action in ('create', 'update', 'unchanged')
              and not (c.standing = 'deleted' and c.old_id is not null)
              and s.parent is not null {among_others}
              and not exists (select from ids_{target.kind} i where i.source_id = s.parent)""")
        if not lost:
            return
        await _forget_refused(work, target.kind)


async def _refuse_circles(work: Work, target: Target) -> int:
    columns = next(r.columns for r in target.references if r.field == "parent")
    parent = [*columns][-1]
    heading = "(select heading from stage_files f where f.file = c.file and f.field = 'parent')"
    return await work.run(f"""
        with recursive up (start, at, depth) as (
          select c.id, c.{parent}, 1 from found_{target.kind} c
          where c.action in ('create', 'update') and c.{parent} is not null
          union all
          select up.start, case when c.id is null then o.{parent} else c.{parent} end, depth + 1
          from up left join found_{target.kind} c on c.id = up.at
            and c.action in ('create', 'update')
          left join {target.table} o on o.tenant_id = %(tenant)s and o.id = up.at
          where up.at <> up.start and depth < {_DEEPEST})
        update found_{target.kind} c set action = 'refuse', fault = concat_ws(chr(31),
          'invalid_value', coalesce({heading}, ''), '0', 'lies below itself, or too deep')
        where c.id in (select start from up where at = start or depth >= {_DEEPEST})""")


async def _forget_refused(work: Work, kind: Kind) -> None:
    """So that what refers to it is refused as well; what is there already, stays."""
    await work.run(f"""
        delete from ids_{kind} i using found_{kind} c
        where i.source_id = c.source_id and not i.known and c.action in ('refuse', 'skip')""")


async def note_refused(
    work: Work, kind: Kind, stage: str, fields: Sequence[str], parts: Sequence[str] = ()
) -> None:
    """`fields`: those that refer to something. `parts`: what is dangling of rows that are part of
    this one, at the same field."""
    dangling = "".join(
        f"""
        union all select 'unknown_reference',
          (select heading from stage_files f where f.file = c.file and f.field = '{field}'),
          coalesce((select position from stage_files f where f.file = c.file
            and f.field = '{field}'), 999)::int,
          'names what is not here' || coalesce(': '
            || left(replace(s.{field}, chr(31), ', '), 100), '')
          where {" or ".join(f"c.dangling_{name}" for name in (field, *parts))}"""
        for field in fields
    )
    same = (
        "s.source_id is not distinct from c.source_id" if kind is not Kind.ENROLLMENTS else "true"
    )
    await work.run(f"""
        insert into refusals select '{kind}', c.file, c.line, why.heading, why.code, why.detail
        from found_{kind} c join {stage} s on s.file = c.file and s.line = c.line and {same}
        cross join lateral (
          select * from ({_FAULT_OF_READER} {dangling}) w (code, heading, position, detail)
          order by position limit 1) why
        where c.action = 'refuse' and not exists (select from refusals k
          where k.file = c.file and k.line = c.line)""")


async def note_skipped(work: Work, kind: Kind) -> None:
    await work.run(f"""
        insert into warnings select c.file, c.line, null, 'nothing_to_remove',
          'is gone at its source, and never was here'
        from found_{kind} c where c.action = 'skip'""")


async def _carry(work: Work, target: Target) -> None:
    for column in target.carries:
        await work.run(f"""
            update ids_{target.kind} i set {column} = c.{column} from found_{target.kind} c
            where c.source_id = i.source_id and c.action not in ('refuse', 'skip')
              and not (c.standing = 'deleted' and c.old_id is not null)""")
        await work.run(f"""
            update ids_{target.kind} i set {column} = o.{column} from {target.table} o
            where i.{column} is null and o.tenant_id = %(tenant)s and o.id = i.id""")


async def find_gone(work: Work, kind: Kind, stage: str, table: str, active: str) -> None:
    """What is to be put out of use: what its row says of, and, where the set is all that there is,
    what it does not name."""
    await work.run(
        f"insert into gone_{kind} select old_id from found_{kind} where action = 'remove'"
    )
    if not work.task.full or not await work.one(f"select exists (select from {stage})"):
        return
    held = "'{}'::text[]" if kind is Kind.ENROLLMENTS else "o.held_fields"
    by_tenant = "o.source_tenant_id" if kind is Kind.USERS else "o.tenant_id"
    await work.sift(f"""
        insert into gone_{kind} select o.id from {table} o
        where {by_tenant} = %(tenant)s and o.source_root_id = %(root)s
          and o.source_system = %(system)s and {active}
          and not 'is_active' = any({held})
          and not exists (select from found_{kind} c where c.old_id = o.id)
          and not exists (select from gone_{kind} g where g.id = o.id)""")
