"""A small school that looks like a real one, for a first look: made once, by the services."""

import asyncio
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from adapters.app import App
from adapters.compose import stored
from adapters.installation import Installation
from faraday_core.kernel.actor import Actor, Role, operator
from faraday_core.kernel.errors import NotFound
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser

PASSWORD: Final = "Chalk-and-Cheese-7"  # noqa: S105 -- shown to whoever starts the demo
DISTRICT: Final = "Riverside School District"
PRIMARY: Final = "Riverside Primary School"
SECONDARY: Final = "Riverside Secondary School"
OPERATOR: Final = operator("demo")


@frozen
class DemoPerson:
    email: str
    full_name: str
    role: Role
    place: str


@frozen
class DemoSignIn:
    role: str
    place: str
    email: str
    password: str


ADMIN: Final = DemoPerson(
    "root@demo.example.org", "Ada Okafor", Role.PLATFORM_ADMIN, "the platform"
)
PEOPLE: Final = (
    DemoPerson("admin@demo.example.org", "Inês Duarte", Role.ORG_ADMIN, DISTRICT),
    DemoPerson("support@demo.example.org", "Sam Whitlock", Role.SUPPORT, DISTRICT),
    DemoPerson("head@demo.example.org", "Jürgen Wolff", Role.DEPARTMENT_HEAD, SECONDARY),
    DemoPerson("teacher@demo.example.org", "Pat Doe", Role.TEACHER, SECONDARY),
    DemoPerson("guardian@demo.example.org", "Mary Nguyen", Role.GUARDIAN, PRIMARY),
    DemoPerson("student@demo.example.org", "Kim Nguyen", Role.STUDENT, PRIMARY),
)
# Who is there besides, without a password: they make a list of people worth looking at.
OTHERS: Final = (
    DemoPerson("amina.yusuf@demo.example.org", "Amina Yusuf", Role.TEACHER, PRIMARY),
    DemoPerson("luca.rossi@demo.example.org", "Luca Rossi", Role.TEACHER, PRIMARY),
    DemoPerson("zoe.fischer@demo.example.org", "Zoë Fischer", Role.TEACHER, SECONDARY),
    DemoPerson("noah.nguyen@demo.example.org", "Noah Nguyen", Role.STUDENT, PRIMARY),
    DemoPerson("li.wei@demo.example.org", "Li Wei", Role.STUDENT, PRIMARY),
    DemoPerson("maja.nowak@demo.example.org", "Maja Nowak", Role.STUDENT, SECONDARY),
    DemoPerson("tom.byrne@demo.example.org", "Tom Byrne", Role.STUDENT, SECONDARY),
)


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
    # Last, since by them it is known that all are there.
    await app.users.create_platform_admin(
        OPERATOR, email=ADMIN.email, full_name=ADMIN.full_name, password=PASSWORD
    )


async def _places(app: App) -> dict[str, str]:
    district = await _place(app, DISTRICT, None)
    return {
        DISTRICT: district,
        PRIMARY: await _place(app, PRIMARY, district),
        SECONDARY: await _place(app, SECONDARY, district),
    }


async def _place(app: App, name: str, parent: str | None) -> str:
    try:
        return await app.organizations.named(OPERATOR, name)
    except NotFound:
        made = await app.organizations.create(OPERATOR, OrganizationFields(name, parent))
        return made.id


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
