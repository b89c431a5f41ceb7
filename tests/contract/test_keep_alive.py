"""What a connection holds between two requests, and that the next one finds its way."""

import asyncio
import gc
import re
from urllib.parse import urlsplit

from aiohttp.http_parser import RawRequestMessage

from tests.serving import Server

ASKED = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
OVER = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def connected(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    at = urlsplit(server.url)
    return await asyncio.open_connection(at.hostname, at.port)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


def messages() -> list[RawRequestMessage]:
    gc.collect()
    return [found for found in gc.get_objects() if isinstance(found, RawRequestMessage)]


async def test_a_connection_that_rests_holds_nothing_of_what_was_asked(server: Server) -> None:
    before = {id(found) for found in messages()}  # of whatever ran in this process earlier
    lines = [await connected(server) for _ in range(10)]
    for reader, writer in lines:
        writer.write(ASKED)
        assert b"HTTP/1.1 200 OK\r\n" == await reader.readline()

    assert [] == [found for found in messages() if id(found) not in before]
    for _, writer in lines:
        await closed(writer)


async def test_requests_that_come_at_once_are_answered_in_turn(server: Server) -> None:
    reader, writer = await connected(server)

    writer.write(ASKED + ASKED + OVER)
    answered = await reader.read()

    await closed(writer)
    assert [b"200", b"200", b"404"] == re.findall(rb"HTTP/1\.1 (\d+)", answered)
