"""Many callers at one instant: each on a connection of its own, all requests sent together."""

import asyncio
import json
import resource
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import world


@dataclass(frozen=True)
class Reply:
    status: int
    raw: bytes

    @property
    def body(self) -> dict:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Call:
    """One request to come: to which service, and what."""

    base: str
    path: str
    body: dict
    method: str = "POST"

    def bytes(self) -> bytes:
        raw = json.dumps(self.body).encode()
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            f"Host: {urlsplit(self.base).netloc}",
            f"Authorization: Bearer {world.ADMIN_KEY}",
            "Content-Type: application/json",
            f"Content-Length: {len(raw)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def race(calls: list[Call], seconds: float = 60) -> list[Reply]:
    """Connects everybody, lets them all go at once, and gives back the answers in order."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(calls) + 256
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return asyncio.run(asyncio.wait_for(_race(calls), seconds))


async def _race(calls: list[Call]) -> list[Reply]:
    start, ready = asyncio.Event(), asyncio.Semaphore(64)
    connected = [asyncio.get_running_loop().create_future() for _ in calls]
    runs = [
        asyncio.create_task(_one(call, ready, here, start))
        for call, here in zip(calls, connected, strict=True)
    ]
    try:
        await asyncio.gather(*connected)
        start.set()
        return await asyncio.gather(*runs)
    finally:
        for run in runs:
            run.cancel()


async def _one(call: Call, ready, here: asyncio.Future, start: asyncio.Event) -> Reply:
    parts = urlsplit(call.base)
    try:
        async with ready:  # the listener's backlog is finite
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError as error:
        here.set_exception(error)
        raise
    here.set_result(None)
    try:
        await start.wait()
        writer.write(call.bytes())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return Reply(status, await reader.readexactly(length))
    finally:
        writer.close()
