"""One kept-alive connection of the event loop: as little as possible around the bytes."""

import asyncio
import json


class Wire:
    def __init__(self, port: int):
        self.port = port

    async def __aenter__(self) -> "Wire":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_) -> None:
        self.writer.close()

    async def ask(self, request: bytes) -> tuple[int, dict]:
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await self.reader.readexactly(int(length or 0))
        return int(head.split(b" ", 2)[1]), json.loads(body) if body else {}
