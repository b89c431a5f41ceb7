"""Both storages do the same with the same files: counted, refused, warned of, written, undone."""

import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from faraday_core.kernel.actor import Role
from faraday_core.roster.requests import ImportView
from tests.imports import Contents, Importer, contents, oneroster, without_ids
from tests.world import World

DAYS = ("", "2026-09-01", "2027-06-30", "2026-02-31")


@frozen
class Lot:
    """Draws lines of a set; one in ten is wrong somehow."""

    dice: random.Random

    def one(self, kind: str, most: int) -> str:
        """An id; now and then of nothing that is there."""
        return f"{kind}{self.dice.randrange(most + (self.dice.random() < 0.1))}"

    def maybe(self, text: str, chance: float = 0.5) -> str:
        return text if self.dice.random() < chance else ""

    def status(self) -> str:
        return self.dice.choice(["", "", "", "", "", "active", "tobedeleted", "inactive"])

    def day(self) -> str:
        return self.dice.choice(DAYS[:3]) if self.dice.random() < 0.9 else DAYS[3]

    def lines(self, made: Sequence[str]) -> list[str]:
        """Some left out, some twice."""
        kept = [line for line in made if self.dice.random() < 0.9]
        return kept + [self.dice.choice(kept)] if kept and self.dice.random() < 0.3 else kept

    def ids(self, kind: str, most: int) -> list[str]:
        ids = [f"{kind}{n}" for n in range(most)]
        return ids + ([self.dice.choice(ids)] if self.dice.random() < 0.3 else [])

    def orgs(self) -> list[str]:
        kinds = ["school", "district", "department", "school", "wizard"]
        return self.lines(
            [
                f"{id},{self.status()},{self.maybe(f'Org {id}', 0.95)},"
                f"{self.dice.choice(kinds[: 4 + (self.dice.random() < 0.1)])},"
                f"{self.maybe('X')},{self.maybe(self.one('o', 6), 0.6)}"
                for id in self.ids("o", 6)
            ]
        )

    def sessions(self) -> list[str]:
        return self.lines(
            [
                f"{id},{self.status()},{self.maybe(f'Term {id}', 0.95)},term,{self.day() or DAYS[1]},"
                f"{DAYS[2]},{self.maybe(self.one('s', 3), 0.4)},2027"
                for id in self.ids("s", 3)
            ]
        )

    def courses(self) -> list[str]:
        return self.lines(
            [
                f"{id},{self.status()},{self.maybe(self.one('s', 3))},{self.maybe(f'Course {id}', 0.95)},"
                f'{self.maybe("C")},"{self.maybe("7,8")}",{self.maybe(self.one("o", 6))},{self.maybe("Physics")}'
                for id in self.ids("k", 4)
            ]
        )

    def classes(self) -> list[str]:
        return self.lines(
            [
                f"{id},{self.status()},{self.maybe(f'Class {id}', 0.95)},{self.maybe('7')},{self.one('k', 4)},"
                f"{self.maybe('A')},scheduled,{self.maybe('Room 1')},{self.one('o', 6)},"
                f'"{self.one("s", 3)},{self.one("s", 3)}",,{self.maybe("1")}'
                for id in self.ids("c", 5)
            ]
        )

    def users(self, addresses: Sequence[str]) -> list[str]:
        roles = ["student", "student", "student", "teacher", "guardian", "aide", "wizard"]
        return self.lines(
            [
                f"{id},{self.status()},{self.dice.choice(['true', 'true', 'false', ''])},"
                f'"{self.one("o", 6)}{self.maybe("," + self.one("o", 6), 0.3)}",'
                f"{self.dice.choice(roles[: 6 + (self.dice.random() < 0.1)])},"
                f"{self.maybe(id)},{self.dice.choice(['Kim', 'Jo', 'Ørsted'])},{self.maybe('Doe', 0.9)},"
                f"{self.dice.choice(addresses)},{self.maybe(self.one('u', 12), 0.3)},{self.maybe('7')}"
                for id in self.ids("u", 12)
            ]
        )

    def enrollments(self) -> list[str]:
        return self.lines(
            [
                f"{id},{self.status()},{self.one('c', 5)},{self.one('u', 12)},"
                f"{self.dice.choice(['student', 'student', 'teacher', 'wizard'])},"
                f"{self.dice.choice(['true', 'false'])},{self.day()},{self.day()}"
                for id in self.ids("e", 20)
            ]
        )

    def births(self) -> list[str]:
        return self.lines([f"{id},,{self.day()}" for id in self.ids("u", 5)])

    def roles(self) -> list[str]:
        return self.lines(
            [
                f"{self.status()},{self.one('u', 12)},{self.dice.choice(['student', 'teacher'])},"
                f"{self.day()},{self.day()},{self.one('o', 6)}"
                for _ in range(5)
            ]
        )

    def files(self, addresses: Sequence[str]) -> dict[str, list[str]]:
        made = {
            "orgs": self.orgs(),
            "academicSessions": self.sessions(),
            "courses": self.courses(),
            "classes": self.classes(),
            "users": self.users(addresses),
            "enrollments": self.enrollments(),
            "demographics": self.births(),
        }
        if self.dice.random() < 0.3:
            made["roles"] = self.roles()
        if self.dice.random() < 0.3:
            made["deltas"] = ["users", "roles", "enrollments"]
        return made


@pytest.fixture
async def worlds(memory_world: World, stored_world: World) -> AsyncIterator[tuple[World, World]]:
    """Each with somebody to adopt, somebody above teacher, somebody elsewhere, and somebody who
    has but registered."""
    for world in (memory_world, stored_world):
        await world.person(Role.STUDENT, "north", email="adopted@example.org", name="Ada")
        await world.person(Role.ORG_ADMIN, "north", email="admin@example.org", name="Ann")
        await world.person(Role.TEACHER, "other", email="elsewhere@example.org", name="Eli")
        await world.person(None, email="nobody@example.org", name="Noa")
    yield memory_world, stored_world


ADDRESSES = (
    "", "", "", "", "no address",
    "adopted@example.org", "admin@example.org", "elsewhere@example.org", "nobody@example.org",
    *(f"a{n}@example.org" for n in range(12)),
)  # fmt: skip


def _shown(view: ImportView) -> dict[str, Any]:
    return {
        "counts": view.counts,
        "refused": [*view.refused],
        "warnings": sorted(map(repr, view.warnings)),
        "problem": view.problem,
        "status": view.status,
        "encoding": view.encoding,
    }


async def _state(world: World) -> Contents:
    return without_ids(await contents(world))


@pytest.mark.parametrize("seed", range(12))
async def test_both_storages_take_a_set_alike_and_give_it_back(
    worlds: tuple[World, World], tmp_path: Path, seed: int
) -> None:
    lot, importers = Lot(random.Random(seed)), [Importer(w, tmp_path / "set") for w in worlds]  # noqa: S311 -- no secret
    more: dict[str, Any] = {"demographics": True, "accept": True}
    befores, runs = [[await contents(w) for w in worlds]], []
    for full in (False, lot.dice.random() < 0.5, False):
        oneroster(tmp_path / "set", **lot.files(ADDRESSES))
        done = [await i.tolerant(**more, full=full) for i in importers]
        _are_alike(_shown(done[0]), _shown(done[1]))
        _are_alike(*[await _state(w) for w in worlds])
        again = [await i.tolerant(**more, full=full) for i in importers]
        _are_alike(_shown(again[0]), _shown(again[1]))
        changed = {
            k: c for k, c in again[0].counts.items() if c["create"] or c["update"] or c["remove"]
        }
        assert {} == changed
        befores.append([await contents(w) for w in worlds])
        runs.append(done)
    befores.pop()
    for done, before in zip(reversed(runs), reversed(befores), strict=True):
        for importer, run, expected in zip(importers, done, before, strict=True):
            await importer.undo(run)
            _are_alike(expected, _forgetting_epochs(await contents(importer.world), expected))


def _are_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Part by part, so that a failure shows no more than what differs."""
    assert one.keys() == other.keys()
    for name, part in one.items():
        if isinstance(part, list):
            assert [] == [row for row in part if row not in other[name]], name
            assert [] == [row for row in other[name] if row not in part], name
        assert part == other[name], name


def _forgetting_epochs(found: Contents, expected: Contents) -> Contents:
    """Who was signed out once stays so: no undo sets that back."""
    epochs = {row["id"]: row["security_epoch"] for row in expected["users"]}
    for row in found["users"]:
        assert row["security_epoch"] >= epochs[row["id"]]
        row["security_epoch"] = epochs[row["id"]]
    return found
