"""A source goes on to name a school that was merged into another one here: it means the other one.

What the row of the former says is left alone, and whatever names it lies in the latter.
"""

from typing import Final

from adapters.persistence.postgres.rosters.work import Work
from faraday_core.roster.rows import Kind

_DEEPEST: Final = 40  # schools that were merged one into the next
_OWN: Final = "own_organizations"


async def find_merged(work: Work) -> None:
    """Each that was merged, with the one that it is a part of by now."""
    await work.run(f"""
        create temp table merged as
        with recursive up (id, at, depth) as (
          select o.id, o.merged_into_organization_id, 1 from organizations o
          where o.tenant_id = %(tenant)s and o.merged_into_organization_id is not null
          union all
          select up.id, o.merged_into_organization_id, depth + 1 from up
          join organizations o on o.tenant_id = %(tenant)s and o.id = up.at
          where o.merged_into_organization_id is not null and depth < {_DEEPEST})
        select distinct on (id) id, at into_id from up order by id, depth desc""")


async def follow_merges(work: Work) -> None:
    """Before anything is found by its name."""
    await find_merged(work)
    await work.run(f"create temp table {_OWN} as table ids_organizations")
    await work.run("update ids_organizations i set id = m.into_id from merged m where m.id = i.id")


def own_ids(kind: Kind) -> str:
    """By which a row finds what it is itself about."""
    return _OWN if kind is Kind.ORGANIZATIONS else f"ids_{kind}"


async def leave_merged(work: Work) -> None:
    await work.run("""
        insert into warnings select c.file, c.line, null, 'merged',
          'was merged into ' || left(o.name, 100) || ' here: what names it lies there'
        from found_organizations c join merged m on m.id = c.old_id
        join organizations o on o.tenant_id = %(tenant)s and o.id = m.into_id
        where c.action <> 'refuse'""")
    await work.run("""
        update found_organizations c set action = 'unchanged' from merged m
        where m.id = c.old_id and c.action = 'update'""")


async def find_moved(work: Work, changed: str) -> None:
    """Enrolments lie where their class does; those that this run has written have a new version
    already. `changed`: the ids of classes that it has written."""
    await work.run(f"""
        create temp table moved_enrollments as
        select o.id, k.organization_id, (not exists (select from import_changes j
          where j.tenant_id = %(tenant)s and j.run_id = %(run)s
            and j.table_name = 'enrollments' and j.row_id = o.id))::int more
        from classes k join enrollments o on o.tenant_id = %(tenant)s and o.class_id = k.id
        where k.tenant_id = %(tenant)s and k.id in ({changed})
          and o.organization_id <> k.organization_id""")


async def move_enrollments(work: Work) -> None:
    await work.run("""
        update enrollments o set organization_id = m.organization_id, updated_at = %(now)s,
          version = o.version + m.more
        from moved_enrollments m where o.tenant_id = %(tenant)s and o.id = m.id""")
