"""A small school that looks like a real one, for a first look: made once, by the services."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import frozen

from adapters.app import App
from adapters.compose import stored
from adapters.installation import Installation
from adapters.serving.demo_diary import STUDENT
from adapters.serving.demo_history import write_diary
from adapters.serving.demo_lessons import add_lessons
from adapters.serving.demo_memories import MEMORIES
from adapters.serving.demo_school import (
    ADMIN,
    ALSO_AT,
    CHILDREN,
    DEFAULTS,
    DEPARTMENTS,
    DISTRICT,
    GUARDIAN,
    IN_TEAMS,
    LAKESIDE,
    OTHERS,
    PASSWORD,
    PEOPLE,
    PLACES,
    PROFILE,
    TEACHER,
    TEAMS,
    DemoPerson,
)
from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Actor, operator
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.organizations.membership import NewMember, OrganizationMember, TeamMember
from faraday_core.organizations.model import DepartmentFields, OrganizationFields, TeamFields
from faraday_core.people.model import NewUser
from faraday_core.profiles.model import ProfileFields

OPERATOR: Final = operator("demo")
_EMAILS: Final = tuple(one.email for one in (*PEOPLE, *OTHERS))


@frozen
class DemoSignIn:
    role: str
    place: str
    email: str
    password: str


def load_demo(installation: Installation) -> list[DemoSignIn]:
    """Make what is not there yet; raises CannotStart."""
    asyncio.run(_load(installation))
    return [DemoSignIn(one.role, one.place, one.email, PASSWORD) for one in (ADMIN, *PEOPLE)]


async def _load(installation: Installation) -> None:
    async with stored(installation) as app:
        await load_into(app)


async def load_into(app: App) -> None:
    """Make in a product what is not there yet."""
    if await _is_there(app, ADMIN.email):
        return
    places = await _places(app)
    wanted = [*((one, PASSWORD) for one in PEOPLE), *((one, None) for one in OTHERS)]
    # Hashing is what takes the time, and as many hash at once as there are processors.
    await asyncio.gather(*(_make(app, places, one, password) for one, password in wanted))
    await _join(app, places)
    # Last, since by them it is known that all are there.
    await app.users.create_platform_admin(
        OPERATOR, email=ADMIN.email, full_name=ADMIN.full_name, password=PASSWORD
    )


async def _places(app: App) -> dict[str, str]:
    places: dict[str, str] = {}
    for name, parent in PLACES.items():
        places[name] = await _place(app, name, places[parent] if parent else None)
    return places


async def _place(app: App, name: str, parent: str | None) -> str:
    try:
        return await app.organizations.named(OPERATOR, name)
    except NotFound:
        made = await app.organizations.create(OPERATOR, OrganizationFields(name, parent))
        return made.id


async def _join(app: App, places: Mapping[str, str]) -> None:
    """Departments and teams, and who belongs where besides; a start that was broken off in here
    goes on from its beginning."""
    ids = {email: (await app.users.find(OPERATOR, email)).id for email in _EMAILS}
    teams = await _teams(app, places)
    for email, role, school in ALSO_AT:
        new = NewMember(ids[email], role)
        with suppress(Conflict):
            await app.members.add(OPERATOR, OrganizationMember, places[school], new)
    for email, role, team in IN_TEAMS:
        new = NewMember(ids[email], role)
        with suppress(Conflict):
            await app.members.add(OPERATOR, TeamMember, teams[team], new)
    await app.preference_defaults.replace(OPERATOR, places[LAKESIDE], DEFAULTS)
    await app.profiles.replace(Actor(ids[TEACHER]), app.parser.parse(ProfileFields, PROFILE))
    await add_lessons(app, places, ids)
    await write_diary(app, ids[STUDENT], places[DISTRICT])
    for email, said in MEMORIES.items():
        await _remember(app, await app.users.find(OPERATOR, email), said)
    for child in CHILDREN:
        with suppress(Conflict):
            await app.guardians.confirm(OPERATOR, ids[child], ids[GUARDIAN])


async def _remember(app: App, whose: UserView, said: Sequence[Mapping[str, Any]]) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for memory in said:
            yield json.dumps(memory).encode()

    await app.memory_imports.run_for(OPERATOR, whose.id, lines(), on_duplicate=OnDuplicate.MERGE)


async def _teams(app: App, places: Mapping[str, str]) -> dict[str, str]:
    page = PageRequest(limit=100)
    made = {one.name: one.id for one in (await app.departments.list(OPERATOR, page)).items}
    for name, (school, parent) in DEPARTMENTS.items():
        fields = DepartmentFields(name, places[school], made[parent] if parent else None)
        if name not in made:
            made[name] = (await app.departments.create(OPERATOR, fields)).id
    teams = {one.name: one.id for one in (await app.teams.list(OPERATOR, page)).items}
    for name, department in TEAMS.items():
        if name not in teams:
            team = await app.teams.create(OPERATOR, TeamFields(name, made[department]))
            teams[name] = team.id
    return teams


async def _make(
    app: App, places: Mapping[str, str], one: DemoPerson, password: str | None
) -> None:
    if not await _is_there(app, one.email):
        new = NewUser(one.email, one.full_name, places[one.place], one.role, password)
        await app.users.create(OPERATOR, new)


async def _is_there(app: App, email: str, actor: Actor = OPERATOR) -> bool:
    try:
        await app.users.find(actor, email)
    except NotFound:
        return False
    return True
