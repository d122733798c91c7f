"""localstripe, an independent Stripe, as a process of its own on 127.0.0.1.

Its stock command listens on every interface and unpickles a file of the system's temp folder at
start, so this launcher takes its place. Run as a script it prints its port and serves.
"""

import os
import socket
import subprocess
import sys

import httpx

from . import world


def main() -> None:
    from localstripe import resources

    # State lives in memory and ends with the process.
    resources.Store.dump_to_disk = lambda self: None
    resources.Store.try_load_from_disk = lambda self: None

    from aiohttp import web
    from localstripe.server import app

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    web.run_app(app, sock=listener, print=None)


class LocalStripe:
    """The process, and the one setting that a test needs: where its webhooks go."""

    def __enter__(self) -> "LocalStripe":
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", "support.localstripe_peer"],
            cwd=world.ROOT / "Tests/blackbox",
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, "localstripe did not start"
        self.base = f"http://127.0.0.1:{int(line)}"
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def send_webhooks_to(self, url: str, secret: str) -> None:
        body = {"url": url, "secret": secret}
        httpx.post(f"{self.base}/_config/webhooks/usher", json=body).raise_for_status()


if __name__ == "__main__":
    main()
