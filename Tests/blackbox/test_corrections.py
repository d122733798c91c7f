"""Corrections: refunds and adjustments, with a reason, to the very buckets."""

import pytest
from support.metered import Metered, problem

pytest_plugins = ["support.metered_fixtures"]


def left(customer: Metered, feature: str = "calls") -> dict[str, int]:
    return {slot: amount for slot, _, amount in customer.slots(feature)}


def test_a_refund_goes_back_to_the_very_buckets(ada):
    # Autumn's docs: a refund by generic order put credit into the wrong bucket.
    credit = ada.credit("once", 5, priority=1)["credit"]
    ada.consume("once", 3, idempotency_key="first")
    ada.consume("once", 6, idempotency_key="second")
    assert left(ada, "once") == {credit: 0, "base": 6} or left(ada, "once") == {"base": 6}
    assert ada.refund("once", 3, consumption="first").status_code == 200
    assert left(ada, "once") == {credit: 3, "base": 6}
    problem(ada.refund("once", 1, consumption="first"), 409, "below_zero")
    assert ada.refund("once", 2, consumption="second").status_code == 200
    assert ada.used("once") == 4
    entry = ada.ledger("once")[-1]
    assert (entry["kind"], entry["units"], entry["reason"]) == ("refund", -2, "a test")


def test_a_refund_without_a_name_takes_the_newest_first(ada):
    credit = ada.credit("once", 5, priority=1)["credit"]
    ada.consume("once", 9)
    answer = ada.refund("once", 5)
    assert answer.json()["used"] == 4
    assert left(ada, "once") == {credit: 1, "base": 10}
    problem(ada.refund("once", 5), 409, "below_zero")
    assert ada.used("once") == 4


def test_a_refund_of_overage_first(ada):
    ada.consume("soft", 130)
    ada.refund("soft", 40)
    assert ada.counted("soft") == (90, 10, 0, 0)


def test_a_repeated_refund_is_one(ada):
    ada.consume("once", 9)
    headers = {"Idempotency-Key": "back"}
    body = {"feature": "once", "quantity": 2, "reason": "r"}
    first, again = (ada.post("/v1/refunds", body, headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content)
    assert ada.used("once") == 7


@pytest.mark.parametrize(
    ("change", "used", "over"),
    [({"used": 4}, 4, 0), ({"used": 13}, 13, 3), ({"add": 2}, 9, 0), ({"add": -7}, 0, 0)],
    ids=str,
)
def test_an_adjustment_says_what_was_used(ada, change, used, over):
    ada.consume("once", 7)
    answer = ada.adjust("once", reason="counted wrong", **change)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["used"], answer.json()["over"]) == (used, over)
    assert ada.counted("once") == (used, max(0, 10 - used), over, 0)
    entry = ada.ledger("once")[-1]
    assert (entry["kind"], entry["units"]) == ("adjust", used - 7)
    assert entry["reason"] == "counted wrong"
    assert entry["author"]


def test_what_was_taken_and_given_back_leaves_all_as_it_was(ada):
    ada.credit("calls", 20, priority=1)
    ada.credit("calls", 20, priority=200)
    ada.consume("calls", 15)
    before = ada.meter("calls")
    ada.consume("calls", 525, idempotency_key="much")
    ada.refund("calls", 525, consumption="much")
    held = ada.reserve("calls", 525)["reservation"]
    ada.release(held)
    after = ada.meter("calls")
    assert {k: v for k, v in after.items() if k != "revision"} == {
        k: v for k, v in before.items() if k != "revision"
    }
