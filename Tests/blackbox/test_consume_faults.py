"""kill -9 and a Postgres that stops at once, under full load: each acknowledged unit is counted.

Every client consumes with a key, and asks again with it until it has an answer. So at the end each
knows what it was given, and the meter, the ledger and the clients must tell the same.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import world
from support.api import Api
from support.metered import Metered
from support.waiting import eventually

pytest_plugins = ["support.metered_fixtures"]

WORKERS, LIMIT = 12, 20_000  # of "bulk"
HEADERS = {"Authorization": f"Bearer {world.ADMIN_KEY}", "Content-Type": "application/json"}
LATER = (409, 429, 500, 502, 503, 504)  # ask again


class Client:
    """A caller that never gives up on a key."""

    def __init__(self, load: "Load", number: int):
        self.load, self.chance = load, random.Random(number)
        self.number, self.count = number, 0
        self.given: dict[str, tuple[str, dict[str, int], bytes]] = {}  # key: account, units, answer
        self.wire: HTTPConnection | None = None

    def run(self) -> None:
        while self.load.running:
            self.count += 1
            self.once(f"{self.number}-{self.count}")

    def close(self) -> None:
        if self.wire is not None:
            self.wire.close()
        self.wire = None

    def once(self, key: str) -> None:
        customer = self.chance.choice(self.load.customers)
        quantity = self.chance.choice((1, 1, 1, 2, 7))
        body = {"session": customer.session, "idempotency_key": key}
        if self.chance.random() < 0.2:
            both = ("bulk", quantity), ("soft", 1)
            body["features"] = [{"feature": f, "quantity": n} for f, n in both]
        else:
            body |= {"feature": "bulk", "quantity": quantity}
        status, raw = self.insist(body)
        assert status == 200, raw
        answer = json.loads(raw)
        units = {d["feature"]: d["consumed"] for d in answer.get("decisions", [answer])}
        self.given[key] = customer.account, units, raw
        self.load.acknowledged[self.number] = self.count

    def insist(self, body: dict) -> tuple[int, bytes]:
        """Sends until somebody has answered; an answer that was lost may have been given."""
        raw = json.dumps(body).encode()
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                if self.wire is None:
                    self.wire = HTTPConnection(urlsplit(self.load.base).netloc, timeout=10)
                self.wire.request("POST", "/v1/consume", raw, HEADERS)
                answer = self.wire.getresponse()
                content = answer.read()
                if answer.status not in LATER:
                    return answer.status, content
            except (OSError, HTTPException):
                self.close()
            time.sleep(0.01)
        raise AssertionError(f"nobody answered {body}")


class Load:
    """All clients, on threads, until the end of the block."""

    def __init__(self, base: str, customers: list[Metered]):
        self.base, self.customers = base, customers
        self.running = True
        self.acknowledged: Counter = Counter()
        self.failures: list[BaseException] = []
        self.clients = [Client(self, number) for number in range(WORKERS)]
        self.threads = [threading.Thread(target=self._run, args=(c,)) for c in self.clients]

    def _run(self, client: Client) -> None:
        try:
            client.run()
        except BaseException as failure:
            self.failures.append(failure)
        finally:
            client.close()

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.running = False
        for thread in self.threads:
            thread.join()

    def go_on(self, count: int = 60) -> None:
        """Waits for so many more acknowledged calls."""
        target = self.acknowledged.total() + count
        eventually(lambda: self.failures or self.acknowledged.total() >= target, 60)

    def judge(self) -> None:
        assert not self.failures, self.failures[0]
        given = {key: told for client in self.clients for key, told in client.given.items()}
        for customer in self.customers:
            mine = {key: units for key, (account, units, _) in given.items()
                    if account == customer.account}  # fmt: skip
            for feature in ("bulk", "soft"):
                units = {key: got[feature] for key, got in mine.items() if got.get(feature)}
                assert customer.used(feature) == sum(units.values()), feature
                written = Counter()
                for entry in customer.ledger(feature, limit=200):
                    written[entry["reference"]] += entry["units"]
                assert written == units, f"the ledger of {feature}"
            assert customer.used("bulk") <= LIMIT

    def ask_again(self, count: int = 40) -> None:
        """Every key still has its first answer, and takes nothing more."""
        client = self.clients[0]
        before = [c.used("bulk") for c in self.customers]
        with Api(self.base) as api:
            for key, (_, units, raw) in list(client.given.items())[-count:]:
                if not any(units.values()):
                    continue
                answer = api.send("POST", "/v1/consume", self.body_of(raw, key))
                assert answer.content == raw
        assert [c.used("bulk") for c in self.customers] == before

    def body_of(self, raw: bytes, key: str) -> dict:
        answer = json.loads(raw)
        decisions = answer.get("decisions", [answer])
        body = {"session": decisions[0]["session"], "idempotency_key": key}
        items = [{"feature": d["feature"], "quantity": d["consumed"]} for d in decisions]
        return body | ({"features": items} if "decisions" in answer else items[0])


def kill_service(service) -> None:
    service.kill()
    service.start()


def stop_postgres_at_once(service) -> None:
    """`pg_ctl stop -m immediate`, by whoever owns the files: no checkpoint, no goodbye."""
    (file,) = service.data.rglob("postmaster.pid")
    folder, owner = file.parent, file.owner()
    tool = next(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    # -W: the service starts it again at once, so that pg_ctl would wait in vain for its end.
    command = [str(tool), "stop", "-m", "immediate", "-W", "-D", str(folder)]
    if owner != Path("/proc/self").owner():
        command = ["runuser", "-u", owner, "--", *command]
    before = service.postmaster()
    subprocess.run(command, capture_output=True, timeout=20, check=True)
    eventually(lambda: service.postmaster() != before, 20)
    service.recover()


def kill_backends(service) -> None:
    for pid in service.backends():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.recover()


FAULTS = {f.__name__: f for f in (kill_service, stop_postgres_at_once, kill_backends)}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_acknowledged_units_are_the_counted_ones_whatever_dies(frail_usher, fault):
    with Api(frail_usher.base) as api:
        customers = [Metered(api, now=None) for _ in range(3)]
        with Load(frail_usher.base, customers) as load:
            for _ in range(3):
                load.go_on()
                FAULTS[fault](frail_usher)
            load.go_on()
    with Api(frail_usher.base) as api:
        for customer in customers:
            customer.api = api
        load.judge()
        load.ask_again()


@pytest.mark.slow
def test_the_limit_holds_while_the_service_is_killed(frail_usher):
    """All of it is asked for, twice over, and the service dies in between: not one more or less."""
    with Api(frail_usher.base) as api:
        bob = Metered(api, now=None)
    load = Load(frail_usher.base, [bob])
    todo = iter(range(1_000))
    lock, given = threading.Lock(), []

    def work(client: Client) -> None:
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return client.close()
            key = {"idempotency_key": f"n-{number}"}
            status, raw = client.insist({"session": bob.session, "feature": "calls"} | key)
            given.append(json.loads(raw)["consumed"] if status == 200 else raw)

    threads = [threading.Thread(target=work, args=(client,)) for client in load.clients]
    for thread in threads:
        thread.start()
    try:
        for mark in (100, 300):
            eventually(lambda mark=mark: len(given) >= mark, 60)
            kill_service(frail_usher)
    finally:
        for thread in threads:
            thread.join()
    assert Counter(given) == {1: 500, 0: 500}
    with Api(frail_usher.base) as api:
        bob.api = api
        assert bob.counted("calls") == (500, 0, 0, 0)
        assert sum(entry["units"] for entry in bob.ledger("calls", limit=200)) == 500


def test_without_postgres_nothing_is_given_away(frail_usher):
    """A frozen database: 503 in good time; when it answers again, nothing was lost or made up."""
    with Api(frail_usher.base) as api:
        bob = Metered(api, now=None)
        assert bob.consume("calls", 3, idempotency_key="first")["used"] == 3
        pids = [frail_usher.postmaster(), *frail_usher.backends()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            start = time.monotonic()
            answer = bob.try_consume("calls", 5, idempotency_key="second")
            assert (answer.status_code, time.monotonic() - start < 6) == (503, True)
            assert int(answer.headers["retry-after"]) >= 0
        finally:
            for pid in reversed(pids):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        again = eventually(
            lambda: (
                (a := bob.try_consume("calls", 5, idempotency_key="second")).status_code == 200
                and a
            ),
            20,
        )
        assert again.json()["used"] == 8
        assert bob.used("calls") == 8
        assert bob.consume("calls", 3, idempotency_key="first")["used"] == 3
