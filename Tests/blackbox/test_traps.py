"""What went wrong elsewhere and was reported, each as a test that it cannot happen here.

The comments name the reports. What is about consuming, credits or the delivery of webhooks is
tested where those are.
"""

import pytest
from support import world
from support.api import Api
from support.clocked import ClockedService, Customer

SEATS, LEVEL, CONFIG = "seats", "storage", "report_days"
BIG, PACK, SUPPORT = "enterprise", "extra_calls", "priority_support"


@pytest.fixture(scope="module")
def clocked(stripe):
    with ClockedService(stripe.base) as service, Api(service.base) as api:
        yield api


@pytest.fixture
def ada(clocked):
    return Customer(clocked)


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


# Trials


def test_a_trial_ends_though_its_status_says_trialing(ada):
    # preloop/preloop#693: the status was tested, the date was not.
    ada.subscribe(status="trialing", trial_end="2026-03-15T12:00:00.000Z")
    assert ada.at("2026-03-15T11:59:59.999Z").answer() == (True, "trial")
    assert ada.at("2026-03-15T12:00:00.000Z").answer() == (False, "trial_ended")
    assert ada.subscription()["status"] == "trialing"
    assert ada.at("2027-02-01T00:00:00.000Z").answer() == (False, "trial_ended")


def test_a_trial_extended_over_the_end_of_a_month_stays_the_same_subscription(clocked):
    # getlago/lago#771: the extension recreated the subscription, with wrong periods.
    ada = Customer(clocked, "2026-01-31T10:00:00.000Z")
    before = ada.subscribe(status="trialing", trial_end="2026-02-14T10:00:00.000Z")
    ada.at("2026-02-10T00:00:00.000Z")
    after = ada.act("trial/extend", trial_end="2026-03-03T10:00:00.000Z")
    assert after["trial_end"] == "2026-03-03T10:00:00.000Z"
    kept = ("id", "created_at", "trial_start", "starts_at", "period_anchor", "status")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert len(ada.api.subscriptions(ada.account)) == 1
    assert ada.at("2026-03-03T09:59:59.999Z").answer() == (True, "trial")
    assert ada.at("2026-03-03T10:00:00.000Z").answer() == (False, "trial_ended")


def test_a_trial_that_ended_can_be_extended_and_not_be_shortened(ada):
    # getlago/lago#771, from the other side: an extension is a later end, never another start.
    ada.subscribe(status="trialing", trial_end="2026-03-02T12:00:00.000Z")
    path = "subscriptions/main/trial/extend"
    earlier = {"trial_end": "2026-03-02T11:00:00.000Z"}
    assert ada.refused("POST", path, earlier)[0] in (400, 409)
    ada.at("2026-03-05T00:00:00.000Z")
    assert ada.answer() == (False, "trial_ended")
    ada.act("trial/extend", trial_end="2026-03-06T00:00:00.000Z")
    assert ada.answer() == (True, "trial")


def test_a_trial_of_days_ends_at_the_customers_time_of_day(clocked):
    # getlago/lago-api#2244: the end ignored the zone; the clocks go forward on 29 March.
    ada = Customer(clocked, "2026-03-20T11:00:00.000Z", timezone="Europe/Berlin")
    assert ada.subscribe(status="trialing")["trial_end"] == "2026-04-03T10:00:00.000Z"


def test_a_second_trial_of_the_family_is_refused(ada):
    # The reference, 2.2: one trial a family; a deleted subscription does not give it back.
    ada.subscribe(status="trialing")
    body = {"plan": world.PRO, "status": "trialing"}
    refusal = (409, "trial_already_used", "status")
    assert ada.refused("PUT", "subscriptions/again", body) == refusal
    ada.api.call("DELETE", f"{ada.path}/subscriptions/main", expect=(204,))
    assert ada.refused("PUT", "subscriptions/again", body) == refusal


# Periods


@pytest.mark.parametrize(
    ("anchor", "every", "now", "start", "end"),
    [
        # polarsource/polar#10664: chained addition drifted day 31 to 29 for good.
        ("2026-01-31T10:00", "1 month", "2026-04-30T09:00", "2026-03-31T10:00", "2026-04-30T10:00"),
        ("2026-01-31T10:00", "1 month", "2026-04-30T10:00", "2026-04-30T10:00", "2026-05-31T10:00"),
        # useautumn/autumn#2115: 31 May and a month was 1 July.
        ("2026-05-31T00:00", "1 month", "2026-06-15T00:00", "2026-05-31T00:00", "2026-06-30T00:00"),
        # openmeterio/openmeter#2166, #3229: 29 January failed; anchors past 28 were moved.
        ("2026-01-29T00:00", "1 month", "2026-02-28T00:00", "2026-02-28T00:00", "2026-03-29T00:00"),
        # getlago/lago-api#1840: 30 January was wrong on 29 February.
        ("2024-01-30T15:00", "1 month", "2024-02-29T20:00", "2024-02-29T15:00", "2024-03-30T15:00"),
        # dust-tt/dust#29554, chmonitor#2514: the calendar month where the anchor belonged.
        ("2025-01-18T12:00", "1 month", "2025-02-15T12:00", "2025-01-18T12:00", "2025-02-18T12:00"),
        ("2025-01-02T12:00", "3 month", "2025-02-15T12:00", "2025-01-02T12:00", "2025-04-02T12:00"),
        ("2024-02-29T12:00", "1 year", "2024-06-20T12:00", "2024-02-29T12:00", "2025-02-28T12:00"),
        ("2024-02-29T12:00", "1 year", "2028-03-01T00:00", "2028-02-29T12:00", "2029-02-28T12:00"),
        ("2025-01-08T12:00", "1 week", "2025-01-12T12:00", "2025-01-08T12:00", "2025-01-15T12:00"),
        ("2025-01-15T10:00", "4 hour", "2025-01-15T15:30", "2025-01-15T14:00", "2025-01-15T18:00"),
        ("2025-04-28T12:00", "1 month", "2025-01-15T12:00", "2024-12-28T12:00", "2025-01-28T12:00"),
    ],
)  # fmt: skip
def test_periods_are_counted_from_the_anchor(clocked, anchor, every, now, start, end):
    exact = "{}:00.000Z".format
    ada = Customer(clocked, exact(now))
    count, unit = every.split()
    fields = {"period_anchor": exact(anchor), "period_every": unit, "period_count": int(count)}
    assert ada.subscribe(**fields)["period"] == {"start": exact(start), "end": exact(end)}
    assert ada.act("cancel")["cancel_at"] == exact(end)


# Plan changes, seats and what is in use


def test_an_upgrade_takes_nothing_from_what_is_in_use(ada):
    # polarsource/polar#9410: reset, grant, revoke in that order ended below zero.
    ada.subscribe()
    ada.level(LEVEL, value=40)
    for plan, limit, left in ((BIG, 2_000, 1_960), (world.PRO, 50, 10), (world.FREE, 1, 0)) * 2:
        ada.act("change", plan=plan)
        decision = ada.check(LEVEL)
        found = (decision["limit"], decision["used"], decision["remaining"])
        assert found == (limit, 40, left)
        assert decision["allowed"] is (left > 0)


def test_a_downgrade_waits_for_its_instant_and_clamps_nothing(ada):
    # The reference, 2.4: until that exact instant the old limits hold in full.
    ada.subscribe(period_end="2026-03-31T00:00:00.000Z")
    ada.level(LEVEL, value=40)
    ada.act("change", plan=world.FREE, at="period_end")
    assert ada.at("2026-03-30T23:59:59.999Z").check(LEVEL)["limit"] == 50
    decision = ada.at("2026-03-31T00:00:00.000Z").check(LEVEL)
    assert (decision["allowed"], decision["reason"]) == (False, "level_reached")
    assert (decision["limit"], decision["used"], decision["remaining"]) == (1, 40, 0)


def test_a_seat_change_leaves_usage_and_period_alone(ada):
    # polarsource/polar#9037: it reset the meter.
    every = {"period_anchor": "2026-02-18T00:00:00.000Z", "period_every": "month"}
    before = ada.subscribe(BIG, quantity=3, **every)
    ada.level(LEVEL, value=40)
    after = ada.act("change", quantity=5)
    assert (after["quantity"], after["period"]) == (5, before["period"])
    assert (ada.check(LEVEL)["used"], ada.check(SEATS)["limit"]) == (40, 5)


def test_a_seat_change_keeps_the_scheduled_plan_change(ada):
    # polarsource/polar#11129: it dropped it.
    ada.subscribe(BIG, quantity=3, period_end="2026-03-31T00:00:00.000Z")
    waiting = ada.act("change", plan=world.FREE, at="period_end")["change"]
    assert ada.act("change", quantity=4)["change"] == waiting
    later = ada.act("change", quantity=2, at="period_end")
    assert later["change"] == waiting
    assert later["quantity_change"]["quantity"] == 2
    effective = ada.at("2026-03-31T00:00:00.000Z").subscription()["effective"]
    assert (effective["plan"], effective["quantity"]) == (world.FREE, 2)


def test_a_seat_change_below_the_seats_in_use_is_refused(ada):
    # The reference, 2.8: a reduction that is asked for must fit.
    ada.subscribe(BIG, quantity=3)
    for user in ("ada", "bo", "cy"):
        ada.api.call("PUT", f"{ada.path}/seats/{SEATS}/{user}", expect=(201,))
    refusal = ada.refused("POST", "subscriptions/main/change", {"quantity": 2})
    assert refusal == (409, "seats_in_use", "quantity")
    assert ada.check(SEATS)["limit"] == 3


def test_a_bought_extra_survives_what_happens_to_the_plan(ada):
    # polarsource/polar#10513, #8451: another product's cycle took one-off amounts away.
    ada.subscribe(period_end="2026-03-31T00:00:00.000Z")
    ada.grant(LEVEL, mode="stack", limit=7)
    assert ada.check(LEVEL)["limit"] == 57
    ada.act("change", plan=BIG)
    assert ada.check(LEVEL)["limit"] == 2_007
    ada.act("cancel", at="now")
    decision = ada.check(LEVEL)
    assert (decision["limit"], decision["reason"]) == (8, "default_plan")


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
def test_pausing_twice_in_a_day_works_at_any_hour(clocked, hour):
    # killbill/killbill#258, #1215: once a day only, and the result depended on the hour.
    ada = Customer(clocked, f"2026-03-02T{hour}Z", timezone="America/New_York")
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


def test_one_customer_can_be_denied_by_hand(clocked, ada):
    # polarsource/polar#9115: a manual revoke for a single customer, asked for again and again.
    other = Customer(clocked)
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
