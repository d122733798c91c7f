"""The real service as a process: started, watched, stopped, killed; each with its own database."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import httpx

from . import world
from .waiting import eventually


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _stat(pid: int) -> list[str] | None:
    """What Linux says about a process: its state, its parent, and so on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


class Service:
    """One `usher serve`. As a context manager it is started, and must stop with exit code 0."""

    def __init__(
        self,
        stripe_base: str,
        database_url: str | None = None,
        stripe_key: str = world.STRIPE_KEY,
    ):
        # Under /tmp and open to search: Postgres runs as another user when we are root.
        self.home = Path(tempfile.mkdtemp(prefix="usher-blackbox-", dir="/tmp"))
        self.home.chmod(0o755)
        self.data = self.home / "data"
        self.log = self.home / "usher.log"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.stripe_base = stripe_base
        self.stripe_key = stripe_key
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Service":
        try:
            return self.start()
        except BaseException:
            self.kill()
            self.clean_up()
            raise

    def __exit__(self, *_) -> None:
        try:
            self.stop()
        finally:
            self.clean_up()

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("USHER_")}
        chosen = {
            "USHER_HOST": "127.0.0.1",
            "USHER_PORT": str(self.port),
            "USHER_ADMIN_KEY": world.ADMIN_KEY,
            "USHER_PLANS_DIR": str(world.PLANS),
            "USHER_WEBHOOKS_DIR": str(world.SOURCES),
            "USHER_STRIPE_WEBHOOK_SECRET": ",".join(world.SECRETS),
            "USHER_STRIPE_API_KEY": self.stripe_key,
            "USHER_STRIPE_API_BASE": self.stripe_base,
            "USHER_ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "USHER_DATA_DIR": str(self.data),
            "USHER_TEST_CLOCKS": "1",
        }
        if self.database_url:
            chosen["USHER_DATABASE_URL"] = self.database_url
        return kept | chosen

    def start(self) -> "Service":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(world.BINARY), "serve"],
                cwd=world.ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_ready()
        return self

    def wait_ready(self, seconds: float = 60) -> None:
        def answer():
            if self.process.poll() is not None:
                raise AssertionError(f"usher ended: {self.process.returncode}\n{self.tail()}")
            return self.is_ready()

        eventually(answer, seconds, lambda: f"usher was never ready\n{self.tail()}")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.base}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """SIGTERM; the service must answer what it accepted, stop its Postgres and exit with 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"usher did not stop in 30 s\n{self.tail()}") from None
        assert code == 0, f"usher exited with {code}\n{self.tail()}"
        assert self.postmaster() is None, "the embedded Postgres outlived its service"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def recover(self, seconds: float = 15) -> None:
        """Waits until the service is well again by itself; when it is not, starts it again."""
        try:
            eventually(lambda: self.postmaster() is not None and self.is_ready(), seconds)
        except AssertionError:
            self.kill()
            self.start()

    def clean_up(self) -> None:
        if (pid := self.postmaster()) is not None:
            os.kill(pid, signal.SIGQUIT)
            eventually(lambda: self.postmaster() is None, 20)
        shutil.rmtree(self.home, ignore_errors=True)

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    # The embedded Postgres, as anybody on this machine could find it.

    def postmaster(self) -> int | None:
        """The process id of this service's own Postgres, when it runs."""
        for file in self.data.rglob("postmaster.pid"):
            words = file.read_text().split()
            if words and (process := _stat(int(words[0]))) and process[0] not in "ZX":
                return int(words[0])
        return None

    def backends(self) -> list[int]:
        """The children of this service's own Postgres."""
        parent = str(self.postmaster())
        everybody = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
        return [pid for pid in everybody if (stat := _stat(pid)) and stat[1] == parent]

    def postgres_url(self) -> str:
        """A libpq URL of the database that this service uses, for psql and a second instance."""
        if self.database_url:
            return self.database_url
        # postmaster.pid: pid, data folder, start time, port, socket folder, …
        (file,) = self.data.rglob("postmaster.pid")
        lines = file.read_text().splitlines()
        port, folder = lines[3].strip(), lines[4].strip()
        owner = file.owner()
        user = os.environ.get("USHER_BLACKBOX_DB_USER", owner)
        name = os.environ.get("USHER_BLACKBOX_DB_NAME", "usher")
        return f"postgresql:///{name}?host={folder}&port={port}&user={user}"

    def psql(self, statement: str) -> str:
        """Types a statement in psql and gives back what it printed, without headings."""
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.postgres_url(), "-c", statement],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        if done.returncode != 0:
            raise PsqlRefused(re.sub(r"\s+", " ", done.stderr).strip())
        return done.stdout.strip()


class PsqlRefused(Exception):
    """The database refused a statement."""
