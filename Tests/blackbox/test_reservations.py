"""Hold first, settle with the real amount later: what is held, and how a hold ends."""

import pytest
from support import world
from support.api import Api
from support.metered import NOW, Metered, problem

pytest_plugins = ["support.metered_fixtures"]


def test_a_hold_counts_against_the_limit_until_it_is_settled(ada):
    held = ada.reserve("calls", 100)
    assert (held["allowed"], held["quantity"], held["consumed"]) == (True, 100, 0)
    assert held["reservation"].startswith("rsv_")
    assert held["reservation"].endswith(f"_{ada.account}")
    assert held["expires_at"] == "2026-03-10T12:10:00.000Z"
    assert (held["used"], held["held"], held["remaining"]) == (0, 100, 400)
    assert ada.consume("calls", 401)["consumed"] == 0
    assert ada.consume("calls", 400)["consumed"] == 400
    settled = ada.settle(held["reservation"], 100).json()
    assert (settled["state"], settled["quantity"], settled["settled"]) == ("settled", 100, 100)
    assert (settled["used"], settled["remaining"]) == (500, 0)
    assert ada.counted("calls") == (500, 0, 0, 0)


@pytest.mark.parametrize("real", [0, 1, 60, 100])
def test_what_was_not_needed_comes_back(ada, real):
    held = ada.reserve("calls", 100)["reservation"]
    assert ada.settle(held, real).json()["settled"] == real
    assert ada.counted("calls") == (real, 500 - real, 0, 0)
    entries = ada.ledger("calls")
    assert sum(entry["units"] for entry in entries) == real
    assert {entry["reference"] for entry in entries} == {held}


def test_more_than_was_held_is_a_fresh_consume(ada):
    held = ada.reserve("calls", 100)["reservation"]
    assert ada.settle(held, 130).json()["settled"] == 130
    assert ada.counted("calls") == (130, 370, 0, 0)


def test_more_than_there_is_leaves_the_hold_as_it_was(ada):
    held = ada.reserve("calls", 100)["reservation"]
    ada.consume("calls", 390)
    problem(ada.settle(held, 111), 409, "limit_reached")
    assert ada.counted("calls") == (390, 10, 0, 100)
    assert ada.settle(held, 110).status_code == 200
    assert ada.counted("calls") == (500, 0, 0, 0)


def test_a_soft_limit_takes_any_settlement(ada):
    held = ada.reserve("soft", 90)["reservation"]
    assert ada.settle(held, 150).status_code == 200
    assert ada.counted("soft") == (150, 0, 50, 0)


def test_settled_twice_is_settled_once(ada):
    held = ada.reserve("calls", 100)["reservation"]
    first = ada.settle(held, 60)
    again = ada.settle(held, 60)
    assert (again.status_code, again.content) == (200, first.content)
    problem(ada.settle(held, 61), 409, "conflict")
    problem(ada.release(held), 409, "conflict")
    assert ada.counted("calls") == (60, 440, 0, 0)


def test_released_twice_is_released_once(ada):
    held = ada.reserve("calls", 100)["reservation"]
    assert ada.release(held).status_code == 200
    assert ada.release(held).status_code == 200
    assert ada.counted("calls") == (0, 500, 0, 0)
    problem(ada.settle(held, 100), 409, "conflict")
    assert ada.counted("calls") == (0, 500, 0, 0)


def test_a_hold_lapses_at_its_instant_by_the_clock_alone(ada):
    held = ada.reserve("calls", 500, ttl_seconds=60)["reservation"]
    ada.at("2026-03-10T12:00:59.999Z")
    assert ada.counted("calls") == (0, 0, 0, 500)
    assert ada.check("calls")["allowed"] is False
    ada.at("2026-03-10T12:01:00.000Z")
    assert ada.check("calls")["remaining"] == 500
    assert ada.counted("calls") == (0, 500, 0, 0)
    problem(ada.settle(held, 10), 409, "reservation_lapsed")
    assert ada.consume("calls", 500)["consumed"] == 500


def test_the_last_instant_of_a_hold_is_in_time(ada):
    held = ada.reserve("calls", 500, ttl_seconds=60)["reservation"]
    ada.at("2026-03-10T12:00:59.999Z")
    assert ada.settle(held, 500).status_code == 200
    ada.later(days=1)
    assert ada.settle(held, 500).status_code == 200, "it was settled in time, and stays so"
    assert ada.counted("calls") == (500, 0, 0, 0)


def test_a_reservation_that_does_not_fit_is_a_denial(ada):
    denied = ada.reserve("calls", 501, expect=(200,))
    assert (denied["allowed"], denied["reason"]) == (False, "quota_exhausted")
    assert "reservation" not in denied or denied["reservation"] is None
    assert ada.counted("calls") == (0, 500, 0, 0)


def test_a_reservation_can_be_looked_at(ada):
    held = ada.reserve("calls", 100)["reservation"]
    path = f"/v1/reservations/{held}"
    shown = ada.api.call("GET", path)
    assert (shown["reservation"], shown["state"], shown["quantity"]) == (held, "held", 100)
    ada.settle(held, 40)
    shown = ada.api.call("GET", path)
    assert (shown["state"], shown["settled"]) == ("settled", 40)
    second = ada.reserve("calls", 5, ttl_seconds=5)["reservation"]
    ada.later(seconds=5)
    assert ada.api.call("GET", f"/v1/reservations/{second}")["state"] == "lapsed"


@pytest.mark.parametrize("by_header", [True, False])
def test_a_repeated_reservation_holds_once(ada, by_header):
    key = world.unique("key")
    body = {"feature": "calls", "quantity": 100} | ({} if by_header else {"idempotency_key": key})
    headers = {"Idempotency-Key": key} if by_header else {}
    first = ada.post("/v1/reservations", body, headers=headers)
    again = ada.post("/v1/reservations", body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    other = ada.post("/v1/reservations", body | {"quantity": 5}, headers=headers)
    problem(other, 422, "idempotency_key_reused")
    assert ada.counted("calls") == (0, 400, 0, 100)


def test_what_comes_back_goes_to_the_buckets_that_it_came_from(ada):
    credit = ada.credit("calls", 50, priority=10)["credit"]
    held = ada.reserve("calls", 80)["reservation"]
    lefts = {slot: left for slot, _, left in ada.slots("calls")}
    assert (lefts[credit], lefts["base"]) == (0, 470)
    ada.settle(held, 20)
    lefts = {slot: left for slot, _, left in ada.slots("calls")}
    assert (lefts[credit], lefts["base"]) == (30, 500)


def test_what_comes_back_to_a_credit_that_ended_is_lost_with_it(ada):
    ada.credit("calls", 50, priority=10, to="2026-03-10T12:30:00.000Z")
    held = ada.reserve("calls", 80, ttl_seconds=3_600)["reservation"]
    ada.at("2026-03-10T12:30:00.000Z")
    assert ada.release(held).status_code == 200
    assert ada.counted("calls") == (0, 500, 0, 0)


def test_a_hold_belongs_to_the_period_it_was_taken_in(ada):
    ada.at("2026-04-10T11:59:00.000Z")
    held = ada.reserve("calls", 100, ttl_seconds=3_600)["reservation"]
    ada.at("2026-04-10T12:00:00.000Z")
    assert ada.meter("calls")["remaining"] == 500
    assert ada.consume("calls", 500)["consumed"] == 500
    assert ada.settle(held, 100).status_code == 200
    assert ada.counted("calls")[:3] == (500, 0, 0)
    assert sum(entry["units"] for entry in ada.ledger("calls")) == 600


def test_a_pool_is_held_as_well(ada):
    held = ada.reserve("image", 4)["reservation"]
    assert ada.counted("ai_credits") == (0, 60, 0, 40)
    assert ada.consume("image", 7)["consumed"] == 0
    assert ada.settle(held, 3).status_code == 200
    assert ada.counted("ai_credits") == (30, 70, 0, 0)
    assert ada.counted("image") == (3, 47, 0, 0)


def test_a_users_and_a_sessions_limit_are_held_as_well(ada):
    ada.reserve("shared", 20)
    assert ada.consume("shared", 1)["consumed"] == 0
    other = ada.sign_in("ada")
    assert ada.consume("shared", 11, session=other)["consumed"] == 0
    assert ada.consume("shared", 10, session=other)["consumed"] == 10


def test_a_settlement_needs_no_session_any_more(ada):
    held = ada.reserve("calls", 100)["reservation"]
    ada.api.call("DELETE", f"/v1/sessions/{ada.session}")
    assert ada.settle(held, 70).status_code == 200
    assert ada.used("calls") == 70


def test_a_downgrade_keeps_what_is_held(ada):
    held = ada.reserve("calls", 300, ttl_seconds=86_400)["reservation"]
    ada.subscribe("lite", starts_at=NOW, period_anchor=NOW)
    assert ada.counted("calls") == (0, 0, 0, 300)
    assert ada.consume("calls")["reason"] == "quota_exhausted"
    problem(ada.settle(held, 301), 409, "limit_reached")
    assert ada.settle(held, 300).status_code == 200
    assert ada.counted("calls") == (300, 0, 0, 0)


def test_either_instance_settles_what_the_other_held(ada, meter_second):
    held = ada.reserve("calls", 100)["reservation"]
    with Api(meter_second.base) as other:
        path = f"/v1/reservations/{held}/settle"
        assert other.call("POST", path, {"quantity": 90})["settled"] == 90
    assert ada.counted("calls") == (90, 410, 0, 0)


def test_an_account_reserves_without_a_session(meters):
    eve = Metered(meters)
    held = eve.reserve("calls", 5, account=eve.account, user="bo")
    assert held["session"] is None
    eve.settle(held["reservation"], 5)
    assert {entry["user"] for entry in eve.ledger("calls") if entry["units"]} == {"bo"}
