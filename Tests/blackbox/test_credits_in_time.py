"""What becomes of credits, allowances and debt in time: starts, ends, resets, recurrences."""

from support.metered import Metered

pytest_plugins = ["support.metered_fixtures"]

DAY2, MONTH2 = "2026-03-11T12:00:00.000Z", "2026-04-10T12:00:00.000Z"


def left(customer: Metered, feature: str = "calls") -> dict[str, int]:
    return {slot: amount for slot, _, amount in customer.slots(feature)}


def credit_of(customer: Metered, credit: str) -> dict:
    return customer.api.call("GET", f"{customer.path}/credits/{credit}")


def test_a_credit_gives_from_its_start_to_its_end(ada):
    made = ada.credit("calls", 50, **{"from": DAY2}, to=MONTH2)
    assert made["state"] == "waiting"
    assert ada.check("calls")["remaining"] == 500
    assert ada.check("calls")["limit"] == 500
    ada.at("2026-03-11T11:59:59.999Z")
    assert ada.check("calls")["remaining"] == 500
    ada.at(DAY2)
    assert ada.check("calls")["remaining"] == 550
    ada.consume("calls", 20)  # it ends when the period does; of the two it is the credit's turn
    ada.at("2026-04-10T11:59:59.999Z")
    assert credit_of(ada, made["credit"])["state"] == "active"
    ada.at(MONTH2)
    assert ada.check("calls")["remaining"] == 500
    assert credit_of(ada, made["credit"])["state"] == "ended"


def test_a_credits_end_is_the_next_change(ada):
    ada.consume("calls", 500)
    ada.credit("calls", 50, ttl_seconds=60)
    check = ada.check("calls")
    assert check["valid_until"] == "2026-03-10T12:01:00.000Z"
    ada.at("2026-03-10T12:01:00.000Z")
    assert ada.check("calls")["reason"] == "quota_exhausted"


def test_a_recurring_credit_is_full_again_and_no_fuller(ada):
    ada.credit("once", 100, every="day", priority=1)
    ada.consume("once", 30)
    ada.at("2026-03-11T11:59:59.999Z")
    assert ada.check("once")["remaining"] == 80
    ada.at(DAY2)
    assert ada.check("once")["remaining"] == 110
    ada.at("2026-03-14T12:00:00.000Z")
    assert ada.check("once")["remaining"] == 110


def test_b1_the_first_of_two_is_empty_before_the_second_is_touched(ada):
    first = ada.credit("once", 100, priority=1)["credit"]
    second = ada.credit("once", 100, priority=2)["credit"]
    ada.consume("once", 120)
    assert (left(ada, "once").get(first, 0), left(ada, "once")[second]) == (0, 80)


def test_b2_a_recurrence_pays_the_overage_first(ada):
    ada.adjust("once", used=10)  # the lifetime's ten are gone
    ada.credit("once", 100, every="day", priority=1)
    ada.tell(ada.event("once", quantity=120))
    assert ada.counted("once")[1:3] == (0, 20)
    ada.at("2026-03-11T13:00:00.000Z")
    assert ada.counted("once")[1:3] == (80, 0)


def test_b3_what_a_reset_leaves_of_a_credit_has_a_ceiling(ada):
    made = ada.credit("calls", 100, priority=1, rollover={"min": 0, "max": 50})["credit"]
    ada.consume("calls", 10)
    ada.at(MONTH2)
    assert left(ada)[made] == 50
    assert ada.used("calls") == 0


def test_a_reset_may_lift_a_credit_to_its_floor(ada):
    made = ada.credit("calls", 100, priority=1, rollover={"min": 30, "max": 50})["credit"]
    ada.consume("calls", 95)
    ada.at(MONTH2)
    assert left(ada)[made] == 30


def test_a_recurring_credit_of_another_rhythm_is_lost_at_the_reset(ada):
    ada.credit("calls", 100, every="month", **{"from": "2026-03-20T12:00:00.000Z"})
    ada.at("2026-03-20T12:00:00.000Z")
    assert ada.check("calls")["remaining"] == 600
    ada.at(MONTH2)
    assert ada.check("calls")["remaining"] == 500, "min = max = 0 by default"
    ada.at("2026-04-20T12:00:00.000Z")
    assert ada.check("calls")["remaining"] == 600


def test_a_recurrence_at_the_very_instant_of_the_reset_counts_once(ada):
    # openmeterio/openmeter#1408, #1071: counted twice, or lost.
    ada.credit("calls", 100, every="month")
    ada.consume("calls", 50)
    ada.at(MONTH2)
    assert ada.counted("calls")[:2] == (0, 600)
    ada.consume("calls", 1)
    assert ada.counted("calls")[:2] == (1, 599)


def test_a_recurrence_keeps_the_anchors_day(meters):
    # openmeterio/openmeter#2166, polarsource/polar#10665
    eve = Metered(meters, now="2026-01-31T10:00:00.000Z")
    eve.credit("once", 5, every="month", priority=1)
    for full in ("2026-02-28", "2026-03-31", "2026-04-30"):
        eve.consume("once", 5)
        eve.at(f"{full}T09:59:59.999Z")
        assert eve.check("once")["remaining"] == 10
        eve.at(f"{full}T10:00:00.000Z")
        assert eve.check("once")["remaining"] == 15


def test_b4_overage_that_is_kept_is_burnt_from_what_the_reset_leaves(ada):
    ada.consume("debt", 120)
    assert ada.counted("debt") == (120, 0, 20, 0)
    ada.at(MONTH2)
    assert ada.counted("debt")[1:3] == (80, 0)
    ada.consume("debt", 300)
    ada.at("2026-05-10T12:00:00.000Z")
    assert ada.counted("debt")[1:3] == (0, 120)


def test_overage_is_dropped_where_nothing_says_otherwise(ada):
    ada.consume("soft", 130)
    ada.at(MONTH2)
    assert ada.counted("soft") == (0, 100, 0, 0)


def test_b5_rollover_by_percent_is_a_ceiling_on_the_total(ada):
    ada.consume("rolling", 50)
    ada.at(MONTH2)
    assert ada.counted("rolling")[:2] == (0, 300)
    assert [(kind, amount) for _, kind, amount in ada.slots("rolling")] == [
        ("rolled", 100),
        ("allowance", 200),
    ]
    ada.at("2026-05-10T12:00:00.000Z")
    assert ada.meter("rolling")["remaining"] == 300, "the total, not each"


def test_what_rolled_over_burns_first_and_is_lost_at_its_own_end(ada):
    """30 at most, for two months."""
    ada.consume("kept", 90)
    ada.at(MONTH2)
    assert ada.meter("kept")["remaining"] == 110
    ada.consume("kept", 4)
    assert [(kind, amount) for _, kind, amount in ada.slots("kept")] == [
        ("rolled", 6),
        ("allowance", 100),
    ]
    ada.at("2026-05-10T12:00:00.000Z")
    lefts = [(kind, amount) for _, kind, amount in ada.slots("kept")]
    assert sum(amount for kind, amount in lefts if kind == "rolled") == 30
    ada.at("2026-06-10T11:59:59.999Z")
    assert ada.meter("kept")["remaining"] == 130
    ada.at("2026-06-10T12:00:00.000Z")
    assert ada.meter("kept")["remaining"] == 130


def test_a_period_that_nobody_used_rolls_over_too(ada):
    """The same by whoever looks in between, and by nobody."""
    ada.at(MONTH2)
    assert ada.meter("rolling")["remaining"] == 300


def test_looking_changes_nothing(meters):
    one, other = Metered(meters), Metered(meters)
    for customer in (one, other):
        customer.consume("rolling", 150)
        customer.credit("rolling", 40, every="day", count=3)
    for day in range(1, 40):
        one.later(days=1)
        one.check("rolling")
        if day % 7 == 0:
            one.consume("rolling", 999_999)  # refused
    other.later(days=39)
    shown = [
        {
            key: c.meter("rolling")[key]
            for key in ("used", "remaining", "limit", "over", "resets_at")
        }
        for c in (one, other)
    ]
    assert shown[0] == shown[1]
