"""What went wrong elsewhere with trials, periods and changes of plan; see `test_traps.py`."""

import pytest
from support import world
from support.clocked import Customer

SEATS, LEVEL, BIG = "seats", "storage", "enterprise"


@pytest.fixture
def ada(api):
    return Customer(api)


# Trials


def test_a_trial_ends_though_its_status_says_trialing(ada):
    # preloop/preloop#693: the status was tested, the date was not.
    ada.subscribe(status="trialing", trial_end="2026-03-15T12:00:00.000Z")
    assert ada.at("2026-03-15T11:59:59.999Z").answer() == (True, "trial")
    assert ada.at("2026-03-15T12:00:00.000Z").answer() == (False, "trial_ended")
    assert ada.subscription()["status"] == "trialing"
    assert ada.at("2027-02-01T00:00:00.000Z").answer() == (False, "trial_ended")


def test_a_trial_extended_over_the_end_of_a_month_stays_the_same_subscription(api):
    # getlago/lago#771: the extension recreated the subscription, with wrong periods.
    ada = Customer(api, "2026-01-31T10:00:00.000Z")
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


def test_a_trial_of_days_ends_at_the_customers_time_of_day(api):
    # getlago/lago-api#2244: the end ignored the zone; the clocks go forward on 29 March.
    ada = Customer(api, "2026-03-20T11:00:00.000Z", timezone="Europe/Berlin")
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
def test_periods_are_counted_from_the_anchor(api, anchor, every, now, start, end):
    exact = "{}:00.000Z".format
    ada = Customer(api, exact(now))
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
