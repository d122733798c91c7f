"""Everybody at once against one limit: exactly what is there is taken, and not a unit more."""

from collections import Counter

import pytest
from support.api import Api
from support.metered import Metered
from support.racing import Call, race

pytest_plugins = ["support.metered_fixtures"]

CONSUME = "/v1/consume"


@pytest.fixture(params=["one instance", "two instances"])
def bases(request, meter_usher):
    if request.param == "one instance":
        return [meter_usher.base]
    return [meter_usher.base, request.getfixturevalue("meter_second").base]


def taken(replies) -> list[int]:
    """What each was given; everybody must have got an answer."""
    wrong = [reply for reply in replies if reply.status != 200]
    assert not wrong, f"{len(wrong)} were refused, first: {wrong[0]}"
    for reply in replies:
        body = reply.body
        assert body["allowed"] is (body["consumed"] > 0), body
        assert body["reason"] == ("plan" if body["allowed"] else "quota_exhausted"), body
    return [reply.body["consumed"] for reply in replies]


def calls(bases, count: int, body) -> list[Call]:
    return [Call(bases[n % len(bases)], CONSUME, body(n)) for n in range(count)]


def test_1000_racing_consumers_take_exactly_the_500_that_there_are(bob, bases):
    body = {"session": bob.session, "feature": "calls"}
    replies = race(calls(bases, 1_000, lambda n: body))
    assert Counter(taken(replies)) == {1: 500, 0: 500}
    assert bob.counted("calls") == (500, 0, 0, 0)
    # Each unit was seen by exactly one of them.
    assert sorted(r.body["used"] for r in replies if r.body["consumed"]) == list(range(1, 501))
    assert sum(entry["units"] for entry in bob.ledger("calls", limit=200)) == 500


def test_20_times_75_against_500_is_exactly_six(bob, bases):
    body = {"session": bob.session, "feature": "calls", "quantity": 75}
    replies = race(calls(bases, 20, lambda n: body))
    assert Counter(taken(replies)) == {75: 6, 0: 14}
    assert bob.counted("calls") == (450, 50, 0, 0)


def test_what_a_cap_takes_adds_up_to_the_limit(bob, bases):
    body = {"session": bob.session, "feature": "calls", "quantity": 75, "mode": "cap"}
    amounts = Counter(taken(race(calls(bases, 20, lambda n: body))))
    assert amounts == {75: 6, 50: 1, 0: 13}
    assert bob.counted("calls") == (500, 0, 0, 0)


def test_one_key_raced_takes_once_and_everybody_hears_the_same(bob, bases):
    body = {"session": bob.session, "feature": "calls", "quantity": 3, "idempotency_key": "one"}
    replies = race(calls(bases, 100, lambda n: body))
    answered = {reply.raw for reply in replies if reply.status == 200}
    assert len(answered) == 1
    others = {(r.status, r.body["code"]) for r in replies if r.status != 200}
    assert others <= {(409, "idempotency_in_flight")}
    assert bob.used("calls") == 3
    assert [entry["reference"] for entry in bob.ledger("calls")] == ["one"]


def test_one_key_raced_with_two_bodies_takes_one_of_them(bob, bases):
    def body(n: int) -> dict:
        quantity = (3, 4)[n // 2 % 2]
        return {"session": bob.session, "feature": "calls", "quantity": quantity} | {
            "idempotency_key": "one"
        }

    replies = race(calls(bases, 60, body))
    consumed = {reply.body["consumed"] for reply in replies if reply.status == 200}
    assert len(consumed) == 1
    assert {r.status for r in replies} <= {200, 409, 422}
    assert {bob.used("calls")} == consumed


def test_two_features_raced_are_taken_together_or_not_at_all(bob, bases):
    """From both sides, so that a lock that is taken in the order of the call would deadlock."""
    there = [{"feature": "calls", "quantity": 10}, {"feature": "kept", "quantity": 1}]

    def body(n: int) -> dict:
        return {"session": bob.session, "features": there[:: 1 if n % 4 < 2 else -1]}

    replies = race(calls(bases, 200, body))
    assert {reply.status for reply in replies} == {200}
    allowed = [reply for reply in replies if reply.body["allowed"]]
    assert len(allowed) == 50
    for reply in replies:
        amounts = {d["feature"]: d["consumed"] for d in reply.body["decisions"]}
        wanted = {"calls": 10, "kept": 1} if reply.body["allowed"] else {"calls": 0, "kept": 0}
        assert amounts == wanted
    assert (bob.used("calls"), bob.used("kept")) == (500, 50)


def test_features_of_one_pool_raced_never_overdraw_it(bob, bases):
    def body(n: int) -> dict:
        return {"session": bob.session, "feature": ("image", "text")[n // 2 % 2]}

    replies = race(calls(bases, 120, body))
    images, pages = (
        sum(r.body["consumed"] for r in replies if r.body["feature"] == name)
        for name in ("image", "text")
    )
    assert 10 * images + pages == bob.used("ai_credits") <= 100
    assert (bob.used("image"), bob.used("text")) == (images, pages)
    # Some page would have fitted, were anything left.
    assert bob.used("ai_credits") == 100 or pages == 60


def test_users_and_their_pool_raced(bob, bases):
    sessions = {user: bob.sign_in(user) for user in ("ada", "bo", "cy", "dee", "eve", "fay")}
    users = list(sessions)

    def body(n: int) -> dict:
        return {"session": sessions[users[n // 2 % 6]], "feature": "shared"}

    replies = race(calls(bases, 240, body))  # 40 each; a session has 20, the pool 100
    assert sum(taken(replies)) == 100
    assert bob.used("shared") == 100
    by_user = {user: bob.used("shared", user=user) for user in users}
    assert sum(by_user.values()) == 100
    assert max(by_user.values()) <= 20


def test_settled_and_lapsing_at_once_a_reservation_has_one_end(bob, bases):
    held = bob.reserve("calls", 100)["reservation"]
    path = f"/v1/reservations/{held}"
    ends = [
        Call(bases[n % len(bases)], f"{path}/settle", {"quantity": 60})
        if n % 4 < 2
        else Call(bases[n % len(bases)], path, {}, "DELETE")
        for n in range(40)
    ]
    replies = race(ends)
    settled = [r.status for c, r in zip(ends, replies, strict=True) if c.method == "POST"]
    released = [r.status for c, r in zip(ends, replies, strict=True) if c.method == "DELETE"]
    assert {(tuple(set(settled)), tuple(set(released)))} <= {((200,), (409,)), ((409,), (200,))}
    assert bob.counted("calls")[0::3] == ((60, 0) if settled[0] == 200 else (0, 0))


def test_leases_raced_are_as_many_as_there_are(bob, bases):
    sessions = [bob.sign_in(f"user-{n}") for n in range(6)]

    def lease(n: int) -> Call:
        body = {"session": sessions[n // 2 % 6], "feature": "jobs"}
        return Call(bases[n % len(bases)], "/v1/leases", body)

    replies = race([lease(n) for n in range(60)])
    assert Counter(reply.status for reply in replies) == {201: 3, 200: 57}
    listed = bob.api.call("GET", f"{bob.path}/leases", params={"feature": "jobs"})
    assert len(listed["items"]) == 3


def test_events_raced_are_counted_once_each(bob, bases):
    events = [bob.event("calls", id=f"evt-{n % 50}") for n in range(200)]
    sent = [Call(bases[n % len(bases)], "/v1/usage", [event]) for n, event in enumerate(events)]
    statuses = Counter(reply.body["items"][0]["status"] for reply in race(sent))
    assert statuses == {"accepted": 50, "duplicate": 150}
    assert bob.used("calls") == 50


def test_what_is_reserved_and_what_is_consumed_share_the_limit(bob, bases):
    def call(n: int) -> Call:
        path = CONSUME if n // 2 % 2 else "/v1/reservations"
        body = {"session": bob.session, "feature": "calls", "quantity": 7}
        return Call(bases[n % len(bases)], path, body)

    replies = race([call(n) for n in range(160)])
    consumed = sum(r.body["consumed"] for r in replies)
    held = 7 * sum(r.status == 201 for r in replies)
    assert consumed + held == 497
    assert bob.counted("calls") == (consumed, 3, 0, held)


def test_a_hot_account_takes_nothing_from_another(meters, bases, bob):
    other = Metered(meters, now=None)
    whose = (bob, other)

    def body(n: int) -> dict:
        return {"session": whose[n % 10 == 9].session, "feature": "calls"}

    replies = race(calls(bases, 800, body))
    taken(replies)
    assert bob.used("calls") == 500
    assert other.used("calls") == 80


def test_an_upgrade_in_the_middle_of_a_race_lets_exactly_as_many_more(bob, meter_usher):
    with Api(meter_usher.base) as api:
        body = {"session": bob.session, "feature": "calls"}
        first = race(calls([meter_usher.base], 600, lambda n: body))
        api.subscribe(bob.account, "large")
        second = race(calls([meter_usher.base], 600, lambda n: body))
    assert sum(taken(first)) == 500
    assert sum(taken(second)) == 500
    assert bob.used("calls") == 1_000
