"""So many a second, and so many at once: both by the clock, with no job that sweeps."""

from datetime import UTC, datetime

import pytest
from support.metered import Metered, problem
from support.waiting import eventually

pytest_plugins = ["support.metered_fixtures"]


# Rates: a bucket that refills evenly


def test_a_burst_and_then_one_at_a_time(ada):
    """60 a minute with a burst of 5: one a second after the first five."""
    assert [ada.consume("minute")["consumed"] for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    denied = ada.consume("minute")
    assert (denied["allowed"], denied["reason"], denied["remaining"]) == (False, "rate_limited", 0)
    ada.at("2026-03-10T12:00:00.999Z")
    assert ada.consume("minute")["consumed"] == 0
    ada.at("2026-03-10T12:00:01.000Z")
    assert ada.consume("minute")["consumed"] == 1
    assert ada.consume("minute")["consumed"] == 0


def test_a_rate_says_what_is_left_and_when_it_is_full_again(ada):
    answer = ada.consume("minute", 3)
    assert (answer["limit"], answer["used"], answer["remaining"]) == (60, 3, 2)
    assert answer["resets_at"] == "2026-03-10T12:00:03.000Z"
    ada.at("2026-03-10T12:00:01.500Z")
    assert ada.check("minute")["remaining"] == 3
    ada.at("2026-03-10T12:00:03.000Z")
    check = ada.check("minute")
    assert (check["used"], check["remaining"], check["resets_at"]) == (0, 5, None)


def test_several_at_once_fit_or_do_not(ada):
    assert ada.consume("minute", 6)["consumed"] == 0
    assert ada.consume("minute", 6, mode="cap")["consumed"] == 5
    ada.later(seconds=2)
    assert ada.consume("minute", 3)["consumed"] == 0
    assert ada.consume("minute", 2)["consumed"] == 2


def test_a_denied_call_does_not_push_the_next_one_away(ada):
    ada.consume("minute", 5)
    for _ in range(20):
        assert ada.consume("minute")["consumed"] == 0
    ada.later(seconds=1)
    assert ada.consume("minute")["consumed"] == 1


def test_the_wait_is_told_where_waiting_helps(ada):
    ada.consume("minute", 5)
    assert ada.try_consume("minute", 3).headers["retry-after"] == "3"
    assert "retry-after" not in ada.try_consume("minute", 6).headers
    ada.later(seconds=3)
    assert ada.consume("minute", 3)["consumed"] == 3


def test_the_headers_of_a_rate(ada):
    answer = ada.try_consume("minute", 2)
    assert answer.headers["ratelimit-policy"] == '"minute";q=60;w=60'
    assert answer.headers["ratelimit"] == '"minute";r=3;t=2'


def test_a_check_of_a_rate_takes_nothing(ada):
    ada.consume("minute", 4)
    for _ in range(5):
        assert ada.check("minute")["remaining"] == 1
    ada.consume("minute")
    check = ada.check("minute")
    assert (check["allowed"], check["reason"]) == (False, "rate_limited")
    assert check["valid_until"] == "2026-03-10T12:00:01.000Z"


def test_users_and_sessions_have_buckets_of_their_own(ada):
    """4 a minute a user, 2 a session, 60 the account."""
    first, second = ada.session, ada.sign_in("ada")
    assert [ada.consume("mine", session=first)["consumed"] for _ in range(3)] == [1, 1, 0]
    assert [ada.consume("mine", session=second)["consumed"] for _ in range(3)] == [1, 1, 0]
    third = ada.sign_in("ada")
    denied = ada.consume("mine", session=third)
    assert (denied["consumed"], denied["reason"]) == (0, "rate_limited")
    assert ada.consume("mine", session=ada.sign_in("bo"))["consumed"] == 1
    ada.later(seconds=15)  # a quarter of a minute: one of the user's four
    assert ada.consume("mine", session=third)["consumed"] == 1
    assert ada.consume("mine", session=third)["consumed"] == 0


def test_a_rate_in_real_time(bob):
    """10 a second, bursts of 20: from what was taken, and how long it took, follows the bound."""
    start = datetime.now(UTC)
    taken = 0

    def enough() -> bool:
        nonlocal taken
        taken += bob.consume("search")["consumed"]
        return taken >= 30

    eventually(enough, 30, step=0)
    seconds = (datetime.now(UTC) - start).total_seconds()
    assert seconds > 0.9, "30 are a burst of 20 and one second"
    assert taken <= 20 + 10 * seconds + 1


# Concurrency: leases


def test_as_many_as_there_are_at_once(ada):
    leases = [ada.lease("jobs", session=ada.sign_in(user)) for user in ("a", "b", "c")]
    # One user may have two: of the first, one is left to that user, of the third none to anybody.
    assert [lease["remaining"] for lease in leases] == [1, 1, 0]
    assert all(lease["lease"].startswith("lea_") for lease in leases)
    assert leases[0]["expires_at"] == "2026-03-10T12:01:00.000Z"
    denied = ada.lease("jobs", expect=(200,), session=ada.sign_in("d"))
    assert (denied["allowed"], denied["reason"]) == (False, "concurrency_reached")
    check = ada.check("jobs")
    assert (check["allowed"], check["reason"], check["used"]) == (False, "concurrency_reached", 3)
    assert (check["limit"], check["remaining"], check["resets_at"]) == (3, 0, None)
    assert ada.api.call("DELETE", f"/v1/leases/{leases[1]['lease']}")
    assert ada.check("jobs")["allowed"] is True
    assert ada.lease("jobs")["remaining"] == 0


def test_a_lease_lapses_at_its_instant_and_a_heartbeat_keeps_it(ada):
    kept = ada.lease("jobs", ttl_seconds=60)["lease"]
    ada.lease("jobs", ttl_seconds=60, session=ada.sign_in("bo"))
    ada.at("2026-03-10T12:00:59.999Z")
    path = f"/v1/leases/{kept}/heartbeat"
    beat = ada.api.call("POST", path, {})
    assert (beat["lease"], beat["expires_at"]) == (kept, "2026-03-10T12:01:59.999Z")
    assert ada.check("jobs")["used"] == 2
    ada.at("2026-03-10T12:01:00.000Z")
    assert ada.check("jobs")["used"] == 1
    assert ada.api.call("POST", path, {"ttl_seconds": 5})["expires_at"] == (
        "2026-03-10T12:01:05.000Z"
    )
    ada.at("2026-03-10T12:01:05.000Z")
    assert ada.check("jobs")["used"] == 0
    problem(ada.api.send("POST", path, {}), 404, "unknown_lease")


def test_a_lease_that_is_over_cannot_be_renewed(ada):
    lease = ada.lease("jobs")["lease"]
    path = f"/v1/leases/{lease}"
    assert ada.api.send("DELETE", path).status_code == 200
    assert ada.api.send("DELETE", path).status_code in (200, 404)
    problem(ada.api.send("POST", f"{path}/heartbeat", {}), 404, "unknown_lease")
    missing = f"/v1/leases/lea_00000000000000000000000000_{ada.account}/heartbeat"
    problem(ada.api.send("POST", missing, {}), 404, "unknown_lease")


def test_a_user_and_a_session_have_limits_of_their_own(ada):
    for _ in range(2):
        ada.lease("jobs")
    assert ada.lease("jobs", expect=(200,))["reason"] == "concurrency_reached"
    ada.lease("jobs", session=ada.sign_in("bo"))
    ada.lease("streams")
    assert ada.lease("streams", expect=(200,))["reason"] == "concurrency_reached"
    ada.lease("streams", session=ada.sign_in("ada"))


def test_several_at_once_in_one_lease(meters):
    eve = Metered(meters)
    held = eve.lease("jobs", quantity=2)
    assert held["used"] == 2
    assert eve.lease("jobs", expect=(200,), quantity=2, session=eve.sign_in("bo"))["allowed"] is (
        False
    )
    eve.api.call("DELETE", f"/v1/leases/{held['lease']}")
    assert eve.check("jobs")["used"] == 0


def test_leases_are_listed_while_they_live(ada):
    first = ada.lease("jobs", ttl_seconds=60)["lease"]
    second = ada.lease("streams", ttl_seconds=120)["lease"]
    path = f"{ada.path}/leases"

    def listed(**query) -> set[str]:
        return {item["lease"] for item in ada.api.call("GET", path, params=query)["items"]}

    assert listed() == {first, second}
    assert listed(feature="jobs") == {first}
    ada.later(seconds=60)
    assert listed() == {second}


def test_a_repeated_lease_is_one(ada):
    headers = {"Idempotency-Key": "once"}
    first = ada.post("/v1/leases", {"feature": "jobs"}, headers=headers)
    again = ada.post("/v1/leases", {"feature": "jobs"}, headers=headers)
    assert first.content == again.content
    assert ada.check("jobs")["used"] == 1


@pytest.mark.parametrize("feature", ["jobs", "streams"])
def test_a_downgrade_below_what_runs_ends_nothing(ada, feature):
    ada.lease(feature, ttl_seconds=600)
    body = {"feature": feature, "effect": "allow", "limit": 1, "reason": "less"}
    ada.api.call("POST", f"{ada.path}/grants", body, expect=(201,))
    bo = ada.sign_in("bo")
    check = ada.check(feature, session=bo)
    assert (check["used"], check["remaining"], check["allowed"]) == (1, 0, False)
    assert ada.lease(feature, expect=(200,), session=bo)["allowed"] is False
