"""How rows come in: as their cells are, whatever these hold, and once more where somebody was
faster; and what PostgreSQL knows of them afterwards."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from attrs import evolve

from adapters.persistence.postgres.rosters import PostgresRosters
from adapters.persistence.postgres.rosters.cells import lines_of
from adapters.rosters import FileReaders
from faraday_core.kernel.access import Action
from faraday_core.organizations.model import OrganizationFields
from faraday_core.roster.reading import Format, Source
from faraday_core.roster.requests import ImportRequest
from faraday_core.roster.runs import Mode, RunStatus
from tests.imports import Importer, contents, counted
from tests.roster_sets import folder_of, school
from tests.serving import OPERATOR, Server
from tests.world import World

AWKWARD = (
    "plain",
    'with "quotes"',
    'one " alone',
    "back\\slash",
    "\\N",
    "\\.",
    "a\ttab",
    "comma, semicolon; and |",
    "Zoë 王 🦉",
    "None",
    "True",
    "{}",
    "' or 1=1 --",
)


@pytest.fixture
def importer(world: World, tmp_path: Path) -> Importer:
    return Importer(world, tmp_path / "set")


@pytest.mark.parametrize("cell", [*AWKWARD, "two\nlines", "two\r\nlines", '"', ""])
def test_a_cell_is_read_again_as_it_was_written(cell: str) -> None:
    columns: list[list[object]] = [
        [1, 2],
        [None, cell],
        [True, False],
        [cell, "end"],
        [None, None],
    ]
    lines = lines_of(columns).decode()
    assert [
        ["1", "", "True", cell, ""],
        ["2", cell, "False", "end", ""],
    ] == list(csv.reader(io.StringIO(lines, newline=""), delimiter="\t"))


async def test_names_come_in_as_they_are(importer: Importer, world: World) -> None:
    quoted = ('"' + name.replace('"', '""') + '"' for name in AWKWARD)
    people = (f"p{n},,true,s1,student,p{n},{name},Pupil,,,7" for n, name in enumerate(quoted))
    importer.write(orgs=["s1,,Hill School,school,HS,"], users=[*people])
    assert {"create": len(AWKWARD)} == counted(await importer.run(mode=Mode.TOLERANT), "users")
    found = {row["source_id"]: row["given_name"] for row in (await contents(world))["users"]}
    assert {**found, **{f"p{n}": name for n, name in enumerate(AWKWARD)}} == found
    again = await importer.run(mode=Mode.TOLERANT)
    assert {"unchanged": len(AWKWARD)} == counted(again, "users")


async def test_after_a_large_import_postgresql_knows_how_much_there_is(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    """Or the next one would be planned as if nothing were there, and take hours."""
    place = await server.app.organizations.create(OPERATOR, OrganizationFields("District"))
    path = folder_of(school(2_600), tmp_path / "set")
    request = ImportRequest(place.id, Format.ONEROSTER, str(path))
    await server.app.imports.run(OPERATOR, request)
    counted_as = "select reltuples from pg_class where oid = %s::regclass"
    with psycopg.connect(database_url) as connection:
        for table, least in (
            ("users", 2_600),
            ("user_organizations", 2_600),
            ("enrollments", 2_700),
        ):
            (known,) = connection.execute(counted_as, (table,)).fetchone() or (0,)
            assert known >= least, table


async def test_where_somebody_was_faster_all_is_found_again(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    """What was saved meanwhile and changes no plan, as by a sign-in, is no reason to refuse."""
    place = await server.app.organizations.create(OPERATOR, OrganizationFields("District"))
    request = ImportRequest(place.id, Format.ONEROSTER, str(tmp_path / "set"))
    folder_of(school(30), tmp_path / "set")
    await server.app.imports.run(OPERATOR, request)
    folder_of(school(40, names="Robin"), tmp_path / "set")
    planned = await server.app.imports.plan(OPERATOR, request)
    _, run, _ = await server.app.imports.located(OPERATOR, planned.run_id, Action.RUN_IMPORTS)
    reader = FileReaders().open(Source(Format.ONEROSTER, tmp_path / "set"))
    now = datetime.now(UTC)
    async with PostgresRosters(database_url).intake(
        OPERATOR, place.id, run, to_apply=True
    ) as intake:
        waits = True
        for rows in reader.batches():
            if waits and reader.only_enrollments_left:
                await intake.compare_first(reader.files)
                waits = False
            await intake.stage(rows)
        assert not waits
        await intake.compare(reader.files)
        with psycopg.connect(database_url, autocommit=True) as somebody:
            somebody.execute("update users set email_verified = true where source_id = 'p1'")
        await intake.apply(evolve(run, status=RunStatus.APPLIED, applied_at=now), now)
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "select (select count(*) from enrollments where is_active),"
            " (select count(*) from users where given_name = 'Robin'),"
            " (select given_name from users where source_id = 'p1' and email_verified)"
        ).fetchone()
    assert (42, 40, "Robin") == found
