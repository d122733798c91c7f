"""Check and consume in one step, by HTTP: what is taken, what is refused, what is said of it."""

import pytest
from support import world
from support.metered import Metered, problem

pytest_plugins = ["support.metered_fixtures"]

COUNTERS = ("allowed", "reason", "limit", "used", "remaining", "held", "over", "resets_at")
NEXT_MONTH = "2026-04-10T12:00:00.000Z"


# One feature


def test_a_consume_is_the_decision_and_what_it_took(ada):
    answer = ada.consume("calls", 7)
    assert (answer["allowed"], answer["reason"], answer["consumed"]) == (True, "plan", 7)
    assert (answer["session"], answer["account"]) == (ada.session, ada.account)
    assert (answer["limit"], answer["used"], answer["remaining"]) == (500, 7, 493)
    assert (answer["held"], answer["over"], answer["resets_at"]) == (0, 0, NEXT_MONTH)
    assert ada.consume("calls")["used"] == 8


def test_the_limit_is_reached_and_never_passed(ada):
    assert ada.consume("calls", 499)["remaining"] == 1
    denied = ada.consume("calls", 2)
    assert (denied["allowed"], denied["reason"], denied["consumed"]) == (
        False,
        "quota_exhausted",
        0,
    )
    assert (denied["used"], denied["remaining"]) == (499, 1)
    assert ada.consume("calls", 1)["remaining"] == 0
    assert ada.consume("calls")["reason"] == "quota_exhausted"
    assert ada.used("calls") == 500


def test_a_denial_leaves_no_trace(ada):
    before = ada.meter("once")
    for _ in range(3):
        assert ada.consume("once", 11, idempotency_key="big")["consumed"] == 0
    assert ada.meter("once") == before
    assert ada.ledger("once") == []
    # The key was not spent on it.
    assert ada.consume("once", 4, idempotency_key="big")["consumed"] == 4


def test_cap_takes_what_is_left(ada):
    assert ada.consume("once", 7)["consumed"] == 7
    capped = ada.consume("once", 5, mode="cap")
    assert (capped["allowed"], capped["consumed"], capped["remaining"]) == (True, 3, 0)
    nothing = ada.consume("once", 5, mode="cap")
    assert (nothing["allowed"], nothing["reason"]) == (False, "quota_exhausted")
    assert nothing["consumed"] == 0
    assert ada.used("once") == 10


def test_an_account_consumes_without_a_session(ada):
    answer = ada.consume("calls", 3, account=ada.account)
    assert (answer["consumed"], answer["used"], answer["session"]) == (3, 3, None)
    answer = ada.consume("calls", 2, account=ada.account, user="bo")
    assert answer["used"] == 5
    assert [(e["user"], e["units"]) for e in ada.ledger("calls")] == [(None, 3), ("bo", 2)]


def test_what_is_not_entitled_is_not_consumed(meters, ada):
    nobody = Metered(meters, plan=None)
    answer = nobody.consume("calls")
    assert (answer["allowed"], answer["reason"], answer["consumed"]) == (False, "not_in_plan", 0)
    meters.call("DELETE", f"/v1/sessions/{ada.session}")
    answer = ada.consume("calls")
    assert (answer["reason"], answer["consumed"]) == ("session_revoked", 0)
    assert ada.used("calls") == 0


def test_a_block_stops_a_consume_at_once(ada):
    ada.consume("calls")
    ada.api.call("POST", f"{ada.path}/block", {"reason": "fraud"})
    assert ada.consume("calls")["reason"] == "account_blocked"
    ada.api.call("DELETE", f"{ada.path}/block")
    assert ada.consume("calls")["used"] == 2


def test_unlimited_is_counted_and_never_refused(ada):
    answer = ada.consume("open", 10**15)
    assert (answer["allowed"], answer["limit"], answer["remaining"]) == (
        True,
        "unlimited",
        "unlimited",
    )
    assert answer["used"] == 10**15
    assert ada.consume("open", 10**15)["used"] == 2 * 10**15


def test_counters_do_not_overflow(ada):
    """Three thousand times the largest quantity stays a number, or is refused as a whole."""
    for _ in range(12):
        before = ada.used("bytes")
        answer = ada.try_consume("bytes", 10**15)
        if answer.status_code == 200 and answer.json()["consumed"]:
            assert ada.used("bytes") == before + 10**15
        else:
            assert ada.used("bytes") == before
    assert ada.used("bytes") >= 9 * 10**15


# Soft limits


def test_overage_that_is_allowed_is_counted(ada):
    answer = ada.consume("soft", 130)
    assert (answer["allowed"], answer["consumed"]) == (True, 130)
    assert (answer["limit"], answer["used"], answer["remaining"]) == (100, 130, 0)
    assert answer["over"] == 30


@pytest.mark.parametrize(("feature", "limit", "beyond"), [("capped", 100, 20), ("percent", 55, 5)])
def test_overage_has_a_cap_of_its_own(ada, feature, limit, beyond):
    assert ada.consume(feature, limit + beyond + 1)["consumed"] == 0
    assert ada.consume(feature, limit)["over"] == 0
    answer = ada.consume(feature, beyond)
    assert (answer["allowed"], answer["over"], answer["remaining"]) == (True, beyond, 0)
    assert ada.consume(feature)["reason"] == "quota_exhausted"
    assert ada.counted(feature) == (limit + beyond, 0, beyond, 0)


# Several features, all or nothing


def test_several_features_are_all_taken(ada):
    answer = ada.together(("calls", 5), ("daily", 3), ("once", 1))
    assert answer["allowed"] is True
    assert [(d["feature"], d["consumed"]) for d in answer["decisions"]] == [
        ("calls", 5),
        ("daily", 3),
        ("once", 1),
    ]
    assert (ada.used("calls"), ada.used("daily"), ada.used("once")) == (5, 3, 1)


def test_or_none_of_them(ada):
    answer = ada.together(("calls", 5), ("once", 11), ("daily", 3))
    assert answer["allowed"] is False
    assert {d["feature"]: d["consumed"] for d in answer["decisions"]} == {
        "calls": 0,
        "once": 0,
        "daily": 0,
    }
    refused = next(d for d in answer["decisions"] if d["feature"] == "once")
    assert (refused["allowed"], refused["reason"]) == (False, "quota_exhausted")
    assert (ada.used("calls"), ada.used("daily"), ada.used("once")) == (0, 0, 0)


def test_two_features_of_one_pool_share_what_is_in_it(ada):
    assert ada.together(("image", 9), ("text", 11))["allowed"] is False
    assert ada.used("ai_credits") == 0
    assert ada.together(("image", 9), ("text", 10))["allowed"] is True
    assert ada.counted("ai_credits")[:2] == (100, 0)


def test_a_feature_and_the_pool_it_draws_on_are_added(ada):
    assert ada.together(("image", 5), ("ai_credits", 51))["allowed"] is False
    assert ada.together(("image", 5), ("ai_credits", 50))["allowed"] is True
    assert ada.counted("ai_credits")[:2] == (100, 0)


def test_one_key_covers_all_of_them(ada):
    first = ada.together(("calls", 5), ("once", 1), idempotency_key="both")
    assert ada.together(("calls", 5), ("once", 1), idempotency_key="both") == first
    assert (ada.used("calls"), ada.used("once")) == (5, 1)


# Keys


@pytest.mark.parametrize("by_header", [True, False])
def test_a_key_takes_once_and_repeats_its_first_answer_to_the_byte(ada, by_header):
    key = world.unique("key")
    more = {"headers": {"Idempotency-Key": key}} if by_header else {"idempotency_key": key}
    first = ada.try_consume("calls", 3, **more)
    ada.consume("calls", 10)
    ada.later(days=1)
    again = ada.try_consume("calls", 3, **more)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert ada.used("calls") == 13
    assert [e["reference"] for e in ada.ledger("calls")] == [key, None]


def test_header_and_body_name_the_same_key(ada):
    key = world.unique("key")
    first = ada.try_consume("calls", 3, headers={"Idempotency-Key": key})
    again = ada.try_consume("calls", 3, idempotency_key=key)
    assert again.content == first.content
    both = ada.try_consume("calls", 3, headers={"Idempotency-Key": key}, idempotency_key=key)
    assert both.content == first.content
    other = ada.try_consume("calls", 3, headers={"Idempotency-Key": key}, idempotency_key="other")
    problem(other, 400, "invalid_field", "idempotency_key")
    assert ada.used("calls") == 3


@pytest.mark.parametrize(
    "change", [{"quantity": 4}, {"feature": "daily"}, {"mode": "cap"}, {"account": True}]
)
def test_a_key_with_another_body_is_422_and_the_first_stays(ada, change):
    if "account" in change:
        change = {"account": ada.account}
    body = {"feature": "calls", "quantity": 3, "idempotency_key": world.unique("key")}
    first = ada.post("/v1/consume", body)
    problem(ada.post("/v1/consume", body | change), 422, "idempotency_key_reused")
    assert ada.post("/v1/consume", body).content == first.content
    assert (ada.used("calls"), ada.used("daily")) == (3, 0)


def test_keys_belong_to_an_account(meters, ada):
    other = Metered(meters)
    assert ada.consume("calls", 3, idempotency_key="same")["used"] == 3
    assert other.consume("calls", 4, idempotency_key="same")["used"] == 4


def test_a_key_outlives_the_session_that_used_it(ada):
    """What was answered stays answered: the retry of a lost answer must not become a denial."""
    first = ada.try_consume("calls", 3, idempotency_key="k")
    ada.api.call("DELETE", f"/v1/sessions/{ada.session}")
    again = ada.try_consume("calls", 3, idempotency_key="k")
    assert again.status_code == 200
    assert again.content == first.content or again.json()["consumed"] == 0
    assert ada.used("calls") == 3


# Live counters in checks


def test_every_form_of_the_question_shows_the_live_counters(ada):
    ada.consume("calls", 450)
    ada.reserve("calls", 30)
    ada.consume("soft", 130)
    features = ["calls", "soft", "once", "minute", "jobs", "sso"]
    batch = ada.api.call("POST", "/v1/check/batch", {"session": ada.session, "features": features})[
        "decisions"
    ]
    listed = ada.api.call("GET", "/v1/entitlements", params={"session": ada.session})
    listed = {d["feature"]: d for d in listed["entitlements"]}
    for answer in batch:
        assert ada.check(answer["feature"]) == answer == listed[answer["feature"]]
    shown = {a["feature"]: tuple(a[key] for key in COUNTERS) for a in batch}
    assert shown["calls"] == (True, "plan", 500, 450, 20, 30, 0, NEXT_MONTH)
    assert shown["soft"] == (True, "plan", 100, 130, 0, 0, 30, NEXT_MONTH)
    assert shown["once"] == (True, "plan", 10, 0, 10, 0, 0, None)
    # As many as this user may have.
    assert shown["jobs"] == (True, "plan", 3, 0, 2, 0, 0, None)
    assert shown["minute"][:7] == (True, "plan", 60, 0, 5, 0, 0)
    assert shown["sso"] == (True, "plan", None, None, None, None, None, None)


def test_a_check_says_what_the_next_consume_would(ada):
    ada.consume("once", 10)
    check = ada.check("once")
    assert (check["allowed"], check["reason"], check["remaining"]) == (False, "quota_exhausted", 0)
    ada.refund("once", 1)
    assert ada.check("once")["allowed"] is True


def test_a_denial_by_a_quota_ends_when_the_period_does(ada):
    ada.consume("calls", 500)
    check = ada.check("calls")
    assert (check["reason"], check["valid_until"]) == ("quota_exhausted", NEXT_MONTH)
    ada.at("2026-04-10T11:59:59.999Z")
    assert ada.check("calls")["allowed"] is False
    ada.at(NEXT_MONTH)
    check = ada.check("calls")
    assert (check["allowed"], check["used"], check["remaining"]) == (True, 0, 500)
    assert check["resets_at"] == "2026-05-10T12:00:00.000Z"


def test_both_instances_count_on_the_same_meter(ada, meter_second):
    from support.api import Api

    with Api(meter_second.base) as other:
        for number in range(1, 11):
            api = (ada.api, other)[number % 2]
            body = {"session": ada.session, "feature": "calls"}
            assert api.call("POST", "/v1/consume", body)["used"] == number
            for reader in (ada.api, other):
                assert reader.check(ada.session, "calls")["used"] == number
