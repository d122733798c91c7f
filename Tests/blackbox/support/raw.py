"""HTTP by hand, for what a well-behaved client would never send."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass

from . import world


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The problem's code, when there is one."""
        return json.loads(self.body).get("code") if self.body.startswith(b"{") else None


class Raw:
    """One connection, bytes in and answers out."""

    def __init__(self, port: int, timeout: float = 10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.rest = b""

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> "Raw":
        # Refused before all of it was sent: the answer may be there already.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(raw)
        return self

    def _more(self) -> bool:
        try:
            part = self.socket.recv(65_536)
        except ConnectionResetError:
            return False
        self.rest += part
        return bool(part)

    def read(self) -> Answer | None:
        """The next answer, or None when the connection was closed instead."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return Answer(int(first.split()[1]), headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        length = int(headers.get("content-length", 0))
        while len(self.rest) < length:
            if not self._more():
                break
        body, self.rest = self.rest[:length], self.rest[length:]
        return body

    def is_closed(self) -> bool:
        """Whether the peer hangs up within the connection's timeout."""
        try:
            while self._more():
                pass
        except TimeoutError:
            return False
        return True


def request(
    path: str = "/v1/check",
    body: bytes = b"",
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = (),
    length: int | None = None,
) -> bytes:
    """A plain request with an admin key; `headers` come on top and may repeat."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {world.ADMIN_KEY}",
        "Content-Type: application/json",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if length is None or length >= 0:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def check(session: str, feature: str = world.LOCKED) -> bytes:
    return request(body=json.dumps({"session": session, "feature": feature}).encode())
