"""What the product is measured against: the least that could be written by hand for the same job.

    python -m bench.bare PORT

aiohttp on uvloop, psycopg's own pool, hand-written SQL, PyJWT on each request, orjson. No
middleware, no access decision, no session that could be revoked, no audit, no headers.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Any, Final

import jwt
import orjson
import psycopg
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from faraday_core.kernel.ids import uuid7

CONNECTIONS: Final = 10  # as many as the product holds
Pool = AsyncConnectionPool[psycopg.AsyncConnection[DictRow]]

_COLUMNS = (
    "u.id, u.email, u.full_name, u.is_active, u.email_verified, u.created_at, u.updated_at,"
    " u.version"
)
_ME = f"select {_COLUMNS} from users u where u.id = %s"  # noqa: S608 -- columns of ours
_LIST = (
    f"select {_COLUMNS} from users u join user_organizations m on m.user_id = u.id"  # noqa: S608
    " where m.organization_id = (select organization_id from user_organizations"
    " where user_id = %s limit 1) order by u.id limit %s"
)
_ADD = (
    "insert into organizations"
    " (id, tenant_id, version, name, name_key, parent_organization_id, created_at, updated_at,"
    " held_fields)"
    " select %s, tenant_id, 1, %s, %s, id, %s, %s, '{}' from organizations where id = %s"
    " returning id, name, parent_organization_id, created_at, updated_at"
)
_KEY = "select public_key from signing_keys order by id desc limit 1"


class Bare:
    def __init__(self, pool: Pool, key: Ed25519PublicKey) -> None:
        self._pool = pool
        self._key = key

    async def ping(self, _: web.Request) -> web.Response:
        return _answer({"status": "ok"})

    async def me(self, request: web.Request) -> web.Response:
        rows = await self._rows(_ME, (self._user(request),))
        return _answer(rows[0])

    async def users(self, request: web.Request) -> web.Response:
        limit = int(request.query["limit"])
        return _answer({"items": await self._rows(_LIST, (self._user(request), limit))})

    async def add(self, request: web.Request) -> web.Response:
        self._user(request)
        body, now = orjson.loads(await request.read()), datetime.now(UTC)
        name = body["name"]
        values = (uuid7(), name, name.lower(), now, now, body["parent_organization_id"])
        return _answer((await self._rows(_ADD, values))[0], status=201)

    def _user(self, request: web.Request) -> str:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, self._key, ["EdDSA"], audience="faraday", issuer="faraday")
        user: str = claims["sub"]
        return user

    async def _rows(self, query: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(query.encode(), values)).fetchall()


def _answer(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


async def serve(port: int, database_url: str) -> None:
    async with Pool(
        database_url,
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        kwargs={"autocommit": True, "row_factory": dict_row},
        open=False,
    ) as pool:
        async with pool.connection() as connection:
            row = await (await connection.execute(_KEY)).fetchone()
        assert row
        bare = Bare(pool, Ed25519PublicKey.from_public_bytes(row["public_key"]))
        server = web.Application()
        server.router.add_get("/livez", bare.ping)
        server.router.add_get("/api/v1/auth/me", bare.me)
        server.router.add_get("/api/v1/users", bare.users)
        server.router.add_post("/api/v1/organizations", bare.add)
        runner = web.AppRunner(server, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), os.environ["FARADAY_DATABASE_URL"]))
