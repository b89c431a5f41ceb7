"""Both storages do the same with the same files: counted, refused, warned of, written, undone."""

import random
from pathlib import Path
from typing import Any

import pytest

from faraday_core.kernel.actor import Role
from faraday_core.roster.requests import ImportView
from faraday_core.roster.runs import Mode
from tests.drawn import Drawn
from tests.imports import Contents, Importer, contents, oneroster, without_ids
from tests.world import World


@pytest.fixture
async def worlds(memory_world: World, stored_world: World) -> tuple[World, World]:
    """Each with somebody to adopt, somebody above teacher, somebody elsewhere, and somebody who
    has but registered."""
    for world in (memory_world, stored_world):
        await world.person(Role.STUDENT, "north", email="adopted@example.org", name="Ada")
        await world.person(Role.ORG_ADMIN, "north", email="admin@example.org", name="Ann")
        await world.person(Role.TEACHER, "other", email="elsewhere@example.org", name="Eli")
        await world.person(None, email="nobody@example.org", name="Noa")
    return memory_world, stored_world


@pytest.mark.parametrize("seed", range(10))
async def test_both_storages_take_what_is_drawn_alike_and_give_it_back(
    worlds: tuple[World, World], tmp_path: Path, seed: int
) -> None:
    drawn = Drawn(random.Random(seed))  # noqa: S311 -- no secret
    importers = [Importer(world, tmp_path / "set") for world in worlds]
    befores: list[list[Contents]] = []
    runs: list[list[ImportView]] = []
    for full in (False, bool(seed % 2), False):
        befores.append([await contents(world) for world in worlds])
        oneroster(tmp_path / "set", **drawn.files())
        how: dict[str, Any] = {"demographics": True, "full": full}
        runs.append([await each.tolerant(**how, accept=True) for each in importers])
        are_alike(*map(said, runs[-1]))
        are_alike(*[without_ids(await contents(world)) for world in worlds])
        # In another mode, so that every row is compared again.
        again = [await each.plan(**how, mode=Mode.STRICT) for each in importers]
        are_alike(*map(said, again))
        for view in again:
            assert [] == [k for k, n in view.counts.items() if n["create"] or n["update"]]
            assert [] == [k for k, n in view.counts.items() if n["remove"]]
    for done, before in zip(reversed(runs), reversed(befores), strict=True):
        for importer, run, expected in zip(importers, done, before, strict=True):
            await importer.undo(run)
            are_alike(expected, forgetting_epochs(await contents(importer.world), expected))


def said(view: ImportView) -> dict[str, Any]:
    return {
        "counts": view.counts,
        "refused": [*view.refused],
        "warnings": sorted(map(repr, view.warnings)),
        "encoding": view.encoding,
        "status": view.status,
    }


def are_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Part by part, so that a failure shows no more than what differs."""
    assert one.keys() == other.keys()
    for name, part in one.items():
        if isinstance(part, list):
            assert [] == [row for row in part if row not in other[name]], name
            assert [] == [row for row in other[name] if row not in part], name
        assert part == other[name], name


def forgetting_epochs(found: Contents, expected: Contents) -> Contents:
    """Who was signed out once stays so: no undo sets that back."""
    epochs = {row["id"]: row["security_epoch"] for row in expected["users"]}
    for row in found["users"]:
        assert row["security_epoch"] >= epochs[row["id"]]
        row["security_epoch"] = epochs[row["id"]]
    return found
