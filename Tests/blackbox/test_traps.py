"""What went wrong elsewhere and was reported, each as a test that it cannot happen here.

The comments name the reports. `test_traps_in_time.py` has those about trials, periods and changes
of plan. What is about consuming, credits or the delivery of webhooks is tested where those are.
"""

import pytest
from support import world
from support.clocked import Customer

SEATS, LEVEL, CONFIG = "seats", "storage", "report_days"
BIG, PACK, SUPPORT = "enterprise", "extra_calls", "priority_support"


@pytest.fixture
def ada(api):
    return Customer(api)


# What is kept between a change and a check


def test_a_denial_during_checkout_is_forgotten_at_once(ada):
    # koala73/worldmonitor#5600: a negative answer was cached before the row existed.
    for _ in range(3):
        assert ada.answer() == (False, "not_in_plan")
        ada.subscribe()
        assert ada.answer() == (True, "plan")
        ada.api.call("DELETE", f"{ada.path}/subscriptions/main", expect=(204,))


def test_a_plan_switch_is_seen_by_every_form_of_the_question(ada):
    # Agenta-AI/agenta#3454, triggerdotdev/trigger.dev#3388: old entitlements after an upgrade.
    for plan, limit in ((world.FREE, 1), (world.PRO, 50), (BIG, 2_000), (world.FREE, 1)) * 3:
        ada.subscribe(plan)
        assert ada.check(LEVEL)["limit"] == limit
        body = {"session": ada.session, "features": [LEVEL]}
        (batch,) = ada.api.call("POST", "/v1/check/batch", body)["decisions"]
        query = {"session": ada.session}
        listed = ada.api.call("GET", "/v1/entitlements", params=query)["entitlements"]
        assert batch["limit"] == limit
        assert [d["limit"] for d in listed if d["feature"] == LEVEL] == [limit]


def test_the_list_of_entitlements_is_whole(ada):
    # stripe/sync-engine#280: a summary listed ten and lost the rest.
    features = [row["feature"] for row in ada.api.call("GET", "/v1/features")["items"]]
    query = {"session": ada.session}
    listed = ada.api.call("GET", "/v1/entitlements", params=query)["entitlements"]
    assert len(features) > 10
    assert [decision["feature"] for decision in listed] == features


# Several sources


def test_ending_one_source_leaves_what_another_gives(ada):
    # polarsource/polar#3337: revoking one purchase removed what another still granted.
    ada.subscribe(id="one")
    ada.subscribe(BIG, id="two")
    given = ada.grant(world.LOCKED, mode="stack")
    ada.act("cancel", id="one", at="now")
    assert ada.check()["source"]["id"] == BIG
    ada.act("cancel", id="two", at="now")
    assert ada.answer() == (True, "grant")
    _advance(ada, 60)
    ada.end(given)
    assert ada.answer() == (False, "grant_ended")


def test_an_unpaid_subscription_closes_only_itself(ada):
    # killbill/killbill#1997: an overdue account lost what it had paid for a year.
    ada.subscribe(period_end="2027-03-01T00:00:00.000Z")
    ada.subscribe(SUPPORT, id="extra", status="past_due")
    assert ada.answer(SUPPORT) == (True, "past_due_grace")
    ada.at("2026-03-08T12:00:00.000Z")
    assert ada.answer(SUPPORT) == (False, "payment_failed")
    assert ada.answer() == (True, "plan")


def test_grace_runs_from_the_first_failure(ada):
    # polarsource/polar#7530, and the reference, 2.3: neither a retry nor a change restarts it.
    ada.subscribe(status="past_due")
    for day in (3, 5, 7):
        ada.at(f"2026-03-0{day}T12:00:00.000Z").subscribe(status="past_due")
        assert ada.answer() == (True, "past_due_grace")
    assert ada.at("2026-03-08T12:00:00.000Z").answer() == (False, "payment_failed")


# Cancelling and pausing


def test_a_cancellation_is_not_swallowed_by_a_pause_to_come(ada):
    # killbill/killbill#715: a blocking state in the future won.
    ada.subscribe(period_end="2026-03-31T00:00:00.000Z")
    ada.act("pause", at="2026-03-20T00:00:00.000Z", until="2026-04-20T00:00:00.000Z")
    assert ada.act("cancel")["cancel_at"] == "2026-03-31T00:00:00.000Z"
    assert ada.at("2026-03-20T00:00:00.000Z").answer() == (False, "subscription_paused")
    assert ada.at("2026-03-31T00:00:00.000Z").answer() == (False, "subscription_ended")
    assert ada.at("2026-04-20T00:00:00.000Z").answer() == (False, "subscription_ended")


def test_a_cancellation_at_once_ends_a_paused_subscription(ada):
    # killbill/killbill#715
    ada.subscribe()
    ada.act("pause")
    ada.act("cancel", at="now")
    assert ada.answer() == (False, "subscription_ended")


@pytest.mark.parametrize("hour", ["00:00:00.000", "11:59:59.999", "23:00:00.000"])
def test_pausing_twice_in_a_day_works_at_any_hour(api, hour):
    # killbill/killbill#258, #1215: once a day only, and the result depended on the hour.
    ada = Customer(api, f"2026-03-02T{hour}Z", timezone="America/New_York")
    ada.subscribe()
    for _ in range(2):
        ada.act("pause")
        assert ada.answer() == (False, "subscription_paused")
        _advance(ada, 60)
        ada.act("resume")
        assert ada.answer() == (True, "plan")
        _advance(ada, 60)
    # Without any time in between as well.
    ada.act("pause")
    ada.act("resume")
    assert ada.answer() == (True, "plan")


def _advance(ada: Customer, seconds: int) -> None:
    ada.api.call("PUT", f"{ada.path}/clock", {"advance_seconds": seconds})


def test_canceling_twice_is_canceling_once_and_can_be_taken_back(ada):
    # The reference, 2.3
    ada.subscribe(period_end="2026-03-31T00:00:00.000Z")
    first = ada.act("cancel")["cancel_at"]
    assert ada.act("cancel")["cancel_at"] == first
    ada.at("2026-03-30T23:59:59.999Z").act("uncancel")
    assert ada.at("2026-03-31T00:00:00.000Z").answer() == (True, "past_due_grace")
    ada.act("cancel", at="now")
    assert ada.refused("POST", "subscriptions/main/uncancel", {})[:2] == (409, "conflict")


# Overrides


def test_an_override_without_its_limit_is_not_unlimited(ada):
    # flexprice/flexprice#2812: an override without settings turned a quota into unlimited.
    ada.subscribe()
    body = {"feature": world.METERED, "effect": "allow", "reason": "a trap"}
    for missing in ({}, {"limit": None}, {"mode": "stack"}):
        status, code, field = ada.refused("POST", "grants", body | missing)
        assert (status, field) == (400, "limit")
        assert code == "missing_field" or "limit" in missing
    assert ada.check(world.METERED)["limit"] == 100_000


@pytest.mark.parametrize(
    "body",
    [
        {"feature": CONFIG, "value": "ninety"},
        {"feature": CONFIG, "value": 1.5},
        {"feature": CONFIG},
        {"feature": CONFIG, "limit": 3},
        {"feature": world.LOCKED, "value": "yes"},
        {"feature": world.LOCKED, "limit": 1},
        {"feature": LEVEL, "limit": -1},
        {"feature": LEVEL, "limit": "lots"},
        {"feature": LEVEL, "limit": 2**53},
        {"feature": SEATS, "limit": 3, "user": "ada"},
        {"feature": world.LOCKED, "effect": "deny", "mode": "stack"},
        {"feature": world.LOCKED, "effect": "deny", "value": True},
        {"feature": world.LOCKED, "from": "2026-04-01T00:00:00Z", "to": "2026-04-01T00:00:00Z"},
    ],
)
def test_an_override_is_held_to_the_rules_of_the_plan(ada, body):
    # keygen-sh/keygen-api#653: an override skipped the validation that the policy has.
    ada.subscribe()
    before = [ada.answer(), ada.check(LEVEL)["limit"], ada.check(CONFIG)["value"]]
    sent = {"effect": "allow", "reason": "a trap"} | body
    assert ada.refused("POST", "grants", sent)[0] == 400
    after = [ada.answer(), ada.check(LEVEL)["limit"], ada.check(CONFIG)["value"]]
    assert after == before


def test_an_override_given_twice_is_one_limit(ada):
    # Kuadrant/limitador#64: changing a maximum made a second limit.
    ada.subscribe()
    older = ada.grant(world.METERED, limit=10)
    newer = ada.grant(world.METERED, limit=20)
    decision = ada.check(world.METERED)
    assert (decision["limit"], decision["source"]["id"]) == (20, newer)
    ada.end(newer)
    assert ada.check(world.METERED)["limit"] == 10
    ada.end(older)
    assert ada.check(world.METERED)["limit"] == 100_000


def test_one_customer_can_be_denied_by_hand(api, ada):
    # polarsource/polar#9115: a manual revoke for a single customer, asked for again and again.
    other = Customer(api)
    for one in (ada, other):
        one.subscribe()
    denied = ada.grant(world.LOCKED, effect="deny")
    assert ada.answer() == (False, "denied_by_grant")
    assert other.answer() == (True, "plan")
    ada.end(denied)
    assert ada.answer() == (True, "plan")


# Keys


def test_a_refused_call_leaves_no_key_behind(ada):
    # useautumn/autumn#1138, #1838: the key was claimed before the effect, and blocked a retry.
    headers = {"Idempotency-Key": world.unique("key")}
    path, body = f"{ada.path}/grants", {"effect": "allow", "feature": LEVEL, "reason": "a trap"}
    assert ada.api.send("POST", path, body, headers=headers).status_code == 400
    made = ada.api.call("POST", path, body | {"limit": 5}, expect=(201,), headers=headers)
    assert made["limit"] == 5


def test_a_retry_with_its_key_gives_once(ada):
    # getlago/lago-api#5870: what was given was doubled by a retry.
    headers = {"Idempotency-Key": world.unique("key")}
    body = {"effect": "allow", "feature": LEVEL, "mode": "stack", "limit": 5, "reason": "a trap"}
    first, second = (
        ada.api.call("POST", f"{ada.path}/grants", body, expect=(200, 201), headers=headers)
        for _ in range(2)
    )
    assert first["grant"] == second["grant"]
    assert ada.check(LEVEL)["limit"] == 6
