"""Stripe's webhooks in: what is applied, what is not, and that the body never decides."""

import json
import time

import httpx
import pytest
from support import signing, world
from support.signing import snapshot, thin
from support.waiting import eventually
from support.world import Sql

UPDATED = "customer.subscription.updated"


@pytest.fixture
def buyer(api, stripe):
    """A linked account with a session, and its subscription at Stripe that we have not heard of."""
    customer = stripe.customer()
    account, session = api.customer("buyer", billing={"stripe": customer})
    return account, session, stripe.subscription(customer)


def status(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("status") or response.json()["code"]


@pytest.mark.parametrize("secret", world.SECRETS)
def test_each_of_several_secrets_is_good(api, buyer, secret):
    _, session, bought = buyer
    assert status(api.webhook(snapshot(UPDATED, bought), secret=secret)) == (200, "applied")
    assert api.answer(session) == (True, "plan")


def test_a_thin_event_is_applied(api, stripe, buyer):
    _, session, bought = buyer
    event = thin("customer.subscription.active", bought["id"])
    assert status(api.webhook(event)) == (200, "applied")
    assert api.answer(session) == (True, "plan")
    stripe.cancel(bought["id"])
    event = thin("customer.subscription.deleted", bought["id"])
    assert status(api.webhook(event)) == (200, "applied")
    assert api.answer(session) == (False, "subscription_ended")


def test_what_stripe_says_is_written_down(api, stripe, buyer):
    account, _, bought = buyer
    stripe.change(bought["id"], cancel_at=int(time.time()) + 86_400, cancel_at_period_end=True)
    api.webhook(snapshot(UPDATED, bought))
    (held,) = api.subscriptions(account)
    assert (held["plan"], held["status"], held["source"]) == (world.PRO, "active", "stripe")
    assert None not in (held["period_start"], held["period_end"], held["cancel_at"])
    item = bought["items"]["data"][0]
    expected = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(item["current_period_end"]))
    assert held["period_end"] == expected


def test_the_body_never_decides(api, stripe, buyer):
    """A genuine but old snapshot says `active`; Stripe, asked, says `canceled`."""
    _, session, old = buyer
    stripe.cancel(old["id"])
    assert status(api.webhook(snapshot(UPDATED, old))) == (200, "applied")
    assert api.answer(session)[0] is False
    assert old["status"] == "active"


def test_events_in_the_wrong_order_end_in_the_right_state(api, stripe, buyer):
    _, session, created = buyer
    deleted = stripe.cancel(created["id"])
    api.webhook(snapshot("customer.subscription.deleted", deleted))
    api.webhook(snapshot("customer.subscription.created", created))
    assert api.answer(session) == (False, "subscription_ended")


def test_a_duplicate_has_no_second_effect(api, usher, stripe, buyer):
    account, _, bought = buyer
    event = snapshot(UPDATED, bought)
    assert status(api.webhook(event)) == (200, "applied")
    changes, calls = len(api.changes(account)), len(stripe.calls_for(bought["id"]))
    for _ in range(5):
        assert status(api.webhook(event)) == (200, "duplicate")
    assert len(api.changes(account)) == changes
    assert len(stripe.calls_for(bought["id"])) == calls
    assert usher.psql(Sql.EVENT_COUNT.format(event["id"])) == "1"


def test_the_callback_is_made_as_stripe_wants_it(api, stripe, buyer):
    bought = buyer[2]
    api.webhook(snapshot(UPDATED, bought))
    (call,) = stripe.calls_for(bought["id"])
    assert call.headers["authorization"] == f"Bearer {world.STRIPE_KEY}"
    assert call.headers["stripe-version"]
    assert world.STRIPE_KEY not in call.path


def test_a_type_that_changes_nothing_is_ignored(api, stripe):
    event = snapshot("balance.available", {"id": "ba_1", "object": "balance"})
    assert status(api.webhook(event)) == (200, "ignored")
    assert api.event(event["id"])["state"] == "ignored"
    assert status(api.webhook(event)) == (200, "duplicate")


def test_an_unlinked_customer_is_applied_once_it_is_linked(api, stripe):
    customer = stripe.customer()
    bought = stripe.subscription(customer)
    account, session = api.customer("unlinked")
    event = snapshot(UPDATED, bought)
    assert status(api.webhook(event)) == (202, "queued")
    assert api.event(event["id"])["state"] == "unlinked"
    assert api.answer(session) == (False, "not_in_plan")

    api.account(account, billing={"stripe": customer})
    eventually(lambda: api.answer(session) == (True, "plan"), 10)
    eventually(lambda: api.event(event["id"])["state"] == "applied", 10)


def test_a_customer_belongs_to_one_account(api, stripe):
    customer = stripe.customer()
    api.customer("first", billing={"stripe": customer})
    other = world.unique("other")
    answer = api.send("PUT", f"/v1/accounts/{other}", {"billing": {"stripe": customer}})
    assert (answer.status_code, answer.json()["code"]) == (409, "customer_linked_elsewhere")


def refusals():
    raw = json.dumps(snapshot(UPDATED, {"id": "sub_forged"})).encode()
    flipped = raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:]
    now = int(time.time())
    good = signing.digest(raw, world.SECRETS[0], now)
    return {
        "none": (raw, None, "signature_missing"),
        "empty": (raw, "", "signature_missing"),
        "other secret": (raw, signing.sign(raw, "whsec_other"), "signature_invalid"),
        "one bit": (flipped, signing.sign(raw), "signature_invalid"),
        "only v0": (raw, f"t={now},v0={good}", "signature_invalid"),
        "no time": (raw, f"v1={good}", "signature_invalid"),
        "other time": (raw, f"t={now - 1},v1={good}", "signature_invalid"),
        "half": (raw, f"t={now},v1={good[:32]}", "signature_invalid"),
        "senseless": (raw, "🦉".encode().decode("latin-1"), "signature_invalid"),
        "too old": (raw, signing.sign(raw, skew=-310), "signature_stale"),
        "too new": (raw, signing.sign(raw, skew=310), "signature_stale"),
    }


@pytest.mark.parametrize("name", refusals())
def test_a_forged_or_stale_delivery_is_refused_and_not_stored(api, usher, name):
    raw, signature, code = refusals()[name]
    before = usher.psql(Sql.INBOX_COUNT)
    headers = {"Content-Type": "application/json"}
    if signature is not None:
        headers["Stripe-Signature"] = signature.encode("latin-1")
    answer = api.send("POST", "/webhooks/stripe", content=raw, headers=headers)
    assert answer.status_code == 400
    # Which of the two a header without any v1 is, is a matter of taste.
    assert answer.json()["code"] in {code, "signature_invalid"}
    assert usher.psql(Sql.INBOX_COUNT) == before


def test_one_good_signature_among_bad_ones_is_enough(api, buyer):
    raw = json.dumps(snapshot(UPDATED, buyer[2])).encode()
    now = int(time.time())
    good = signing.digest(raw, world.SECRETS[1], now)
    headers = {
        "Content-Type": "application/json",
        "Stripe-Signature": f"t={now},v1={'0' * 64},v0=x,v1={good}",
    }
    answer = api.send("POST", "/webhooks/stripe", content=raw, headers=headers)
    assert status(answer) == (200, "applied")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"id": 7}', b"\xff\xfe"])
def test_a_signed_body_that_is_no_event_is_400(api, raw):
    headers = {"Content-Type": "application/json", "Stripe-Signature": signing.sign(raw)}
    answer = api.send("POST", "/webhooks/stripe", content=raw, headers=headers)
    assert answer.status_code == 400


def test_an_unknown_source_is_404(api):
    answer = api.send("POST", "/webhooks/nobody", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_source")


def test_sync_finds_what_no_event_told(api, stripe, buyer):
    account, session, bought = buyer
    body = {"source": "stripe", "customer": bought["customer"], "wait_ms": 5000}
    found = api.call("POST", "/v1/sync", body)
    assert (found["status"], found["account"]) == ("applied", account)
    assert api.check(session)["revision"] >= found["revision"]
    assert api.answer(session) == (True, "plan")
    assert api.call("POST", "/v1/sync", body)["status"] == "unchanged"
    stripe.cancel(bought["id"])
    body = {"source": "stripe", "subscription": bought["id"], "wait_ms": 5000}
    assert api.call("POST", "/v1/sync", body)["status"] == "applied"
    assert api.answer(session) == (False, "subscription_ended")


def test_replay_of_an_applied_event_fetches_again(api, stripe, buyer):
    _, session, bought = buyer
    event = snapshot(UPDATED, bought)
    api.webhook(event)
    stripe.cancel(bought["id"])
    path = f"/v1/webhooks/events/{api.event(event['id'])['id']}/replay"
    api.call("POST", path, expect=(200, 202))
    eventually(lambda: api.answer(session) == (False, "subscription_ended"), 10)
