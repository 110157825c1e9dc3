"""The operators' pages, over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from switch.http import HttpError, HttpServer, Probes


@asynccontextmanager
async def serving(reason: str | None = None) -> AsyncIterator[tuple[str, int]]:
    server = HttpServer("127.0.0.1", 0, Probes(lambda: b"a_metric 1\n", lambda: reason))
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run(), name="http")
        try:
            yield server.address
        finally:
            server.close()


async def get(address: tuple[str, int], path: str, method: str = "GET") -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    octets = await reader.read()
    writer.close()
    head, _, body = octets.decode().partition("\r\n\r\n")
    return int(head.split()[1]), body


async def test_the_pages_are_served() -> None:
    async with serving() as address:
        assert await get(address, "/metrics") == (200, "a_metric 1\n")
        assert await get(address, "/health") == (200, "ok\n")
        assert await get(address, "/ready") == (200, "ready\n")
        assert (await get(address, "/other"))[0] == 404
        assert (await get(address, "/health", "POST"))[0] == 405
        assert await get(address, "/health", "HEAD") == (200, "")


async def test_a_switch_that_is_not_ready_says_why() -> None:
    async with serving("draining") as address:
        assert await get(address, "/ready") == (503, "draining\n")
        assert await get(address, "/health") == (200, "ok\n")


async def test_a_taken_port_is_one_line() -> None:
    async with serving() as address:
        with pytest.raises(HttpError, match="taken by another program; change"):
            HttpServer(*address, Probes(lambda: b"", lambda: None))
