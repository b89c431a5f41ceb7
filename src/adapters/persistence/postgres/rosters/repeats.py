"""Rows that say something again: exactly, or otherwise."""

from typing import Final

from adapters.persistence.postgres.rosters.work import Work
from faraday_core.roster.reading import Format
from faraday_core.roster.rows import Kind

NOT_DROPPED: Final = (
    "not exists (select from dropped d where d.stage = '{stage}' and d.file = s.file"
    " and d.line = s.line)"
)


async def drop_repeats(work: Work, stage: str, kind: Kind, *keys: str) -> None:
    """Rows that repeat an earlier one exactly; then those that have an earlier one's key. Each of
    the `keys` is one column or several, the last one the field that is shown."""
    for key in keys:
        named = " and ".join(f"s.{part} is not null" for part in key.split(", "))
        await work.run(f"""
            create temp table {_doubled(stage, key)} as select {key} from {stage} s where {named}
            group by {key} having count(*) > 1""")
    # Who repeats a row has its key as well, if it has one at all.
    again = " or ".join(f"({key}) in (select {key} from {_doubled(stage, key)})" for key in keys)
    await drop_exact_repeats(work, stage, f"(s.fault is not null or {again})")
    for key in keys:
        await _drop_doubled(work, stage, kind, key)


def _doubled(stage: str, key: str) -> str:
    return f"doubled_{key.rpartition(' ')[2]}_{stage}"


async def _drop_doubled(work: Work, stage: str, kind: Kind, key: str) -> None:
    doubled = _doubled(stage, key)
    if not await work.one(f"select exists (select from {doubled})"):
        return
    later_wins = work.task.format is Format.CANVAS_SIS
    lines = f"""
        select s.file, s.line, row_number() over (partition by {key} order by s.file, s.line) nth,
          count(*) over (partition by {key}) of_all
        from {stage} s where {NOT_DROPPED.format(stage=stage)}
          and ({key}) in (select {key} from {doubled})"""
    field = key.rpartition(" ")[2]
    heading = f"(select heading from stage_files f where f.file = q.file and f.field = '{field}')"
    if later_wins:
        told = f"""insert into warnings select q.file, q.line, {heading}, 'repeated_id',
            'stands in an earlier row with other content; this one counts' from ({lines}) q
            where q.nth > 1"""
        lost = "q.nth < q.of_all"
    else:
        told = f"""insert into refusals select '{kind}', q.file, q.line, {heading}, 'duplicate_id',
            'stands in an earlier row with other content' from ({lines}) q where q.nth > 1"""
        lost = "q.nth > 1"
    await work.run(told)
    await work.run(
        f"insert into dropped select '{stage}', q.file, q.line from ({lines}) q where {lost}"
    )


async def drop_exact_repeats(work: Work, stage: str, among: str) -> None:
    """`among`: the rows that may repeat each other."""
    await work.run("create temp table repeats (file smallint, line integer) on commit drop")
    found = await work.run(f"""
        insert into repeats select q.file, q.line from (
          select s.file, s.line, row_number() over (partition by s.raw order by s.file, s.line) nth
          from {stage} s where {among}) q
        where q.nth > 1""")
    if found:
        await work.run("""
            insert into warnings select file, line, null, 'repeated_row',
              'repeats an earlier row exactly' from repeats""")
        await work.run(f"insert into dropped select '{stage}', file, line from repeats")
    await work.run("drop table repeats")
