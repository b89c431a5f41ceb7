"""What was found, done: set by set, each with what it takes to be taken back.

Of what is created, the journal keeps the ids; of what is changed, the whole row as it was.
"""

from typing import Final

from adapters.persistence.postgres.rosters.merges import find_moved, move_enrollments
from adapters.persistence.postgres.rosters.targets import PLAIN, Target
from adapters.persistence.postgres.rosters.terms import describe
from adapters.persistence.postgres.rosters.work import Work

_PART: Final = 5_000  # ids in a row of the journal
_SOURCE: Final = "source_root_id, source_system, source_id"
_NODES: Final = frozenset({"organizations", "departments"})


async def apply_all(work: Work) -> None:
    """In the order in which one kind refers to another."""
    for target in PLAIN:
        await _apply(work, target)
    await _apply_users(work)
    await _apply_roles(work)
    await _apply_guardians(work)
    await _apply_births(work)
    await _apply_enrollments(work)
    await _move_enrollments(work)


async def _apply(work: Work, target: Target) -> None:
    table = target.table
    written = [*target.columns, *target.follows]
    in_use = (
        ("archived_at", "case when in_use then null else %(now)s::timestamptz end")
        if table in _NODES
        else ("is_active", "in_use")
    )
    created = await work.run(f"""
        insert into {table} (tenant_id, id, version, {", ".join(written)}, {in_use[0]},
          source_root_id, source_system, source_id, held_fields, created_at, updated_at)
        select %(tenant)s, id, 1, {", ".join(written)}, {in_use[1]},
          %(root)s, %(system)s, source_id, '{{}}', %(now)s, %(now)s
        from found_{table} where action = 'create'""")
    if created:
        await note_created(work, table, f"select id from found_{table} where action = 'create'")
    await note_before(
        work,
        table,
        f"select old_id from found_{table} where action = 'update' union select id from"
        f" gone_{table}",
    )
    kept = "case when c.in_use then null else coalesce(o.archived_at, %(now)s) end"
    changed = kept if table in _NODES else "c.in_use"
    await work.run(f"""
        update {table} o set {", ".join(f"{name} = c.{name}" for name in written)},
          {in_use[0]} = {changed}, version = o.version + 1, updated_at = %(now)s
        from found_{table} c
        where o.tenant_id = %(tenant)s and o.id = c.old_id and c.action = 'update'""")
    gone = "archived_at = %(now)s" if table in _NODES else "is_active = false"
    await work.run(f"""
        update {table} o set {gone}, version = o.version + 1, updated_at = %(now)s
        from gone_{table} g where o.tenant_id = %(tenant)s and o.id = g.id""")


_USER: Final = (
    "email",
    "email_key",
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "username",
    "identifier",
    "grades",
)
_CHANGED_USERS: Final = "action = 'update' and differs"


async def _apply_users(work: Work) -> None:
    await _end_holders(work)
    await note_before(
        work,
        "users",
        f"select old_id from found_users where {_CHANGED_USERS} union select id from gone_users",
        person="o.id",
    )
    # First all give up their address, since some of them may have changed it among each other.
    await work.run(f"""
        update users o set email_key = null from found_users c
        where o.id = c.old_id and c.{_CHANGED_USERS.replace(" and ", " and c.")}
          and c.email_key is distinct from c.old_key and o.email_key is not null""")
    created = await work.run(f"""
        insert into users (id, version, {", ".join(_USER)}, is_active, email_verified,
          is_platform_admin, security_epoch, is_service, source_tenant_id, {_SOURCE},
          held_fields, created_at, updated_at)
        select id, 1, {", ".join(_USER)}, in_use, false, false, 1, false, %(tenant)s, %(root)s,
          %(system)s, source_id, '{{}}', %(now)s, %(now)s
        from found_users where action = 'create'""")
    if created:
        await note_created(work, "users", "select id from found_users where action = 'create'")
    await work.run(f"""
        update users o set {", ".join(f"{name} = c.{name}" for name in _USER)},
          is_active = c.in_use,
          email_verified = o.email_verified and c.email_key is not distinct from c.old_key,
          security_epoch = o.security_epoch + case when c.email_key is distinct from c.old_key
            or o.is_active and not c.in_use then 1 else 0 end,
          source_tenant_id = %(tenant)s, source_root_id = %(root)s, source_system = %(system)s,
          source_id = c.source_id, version = o.version + 1, updated_at = %(now)s
        from found_users c where o.id = c.old_id and c.{_CHANGED_USERS.replace(" and ", " and c.")}
        """)
    await work.run("""
        update users o set is_active = false, security_epoch = o.security_epoch + 1,
          version = o.version + 1, updated_at = %(now)s
        from gone_users g where o.id = g.id""")
    await _void(work)
    await describe(
        work,
        "select id, full_name, email_key from found_users"
        f" where action = 'create' or {_CHANGED_USERS}",
        renewed=f"select old_id from found_users where {_CHANGED_USERS}",
    )


async def _end_holders(work: Work) -> None:
    """Who held an address against nobody loses it, and the account with it."""
    holders = "select ends_holder from found_users where ends_holder is not null"
    await note_before(work, "users", holders, person="o.id")
    await work.run(f"""
        update users o set email = null, email_key = null, is_active = false,
          security_epoch = o.security_epoch + 1, version = o.version + 1, updated_at = %(now)s
        where o.id in ({holders})""")


async def _void(work: Work) -> None:
    """What was sent to an address that is theirs no more, and where they were signed in."""
    ended = f"""select old_id from found_users where {_CHANGED_USERS}
        and (email_key is distinct from old_key or old_active and not in_use)
      union select id from gone_users
      union select ends_holder from found_users where ends_holder is not null"""
    for table in ("password_reset_tokens", "email_verifications", "user_devices"):
        await work.run(f"delete from {table} where user_id in ({ended})")


async def _apply_roles(work: Work) -> None:
    await work.run("""
        insert into user_organizations (tenant_id, id, version, user_id, organization_id, role,
          permissions, department_id, starts_on, ends_on, source_root_id, source_system,
          created_at, updated_at)
        select %(tenant)s, id, 1, user_id, organization_id, role, '{}', department_id,
          starts_on, ends_on, %(root)s, %(system)s, %(now)s, %(now)s
        from new_roles""")
    await note_created(work, "user_organizations", "select id from new_roles")
    await note_before(
        work,
        "user_organizations",
        "select id from other_roles union select id from ended_roles",
        person="o.user_id",
    )
    await work.run("""
        update user_organizations o set starts_on = r.starts_on, ends_on = r.ends_on,
          version = o.version + 1, updated_at = %(now)s
        from other_roles r where o.tenant_id = %(tenant)s and o.id = r.id""")
    await work.run("""
        update user_organizations o set ends_on = %(now)s::date - 1, version = o.version + 1,
          updated_at = %(now)s
        from ended_roles r where o.tenant_id = %(tenant)s and o.id = r.id""")


async def _apply_guardians(work: Work) -> None:
    await work.run("""
        insert into guardianships (tenant_id, id, version, guardian_id, child_id, confirmed_by,
          created_at, source_root_id, source_system, relation)
        select %(tenant)s, id, 1, guardian_id, child_id, %(actor)s, %(now)s, %(root)s,
          %(system)s, relation
        from new_guardians""")
    await note_created(work, "guardianships", "select id from new_guardians")
    ended = "select id from ended_guardians"
    changed = f"{ended} union select id from other_guardians"
    await note_before(work, "guardianships", changed, person="o.child_id")
    await work.run("""
        update guardianships o set relation = r.relation, version = o.version + 1
        from other_guardians r where o.tenant_id = %(tenant)s and o.id = r.id""")
    await work.run(f"delete from guardianships where tenant_id = %(tenant)s and id in ({ended})")


async def _apply_births(work: Work) -> None:
    await note_before(
        work,
        "birth_dates",
        "select user_id from new_births where old is not null",
        person="o.user_id",
    )
    await work.run("""
        update birth_dates o set born_on = b.born_on, version = o.version + 1
        from new_births b where o.user_id = b.user_id and b.old is not null""")
    made = await work.run("""
        insert into birth_dates (user_id, id, version, born_on)
        select user_id, user_id, 1, born_on from new_births where old is null""")
    if made:
        await note_created(
            work, "birth_dates", "select user_id id from new_births where old is null"
        )


async def _apply_enrollments(work: Work) -> None:
    await work.run("""
        insert into enrollments (tenant_id, id, version, class_id, user_id, role,
          organization_id, is_primary, starts_on, ends_on, is_active, source_root_id,
          source_system, source_id, created_at, updated_at)
        select %(tenant)s, id, 1, class_id, user_id, role, organization_id, is_primary,
          starts_on, ends_on, in_use, %(root)s, %(system)s, source_id, %(now)s, %(now)s
        from found_enrollments where action = 'create'""")
    created = "select id from found_enrollments where action = 'create'"
    await note_created(work, "enrollments", created)
    await note_before(
        work,
        "enrollments",
        "select old_id from found_enrollments where action = 'update'"
        " union select id from gone_enrollments",
        person="o.user_id",
    )
    await work.run("""
        update enrollments o set is_primary = c.is_primary, starts_on = c.starts_on,
          ends_on = c.ends_on, is_active = c.in_use, source_root_id = %(root)s,
          source_system = %(system)s, source_id = coalesce(c.source_id, o.source_id),
          version = o.version + 1, updated_at = %(now)s
        from found_enrollments c
        where o.tenant_id = %(tenant)s and o.id = c.old_id and c.action = 'update'""")
    await work.run("""
        update enrollments o set is_active = false, version = o.version + 1, updated_at = %(now)s
        from gone_enrollments g where o.tenant_id = %(tenant)s and o.id = g.id""")


async def _move_enrollments(work: Work) -> None:
    await find_moved(work, "select old_id from found_classes where action = 'update'")
    moved = "select id from moved_enrollments"
    await note_before(work, "enrollments", moved, person="o.user_id")
    await move_enrollments(work)


async def note_created(work: Work, table: str, ids: str) -> None:
    await work.run(f"""
        insert into import_creations (tenant_id, run_id, table_name, part, ids)
        select %(tenant)s, %(run)s, '{table}', part, array_agg(id) from (
          select id, row_number() over () / {_PART} part from ({ids}) made) q group by part""")


async def note_before(work: Work, table: str, ids: str, *, person: str = "null::uuid") -> None:
    """`person`: with whom the entry goes."""
    owned = "" if table in {"users", "birth_dates"} else "o.tenant_id = %(tenant)s and"
    await work.run(f"""
        insert into import_changes (tenant_id, run_id, table_name, row_id, user_id, before)
        select %(tenant)s, %(run)s, '{table}', o.id, {person}, to_jsonb(o)
        from {table} o where {owned} o.id in ({ids})
        on conflict do nothing""")
