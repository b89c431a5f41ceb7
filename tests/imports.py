"""Small sets of files, imported into a world, and what its storage holds afterwards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import psycopg
from attrs import define
from psycopg import sql

from adapters.persistence.memory import MemoryStorage
from adapters.persistence.memory.people import Terms
from adapters.persistence.tables import TABLES
from faraday_core.identity.model import User
from faraday_core.kernel.actor import Actor
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.records.model import BirthDate, Guardianship
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportRequest, ImportView
from faraday_core.roster.runs import Mode
from tests.world import OPERATOR, World

Contents = dict[str, list[dict[str, Any]]]  # by the table's name, its rows as JSON
ENTITIES: tuple[type[Any], ...] = (
    Organization,
    Department,
    AcademicSession,
    Course,
    Class,
    User,
    UserOrganization,
    Guardianship,
    BirthDate,
    Enrollment,
)
HEADINGS: Mapping[str, str] = {
    "orgs.csv": "sourcedId,status,name,type,identifier,parentSourcedId",
    "academicSessions.csv": "sourcedId,status,title,type,startDate,endDate,parentSourcedId,"
    "schoolYear",
    "courses.csv": "sourcedId,status,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
    "subjects",
    "classes.csv": "sourcedId,status,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,periods",
    "users.csv": "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,"
    "email,agentSourcedIds,grades",
    "roles.csv": "status,userSourcedId,role,beginDate,endDate,orgSourcedId",
    "demographics.csv": "sourcedId,status,birthDate",
    "enrollments.csv": "sourcedId,status,classSourcedId,userSourcedId,role,primary,beginDate,"
    "endDate",
}


def oneroster(folder: Path, **files: Sequence[str]) -> Path:
    """`files`: lines without their heading, by the file's name without its ending. `deltas`: which
    of these say only what has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    deltas = files.pop("deltas", ())
    names = {f"{name}.csv": lines for name, lines in files.items()}
    for name, lines in names.items():
        text = "".join(f"{line}\n" for line in (HEADINGS[name], *lines))
        (folder / name).write_text(text, encoding="utf-8", newline="")
    if deltas:
        told = [f"file.{name},{'delta' if name in deltas else 'bulk'}" for name in files]
        lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1", *told]
        (folder / "manifest.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder


@define
class Importer:
    """Imports into a place of a world, as its operator or somebody else."""

    world: World
    path: Path
    at: str = "district"
    actor: Actor = OPERATOR

    def write(self, **files: Sequence[str]) -> Path:
        return oneroster(self.path, **files)

    def request(self, **more: Any) -> ImportRequest:
        given = {"format": Format.ONEROSTER, "path": str(self.path)} | more
        return ImportRequest(self.world.places.get(self.at, self.at), **given)

    async def plan(self, **more: Any) -> ImportView:
        return await self.world.app.imports.plan(self.actor, self.request(**more))

    async def run(self, *, accept: bool = False, **more: Any) -> ImportView:
        request = self.request(**more)
        imports = self.world.app.imports
        return await imports.run(self.actor, request, accept_large_change=accept)

    async def tolerant(self, **more: Any) -> ImportView:
        return await self.run(mode=Mode.TOLERANT, **more)

    async def undo(self, run: ImportView) -> ImportView:
        return await self.world.app.imports.undo(self.actor, run.run_id)


def counted(view: ImportView, kind: str) -> dict[str, int]:
    """Without what there is none of."""
    return {name: n for name, n in view.counts[kind].items() if n}


def told(notes: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Of refused rows and warnings: file, line, column and code."""
    return [(note["file"], note["line"], note["column"], note["code"]) for note in notes]


async def contents(world: World) -> Contents:
    """All that imports write, in whatever tenant, and by which words people are found."""
    storage = world.storage
    if isinstance(storage, MemoryStorage):
        found: Contents = {
            TABLES[kind].name: [
                _json(attrs.asdict(stored.row)) | _owner(kind, stored.owner)
                for stored in storage.database.tables[kind].values()
                if stored.row is not None
            ]
            for kind in ENTITIES
        }
        found["user_terms"] = [
            {"tenant_id": stored.owner, "user_id": stored.row.user_id, "term": term}
            for stored in storage.database.tables[Terms].values()
            if stored.row is not None
            for term in stored.row.terms
        ]
    else:
        found = await _of_postgres(storage._pool._url)
    return {name: sorted(rows, key=_order) for name, rows in found.items()}


def _owner(kind: type[Any], owner: str) -> dict[str, Any]:
    return {"tenant_id": owner} if "tenant_id" in TABLES[kind].columns else {}


async def _of_postgres(url: str) -> Contents:
    names = [*(TABLES[kind].name for kind in ENTITIES), "user_terms"]
    found: Contents = {}
    connection = await psycopg.AsyncConnection.connect(url)
    async with connection:
        for name in names:
            query = sql.SQL("select to_jsonb(t) from {} t").format(sql.Identifier(name))
            cursor = await connection.execute(query)
            found[name] = [row[0] for row in await cursor.fetchall()]
    return found


def _order(row: Mapping[str, Any]) -> str:
    return repr(sorted((name, repr(value)) for name, value in row.items()))


def _json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:  # what a field of an entity may be
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [*map(_plain, value)]
    return str(value) if isinstance(value, str) else value


def without_ids(found: Contents) -> Contents:
    """With the names that people and things have anywhere, in place of the ids that they have in
    one storage; nothing is left out."""
    names: dict[str, str] = {}
    for table in ("organizations", "departments", "academic_sessions", "courses", "classes"):
        for row in found[table]:
            title = row.get("title") or row.get("name")
            names[row["id"]] = f"{table} {row['source_id']} {title}"
    for row in found["users"]:
        names[row["id"]] = f"user {row['source_id']} {row['email']} {row['full_name']}"
    own = {row["id"] for rows in found.values() for row in rows if "id" in row}

    def named(value: Any) -> Any:  # JSON
        if isinstance(value, list):
            return [named(part) for part in value]
        if not isinstance(value, str):
            return value
        return names.get(value, "a row" if value in own else value)

    shown = {
        table: [{key: named(value) for key, value in row.items()} for row in rows]
        for table, rows in found.items()
    }
    return {table: sorted(rows, key=_order) for table, rows in shown.items()}
