"""A small Stripe of our own: modern shapes, and every misbehaviour a callback can meet.

State is what the tests put there; nothing happens by itself. `script` answers the next calls for
one object with something else: an error, a delay, an oversized or senseless body.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from . import world
from .stripe_books import Books, problem


@dataclass
class Reply:
    """What one call gets instead of the truth. No `body` means the truth, after `delay` seconds."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0

    @staticmethod
    def error(status: int, **headers: str) -> "Reply":
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, names, problem("api_error", "scripted"))


@dataclass
class Call:
    """One request that arrived."""

    at: float
    path: str
    object: str
    headers: dict[str, str]


class FakeStripe(Books):
    def __init__(self):
        super().__init__()
        self.scripts: dict[str, list[Reply]] = defaultdict(list)
        self.calls: list[Call] = []
        self.in_flight: dict[str, int] = defaultdict(int)
        self.most_in_flight: dict[str, int] = defaultdict(int)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "FakeStripe":
        # The short poll only shortens shutdown.
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    # What the tests do

    def script(self, id: str, *replies: Reply) -> None:
        with self.lock:
            self.scripts[id] += replies

    def calls_for(self, id: str) -> list[Call]:
        with self.lock:
            return [call for call in self.calls if call.object == id]

    # What the service meets

    def begin(self, name: str, path: str, headers: dict[str, str]) -> Reply | None:
        with self.lock:
            self.calls.append(Call(time.monotonic(), path, name, headers))
            self.in_flight[name] += 1
            self.most_in_flight[name] = max(self.most_in_flight[name], self.in_flight[name])
            return self.scripts[name].pop(0) if self.scripts[name] else None

    def end(self, name: str) -> None:
        with self.lock:
            self.in_flight[name] -= 1

    def _handler(fake):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                url = urlsplit(self.path)
                query = parse_qs(url.query)
                name = (query.get("customer") or [url.path.rsplit("/", 1)[-1]])[0]
                headers = {key.lower(): value for key, value in self.headers.items()}
                scripted = fake.begin(name, self.path, headers)
                try:
                    status, body = self.judged(url.path, query, headers, scripted)
                finally:
                    # Before the answer leaves: the next call may follow on its heels.
                    fake.end(name)
                self.reply(status, body, scripted.headers if scripted else {})

            def judged(self, path, query, headers, scripted) -> tuple[int, bytes]:
                if headers.get("authorization") != f"Bearer {world.STRIPE_KEY}":
                    return 401, problem("invalid_request_error", "Invalid API key")
                if "stripe-version" not in headers:
                    return 400, problem("invalid_request_error", "no Stripe-Version")
                if scripted is not None:
                    time.sleep(scripted.delay)
                    if scripted.body is not None:
                        return scripted.status, scripted.body
                # After the delay: whoever is slow tells the truth of the end.
                return fake.answer(path, query)

            def reply(self, status: int, body: bytes, extra: dict[str, str]) -> None:
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    for key, value in extra.items():
                        self.send_header(key, value)
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        return Handler
