"""Consumes and their kin that make no sense: each has its code and field, and counts nothing."""

import pytest
from support import world
from support.metered import Metered, problem

pytest_plugins = ["support.metered_fixtures"]

INVALID, MISSING = "invalid_field", "missing_field"
CONSUME, RESERVE, LEASES = "/v1/consume", "/v1/reservations", "/v1/leases"
REFUND, ADJUST = "/v1/refunds", "/v1/adjustments"
CALLS = {"feature": "calls"}
ONE = {"feature": "calls", "quantity": 1}
BACK = ONE | {"reason": "r"}
ADJ = {"account": "@", "feature": "calls", "reason": "r"}
KEYED = {"feature": "calls", "idempotency_key": "k"}

QUANTITIES = [0, -1, 1.5, 10**15 + 1, 2**63, 10**40, "1", True, [1]]

# what, path, body (by a session unless it names somebody; "@" is the account), status, code, field
ROWS = [
    ("no feature", CONSUME, {}, 400, MISSING, "feature"),
    ("no such feature", CONSUME, {"feature": "nope"}, 404, "unknown_feature", None),
    ("feature no name", CONSUME, {"feature": "a b"}, 400, None, "feature"),
    ("nobody", CONSUME, CALLS | {"session": None}, 400, None, "session"),
    ("two of them", CONSUME, CALLS | {"session": "ses_x", "account": "@"}, 400, INVALID, None),
    ("no such account", CONSUME, CALLS | {"account": "nobody-at-all"}, 404, "unknown_account",
     None),
    ("user of a session", CONSUME, CALLS | {"session": "ses_x", "user": "bo"}, 400, INVALID,
     "user"),
    ("user no name", CONSUME, CALLS | {"account": "@", "user": "ä"}, 400, None, "user"),
    ("a boolean", CONSUME, {"feature": "sso"}, 400, INVALID, "feature"),
    ("a level", CONSUME, {"feature": "storage"}, 400, INVALID, "feature"),
    ("seats", CONSUME, {"feature": "chairs"}, 400, INVALID, "feature"),
    ("concurrency", CONSUME, {"feature": "jobs"}, 400, INVALID, "feature"),
    ("no such mode", CONSUME, CALLS | {"mode": "maybe"}, 400, INVALID, "mode"),
    ("unknown field", CONSUME, CALLS | {"amount": 1}, 400, "unknown_field", "amount"),
    ("empty key", CONSUME, CALLS | {"idempotency_key": ""}, 400, INVALID, "idempotency_key"),
    ("long key", CONSUME, CALLS | {"idempotency_key": "k" * 300}, 400, INVALID,
     "idempotency_key"),
    ("key no text", CONSUME, CALLS | {"idempotency_key": 7}, 400, INVALID, "idempotency_key"),
    ("feature and features", CONSUME, CALLS | {"features": [ONE, {"feature": "once"}]}, 400,
     INVALID, None),
    ("none of several", CONSUME, {"features": []}, 400, INVALID, "features"),
    ("33 of them", CONSUME, {"features": [ONE] * 33}, 400, None, "features"),
    ("twice the same", CONSUME, {"features": [ONE, ONE]}, 400, INVALID, None),
    ("several with a cap", CONSUME, {"features": [ONE, {"feature": "once"}], "mode": "cap"}, 400,
     INVALID, "mode"),
    ("one unknown of several", CONSUME, {"features": [ONE, {"feature": "nope"}]}, 404,
     "unknown_feature", None),
    ("one of another type", CONSUME, {"features": [ONE, {"feature": "sso"}]}, 400, INVALID, None),
    ("one with a bad quantity", CONSUME,
     {"features": [ONE, {"feature": "once", "quantity": 0}]}, 400, INVALID, None),
    ("reserve a rate", RESERVE, {"feature": "search"}, 400, INVALID, "feature"),
    ("reserve concurrency", RESERVE, {"feature": "jobs"}, 400, INVALID, "feature"),
    ("a day and a second", RESERVE, CALLS | {"ttl_seconds": 86_401}, 400, INVALID, "ttl_seconds"),
    ("no time", RESERVE, CALLS | {"ttl_seconds": 0}, 400, INVALID, "ttl_seconds"),
    ("lease a quota", LEASES, CALLS, 400, INVALID, "feature"),
    ("lease for long", LEASES, {"feature": "jobs", "ttl_seconds": 3_601}, 400, INVALID,
     "ttl_seconds"),
    ("lease for nothing", LEASES, {"feature": "jobs", "ttl_seconds": 0}, 400, INVALID,
     "ttl_seconds"),
    ("refund without reason", REFUND, ONE, 400, MISSING, "reason"),
    ("refund without quantity", REFUND, CALLS | {"reason": "r"}, 400, MISSING, "quantity"),
    ("refund of nothing used", REFUND, BACK, 409, "below_zero", None),
    ("refund of a rate", REFUND, BACK | {"feature": "search"}, 400, INVALID, "feature"),
    ("refund of an unknown key", REFUND, BACK | {"consumption": "never-used"}, 404, None, None),
    ("adjust to nothing", ADJUST, ADJ, 400, None, None),
    ("adjust both ways", ADJUST, ADJ | {"used": 1, "add": 1}, 400, INVALID, None),
    ("adjust below zero", ADJUST, ADJ | {"used": -1}, 400, INVALID, "used"),
    ("adjust by too much", ADJUST, ADJ | {"add": -1}, 409, "below_zero", None),
    ("adjust by half", ADJUST, ADJ | {"add": 0.5}, 400, INVALID, "add"),
    ("adjust without reason", ADJUST, {"account": "@", "feature": "calls", "used": 1}, 400,
     MISSING, "reason"),
]  # fmt: skip


@pytest.fixture(scope="module")
def eve(meters):
    """Nothing that this file does may count anything for her."""
    made = Metered(meters)
    yield made
    for feature in ("calls", "once", "daily", "search"):
        assert made.used(feature) == 0, feature
        # What was held and let go of, and put right, has lines of its own.
        counted = [line for line in made.ledger(feature) if line["kind"] == "consume"]
        assert counted == [] or feature == "once", counted


def filled(eve, body: dict) -> dict:
    return {key: eve.account if value == "@" else value for key, value in body.items()}


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_a_call_that_makes_no_sense(eve, path, body, status, code, field):
    answer = eve.post(path, filled(eve, body))
    content = answer.json()
    assert answer.status_code == status, content
    assert code in (None, content["code"])
    if field is not None:
        assert content["field"] == field


@pytest.mark.parametrize("quantity", QUANTITIES, ids=repr)
@pytest.mark.parametrize("path", [CONSUME, RESERVE, REFUND])
def test_a_quantity_is_a_whole_number_from_1_to_1e15(eve, path, quantity):
    body = CALLS | {"quantity": quantity} | ({"reason": "r"} if path == REFUND else {})
    problem(eve.post(path, body), 400, INVALID, "quantity")


def test_a_whole_number_may_be_written_with_a_point_or_is_refused(eve):
    """JSON has one kind of number: 0 units of 1.0 would be the one wrong answer."""
    headers = {"Content-Type": "application/json"}
    raw = b'{"session":"%s","feature":"once","quantity":1.0}' % eve.session.encode()
    answer = eve.api.send("POST", CONSUME, content=raw, headers=headers)
    if answer.status_code == 200:
        assert answer.json()["consumed"] == 1
        assert eve.adjust("once", used=0).status_code == 200
        pytest.skip("taken as 1")
    problem(answer, 400, INVALID, "quantity")


@pytest.mark.parametrize("session", ["", "x", "ses_00000000000000000000000000_nobody", "🦉"])
def test_a_senseless_session_is_a_denial(eve, session):
    answer = eve.consume("calls", session=session)
    assert (answer["allowed"], answer["reason"], answer["consumed"]) == (
        False,
        "session_unknown",
        0,
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/reservations/rsv_x"),
        ("DELETE", "/v1/reservations/rsv_x"),
        ("POST", "/v1/reservations/rsv_x/settle"),
        ("GET", "/v1/reservations/rsv_00000000000000000000000000_nobody"),
    ],
)
def test_an_unknown_reservation_is_404(eve, method, path):
    body = {"quantity": 1} if path.endswith("settle") else None
    problem(eve.api.send(method, path, body), 404, "unknown_reservation")


@pytest.mark.parametrize("quantity", [-1, 1.5, 10**15 + 1, "1", None])
def test_a_settlement_is_a_whole_number_from_0(eve, quantity):
    held = eve.reserve("calls", 5)
    try:
        problem(eve.settle(held["reservation"], quantity), 400, INVALID, "quantity")
        assert eve.meter("calls")["held"] == 5
    finally:
        assert eve.release(held["reservation"]).status_code == 200


def test_what_is_read_of_nobody_is_404(eve):
    for path in ("meters", "credits", "ledger", "alerts", "leases"):
        problem(eve.api.send("GET", f"/v1/accounts/nobody/{path}"), 404, "unknown_account")
    missing = eve.api.send("GET", f"{eve.path}/meters/nope")
    problem(missing, 404, "unknown_feature")
    problem(eve.api.send("GET", f"{eve.path}/meters/sso"), 400, INVALID, "feature")


def test_a_consume_needs_a_key_with_its_scope(eve, meter_usher):
    from support.api import Api

    made = eve.api.call("POST", "/v1/keys", {"name": world.unique("k"), "scopes": ["check"]})
    with Api(meter_usher.base, key=made["key"]) as checker:
        body = {"session": eve.session, "feature": "calls"}
        assert checker.send("POST", "/v1/check", body).status_code == 200
        problem(checker.send("POST", CONSUME, body), 403, "missing_scope")
    with Api(meter_usher.base, key=None) as nobody:
        problem(nobody.send("POST", CONSUME, body), 401, "unauthenticated")


def test_a_user_of_the_api_may_not_adjust(eve, meter_usher):
    from support.api import Api

    made = eve.api.call("POST", "/v1/keys", {"name": world.unique("k"), "scopes": ["usage"]})
    with Api(meter_usher.base, key=made["key"]) as consumer:
        body = {"account": eve.account, "feature": "calls", "used": 0, "reason": "r"}
        problem(consumer.send("POST", ADJUST, body), 403, "missing_scope")
        body = {"feature": "calls", "amount": 5, "reason": "r"}
        problem(consumer.send("POST", f"{eve.path}/credits", body), 403, "missing_scope")


CATALOG = [
    ("pool of itself", {"x": {"type": "metered", "pool": "x"}}, {}),
    ("pool that is not", {"x": {"type": "metered", "pool": "nope"}}, {}),
    ("pool of a pool", {
        "x": {"type": "metered", "pool": "y"},
        "y": {"type": "metered", "pool": "z"},
        "z": {"type": "metered"},
    }, {}),
    ("pool of a rate", {"x": {"type": "rate", "pool": "y"}, "y": {"type": "metered"}}, {}),
    ("a cost without a pool", {"x": {"type": "metered", "cost": 2}}, {}),
    ("a cost of nothing", {
        "x": {"type": "metered", "pool": "y", "cost": 0}, "y": {"type": "metered"}}, {}),
    ("sliding without per", {"x": {"type": "metered"}}, {"x": {"limit": 1, "reset": "sliding"}}),
    ("sliding rolls over", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "sliding", "rollover": {"max": 1}}}),
    ("rollover of nothing", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "rollover": {}}}),
    ("rollover by months alone", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "rollover": {"months": 1}}}),
    ("overage of nothing", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "overage": {}}}),
    ("overage of 1001 percent", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "overage": {"percent": 1001}}}),
    ("priority 256", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "priority": 256}}),
    ("user_limit 0", {"x": {"type": "metered"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar", "user_limit": -1}}),
    ("a lease that comes back", {"x": {"type": "concurrency"}},
     {"x": {"limit": 1, "per": "day", "reset": "calendar"}}),
    ("a rate with rollover", {"x": {"type": "rate"}},
     {"x": {"limit": 1, "per": "second", "rollover": {"max": 1}}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("features", "entitlements"), [pytest.param(*row[1:], id=row[0]) for row in CATALOG]
)
def test_a_catalog_that_makes_no_sense_is_refused(eve, features, entitlements):
    import json

    plan = {"plan": "p", "name": "p", "default": True, "entitlements": entitlements}
    files = {"features.yaml": json.dumps({"features": features}), "p.yaml": json.dumps(plan)}
    answer = eve.api.send("POST", "/v1/catalog/diff", {"files": files})
    content = problem(answer, 422, "catalog_invalid")
    assert all(fault["field"] and fault["remedy"] for fault in content["problems"])
