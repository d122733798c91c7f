"""When the provider misbehaves: nothing is lost, nothing is believed, nobody waits for ever."""

import json
import threading
import time

import pytest
from support.fake_stripe import Reply
from support.signing import snapshot
from support.waiting import eventually
from support.world import unique

UPDATED = "customer.subscription.updated"


@pytest.fixture
def buyer(own_api, stripe):
    customer = stripe.customer()
    account, session = own_api.customer("buyer", billing={"stripe": customer})
    return account, session, stripe.subscription(customer)


def queued(api, event: dict) -> float:
    """Delivers an event that cannot be applied at once; how long the answer took."""
    start = time.monotonic()
    answer = api.webhook(event)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    return time.monotonic() - start


def test_a_slow_callback_is_queued_after_two_seconds_and_applied_later(own_api, stripe, buyer):
    _, session, bought = buyer
    stripe.script(bought["id"], Reply(delay=3.5))
    took = queued(own_api, snapshot(UPDATED, bought))
    assert 1.5 < took < 3.2, took
    eventually(lambda: own_api.answer(session) == (True, "plan"), 15)


def test_a_provider_error_is_tried_again(own_api, stripe, buyer):
    _, session, bought = buyer
    stripe.script(bought["id"], Reply.error(500), Reply.error(503))
    event = snapshot(UPDATED, bought)
    queued(own_api, event)
    eventually(lambda: own_api.answer(session) == (True, "plan"), 20)
    eventually(lambda: own_api.event(event["id"])["state"] == "applied", 5)
    assert len(stripe.calls_for(bought["id"])) == 3


def test_retry_after_is_waited_for(own_api, stripe, buyer):
    _, session, bought = buyer
    stripe.script(bought["id"], Reply.error(429, Retry_After="3"))
    queued(own_api, snapshot(UPDATED, bought))
    eventually(lambda: own_api.answer(session) == (True, "plan"), 25)
    first, second = stripe.calls_for(bought["id"])[:2]
    assert second.at - first.at >= 2.9


def test_an_unknown_object_takes_nothing_away(own_api, stripe, buyer):
    """A 404 usually means the wrong account or mode; Stripe answers 200 for what was canceled."""
    _, session, bought = buyer
    own_api.webhook(snapshot(UPDATED, bought))
    stripe.script(bought["id"], Reply.error(404))
    event = snapshot(UPDATED, bought)
    queued(own_api, event)
    item = eventually(lambda: (e := own_api.event(event["id"]))["last_error"] and e, 5)
    assert item["state"] == "pending"
    assert own_api.answer(session) == (True, "plan")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"padding":"' + b"x" * (3 << 20) + b'"}', id="three MiB"),
        pytest.param(b"<html>down for maintenance</html>", id="no JSON"),
        pytest.param(b'{"id":"sub_other","object":"subscription"}', id="another object"),
    ],
)
def test_a_senseless_answer_is_never_applied(own_api, stripe, buyer, body):
    _, session, bought = buyer
    stripe.script(bought["id"], Reply(body=body))
    event = snapshot(UPDATED, bought)
    queued(own_api, event)
    item = eventually(lambda: (e := own_api.event(event["id"]))["last_error"] and e, 5)
    assert item["state"] in ("pending", "dead")
    path = f"/v1/webhooks/events/{item['id']}/replay"
    own_api.call("POST", path, expect=(200, 202))
    eventually(lambda: own_api.answer(session) == (True, "plan"), 10)


def test_an_unknown_status_word_neither_grants_nor_revokes(own_api, stripe, buyer):
    _, session, bought = buyer
    own_api.webhook(snapshot(UPDATED, bought))
    strange = stripe.change(bought["id"], status="hibernating")
    event = snapshot(UPDATED, strange)
    queued(own_api, event)
    eventually(lambda: own_api.event(event["id"])["last_error"], 5)
    assert own_api.answer(session) == (True, "plan")


def test_a_burst_for_one_subject_is_fetched_by_one_at_a_time(own_api, stripe, buyer):
    _, session, bought = buyer
    stripe.script(bought["id"], *[Reply(delay=0.3)] * 2)
    answers, lock = [], threading.Lock()

    def deliver():
        answer = own_api.webhook(snapshot(UPDATED, bought))
        with lock:
            answers.append(answer.status_code)

    threads = [threading.Thread(target=deliver) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 202}
    eventually(lambda: own_api.answer(session) == (True, "plan"), 10)
    assert stripe.most_in_flight[bought["id"]] == 1
    assert len(stripe.calls_for(bought["id"])) < 12, "a burst is not a fetch each"


def test_an_event_that_arrives_during_the_fetch_is_not_lost(own_api, stripe, buyer):
    """The first fetch is answered with the old state after the new event has arrived."""
    _, session, bought = buyer
    fetching = threading.Event()
    old = stripe.get(bought["id"])
    stripe.script(bought["id"], Reply(delay=1, body=json.dumps(old).encode()))

    def first():
        fetching.set()
        own_api.webhook(snapshot(UPDATED, bought))

    thread = threading.Thread(target=first)
    thread.start()
    fetching.wait()
    eventually(lambda: stripe.calls_for(bought["id"]), 5)
    canceled = stripe.cancel(bought["id"])
    answer = own_api.webhook(snapshot("customer.subscription.deleted", canceled))
    thread.join()
    if answer.status_code == 200:
        assert own_api.answer(session)[0] is False
    eventually(lambda: own_api.answer(session) == (False, "subscription_ended"), 10)


def test_a_pending_event_is_not_called_a_duplicate(own_api, stripe, buyer):
    """`duplicate` is a 200, and a 200 means that the next check sees it."""
    _, session, bought = buyer
    stripe.script(bought["id"], *[Reply.error(500)] * 2)
    event = snapshot(UPDATED, bought)
    queued(own_api, event)
    again = own_api.webhook(event)
    if again.status_code == 200:
        assert own_api.answer(session) == (True, "plan")
    eventually(lambda: own_api.answer(session) == (True, "plan"), 20)
    eventually(lambda: own_api.webhook(event).json()["status"] == "duplicate", 5)


def test_sync_does_not_wait_longer_than_it_was_told(own_api, stripe, buyer):
    _, session, bought = buyer
    stripe.script(bought["id"], Reply(delay=3))
    start = time.monotonic()
    body = {"source": "stripe", "subscription": bought["id"], "wait_ms": 300}
    assert own_api.call("POST", "/v1/sync", body)["status"] == "queued"
    assert time.monotonic() - start < 2
    eventually(lambda: own_api.answer(session) == (True, "plan"), 15)


def test_sync_of_an_unknown_source_is_404(own_api):
    body = {"source": unique("nobody"), "customer": "cus_x"}
    answer = own_api.send("POST", "/v1/sync", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_source")
