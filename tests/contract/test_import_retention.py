"""What is kept of imports, and how long: by retention, and when somebody is erased, over both
storages."""

import json
from pathlib import Path
from typing import Any

import pytest

from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.errors import Conflict
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import UserFilter
from faraday_core.roster.bulk_invitation_service import WhomToInvite
from faraday_core.roster.held_fields import HeldFields
from faraday_core.roster.requests import ImportFilter, ImportView
from faraday_core.roster.runs import ImportRun
from faraday_core.roster.thinning import naming, without
from tests.imports import Importer, contents, counted
from tests.world import OPERATOR, World

PAGE = PageRequest()
DAYS = 90
ORGS = ["s1,,Hill School,school,HS,"]
KIM = "p1,,true,s1,student,kim,Kim,Pupil,kim@example.org,,7"
JO = "p2,,true,s1,student,jo,Jo,Pupil,jo@example.org,,7"
TWICE = "p3,,true,s1,student,kai,Kai,Other,Kim@example.org,,7"
LOST = "p4,,true,s1,student,ida,Ida,Other,ida@example.org,g-7,7"


@pytest.fixture
def importer(world: World, tmp_path: Path) -> Importer:
    return Importer(world, tmp_path / "set")


async def taken(importer: Importer, *users: str) -> ImportView:
    importer.write(orgs=ORGS, users=[*users])
    return await importer.tolerant()


async def again(importer: Importer, run: ImportView) -> ImportView:
    return await importer.world.app.imports.get(OPERATOR, run.run_id)


async def thinned(importer: Importer, *, dry_run: bool = False) -> int:
    report = await importer.world.app.retention.run(WORKER, dry_run=dry_run)
    return {kind.kind: kind.rows for kind in report.kinds}["imports"]


async def user(importer: Importer, source_id: str) -> Any:  # as a list shows them
    wanted = UserFilter(source_id=source_id)
    (found,) = (await importer.world.app.users.list(OPERATOR, wanted, PAGE)).items
    return found


async def test_an_old_import_keeps_its_counts_and_no_value_of_a_row(importer: Importer) -> None:
    run = await taken(importer, KIM, TWICE, LOST)
    assert any("g-7" in note["detail"] for note in run.warnings)
    importer.world.clock.move(days=DAYS, seconds=1)

    assert 1 == await thinned(importer, dry_run=True)
    assert None is (await again(importer, run)).thinned_at
    assert 1 == await thinned(importer)
    assert 0 == await thinned(importer)

    left = await again(importer, run)
    assert left.thinned_at == importer.world.clock.now
    assert run.counts == left.counts
    places = [(note["file"], note["line"], note["column"], note["code"]) for note in run.refused]
    assert places == [(n["file"], n["line"], n["column"], n["code"]) for n in left.refused]
    assert {"is not kept any longer"} == {n["detail"] for n in (*left.refused, *left.warnings)}
    listed = (await importer.world.app.imports.list(OPERATOR, ImportFilter(), PAGE)).items
    assert [run.run_id] == [one.run_id for one in listed]


async def test_an_old_import_cannot_be_undone_any_longer(importer: Importer) -> None:
    run = await taken(importer, KIM)
    importer.world.clock.move(days=DAYS, seconds=1)
    await thinned(importer)
    before = await contents(importer.world)

    for refused in (
        importer.undo(run),
        importer.world.app.import_uploads.ask_undo(OPERATOR, run.run_id),
        importer.world.app.bulk_invitations.invite(OPERATOR, WhomToInvite(import_id=run.run_id)),
    ):
        with pytest.raises(Conflict) as caught:
            await refused
        assert "journal_expired" == caught.value.code
    assert before == await contents(importer.world)


async def test_what_was_made_thin_in_the_last_moment_is_not_undone(importer: Importer) -> None:
    run = await taken(importer, KIM)
    importer.world.clock.move(days=DAYS, seconds=1)
    await thinned(importer)
    tenant, kept = importer.world.places["district"], await stored(importer, run)

    with pytest.raises(Conflict) as caught:
        await importer.world.app.imports.rosters.undo(OPERATOR, tenant, kept)

    assert "journal_expired" == caught.value.code
    assert "applied" == (await again(importer, run)).status


async def stored(importer: Importer, run: ImportView) -> ImportRun:
    tenant = importer.world.places["district"]
    async with importer.world.storage.look(OPERATOR, tenant=tenant) as reader:
        found: ImportRun = await reader.get(ImportRun, run.run_id)
        return found


async def test_a_young_import_is_left_as_it_is(importer: Importer) -> None:
    run = await taken(importer, KIM, TWICE)
    importer.world.clock.move(days=DAYS)
    assert 0 == await thinned(importer)
    assert run.refused == (await again(importer, run)).refused
    assert "undone" == (await importer.undo(run)).status


async def test_a_plan_that_was_applied_late_is_as_young_as_that(importer: Importer) -> None:
    importer.write(orgs=ORGS, users=[KIM])
    plan = await importer.plan()
    importer.world.clock.move(days=DAYS)
    await importer.world.app.imports.apply(OPERATOR, plan.run_id)
    importer.world.clock.move(days=1)
    assert 0 == await thinned(importer)


async def test_the_same_files_after_a_long_time_are_read_anew(importer: Importer) -> None:
    await taken(importer, KIM, TWICE)
    importer.world.clock.move(days=DAYS, seconds=1)
    await thinned(importer)

    run = await importer.tolerant()

    assert {"unchanged": 1, "refuse": 1} == counted(run, "users")
    assert "is not kept any longer" != run.refused[0]["detail"]


async def test_no_import_tells_of_who_is_erased(importer: Importer) -> None:
    await taken(importer, KIM, JO)
    kim, jo = await user(importer, "p1"), await user(importer, "p2")
    held = HeldFields(["full_name"])
    for one in (kim, jo):
        await importer.world.app.held_fields.hold_of_user(OPERATOR, one.id, held)
    run = await taken(importer, KIM.replace("Pupil", "P"), JO.replace("Pupil", "P"), TWICE)
    assert {kim.id, jo.id} == {one["id"] for one in run.held}
    await note(importer, run, "is the address of kim@example.org", "is that of jo@example.org")

    await importer.world.app.erasures.erase(OPERATOR, kim.id)

    left = await stored(importer, run)
    text = json.dumps(left.result)
    for word in (kim.id, "kim@example.org", "Kim Pupil"):
        assert word not in text
    assert [jo.id] == [one["id"] for one in left.result["held"]]
    details = [one["detail"] for one in left.result["refused"]]
    assert ["is not kept any longer", "is that of jo@example.org"] == details
    assert run.counts == (await again(importer, run)).counts


async def note(importer: Importer, run: ImportView, *details: str) -> None:
    """As if the rows had been refused for that."""
    place = {"file": "users.csv", "line": 2, "column": "email", "code": "duplicate_email"}
    async with importer.world.storage.begin(
        WORKER, tenant=importer.world.places["district"]
    ) as unit:
        kept = await unit.hold(ImportRun, run.run_id)
        kept.result["refused"][:] = [place | {"detail": detail} for detail in details]
        await unit.save(kept)


async def test_who_began_an_import_and_is_erased_is_nobody_in_it(
    importer: Importer, world: World
) -> None:
    importer.actor = await world.acting(Role.ORG_ADMIN, "district")
    run = await taken(importer, JO)
    assert importer.actor.user_id == run.started_by
    await world.person(Role.ORG_ADMIN, "district", email="other@example.org")

    await world.app.erasures.erase(OPERATOR, importer.actor.user_id or "")

    assert None is (await again(importer, run)).started_by


@pytest.mark.parametrize(
    ("detail", "is_kept"),
    [
        ("names what is not here: p1", False),
        ("names what is not here: P1.", False),
        ("names what is not here: p12", True),
        ("O'Neil (jr.) is another one", False),
        ("is the address of kim+a@example.org", False),
        ("is the address of kimxa@example.org", True),
    ],
)
def test_somebody_is_found_by_their_whole_names_alone(detail: str, *, is_kept: bool) -> None:
    pattern = naming({"p1", "O'Neil (jr.)", "kim+a@example.org"})
    left = without({"refused": [{"detail": detail}]}, "nobody", pattern)
    assert is_kept == (detail == left["refused"][0]["detail"])
