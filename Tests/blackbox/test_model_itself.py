"""The hand-made cases that hold the model of `test_model.py` to the tables of the rules.

They need no service.
"""

import pytest
from support.model import moves
from support.model.calls import stamp
from support.model.periods import boundary, period
from support.model.rules import Offer, combine, decide, instants, valid_until
from support.model.state import (
    DAY,
    UNLIMITED,
    Account,
    Feature,
    Line,
    Plan,
    Session,
    Subscription,
    Version,
    World,
)

NOW = 1_772_366_400_000  # 2026-03-01T12:00:00Z


def world(*subs: Subscription, **pro) -> World:
    """Pro has `sso`, 5 `calls` and 2 `seats` a piece; free has 1 call; an add-on has 3 more."""
    kinds = {
        "sso": Feature("boolean", "any"),
        "calls": Feature("metered", "sum"),
        "seats": Feature("seats", "sum"),
        "store": Feature("level", "sum"),
    }
    lines = {"sso": Line(True), "calls": Line(5, "month"), "seats": Line(2), "store": Line(10)}
    plans = {
        "free": Plan("plan", [Version({"calls": Line(1, "month")})], default=True),
        "pro": Plan("plan", [Version(lines, **pro)]),
        "lite": Plan("plan", [Version({"sso": Line(True)}, trial_days=7)]),
        "bare": Plan("plan", [Version({})]),
        "pack": Plan("addon", [Version({"calls": Line(3, "month")})]),
    }
    account = Account(NOW, subscriptions={sub.id: sub for sub in subs})
    sessions = {"s": Session("s", "a", "ada", NOW + 300 * DAY)}
    return World(kinds, plans, {"a": account}, sessions)


def sub(status: str = "active", plan: str = "pro", id: str = "main", **fields) -> Subscription:
    return Subscription(id, plan, status, **fields)


def answer(world: World, at: int = NOW, feature: str = "sso") -> tuple[bool, str]:
    return decide(world, "s", feature, at)[:2]


def do(world: World, do: str, **step) -> World:
    code, after = moves.attempt(world, {"do": do, "account": "a", "sub": "main", **step})
    assert code is None, code
    return after


def refusal(world: World, do: str, **step) -> str:
    code, after = moves.attempt(world, {"do": do, "account": "a", "sub": "main", **step})
    assert code is not None
    assert after is world
    return code


@pytest.mark.parametrize(
    ("made", "before", "end", "after"),
    [
        (sub("scheduled", starts_at=NOW), "not_in_plan", NOW, "plan"),
        (sub("trialing", trial_start=0, trial_end=NOW), "trial", NOW, "trial_ended"),
        (sub("active", period_end=NOW), "plan", NOW, "past_due_grace"),
        (sub("active", period_end=NOW), "past_due_grace", NOW + 7 * DAY, "payment_failed"),
        (sub("active", cancel_at=NOW), "plan", NOW, "subscription_ended"),
        (sub("past_due", past_due_since=NOW), "past_due_grace", NOW + 7 * DAY, "payment_failed"),
        (sub("canceled", ended_at=NOW), "plan", NOW, "subscription_ended"),
        (sub("active", paused_from=NOW), "plan", NOW, "subscription_paused"),
        (sub("active", paused_from=0, paused_until=NOW), "subscription_paused", NOW, "plan"),
        (sub("unpaid"), "payment_failed", NOW, "payment_failed"),
        (sub("paused"), "subscription_paused", NOW, "subscription_paused"),
        (sub("incomplete"), "not_in_plan", NOW, "not_in_plan"),
        (sub("incomplete_expired"), "subscription_ended", NOW, "subscription_ended"),
    ],
)
def test_a_status_gives_access_until_its_instant(made, before, end, after):
    held = world(made)
    gives = ("plan", "trial", "past_due_grace")
    assert answer(held, end - 1) == (before in gives, before)
    assert answer(held, end) == (after in gives, after)


@pytest.mark.parametrize(
    ("policy", "fields", "sso", "calls"),
    [
        ({"trial_then": "free"}, {}, "trial_ended", "default_plan"),
        ({"trial_then": "lite"}, {}, "plan", "trial_ended"),
        ({}, {}, "trial_ended", "default_plan"),
        ({"trial_then": "lite"}, {"trial_at_end": "cancel"}, "trial_ended", "default_plan"),
        ({"trial_then": "lite", "trial_at_end": "pause"}, {}, "trial_ended", "default_plan"),
        ({"trial_then": "lite"}, {"payment_method": True}, "past_due_grace", "past_due_grace"),
    ],
)
def test_the_end_of_a_trial_follows_its_policy(policy, fields, sso, calls):
    held = world(sub("trialing", trial_start=0, trial_end=NOW, **fields), **policy)
    assert answer(held, NOW - 1) == (True, "trial")
    assert answer(held)[1] == sso
    assert answer(held, feature="calls")[1] == calls


def test_a_converted_trial_is_past_due_until_its_grace_ends():
    trial = sub("trialing", trial_start=0, trial_end=NOW, payment_method=True)
    held = world(trial, grace_days=3)
    assert answer(held, NOW + 3 * DAY - 1) == (True, "past_due_grace")
    assert answer(held, NOW + 3 * DAY) == (False, "payment_failed")


def test_a_trial_is_moved_on_the_same_subscription():
    trial = sub("trialing", trial_start=NOW - 9 * DAY, trial_end=NOW - DAY)
    held = do(world(trial), "extend_trial", days=2)
    assert answer(held) == (True, "trial")
    assert answer(do(held, "end_trial")) == (False, "trial_ended")
    assert refusal(held, "extend_trial", trial_end=NOW) == "invalid_field"


def test_a_plan_change_in_a_trial_counts_from_the_first_day():
    def lite(started: int):
        trial = sub("trialing", trial_start=NOW - started, trial_end=NOW + 20 * DAY)
        return do(world(trial), "change", plan="lite").accounts["a"].subscriptions["main"]

    assert lite(2 * DAY).trial_end == NOW + 5 * DAY
    assert lite(9 * DAY).trial_end == NOW


def test_a_family_has_one_trial():
    held = do(world(trial_days=14), "put", fields={"plan": "pro", "status": "trialing"})
    assert held.accounts["a"].subscriptions["main"].trial_end == NOW + 14 * DAY
    again = {"plan": "pro", "status": "trialing"}
    assert refusal(held, "put", sub="second", fields=again) == "trial_already_used"
    bare = {"plan": "bare", "status": "trialing"}
    assert refusal(held, "put", sub="second", fields=bare) == "plan_without_trial"


def test_a_scheduled_change_shares_its_slot_with_a_cancellation():
    held = do(world(sub(period_end=NOW + DAY)), "change", plan="bare", at="period_end")
    assert answer(held, NOW + DAY - 1) == (True, "plan")
    assert answer(held, NOW + DAY) == (False, "not_in_plan")
    canceled = do(held, "cancel")
    assert answer(canceled, NOW + DAY) == (False, "subscription_ended")
    assert answer(do(canceled, "uncancel"), NOW + DAY) == (True, "past_due_grace")
    seats = do(held, "change", quantity=3, at="period_end")
    assert seats.accounts["a"].subscriptions["main"].next_plan == "bare"


def test_a_month_keeps_the_anchors_day():
    anchor = 1_769_853_600_000  # 2026-01-31T10:00:00Z
    ends = [stamp(boundary(anchor, "month", 1, n))[:10] for n in (1, 2, 3)]
    assert ends == ["2026-02-28", "2026-03-31", "2026-04-30"]
    leap = boundary(1_709_208_000_000, "year", 1, 1)  # from 2024-02-29T12:00:00Z
    assert stamp(leap) == "2025-02-28T12:00:00.000Z"
    rule = {"period_anchor": anchor, "period_every": "month"}
    exact = boundary(anchor, "month", 1, 3)
    assert period(sub(**rule), exact)[0] == exact
    assert period(sub(**rule), exact - 1)[1] == exact


@pytest.mark.parametrize(
    ("rule", "amounts", "wins", "amount"),
    [
        ("any", [False, True, True], 1, True),
        ("any", [False, False], None, None),
        ("first", [False, True], None, None),
        ("sum", [0, 5, 3], 1, 8),
        ("sum", [5, UNLIMITED], 0, UNLIMITED),
        ("max", [5, 9, 9], 1, 9),
        ("max", [5, UNLIMITED], 1, UNLIMITED),
        ("min", [5, 3, UNLIMITED], 1, 3),
        ("min", [5, 0], None, None),
    ],
)
def test_sources_stack_by_the_features_rule(rule, amounts, wins, amount):
    kind = Feature("boolean" if amounts[0] is False else "level", rule)
    offers = [Offer(each, None, ("plan", str(n), 1), "plan") for n, each in enumerate(amounts)]
    best = combine(kind, offers)
    assert (best and (best.source[1], best.amount)) == (
        wins if wins is None else (str(wins), amount)
    )


def test_addons_add_to_plans_and_are_multiplied():
    held = world(sub("active", "pack", quantity=2), sub("active", "pro", "second", quantity=2))
    found = decide(held, "s", "calls", NOW)
    assert (found.limit, found.reason, found.source) == (11, "plan", ("plan", "pro", 1))
    alone = decide(world(sub("active", "pack")), "s", "calls", NOW)
    assert (alone.limit, alone.reason) == (4, "default_plan")


def granted(held: World, **body) -> World:
    number = f"g{len(held.accounts['a'].grants)}"
    return do(held, "grant", grant=number, body={"effect": "allow", "feature": "sso", **body})


def test_grants_go_before_plans_and_denials_before_both():
    held = world()
    assert answer(held) == (False, "not_in_plan")
    held = granted(held, to=NOW + DAY)
    assert answer(held) == (True, "grant")
    assert answer(held, NOW + DAY) == (False, "grant_ended")
    assert answer(granted(held, effect="deny", user="bo")) == (True, "grant")
    assert answer(granted(held, effect="deny", session="s")) == (False, "denied_by_grant")
    calls = granted(world(sub()), feature="calls", limit=2)
    assert decide(calls, "s", "calls", NOW).limit == 2
    nearer = granted(calls, feature="calls", limit=0, user="ada")
    assert answer(nearer, feature="calls") == (False, "denied_by_grant")
    stacked = granted(world(sub()), feature="calls", limit=2, mode="stack")
    assert decide(stacked, "s", "calls", NOW)[1:5] == ("plan", ("plan", "pro", 1), None, 7)


def test_an_override_is_held_to_the_features_type():
    assert refusal(world(), "grant", grant="g", body={"feature": "calls", "effect": "allow"}) == (
        "missing_field"
    )
    user = {"feature": "seats", "effect": "allow", "limit": 1, "user": "ada"}
    assert refusal(world(), "grant", grant="g", body=user) == "invalid_field"


def test_seats_are_for_those_who_have_one():
    held = world(sub())
    assert answer(held, feature="seats") == (False, "no_seat")
    for user in ("ada", "bo"):
        held = do(held, "assign", feature="seats", user=user)
    assert answer(held, feature="seats") == (True, "plan")
    assert refusal(held, "assign", feature="seats", user="cy") == "limit_reached"
    swapped = do(held, "swap", feature="seats", **{"from": "ada", "to": "cy"})
    assert answer(swapped, feature="seats") == (False, "no_seat")


def test_a_level_goes_up_to_its_limit_and_down_from_anywhere():
    held = do(world(sub()), "level", feature="store", value=10)
    assert answer(held, feature="store") == (False, "level_reached")
    assert refusal(held, "level", feature="store", add=1) == "limit_reached"
    assert refusal(held, "level", feature="store", add=-11) == "below_zero"
    ended = do(held, "cancel", at="now")
    assert decide(ended, "s", "store", NOW)[-1] == 10
    assert do(ended, "level", feature="store", add=-1).accounts["a"].levels["store"] == 9


def test_what_happened_last_names_the_denial():
    trial = sub("trialing", id="t", trial_start=0, trial_end=NOW - 2 * DAY)
    ended = sub("canceled", id="c", ended_at=NOW - DAY)
    failed = sub("past_due", id="p", past_due_since=NOW - 8 * DAY)
    assert answer(world(trial, ended)) == (False, "subscription_ended")
    assert answer(world(trial, ended, failed)) == (False, "payment_failed")


def test_blocks_end_by_themselves_and_touch_nothing():
    held = do(world(sub()), "block", until=NOW + DAY)
    assert answer(held) == (False, "account_blocked")
    assert answer(held, NOW + DAY) == (True, "plan")


def test_grandfathering_keeps_what_was_bought():
    bare = Version({})
    follows = do(world(sub()), "catalog", plan="pro", version=bare, grandfather=False)
    assert answer(follows) == (False, "not_in_plan")
    kept = do(world(sub()), "catalog", plan="pro", version=bare, grandfather=True)
    assert answer(kept) == (True, "plan")
    assert answer(do(kept, "migrate", plan="pro", dry_run=True)) == (True, "plan")
    assert answer(do(kept, "migrate", plan="pro", dry_run=False)) == (False, "not_in_plan")


def test_the_next_change_is_the_first_that_changes_the_answer():
    held = world(sub(cancel_at=NOW + 2 * DAY), sub("active", "lite", "second"))
    ahead = instants(held, held.accounts["a"])
    assert valid_until(held, "s", "sso", NOW, ahead) == NOW + 2 * DAY  # another source from then on
    assert valid_until(held, "s", "sso", NOW + 2 * DAY, ahead) == NOW + 300 * DAY
