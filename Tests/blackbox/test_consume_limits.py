"""Who may take how much: limits of users and sessions, pools, and what changes a limit."""

import pytest
from support.metered import Metered, sell
from support.metered_catalog import changed

pytest_plugins = ["support.metered_fixtures"]

NEXT_MONTH = "2026-04-10T12:00:00.000Z"


# Limits of a user and of a session


def test_a_session_and_a_user_have_limits_besides_the_pool(ada):
    first, second, bo = ada.session, ada.sign_in("ada"), ada.sign_in("bo")
    assert ada.consume("shared", 21)["consumed"] == 0
    assert ada.consume("shared", 20, session=first)["consumed"] == 20
    denied = ada.consume("shared", 1, session=first)
    assert (denied["allowed"], denied["reason"]) == (False, "quota_exhausted")
    assert ada.consume("shared", 11, session=second)["consumed"] == 0
    assert ada.consume("shared", 10, session=second)["consumed"] == 10
    assert ada.consume("shared", 1, session=second)["consumed"] == 0, "ada has had her 30"
    assert ada.consume("shared", 20, session=bo)["consumed"] == 20
    assert ada.used("shared") == 50
    assert ada.used("shared", user="ada") == 30
    assert ada.used("shared", user="bo") == 20


def test_an_account_alone_has_only_the_pool(ada):
    assert ada.consume("shared", 90, account=ada.account)["consumed"] == 90
    assert ada.consume("shared", 11, account=ada.account, user="bo")["consumed"] == 0
    assert ada.consume("shared", 11)["consumed"] == 0, "ten are left in the pool"
    assert ada.consume("shared", 10, account=ada.account, user="bo")["consumed"] == 10
    assert ada.used("shared", user="bo") == 10


def test_a_named_user_has_the_users_limit(ada):
    assert ada.consume("shared", 31, account=ada.account, user="bo")["consumed"] == 0
    assert ada.consume("shared", 30, account=ada.account, user="bo")["consumed"] == 30
    assert ada.consume("shared", 1, account=ada.account, user="bo")["consumed"] == 0


def test_a_cap_is_held_to_the_nearest_limit(ada):
    assert ada.consume("shared", 50, mode="cap")["consumed"] == 20
    other = ada.sign_in("ada")
    assert ada.consume("shared", 50, mode="cap", session=other)["consumed"] == 10


def test_limits_of_users_come_back_with_the_window(ada):
    ada.consume("shared", 20)
    assert ada.consume("shared", 1)["consumed"] == 0
    ada.at("2026-03-11T00:00:00.000Z")
    assert ada.consume("shared", 20)["consumed"] == 20
    assert ada.used("shared", user="ada") == 20


def test_a_users_own_grant_takes_the_place_of_the_pool(ada):
    body = {"feature": "calls", "effect": "allow", "limit": 5, "user": "ada", "reason": "own"}
    ada.api.call("POST", f"{ada.path}/grants", body, expect=(201,))
    assert ada.consume("calls", 5)["limit"] == 5
    assert ada.consume("calls")["reason"] == "quota_exhausted"
    bo = ada.sign_in("bo")
    answer = ada.consume("calls", 6, session=bo)
    assert (answer["consumed"], answer["limit"], answer["used"]) == (6, 500, 6)


# Pools


def test_a_pool_is_drawn_on_at_its_cost(ada):
    assert ada.consume("image", 3)["used"] == 3
    assert ada.counted("ai_credits")[:2] == (30, 70)
    assert ada.consume("text", 5)["consumed"] == 5
    assert ada.counted("ai_credits")[:2] == (35, 65)
    denied = ada.consume("image", 7)
    assert (denied["allowed"], denied["reason"]) == (False, "quota_exhausted")
    assert ada.consume("image", 7, mode="cap")["consumed"] == 6
    assert ada.counted("ai_credits")[:2] == (95, 5)
    assert ada.check("image")["allowed"] is False
    assert ada.check("text")["allowed"] is True
    entries = ada.ledger("ai_credits")
    assert [(e["via"], e["units"]) for e in entries] == [("image", 30), ("text", 5), ("image", 60)]


def test_the_features_own_limit_counts_besides_the_pool(ada):
    ada.credit("ai_credits", 10_000)
    assert ada.consume("image", 51)["consumed"] == 0
    assert ada.consume("image", 50)["consumed"] == 50
    assert ada.consume("image")["reason"] == "quota_exhausted"
    assert ada.consume("text", 9_600)["consumed"] == 9_600


def test_a_refund_goes_back_to_the_pool_too(ada):
    ada.consume("image", 4, idempotency_key="four")
    assert ada.refund("image", 1).status_code == 200
    assert (ada.used("image"), ada.used("ai_credits")) == (3, 30)
    assert ada.refund("image", 3, consumption="four").status_code == 200
    assert (ada.used("image"), ada.used("ai_credits")) == (0, 0)


# Editing a limit, changing a plan


def test_an_edited_limit_keeps_counter_and_window(ada):
    # Kuadrant/limitador#64: an edited maximum became a second limit.
    ada.consume("calls", 400)
    sell(ada.api, **changed("kit", "calls", limit=450))
    try:
        answer = ada.consume("calls", 50)
        assert (answer["limit"], answer["used"], answer["resets_at"]) == (450, 450, NEXT_MONTH)
        assert ada.consume("calls")["reason"] == "quota_exhausted"
    finally:
        sell(ada.api)
    assert ada.consume("calls", 50)["used"] == 500


def test_a_plan_change_carries_what_was_used(ada):
    anchor = {"starts_at": "2026-03-10T12:00:00.000Z", "period_anchor": "2026-03-10T12:00:00.000Z"}
    ada.later(days=5)
    ada.consume("calls", 300)
    ada.subscribe("large", **anchor)
    answer = ada.consume("calls", 1)
    assert (answer["limit"], answer["used"], answer["remaining"]) == (1_000, 301, 699)
    assert answer["resets_at"] == NEXT_MONTH
    ada.subscribe("lite", **anchor)
    check = ada.check("calls")
    assert (check["allowed"], check["reason"]) == (False, "quota_exhausted")
    assert (check["limit"], check["used"], check["remaining"]) == (100, 301, 0)
    # Back again: switching to and fro fills nothing up.
    ada.subscribe("kit", **anchor)
    assert ada.check("calls")["remaining"] == 199
    ada.subscribe("lite", **anchor)
    ada.at(NEXT_MONTH)
    check = ada.check("calls")
    assert (check["used"], check["remaining"]) == (0, 100)


def test_a_plan_may_start_afresh(ada):
    anchor = {"starts_at": "2026-03-10T12:00:00.000Z", "period_anchor": "2026-03-10T12:00:00.000Z"}
    ada.consume("calls", 300)
    ada.subscribe("fresh", **anchor)
    check = ada.check("calls")
    assert (check["limit"], check["remaining"]) == (800, 800)
    assert check["resets_at"] == NEXT_MONTH
    assert ada.consume("calls", 1)["remaining"] == 799


@pytest.mark.parametrize(("plan", "left"), [("fresh", 800), ("kit", 300)])
def test_the_end_of_a_trial_is_a_change_of_plan(meters, plan, left):
    start = "2026-03-10T12:00:00.000Z"
    eve = Metered(meters, plan=None)
    fields = {"starts_at": start, "period_anchor": start, "payment_method": True}
    fields |= {"trial_start": start, "trial_end": "2026-03-20T12:00:00.000Z"}
    eve.subscribe(plan, status="trialing", **fields)
    eve.consume("calls", 200)
    eve.at("2026-03-20T11:59:59.999Z")
    assert eve.check("calls")["reason"] == "trial"
    assert eve.check("calls")["used"] == 200
    eve.at("2026-03-20T12:00:00.000Z")
    eve.subscribe(plan, status="active", **fields)
    assert eve.check("calls")["remaining"] == left


# The clock


def test_a_clock_that_is_lifted_starts_a_new_period(meters):
    ahead = Metered(meters, now="2040-05-05T00:00:00.000Z")
    ahead.consume("calls", 400)
    meters.call("PUT", f"{ahead.path}/clock", {})
    ahead.session = ahead.sign_in("ada")  # the other one has not begun yet either
    answer = ahead.consume("daily", 1)
    assert (answer["allowed"], answer["reason"]) == (False, "not_in_plan"), "not begun yet"
    ahead.subscribe("kit", starts_at="2026-01-01T00:00:00.000Z")
    answer = ahead.consume("calls", 1)
    assert (answer["used"], answer["remaining"]) == (1, 499)


def test_the_calendar_is_the_accounts(meters):
    there = Metered(meters, now="2026-03-28T23:30:00.000Z", timezone="Europe/Berlin")
    answer = there.consume("daily", 5)  # 00:30 of the day on which clocks go forward
    assert answer["resets_at"] == "2026-03-29T22:00:00.000Z"
    there.at("2026-03-29T22:00:00.000Z")
    answer = there.consume("daily", 1)
    assert (answer["used"], answer["resets_at"]) == (1, "2026-03-30T22:00:00.000Z")


def test_a_billing_month_keeps_the_anchors_day(meters):
    anchor = "2026-01-31T10:00:00.000Z"
    eve = Metered(meters, plan=None, now=anchor)
    eve.subscribe("kit", starts_at=anchor, period_anchor=anchor)
    ends = []
    for _ in range(3):
        ends.append(eve.consume("calls", 500)["resets_at"])
        eve.at(ends[-1])
    assert [end[:10] for end in ends] == ["2026-02-28", "2026-03-31", "2026-04-30"]
