"""What the rows say of people beside themselves: the roles that they hold, whose guardians they
are, and when they were born. Of these only what came from this source is ever ended."""

from typing import Final

from adapters.persistence.postgres.rosters.work import NEW_ID, Work

# A row that is part of its person's is taken with it, or not at all.
_OWN_ROW_HOLDS: Final = """
  (not r.inline or exists (select from found_users c where c.file = r.file and c.line = r.line
    and c.action not in ('refuse', 'skip')))
  and not exists (select from dropped d where d.stage = '{stage}' and not r.inline
    and d.file = r.file and d.line = r.line)
"""
_FAULTY: Final = "split_part(r.fault, chr(31), {part})"
_HEADING: Final = (
    "(select heading from stage_files f where f.file = r.file and f.field = '{field}')"
)


async def compare_belonging(work: Work) -> None:
    # First the relations: one refusal a row, and a relation's is to name its own columns.
    await _guardians(work)
    await _roles(work)
    await _birth_dates(work)
    # A person whose roles or guardians change is changed.
    await work.run("""
        update found_users c set action = 'update' where c.action = 'unchanged'
          and not c.is_protected and c.id in (
            select user_id from new_roles union select user_id from other_roles
            union select user_id from ended_roles
            union select child_id from new_guardians union select child_id from ended_guardians
            union select child_id from other_guardians
            union select user_id from new_births)""")


async def _refuse(work: Work, stage: str, references: dict[str, str]) -> None:
    """Rows of their own that are faulty, or name nothing. `references`: by the field, that it
    leads nowhere."""
    nowhere = "".join(
        f"""
        union all select 'unknown_reference', {_HEADING.format(field=field)},
          coalesce((select position from stage_files f where f.file = r.file
            and f.field = '{field}'), 999)::int,
          'names what is not here: ' || left(r.{field}, 100)
          where r.{field} is not null and {dangling}"""
        for field, dangling in references.items()
    )
    await work.run(f"""
        insert into refusals select 'users', r.file, r.line, why.heading, why.code, why.detail
        from {stage} r cross join lateral (select * from (
          select {_FAULTY.format(part=1)}, nullif({_FAULTY.format(part=2)}, ''),
            {_FAULTY.format(part=3)}::int, {_FAULTY.format(part=4)} where r.fault is not null
          {nowhere}) w (code, heading, position, detail) order by position limit 1) why
        where not r.inline and r.standing <> 'deleted' and not exists (
          select from dropped d where d.stage = '{stage}' and d.file = r.file
            and d.line = r.line) and not exists (select from refusals k
            where k.file = r.file and k.line = r.line)""")


async def _roles(work: Work) -> None:
    somebody = "not exists (select from ids_users u where u.source_id = r.user_)"
    somewhere = (
        "not exists (select from ids_organizations g where g.source_id = r.organization)"
        " and not exists (select from ids_departments d where d.source_id = r.organization)"
    )
    await _refuse(work, "stage_roles", {"user_": somebody, "organization": somewhere})
    await work.run(f"""
        create temp table found_roles as
        select u.id user_id, coalesce(g.id, d.home, %(root)s::uuid) organization_id,
          case when g.id is null then d.id end department_id, r.role,
          min(r.starts_on::date) starts_on, max(r.ends_on::date) ends_on,
          bool_and(r.standing = 'deleted') is_gone, bool_or(r.inline) is_inline
        from stage_roles r
        join ids_users u on u.source_id = r.user_
        left join ids_organizations g on g.source_id = r.organization
        left join (select i.source_id, i.id, coalesce(c.organization_id, o.organization_id) home
            from ids_departments i left join found_departments c on c.id = i.id
              and c.action not in ('refuse', 'skip')
              and not (c.standing = 'deleted' and c.old_id is not null)
            left join departments o on o.tenant_id = %(tenant)s and o.id = i.id) d
          on g.id is null and d.source_id = r.organization
        where r.fault is null and (r.organization is null or g.id is not null or d.id is not null)
          and u.id not in (select id from protected) and
          {_OWN_ROW_HOLDS.format(stage="stage_roles")}
        group by 1, 2, 3, 4""")
    await work.run("create index on found_roles (user_id)")
    await work.run("analyze found_roles")
    same = (
        "o.tenant_id = %(tenant)s and o.user_id = r.user_id"
        " and o.organization_id = r.organization_id and o.team_id is null"
        " and o.department_id is not distinct from r.department_id and o.role = r.role"
    )
    ours = "o.source_root_id = %(root)s and o.source_system = %(system)s"
    await work.run(f"""
        create temp table new_roles as
        select {NEW_ID} id, r.* from (select r.*, row_number() over () n from found_roles r
          where not r.is_gone
            and not exists (select from user_organizations o where {same})) r""")
    await work.run(f"""
        create temp table other_roles as select o.id, r.* from found_roles r
        join user_organizations o on {same} and {ours}
        where not r.is_gone
          and row(o.starts_on, o.ends_on) is distinct from row(r.starts_on, r.ends_on)""")
    # Who is named with some roles has no others of this source's; a delta of roles alone says
    # only what has changed.
    await work.sift(f"""
        create temp table ended_roles as select o.id, o.user_id from user_organizations o
        where o.tenant_id = %(tenant)s and {ours}
          and (o.ends_on is null or o.ends_on >= %(today)s)
          and o.id in (
            select o.id from user_organizations o where o.tenant_id = %(tenant)s and {ours}
              and o.user_id in (select user_id from found_roles where is_inline or
                not exists (select from stage_files where is_delta))
            union all
            select o.id from found_roles r join user_organizations o on {same} where r.is_gone)
          and not exists (select from found_roles r where not r.is_gone and {same})""")


async def _guardians(work: Work) -> None:
    nobody = "not exists (select from ids_users u where u.source_id = r.{field})"
    named = {field: nobody.format(field=field) for field in ("user_", "guardian")}
    await _refuse(work, "stage_guardians", named)
    await work.run(f"""
        insert into warnings select r.file, r.line, {_HEADING.format(field="guardian")},
          'unknown_reference', 'names a guardian who is not here: ' || left(r.guardian, 100)
        from stage_guardians r where r.inline and {named["guardian"]}
          and {_OWN_ROW_HOLDS.format(stage="stage_guardians")}""")
    await work.run(f"""
        create temp table found_guardians as
        select c.id child_id, g.id guardian_id, max(r.relation) relation,
          bool_and(r.standing = 'deleted') is_gone
        from stage_guardians r join ids_users c on c.source_id = r.user_
        join ids_users g on g.source_id = r.guardian
        where r.fault is null and c.id <> g.id and c.id not in (select id from protected) and
          {_OWN_ROW_HOLDS.format(stage="stage_guardians")}
        group by 1, 2""")
    await work.run("create index on found_guardians (child_id)")
    await work.run("analyze found_guardians")
    same = "o.tenant_id = %(tenant)s and o.child_id = r.child_id and o.guardian_id = r.guardian_id"
    await work.run(f"""
        create temp table new_guardians as
        select {NEW_ID} id, r.child_id, r.guardian_id, r.relation
        from (select r.*, row_number() over () n from found_guardians r
          where not r.is_gone
            and not exists (select from guardianships o where {same})) r""")
    ours = "o.source_root_id = %(root)s and o.source_system = %(system)s"
    await work.run(f"""
        create temp table other_guardians as select o.id, r.child_id, r.relation
        from found_guardians r join guardianships o on {same} and {ours}
        where not r.is_gone and r.relation is distinct from o.relation""")
    await work.sift(f"""
        create temp table ended_guardians as select o.id, o.child_id, o.guardian_id
        from guardianships o
        where o.tenant_id = %(tenant)s and {ours}
          and o.id in (
            select o.id from guardianships o where o.tenant_id = %(tenant)s and {ours}
              and o.child_id in (select child_id from found_guardians)
              and not exists (select from stage_files where is_delta)
            union all
            select o.id from found_guardians r join guardianships o on {same} where r.is_gone)
          and not exists (select from found_guardians r where not r.is_gone and {same})""")


async def _birth_dates(work: Work) -> None:
    """Only what is asked for is staged."""
    await work.run("alter table stage_demographics add column inline boolean default false")
    somebody = "not exists (select from ids_users u where u.source_id = r.user_)"
    await _refuse(work, "stage_demographics", {"user_": somebody})
    await work.run("""
        create temp table new_births as
        select u.id user_id, max(r.born_on::date) born_on, (array_agg(b.born_on))[1] old
        from stage_demographics r join ids_users u on u.source_id = r.user_
        left join birth_dates b on b.user_id = u.id
        where r.fault is null and r.born_on is not null and r.standing <> 'deleted'
          and u.id not in (select id from protected)
        group by 1 having max(r.born_on::date) is distinct from (array_agg(b.born_on))[1]""")
