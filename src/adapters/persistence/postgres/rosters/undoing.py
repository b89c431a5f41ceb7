"""A run taken back: what it created is gone, and what it changed is as it was; or nothing is, and
it is told what stands against it."""

from typing import Final

import sqlalchemy as sa

from adapters.persistence.postgres.rosters.merges import find_merged
from adapters.persistence.postgres.rosters.terms import describe
from adapters.persistence.postgres.rosters.work import Work
from adapters.persistence.tables import metadata
from faraday_core.roster.importing import Obstacle

# The last one refers to those before it.
_WRITTEN: Final = (
    "organizations",
    "departments",
    "academic_sessions",
    "courses",
    "classes",
    "birth_dates",
    "users",
    "user_organizations",
    "guardianships",
    "enrollments",
)
_NOBODYS: Final = frozenset({"users", "birth_dates"})  # they lie in no tenant
# What says nothing of its own of whom it is about: that somebody looked, what they are found by,
# and what an import keeps itself.
_FOLLOWS: Final = frozenset(
    {
        "user_terms",
        "disclosures",
        "personal_keys",
        "import_changes",
        "import_creations",
    }
)
# Never set back: it would let in again who was signed out.
_MONOTONOUS: Final = frozenset({"security_epoch"})


async def obstacles_of(work: Work) -> list[Obstacle]:
    await _read_journal(work)
    found = []
    for table in _WRITTEN:
        found += await _changed(work, table)
    found += await _addresses_taken(work)
    for name in sorted(metadata.tables.keys() - _FOLLOWS):
        found += await _in_use(work, metadata.tables[name])
    return found


async def take_back(work: Work) -> None:
    await find_merged(work)
    # First all give up their address, since some may have changed it among each other, or have it
    # from somebody who gets it back.
    ours = "c.tenant_id = %(tenant)s and c.run_id = %(run)s and c.table_name = 'users'"
    await work.run(f"""
        update users o set email_key = null from import_changes c
        where {ours} and o.id = c.row_id""")
    await work.run(f"""
        update users o set email_key = null from import_changes c, created k
        where {ours} and o.email_key = c.before ->> 'email_key'
          and k.id = o.id and k.table_name = 'users'""")
    # While those who were adopted are still of the source, which that takes.
    await _delete_created(work, "birth_dates")
    # What refers to what goes is set back before that.
    for table in _WRITTEN:
        await _restore(work, metadata.tables[table])
    # They would go with their people, one by one.
    await work.run("""
        delete from user_terms o using created c where o.tenant_id = %(tenant)s
          and o.user_id = c.id and c.table_name = 'users'""")
    for table in reversed(_WRITTEN):
        await _delete_created(work, table)
    # Who had but an address that somebody wanted is found by nothing here.
    renewed = f"""select c.row_id from import_changes c where {ours} and exists (
        select from user_terms t where t.tenant_id = %(tenant)s and t.user_id = c.row_id)"""
    changed = await work.rows(f"{renewed} limit 1")
    if changed:
        await work.run(f"create temp table renewed as {renewed}")
        people = "select id, full_name, email_key from users where id in (table renewed)"
        await describe(work, people, renewed="table renewed")
    for journal in ("import_changes", "import_creations"):
        await work.run(f"delete from {journal} where tenant_id = %(tenant)s and run_id = %(run)s")


async def _read_journal(work: Work) -> None:
    await work.run("""
        create temp table created as
        select table_name, unnest(ids) id from import_creations
        where tenant_id = %(tenant)s and run_id = %(run)s""")
    await work.run("create index on created (id)")
    await work.run("analyze created")


async def _changed(work: Work, table: str) -> list[Obstacle]:
    """What somebody has saved since: each save counts a version up."""
    owned = "" if table in _NOBODYS else "and o.tenant_id = %(tenant)s"
    changed = "o.version <> (c.before ->> 'version')::int + 1"
    if table != "guardianships":  # of which those that ended are gone
        changed = f"o.id is null or {changed}"
    (row,) = await work.rows(f"""
        select count(*), min(id::text) from (
          select o.id from {table} o join created c on c.id = o.id
            and c.table_name = '{table}' {owned} where o.version <> 1
          union all
          select c.row_id from import_changes c
          left join {table} o on o.id = c.row_id {owned}
          where c.tenant_id = %(tenant)s and c.run_id = %(run)s and c.table_name = '{table}'
            and ({changed})) q""")
    return [Obstacle(table, row[0], row[1], "changed")] if row[0] else []


async def _addresses_taken(work: Work) -> list[Obstacle]:
    """Of those who would get one back that is somebody else's by now."""
    ours = "c.tenant_id = %(tenant)s and c.run_id = %(run)s and c.table_name = 'users'"
    (row,) = await work.rows(f"""
        select count(*), min(c.row_id::text) from import_changes c
        join users o on o.email_key = c.before ->> 'email_key' and o.id <> c.row_id
        where {ours} and not exists (select from created k
            where k.table_name = 'users' and k.id = o.id)
          and not exists (select from import_changes k where {ours.replace("c.", "k.")}
            and k.row_id = o.id)""")
    return [Obstacle("users", row[0], row[1], "changed")] if row[0] else []


async def _in_use(work: Work, table: sa.Table) -> list[Obstacle]:
    """Rows that refer to what the run created, and were neither created nor changed by it."""
    own = table.name in _WRITTEN
    referring = [
        (constraint.column_keys[-1], constraint.referred_table.name)
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in _WRITTEN and constraint.ondelete != "SET NULL"
    ]
    found = []
    for column, referred in dict(referring).items():
        another = (
            f"and not exists (select from created k where k.id = t.id"
            f" and k.table_name = '{table.name}')"
            " and not exists (select from import_changes k where k.tenant_id = %(tenant)s"
            f" and k.run_id = %(run)s and k.table_name = '{table.name}' and k.row_id = t.id)"
            if own
            else ""
        )
        (row,) = await work.rows(f"""
            select count(*), min(t.{column}::text) from {table.name} t
            join created c on c.id = t.{column} and c.table_name = '{referred}'
            where true {another}""")
        if row[0]:
            found.append(Obstacle(table.name, row[0], row[1], "in_use"))
    return found


async def _delete_created(work: Work, table: str) -> None:
    owned = "" if table in _NOBODYS else "o.tenant_id = %(tenant)s and"
    await work.run(
        f"delete from {table} o using created c where {owned} o.id = c.id"
        f" and c.table_name = '{table}'"
    )


async def _restore(work: Work, table: sa.Table) -> None:
    columns = [c.name for c in table.columns if c.name not in {"tenant_id", "id"} | _MONOTONOUS]
    owned = "" if table.name in _NOBODYS else "o.tenant_id = %(tenant)s and"
    before = f"""import_changes c cross join lateral
        jsonb_populate_record(null::{table.name}, c.before) r"""
    ours = f"""c.tenant_id = %(tenant)s and c.run_id = %(run)s
        and c.table_name = '{table.name}'"""
    if table.name == "guardianships":
        # Between people who are both here still, whoever it was that confirmed it.
        here = "exists (select from users u where u.id = r.{})"
        values = [f"r.{name}" for name in columns if name != "confirmed_by"]
        names = [name for name in columns if name != "confirmed_by"]
        await work.run(f"""
            insert into {table.name} (tenant_id, id, {", ".join(names)}, confirmed_by)
            select r.tenant_id, r.id, {", ".join(values)},
              case when {here.format("confirmed_by")} then r.confirmed_by end
            from {before} where {ours} and {here.format("guardian_id")}
            on conflict (tenant_id, id) do update
              set relation = excluded.relation, version = excluded.version""")
        return
    await work.run(f"""
        update {table.name} o set {", ".join(f"{name} = {_back(name)}" for name in columns)}
        from {before} where {owned} o.id = c.row_id and {ours}""")


def _back(column: str) -> str:
    """What was carried over by a merge of schools meanwhile stays where that has put it."""
    if column not in {"organization_id", "parent_organization_id"}:
        return f"r.{column}"
    carried = f"select from merged m where m.id = r.{column} and m.into_id = o.{column}"
    return f"case when exists ({carried}) then o.{column} else r.{column} end"
