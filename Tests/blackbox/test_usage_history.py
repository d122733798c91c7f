"""How much was used when, by whom: for charts and for support. It adds up with the ledger."""

import pytest
from support.metered import Metered, problem
from support.waiting import eventually

pytest_plugins = ["support.metered_fixtures"]

DAY = {"from": "2026-03-10T00:00:00Z", "to": "2026-03-13T00:00:00Z"}


def history(customer: Metered, feature: str = "calls", window: str = "day", **query) -> dict:
    params = {"feature": feature, "window": window} | query
    return customer.api.call("GET", f"{customer.path}/usage", params=params)


def units(answer: dict) -> list[int]:
    return [item["units"] for item in answer["items"]]


@pytest.fixture
def busy(ada):
    """Some use by two people, over three days."""
    ada.consume("calls", 5)
    ada.consume("calls", 2, session=ada.sign_in("bo"))
    ada.at("2026-03-10T23:59:59.999Z").consume("calls", 1)
    ada.at("2026-03-11T00:00:00.000Z").consume("calls", 10)
    ada.at("2026-03-12T09:30:00.000Z").consume("calls", 20, account=ada.account, user="bo")
    return ada


def test_each_window_has_its_units_and_requests(busy):
    answer = history(busy, **DAY)
    assert (answer["feature"], answer["window"], answer["timezone"]) == ("calls", "day", "UTC")
    assert [(i["start"][:10], i["units"], i["requests"]) for i in answer["items"]] == [
        ("2026-03-10", 8, 3),
        ("2026-03-11", 10, 1),
        ("2026-03-12", 20, 1),
    ]
    for item, following in zip(answer["items"], answer["items"][1:], strict=False):
        assert item["end"] == following["start"]


def test_by_hour_and_by_month(busy):
    hours = history(busy, window="hour", **DAY)
    assert len(hours["items"]) == 72
    assert {n: u for n, u in enumerate(units(hours)) if u} == {12: 7, 23: 1, 24: 10, 57: 20}
    months = history(busy, window="month", **{"from": "2026-02-01T00:00:00Z"},
                     to="2026-05-01T00:00:00Z")  # fmt: skip
    assert units(months) == [0, 38, 0]


def test_windows_without_use_are_there_too(busy):
    wide = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-31T00:00:00Z"}
    assert len(history(busy, **wide)["items"]) == 30
    assert sum(units(history(busy, **wide))) == 38
    assert sum(units(history(busy, feature="daily", **wide))) == 0


def test_of_one_user_and_by_user(busy):
    assert units(history(busy, user="bo", **DAY)) == [2, 0, 20]
    assert units(history(busy, user="ada", **DAY)) == [6, 10, 0]
    rows = history(busy, by="user", **DAY)["items"]
    found = {(row["start"][:10], row["user"]): row["units"] for row in rows if row["units"]}
    assert found == {
        ("2026-03-10", "ada"): 6,
        ("2026-03-10", "bo"): 2,
        ("2026-03-11", "ada"): 10,
        ("2026-03-12", "bo"): 20,
    }


def test_days_are_the_accounts_days(meters):
    there = Metered(meters, now="2026-03-28T22:59:59.999Z", timezone="Europe/Berlin")
    there.consume("calls", 1)
    there.at("2026-03-28T23:00:00.000Z").consume("calls", 2)
    there.at("2026-03-29T21:59:59.999Z").consume("calls", 4)
    there.at("2026-03-29T22:00:00.000Z").consume("calls", 8)
    span = {"from": "2026-03-27T23:00:00Z", "to": "2026-03-30T22:00:00Z"}
    answer = history(there, **span)
    assert answer["timezone"] == "Europe/Berlin"
    assert units(answer) == [1, 6, 8], "the second of them has 23 hours"
    assert answer["items"][1]["end"] == "2026-03-29T22:00:00.000Z"


def test_refunds_settlements_and_events_count_where_they_belong(ada):
    ada.consume("calls", 10)
    held = ada.reserve("calls", 30)["reservation"]
    ada.at("2026-03-11T06:00:00.000Z")
    ada.tell(ada.event("calls", quantity=4, time="2026-03-10T13:00:00Z"))
    ada.refund("calls", 3)
    assert ada.release(held).status_code in (200, 409)
    assert sum(units(history(ada, **DAY))) == 11 == ada.used("calls")
    assert units(history(ada, **DAY))[0] in (11, 14)


def test_what_was_rolled_up_and_what_was_not_are_one_answer(ada, meter_usher):
    """A worker moves the ledger's tail into hours; nobody can tell by the answers."""
    for number in range(1, 6):
        ada.consume("calls", number)
        assert sum(units(history(ada, **DAY))) == number * (number + 1) // 2

    def rolled_up() -> int:
        statement = (
            f"select coalesce(sum(units), 0) from usage_hour where account_id = '{ada.account}'"
        )
        return int(meter_usher.psql(statement))

    eventually(lambda: rolled_up() == 15, 90)
    assert sum(units(history(ada, **DAY))) == 15
    ada.consume("calls", 6)
    assert sum(units(history(ada, **DAY))) == 21


def test_the_ledger_is_paged_newest_first_and_filtered(busy):
    path = f"{busy.path}/ledger"
    page = busy.api.call("GET", path, params={"feature": "calls", "limit": 2})
    assert [item["units"] for item in page["items"]] == [20, 10]
    assert page["next_cursor"]
    assert [e["units"] for e in busy.ledger("calls", limit=2)] == [5, 2, 1, 10, 20]
    assert [e["units"] for e in busy.ledger("calls", user="bo")] == [2, 20]
    span = {"from": "2026-03-10T23:59:59.999Z", "to": "2026-03-12T00:00:00Z"}
    assert [e["units"] for e in busy.ledger("calls", **span)] == [1, 10]
    entry = busy.ledger("calls")[1]
    assert (entry["kind"], entry["feature"], entry["user"], entry["requests"]) == (
        "consume",
        "calls",
        "bo",
        1,
    )


def test_meters_are_listed_with_their_slots(busy):
    busy.consume("daily", 3)
    items = busy.api.call("GET", f"{busy.path}/meters")["items"]
    found = {item["feature"]: item for item in items if item["subject"] in ("", None)}
    assert (found["calls"]["used"], found["daily"]["used"]) == (38, 3)
    assert found["calls"] == busy.meter("calls")
    meter = found["daily"]
    assert meter["period"] == {
        "start": "2026-03-12T00:00:00.000Z",
        "end": "2026-03-13T00:00:00.000Z",
    }
    assert meter["resets_at"] == meter["period"]["end"]
    (slot,) = meter["slots"]
    assert {k: slot[k] for k in ("slot", "kind", "amount", "left")} == {
        "slot": "base",
        "kind": "allowance",
        "amount": 100,
        "left": 97,
    }


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({}, "missing_field", "feature"),
        ({"feature": "nope"}, "unknown_feature", None),
        ({"feature": "calls", "window": "fortnight"}, "invalid_field", "window"),
        ({"feature": "calls", "by": "colour"}, "invalid_field", "by"),
        ({"feature": "calls", "from": "yesterday"}, "invalid_field", "from"),
        ({"feature": "calls", "from": "2026-03-11T00:00:00Z", "to": "2026-03-10T00:00:00Z"},
         "invalid_field", None),
        ({"feature": "calls", "window": "hour", "from": "2026-01-01T00:00:00Z",
          "to": "2026-03-10T00:00:00Z"}, "invalid_field", None),
        ({"feature": "calls", "window": "hour", "from": "0001-01-01T00:00:00Z",
          "to": "9999-01-01T00:00:00Z"}, "invalid_field", None),
    ],
    ids=str,
)  # fmt: skip
def test_a_question_that_makes_no_sense(ada, query, code, field):
    answer = ada.api.send("GET", f"{ada.path}/usage", params=query)
    problem(answer, 404 if code == "unknown_feature" else 400, code, field)
