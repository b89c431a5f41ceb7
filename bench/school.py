"""The people who ask: a school's 200 administrators, each with a token."""

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
    id: str
    addresses: tuple[str, ...]
    tokens: tuple[str, ...]


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
        fields = OrganizationFields("School", district.id)
        school = await app.organizations.create(_OPERATOR, fields)
        addresses = tuple(f"person{number}@example.org" for number in range(PEOPLE))
        tokens = [await _person(app, school.id, address) for address in addresses]
        return School(school.id, addresses, tuple(tokens))


async def _person(app: StoredApp, school: str, address: str) -> str:
    new = NewUser(address, f"Pat Doe {address[6:9]}", school, Role.ORG_ADMIN, PASSWORD)
    await app.users.create(_OPERATOR, new)
    origin = Origin("127.0.0.1", "bench", None)
    return (await app.auth.login(email=address, password=PASSWORD, origin=origin)).access_token
