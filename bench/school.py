"""The people who ask: the 200 administrators of each of two schools, each with a token."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg
from attrs import frozen

from adapters.compose import StoredApp, stored, upgrade
from adapters.installation import Installation
from adapters.security.hashing import BcryptHasher
from adapters.settings import read_settings
from adapters.settings.secret_key import secrets_of
from faraday_core.kernel.actor import Origin, Role, operator
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser

PEOPLE: Final = 200
PASSWORD: Final = "copper lantern over the harbour"  # noqa: S105 -- of people who live for minutes
_OPERATOR: Final = operator("bench")
_QUICK: Final = 4  # bcrypt's least cost


@frozen
class School:
    """`growing`: the id of the other one, below which classes are added, by `adding`, whose tokens
    are theirs. Were they added below this one, its lists would be of another size each time."""

    addresses: tuple[str, ...]
    tokens: tuple[str, ...]
    growing: str
    adding: tuple[str, ...]


def installation_of(environ: Mapping[str, str]) -> Installation:
    settings = read_settings(
        {name: value for name, value in environ.items() if name.startswith("FARADAY_")}
    )
    folder = Path(environ["FARADAY_DATA_DIR"])
    assert settings.database_url
    return Installation(settings, folder, secrets_of(settings, folder), settings.database_url)


def make_school(environ: Mapping[str, str]) -> School:
    """Hashed at the least cost and then given a hash of the real one, or it took a minute."""
    installation = installation_of(environ)
    upgrade(installation)
    school = asyncio.run(_make(installation))
    hashed = asyncio.run(BcryptHasher(installation.secrets).hash(PASSWORD))
    with psycopg.connect(installation.database_url, autocommit=True) as connection:
        connection.execute("update user_credentials set password_hash = %s", (hashed,))
        connection.execute("vacuum analyze")
    return school


async def _make(installation: Installation) -> School:
    async with stored(installation, BcryptHasher(installation.secrets, cost=_QUICK)) as app:
        fields = OrganizationFields("District", None)
        district = await app.organizations.create(_OPERATOR, fields)
        _, *read = await _people(app, district.id, "read")
        growing, *added = await _people(app, district.id, "added")
        addresses = tuple(_address("read", number) for number in range(PEOPLE))
        return School(addresses, tuple(read), growing, tuple(added))


async def _people(app: StoredApp, district: str, name: str) -> list[str]:
    """The id of the school, and their tokens."""
    school = await app.organizations.create(_OPERATOR, OrganizationFields(name, district))
    numbers = range(PEOPLE)
    return [school.id, *[await _person(app, school.id, _address(name, n)) for n in numbers]]


def _address(name: str, number: int) -> str:
    return f"{name}.{number}@example.org"


async def _person(app: StoredApp, school: str, address: str) -> str:
    new = NewUser(address, "Pat Doe", school, Role.ORG_ADMIN, PASSWORD)
    await app.users.create(_OPERATOR, new)
    origin = Origin("127.0.0.1", "bench", None)
    return (await app.auth.login(email=address, password=PASSWORD, origin=origin)).access_token
