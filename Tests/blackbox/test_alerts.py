"""Alerts: each threshold is told once per crossing and period, in the transaction of the change."""

import pytest
from support.metered import NOW, Metered, sell
from support.metered_catalog import changed
from support.racing import Call, race
from support.waiting import eventually

pytest_plugins = ["support.metered_fixtures"]

MONTH2 = "2026-04-10T12:00:00.000Z"


def alerts(customer: Metered, feature: str = "alerted") -> list[dict]:
    """Oldest first."""
    found = customer.api.pages(f"{customer.path}/alerts")[::-1]
    return [alert for alert in found if alert["feature"] == feature]


def told(customer: Metered, feature: str = "alerted") -> list[tuple]:
    short = []
    for alert in alerts(customer, feature):
        kind = alert["kind"].removeprefix("quota.")
        threshold = alert["threshold"]
        if isinstance(threshold, dict):
            ((unit, amount),) = threshold.items()
            threshold = f"{amount} {unit}"
        short.append((kind, threshold) if kind == "threshold" else (kind,))
    return short


def thresholds(customer: Metered) -> list:
    """The amounts of the thresholds that were told: 30 is units, the others are percent."""
    found = [entry[1] for entry in told(customer) if entry[0] == "threshold"]
    return [int(str(each).split()[0].rstrip("%")) for each in found]


def test_a_threshold_is_told_when_it_is_reached_and_not_before(ada):
    """Of 200: at 30 units, then at 50, 80 and 100 percent."""
    ada.consume("alerted", 29)
    assert alerts(ada) == []
    ada.consume("alerted", 1)
    assert thresholds(ada) == [30]
    ada.consume("alerted", 69)
    assert thresholds(ada) == [30]
    ada.consume("alerted", 1)
    assert thresholds(ada) == [30, 50]
    ada.consume("alerted", 5)
    assert thresholds(ada) == [30, 50]
    alert = alerts(ada)[-1]
    assert (alert["kind"], alert["subject"]) == ("quota.threshold", "")
    assert (alert["limit"], alert["used"], alert["at"]) == (200, 100, NOW)
    assert alert["period"] == {"start": NOW, "end": MONTH2}


def test_a_leap_over_several_tells_each_ascending(ada):
    ada.consume("alerted", 200)
    assert thresholds(ada) == [30, 50, 80, 100]
    assert ("exhausted",) in told(ada)


def test_a_refusal_tells_nothing(ada):
    ada.consume("alerted", 201)
    assert alerts(ada) == []


def test_a_repeated_key_tells_nothing_twice(ada):
    for _ in range(3):
        ada.consume("alerted", 110, idempotency_key="k")
    assert thresholds(ada) == [30, 50]


def test_fallen_below_it_is_armed_again(ada):
    ada.consume("alerted", 110)
    ada.refund("alerted", 20)
    assert thresholds(ada) == [30, 50]
    ada.consume("alerted", 10)
    assert thresholds(ada) == [30, 50, 50]


def test_a_new_period_arms_all_of_them(ada):
    ada.consume("alerted", 200)
    ada.at(MONTH2)
    ada.consume("alerted", 30)
    assert thresholds(ada) == [30, 50, 80, 100, 30]
    assert [entry[0] for entry in told(ada)].count("reset") == 1


def test_a_reset_is_told_once_if_anything_was_used(ada):
    ada.consume("alerted", 5)
    ada.at(MONTH2)
    ada.consume("alerted", 1)
    assert told(ada) == [("reset",)]
    (alert,) = alerts(ada)
    assert (alert["kind"], alert["used"]) == ("quota.reset", 5)
    ada.at("2026-06-10T12:00:00.000Z")
    ada.consume("alerted", 1)
    assert told(ada) == [("reset",)] * 2


def test_exhausted_is_told_when_the_last_unit_goes(ada):
    ada.consume("once", 9)
    assert told(ada, "once") == []
    ada.consume("once", 5, mode="cap")
    assert told(ada, "once") == [("exhausted",)]
    ada.consume("once", 1)
    assert told(ada, "once") == [("exhausted",)]
    ada.refund("once", 2)
    ada.consume("once", 2)
    assert told(ada, "once") == [("exhausted",)] * 2


def test_a_soft_limit_is_never_exhausted(ada):
    ada.consume("soft", 150)
    assert [entry for entry in told(ada, "soft") if entry[0] == "exhausted"] == []


def test_a_changed_limit_counts(ada):
    """110 of 200 are below 80 percent; of 130 they are above."""
    ada.consume("alerted", 110)
    sell(ada.api, **changed("kit", "alerted", limit=130))
    try:
        ada.consume("alerted", 1)
        assert thresholds(ada) == [30, 50, 80]
        assert alerts(ada)[-1]["limit"] == 130
    finally:
        sell(ada.api)


def test_a_top_up_moves_the_thresholds(ada):
    ada.consume("alerted", 150)
    ada.credit("alerted", 200, priority=200)
    ada.consume("alerted", 20)  # 170 of 400
    assert thresholds(ada) == [30, 50]
    ada.consume("alerted", 30)  # 200 of 400
    assert thresholds(ada) == [30, 50, 50]


def test_an_event_and_a_settlement_tell_as_well(ada):
    ada.tell(ada.event("alerted", quantity=30))
    assert thresholds(ada) == [30]
    held = ada.reserve("alerted", 100)["reservation"]
    assert thresholds(ada) == [30], "what is held is not used"
    ada.settle(held, 100)
    assert thresholds(ada) == [30, 50]


def test_many_at_once_cross_it_once(bob, meter_usher):
    body = {"session": bob.session, "feature": "alerted"}
    race([Call(meter_usher.base, "/v1/consume", body) for _ in range(260)])
    assert bob.used("alerted") == 200
    assert sorted(thresholds(bob)) == [30, 50, 80, 100]
    assert [entry[0] for entry in told(bob)].count("exhausted") == 1


def test_the_outbox_is_written_with_the_effect(ada, meter_usher):
    ada.consume("alerted", 100)
    statement = f"select count(*) from outbox where account_id = '{ada.account}'"
    assert int(meter_usher.psql(statement)) == 2 == len(alerts(ada))


@pytest.mark.slow
def test_a_reset_is_told_without_anybody_asking(ada):
    """The sweep tells what only time has done; access itself never waits for it."""
    ada.consume("alerted", 5)
    ada.at(MONTH2)
    assert ada.check("alerted")["used"] == 0
    eventually(lambda: told(ada) == [("reset",)], 90, step=0.5)
