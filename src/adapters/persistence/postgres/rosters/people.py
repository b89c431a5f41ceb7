"""People beside those who are there, with the roles and the guardians that their rows name.

A person is found by the source's id, and by nothing else; an address only has an account adopted
that belongs to the organisation and came from no source. Nobody who ranks above a teacher is
changed, and of who has a role elsewhere neither the address nor whether they may sign in.
"""

from typing import Final

from adapters.persistence.postgres.rosters.comparing import (
    find_gone,
    note_refused,
    note_skipped,
)
from adapters.persistence.postgres.rosters.repeats import (
    NOT_DROPPED,
    drop_exact_repeats,
    drop_repeats,
)
from adapters.persistence.postgres.rosters.work import NEW_ID, OF_SOURCE, Work
from faraday_core.roster.importing import PROTECTED
from faraday_core.roster.rows import Kind

_STAGE: Final = "stage_users"
_MOST_ROUNDS: Final = 10
_OF_SOURCE: Final = f"o.source_tenant_id = %(tenant)s and {OF_SOURCE}"
# What a row says of a person; the address and whether they may sign in apart, since these are
# left to whoever else has a say in them.
TEXTS: Final = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "username",
    "identifier",
)
_BELOW: Final = """
create temp table below as
with recursive down (id) as (
  select id from organizations where tenant_id = %(tenant)s and id = %(root)s
  union all
  select o.id from organizations o join down on o.parent_organization_id = down.id
  where o.tenant_id = %(tenant)s)
select id from down
"""


async def compare_users(work: Work) -> None:
    await work.run(_BELOW)
    await drop_repeats(work, _STAGE, Kind.USERS, "source_id")
    for stage in ("stage_roles", "stage_guardians"):
        await drop_exact_repeats(work, stage, "not s.inline")
    await _match(work)
    await _find(work)
    await _settle_addresses(work)
    await note_refused(work, Kind.USERS, _STAGE, ["organization"], ["roles"])
    await note_skipped(work, Kind.USERS)
    await _name(work)
    await _warn_of_protected(work)
    await work.run(f"create temp table gone_{Kind.USERS} (id uuid)")
    await find_gone(work, Kind.USERS, _STAGE, "users", "o.is_active")
    await work.run("delete from gone_users g using untouchable u where u.id = g.id")


async def _match(work: Work) -> None:
    """Whom each row is about, and who has its address."""
    ranks = ", ".join(f"'{role}'" for role in PROTECTED)
    here = (
        "exists (select from user_organizations b where b.user_id = h.id"
        " and b.tenant_id = %(tenant)s and b.organization_id in (select id from below))"
    )
    nowhere = "not exists (select from user_organizations b where b.user_id = h.id)"
    await work.run(f"""
        create temp table matched as
        select q.file, q.line, coalesce(q.known, case when q.adoptable then q.holder end) id,
          q.known is null and q.adoptable adopted,
          case when q.known is not null or not q.adoptable then q.holder end holder,
          q.vacant, row_number() over () n
        from (
          select s.file, s.line, o.id known, h.id holder,
            case when h.source_id is null and h.id is not null then {here} else false end
              adoptable,
            case when h.source_id is null and not h.email_verified and not h.is_platform_admin
              then {nowhere} else false end vacant
          from {_STAGE} s
          left join users o on {_OF_SOURCE} and o.source_id = s.source_id
          left join users h on h.email_key = s.email_key and h.id is distinct from o.id
          where {NOT_DROPPED.format(stage=_STAGE)}) q""")
    await work.run("analyze matched")
    await work.run(f"""
        create temp table protected as
        select r.user_id id from user_organizations r join matched m on m.id = r.user_id
        where r.role in ({ranks})
        union
        select u.id from users u join matched m on m.id = u.id
        where u.is_platform_admin or u.is_service""")
    # Who has a role elsewhere is not this organisation's alone.
    await work.run("""
        create temp table untouchable as
        select r.user_id id from user_organizations r
        where r.user_id in (select id from matched where id is not null
            union select o.id from users o where o.source_tenant_id = %(tenant)s
              and o.source_root_id = %(root)s and o.source_system = %(system)s)
          and not (r.tenant_id = %(tenant)s and r.organization_id in (select id from below))
        union select id from protected""")
    # A role that a person's own row gives where nothing is: that row is at fault.
    await work.run("""
        create temp table roles_nowhere as
        select distinct r.file, r.line from stage_roles r
        left join ids_organizations g on g.source_id = r.organization
        left join ids_departments d on d.source_id = r.organization
        where r.inline and r.organization is not null and g.id is null and d.id is null""")


async def _find(work: Work) -> None:
    theirs = "(u.id is not null)"
    held = {
        name: f"case when '{name}' = any(o.held_fields) then o.{name} else s.{name} end"
        for name in TEXTS
    }
    held["grades"] = (
        "case when 'grades' = any(o.held_fields) then o.grades"
        " else coalesce(string_to_array(s.grades, chr(31)), '{}'::text[]) end"
    )
    keep = f"'email' = any(o.held_fields) or {theirs}"
    held["email"] = f"case when {keep} then o.email else s.email end"
    key = f"case when {keep} then o.email_key else s.email_key end"
    in_use = (
        f"case when 'is_active' = any(o.held_fields) or {theirs} then o.is_active"
        " else s.standing = 'active' end"
    )
    own = ", ".join(f"o.{name}" for name in held)
    differs = (
        f"row({', '.join(held.values())}, {in_use}) is distinct from row({own}, o.is_active)"
        " and not (s.standing = 'deleted' and o.id is not null) or m.adopted"
    )
    taken = ", ".join(f"{value} as {name}" for name, value in held.items())
    nowhere = "(s.organization is not null and g.id is null and d.id is null)"
    await work.run(f"""
        create temp table found_users as
        select q.*, case
            when q.is_protected then 'unchanged'
            when q.standing = 'deleted' then
              case when q.old_id is not null and not q.adopted then
                  case when q.old_active and not q.in_use then 'remove' else 'unchanged' end
                when q.fault is not null or q.dangling or q.lacks then 'skip'
                when q.adopted then 'update' else 'create' end
            when q.fault is not null or q.dangling then 'refuse'
            when q.old_id is null then 'create'
            when q.differs then 'update' else 'unchanged' end as action
        from (
          select s.file, s.line, s.standing, s.source_id, s.fault, m.id old_id, m.adopted,
            coalesce(m.id, {NEW_ID}) id,
            null::uuid ends_holder, m.holder, m.vacant,
            o.is_active old_active, {in_use} in_use, {differs} differs,
            p.id is not null is_protected, {theirs} is_elsewhere,
            o.security_epoch, o.email_key old_key, {key} email_key,
            {nowhere} dangling_organization, w.line is not null dangling_roles,
            {nowhere} or w.line is not null dangling, s.full_name is null lacks, {taken}
          from {_STAGE} s
          join matched m on m.file = s.file and m.line = s.line
          left join users o on o.id = m.id
          left join protected p on p.id = m.id
          left join untouchable u on u.id = m.id
          left join ids_organizations g on g.source_id = s.organization
          left join ids_departments d on d.source_id = s.organization
          left join roles_nowhere w on w.file = s.file and w.line = s.line) q""")


async def _settle_addresses(work: Work) -> None:
    """An address is one person's: who comes later is refused, or wants that of one who stays."""
    of_email = "from stage_files f where f.file = c.file and f.field = 'email'"
    taken = (
        f"chr(31) || coalesce((select heading {of_email}), '') || chr(31)"
        f" || coalesce((select position {of_email}), 0) || chr(31)"
    )
    # Somebody is left out, and their place in a row of wishes falls free: until nothing changes.
    counts = (
        "email_key is not null and action not in ('refuse', 'skip')"
        " and not (standing = 'deleted' and old_id is not null and not adopted)"
    )
    await work.run(f"""
        create temp table doubled_emails as select email_key from found_users where {counts}
        group by email_key having count(*) > 1""")
    for _ in range(_MOST_ROUNDS):
        doubled = await work.run(f"""
            update found_users c set action = 'refuse',
              fault = 'duplicate_email' || {taken} || 'is the address of an earlier row'
            from (select file, line, row_number() over
                (partition by email_key order by file, line) nth
              from found_users where email_key in (select email_key from doubled_emails)
                and {counts}) q
            where q.nth > 1 and q.file = c.file and q.line = c.line
              and c.action not in ('refuse', 'skip') and (c.adopted or not c.is_protected)""")
        held = await work.run(f"""
            update found_users c set action = 'refuse',
              fault = 'duplicate_email' || {taken} || 'is the address of somebody who is here'
            where c.holder is not null and not c.vacant and c.action not in ('refuse', 'skip')
              and not (c.standing = 'deleted' and c.old_id is not null and not c.adopted)
              and c.email_key is distinct from c.old_key
              and not exists (select from found_users h where h.old_id = c.holder
                and h.action = 'update' and h.email_key is distinct from c.email_key)""")
        if not doubled and not held:
            break
    await work.run("""
        update found_users set ends_holder = holder where vacant and holder is not null
          and action in ('create', 'update') and email_key is distinct from old_key""")


async def _name(work: Work) -> None:
    await work.run("analyze found_users")
    await work.sift(f"""
        create temp table ids_users as
        select source_id, id from found_users where action not in ('refuse', 'skip')
        union all
        select o.source_id, o.id from users o where {_OF_SOURCE}
          and not exists (select from found_users c where c.source_id = o.source_id
            and c.action not in ('refuse', 'skip'))""")
    await work.run("analyze ids_users")


async def _warn_of_protected(work: Work) -> None:
    await work.run("""
        insert into warnings select c.file, c.line, null, 'role_protected',
          case when c.is_protected
            then 'is somebody with a role above teacher, whom no file changes'
            else 'has a role elsewhere too: their address and their sign-in are left alone' end
        from found_users c join stage_users s on s.file = c.file and s.line = c.line
        join users o on o.id = c.old_id
        where c.is_protected or (c.is_elsewhere and (s.email is distinct from o.email
          or (s.standing = 'active') is distinct from o.is_active))""")
