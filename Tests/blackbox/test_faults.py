"""kill -9 and frozen parts in the middle of the work: what was acknowledged is there, once."""

import os
import random
import signal
import threading
import time
from contextlib import suppress

import httpx
import pytest
from support import world
from support.api import Api
from support.fake_stripe import Reply
from support.service import Service
from support.signing import snapshot
from support.waiting import eventually
from support.world import Sql

UPDATED = "customer.subscription.updated"
BODY = {"session": "ses_x", "feature": world.LOCKED}


class Stream:
    """A stream of webhooks and changes, and what was acknowledged of it."""

    def __init__(self, service, stripe, workers: int = 6):
        self.service, self.stripe = service, stripe
        self.applied: list[tuple[str, str, dict]] = []  # account, session, event
        self.made: list[tuple[str, str]] = []  # account, session, revoked afterwards
        self.kept: list[tuple[str, dict]] = []  # account, event answered 202
        self.lock = threading.Lock()
        self.running = True
        self.threads = [threading.Thread(target=self._run, args=(n,)) for n in range(workers)]

    def __enter__(self) -> "Stream":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.running = False
        for thread in self.threads:
            thread.join()

    def acknowledged(self) -> int:
        with self.lock:
            return len(self.applied) + len(self.made)

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        while self.running:
            with Api(self.service.base) as api:
                try:
                    while self.running:
                        self._change(api) if chance.random() < 0.5 else self._bill(api)
                except (httpx.TransportError, AssertionError):
                    time.sleep(0.05)  # not acknowledged: it may or may not be there

    def _change(self, api: Api) -> None:
        account, session = api.customer("stream")
        api.call("DELETE", f"/v1/sessions/{session}", params={"reason": "stream"})
        with self.lock:
            self.made.append((account, session))

    def _bill(self, api: Api) -> None:
        customer = self.stripe.customer()
        account, session = api.customer("stream", billing={"stripe": customer})
        event = snapshot(UPDATED, self.stripe.subscription(customer))
        answer = api.webhook(event)
        with self.lock:
            if answer.status_code == 200:
                self.applied.append((account, session, event))
            elif answer.status_code == 202:
                self.kept.append((account, event))

    def judge(self, api: Api) -> None:
        """Everything acknowledged is there, and nothing twice."""
        for account, session in self.made:
            assert api.answer(session) == (False, "session_revoked"), account
            assert [c["entity"] for c in api.changes(account)] == ["account", "session", "session"]
        for account, session, event in self.applied:
            assert api.answer(session) == (True, "plan"), account
            assert self.service.psql(Sql.EVENT_COUNT.format(event["id"])) == "1"
            assert len(api.subscriptions(account)) == 1
            entities = [c["entity"] for c in api.changes(account)]
            assert entities.count("subscription") == 1, entities
        for account, _ in self.kept:
            eventually(lambda a=account: len(api.subscriptions(a)) == 1, 60)
        verdict = api.verify()
        assert verdict["verified"] is True, verdict


def kill_service(service) -> None:
    service.kill()
    service.start()


def kill_postmaster(service) -> None:
    os.kill(service.postmaster(), signal.SIGKILL)
    service.recover()


def kill_backends(service) -> None:
    """Any backend that dies by SIGKILL makes Postgres end them all and recover."""
    for pid in service.backends():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.recover()


@pytest.mark.parametrize("kill", [kill_service, kill_postmaster, kill_backends])
def test_what_was_acknowledged_survives_and_nothing_happens_twice(own_usher, stripe, kill):
    with Stream(own_usher, stripe) as stream:
        for _ in range(3):
            so_far = stream.acknowledged()
            eventually(lambda n=so_far: stream.acknowledged() >= n + 10, 60)
            kill(own_usher)
        so_far = stream.acknowledged()
        eventually(lambda: stream.acknowledged() >= so_far + 10, 60)
    with Api(own_usher.base) as api:
        stream.judge(api)


def test_an_event_whose_answer_was_lost_is_applied_once(own_usher, stripe):
    """Killed between delivery and answer; Stripe delivers again."""
    customer = stripe.customer()
    with Api(own_usher.base) as api:
        account, session = api.customer("lost", billing={"stripe": customer})
    bought = stripe.subscription(customer)
    event = snapshot(UPDATED, bought)

    def deliver():
        with Api(own_usher.base) as api, suppress(httpx.TransportError):
            api.webhook(event)

    stripe.script(bought["id"], Reply(delay=1))
    thread = threading.Thread(target=deliver)
    thread.start()
    eventually(lambda: stripe.calls_for(bought["id"]), 5)
    kill_service(own_usher)
    thread.join()
    with Api(own_usher.base) as api:
        assert api.webhook(event).status_code in (200, 202)
        # The lease of the worker that was killed has to run out first.
        eventually(lambda: api.answer(session) == (True, "plan"), 45)
        assert len(api.subscriptions(account)) == 1
        entities = [c["entity"] for c in api.changes(account)]
        assert entities.count("subscription") == 1


@pytest.fixture
def frozen(own_usher):
    """Postgres that answers nothing and hangs up on nobody."""
    pids = [own_usher.postmaster(), *own_usher.backends()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    thaw = {"done": False}

    def melt():
        if not thaw["done"]:
            thaw["done"] = True
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)

    yield melt
    melt()
    eventually(own_usher.is_ready, 20)


def test_a_frozen_postgres_is_a_quick_503_and_then_well_by_itself(own_usher, own_api, frozen):
    start = time.monotonic()
    answer = own_api.send("POST", "/v1/check", BODY)
    assert time.monotonic() - start < 4
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 0

    # Known by now: others are told at once.
    start = time.monotonic()
    assert own_api.send("POST", "/v1/check", BODY).status_code == 503
    assert time.monotonic() - start < 4
    assert own_api.send("GET", "/healthz").status_code == 200
    assert own_api.send("GET", "/readyz").status_code == 503
    event = snapshot(UPDATED, {"id": "sub_x", "object": "subscription"})
    assert own_api.webhook(event).status_code == 503, "Stripe has to send it again"

    frozen()
    eventually(lambda: own_api.send("POST", "/v1/check", BODY).status_code == 200, 15)


def test_sigterm_answers_what_was_accepted(own_usher, own_api, stripe):
    """A webhook in the middle of its callback, and a change, are answered before the exit."""
    customer = stripe.customer()
    account, session = own_api.customer("term", billing={"stripe": customer})
    bought = stripe.subscription(customer)
    stripe.script(bought["id"], Reply(delay=1))
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(own_api.webhook(snapshot(UPDATED, bought)).status_code)
    )
    thread.start()
    eventually(lambda: stripe.calls_for(bought["id"]), 5)
    own_usher.stop()
    thread.join()
    assert answers in ([200], [202])
    own_usher.start()
    with Api(own_usher.base) as api:
        eventually(lambda: api.answer(session) == (True, "plan"), 45)
        assert len(api.subscriptions(account)) == 1


def test_two_services_on_one_data_folder_get_a_clear_refusal(own_usher, stripe):
    rival = Service(stripe.base)
    own, rival.data = rival.data, own_usher.data
    try:
        with pytest.raises(AssertionError, match=r"usher ended: [1-9]"):
            rival.start()
        assert str(own_usher.data) in rival.tail() or "data" in rival.tail().lower()
    finally:
        if rival.process.poll() is None:
            rival.kill()
        rival.data = own
        rival.clean_up()
    assert own_usher.is_ready()
