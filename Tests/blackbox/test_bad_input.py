"""Bad input: each kind has its status, its code, and the field at fault; nothing is stored."""

import pytest
from support import world

LONG = "x" * 129
TIME = "2026-01-01T00:00:00Z"
ACCOUNT = "/v1/accounts/bad-input"
SUBSCRIPTION = f"{ACCOUNT}/subscriptions/main"
CHECK = {"session": "ses_x", "feature": world.LOCKED}
ONE, MANY = "/v1/check", "/v1/check/batch"
SESSIONS, SYNC = "/v1/sessions", "/v1/sync"
INVALID, MISSING = "invalid_field", "missing_field"
SESSION = {"account": "bad-input", "user": "ada"}
FLAG = {"state": "ENABLED", "variants": {"on": True}}

# what, method, path, body, status, code, field
ROWS = [
    ("check without session", "POST", ONE, {"feature": "sso"}, 400, MISSING, "session"),
    ("check without feature", "POST", ONE, {"session": "s"}, 400, MISSING, "feature"),
    ("session of another type", "POST", ONE, CHECK | {"session": 7}, 400, INVALID, "session"),
    ("feature null", "POST", ONE, CHECK | {"feature": None}, 400, INVALID, "feature"),
    ("context no object", "POST", ONE, CHECK | {"context": []}, 400, INVALID, "context"),
    ("unknown feature", "POST", ONE, CHECK | {"feature": "nope"}, 404, "unknown_feature", None),
    ("an array", "POST", ONE, [CHECK], 400, None, None),
    ("a number", "POST", ONE, 7, 400, None, None),
    ("no features", "POST", MANY, {"session": "s", "features": []}, 400, INVALID, "features"),
    ("257 features", "POST", MANY, {"session": "s", "features": ["sso"] * 257},
     400, "batch_too_large", None),
    ("features no list", "POST", MANY, {"session": "s", "features": "sso"},
     400, INVALID, "features"),
    ("no session asked", "GET", "/v1/entitlements", None, 400, MISSING, "session"),
    ("long account", "PUT", f"/v1/accounts/{LONG}", {}, 400, "invalid_name", "account"),
    ("account with a space", "PUT", "/v1/accounts/a%20b", {}, 400, "invalid_name", "account"),
    ("account with a slash", "PUT", "/v1/accounts/a%2Fb", {}, 400, "invalid_name", "account"),
    ("account with a NUL", "PUT", "/v1/accounts/a%00b", {}, 400, "invalid_name", "account"),
    ("account no UTF-8", "PUT", "/v1/accounts/a%FFb", {}, 400, "invalid_name", "account"),
    ("unknown field", "PUT", ACCOUNT, {"nam": "x"}, 400, "unknown_field", "nam"),
    ("name no text", "PUT", ACCOUNT, {"name": 7}, 400, INVALID, "name"),
    ("long name", "PUT", ACCOUNT, {"name": "x" * 1025}, 400, INVALID, "name"),
    ("NUL in a name", "PUT", ACCOUNT, {"name": "a\0b"}, 400, INVALID, "name"),
    ("no such timezone", "PUT", ACCOUNT, {"timezone": "Mars/Olympus"}, 400, INVALID, "timezone"),
    ("attributes no object", "PUT", ACCOUNT, {"attributes": [1]}, 400, INVALID, "attributes"),
    ("customer no id", "PUT", ACCOUNT, {"billing": {"stripe": "a b"}}, 400, INVALID, None),
    ("unknown source", "PUT", ACCOUNT, {"billing": {"nobody": "cus_1"}},
     404, "unknown_source", None),
    ("no account", "GET", "/v1/accounts/nobody", None, 404, "unknown_account", None),
    ("bad cursor", "GET", "/v1/accounts?cursor=%21%21", None, 400, INVALID, "cursor"),
    ("limit 0", "GET", "/v1/accounts?limit=0", None, 400, INVALID, "limit"),
    ("limit 201", "GET", "/v1/accounts?limit=201", None, 400, INVALID, "limit"),
    ("limit no number", "GET", "/v1/accounts?limit=ten", None, 400, INVALID, "limit"),
    ("NUL in a flag's reason", "PUT", "/v1/flags/f?reason=a%00b", FLAG, 400, INVALID, "reason"),
    ("long reason of a flag", "PUT", f"/v1/flags/f?reason={'x' * 1025}", FLAG,
     400, INVALID, "reason"),
    ("block without reason", "POST", f"{ACCOUNT}/block", {}, 400, MISSING, "reason"),
    ("no plan", "PUT", SUBSCRIPTION, {}, 400, MISSING, "plan"),
    ("unknown plan", "PUT", SUBSCRIPTION, {"plan": "nope"}, 404, "unknown_plan", None),
    ("unknown status", "PUT", SUBSCRIPTION, {"plan": "pro", "status": "x"}, 400, INVALID, "status"),
    ("quantity 0", "PUT", SUBSCRIPTION, {"plan": "pro", "quantity": 0}, 400, INVALID, "quantity"),
    ("quantity 1.5", "PUT", SUBSCRIPTION, {"plan": "pro", "quantity": 1.5},
     400, INVALID, "quantity"),
    ("quantity 1e30", "PUT", SUBSCRIPTION, {"plan": "pro", "quantity": 10**30},
     400, INVALID, "quantity"),
    ("no such day", "PUT", SUBSCRIPTION, {"plan": "pro", "trial_end": "2026-02-30T00:00:00Z"},
     400, INVALID, "trial_end"),
    ("no timezone", "PUT", SUBSCRIPTION, {"plan": "pro", "cancel_at": "2026-01-01T00:00:00"},
     400, INVALID, "cancel_at"),
    ("time as a number", "PUT", SUBSCRIPTION, {"plan": "pro", "starts_at": 1},
     400, INVALID, "starts_at"),
    ("period of no length", "PUT", SUBSCRIPTION,
     {"plan": "pro", "period_start": TIME, "period_end": TIME}, 400, INVALID, "period_end"),
    ("version that is not", "PUT", SUBSCRIPTION, {"plan": "pro", "version": 9999},
     400, INVALID, "version"),
    ("subscription of nobody", "PUT", "/v1/accounts/nobody/subscriptions/x", {"plan": "pro"},
     404, "unknown_account", None),
    ("no subscription", "GET", f"{ACCOUNT}/subscriptions/none", None,
     404, "unknown_subscription", None),
    ("session of nobody", "POST", SESSIONS, SESSION | {"account": "nobody"},
     404, "unknown_account", None),
    ("short life", "POST", SESSIONS, SESSION | {"ttl_seconds": 59}, 400, INVALID, "ttl_seconds"),
    ("long life", "POST", SESSIONS, SESSION | {"ttl_seconds": 31536001},
     400, INVALID, "ttl_seconds"),
    ("user no name", "POST", SESSIONS, SESSION | {"user": "ä"}, 400, None, "user"),
    ("device of numbers", "POST", SESSIONS, SESSION | {"device": {"os": 1}}, 400, INVALID, None),
    ("no session", "GET", "/v1/sessions/ses_none", None, 404, "unknown_session", None),
    ("no feature", "PUT", "/v1/features/nope/disabled", None, 404, "unknown_feature", None),
    ("no scopes", "POST", "/v1/keys", {"name": "k", "scopes": []}, 400, INVALID, "scopes"),
    ("unknown scope", "POST", "/v1/keys", {"name": "k", "scopes": ["root"]},
     400, INVALID, "scopes"),
    ("no key", "DELETE", "/v1/keys/none", None, 404, "unknown_key", None),
    ("no event", "POST", "/v1/webhooks/events/999999999/replay", None, 404, "unknown_event", None),
    ("event no number", "POST", "/v1/webhooks/events/none/replay", None,
     404, "unknown_event", None),
    ("unknown state", "GET", "/v1/webhooks/events?state=lost", None, 400, INVALID, "state"),
    ("sync of nothing", "POST", SYNC, {"source": "stripe"}, 400, None, None),
    ("sync of both", "POST", SYNC, {"source": "stripe", "customer": "c", "subscription": "s"},
     400, INVALID, None),
    ("sync for long", "POST", SYNC, {"source": "stripe", "customer": "c", "wait_ms": 5001},
     400, INVALID, "wait_ms"),
    ("sync of a path", "POST", SYNC, {"source": "stripe", "customer": "../x"},
     400, INVALID, "customer"),
    ("audit of nobody", "GET", "/v1/audit/verify?account=nobody", None,
     404, "unknown_account", None),
    ("no path", "GET", "/v1/nothing", None, 404, "not_found", None),
    ("wrong method", "DELETE", ONE, None, 405, "method_not_allowed", None),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def account(api):
    api.account("bad-input")
    yield
    assert api.subscriptions("bad-input") == []
    assert api.pages(f"{ACCOUNT}/sessions") == []
    assert len(api.changes("bad-input")) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "field"),
    [pytest.param(*row[1:], id=row[0]) for row in ROWS],
)
def test_a_request_that_makes_no_sense(api, method, path, body, status, code, field):
    answer = api.send(method, path, body)
    problem = answer.json()
    assert answer.status_code == status, problem
    assert code in (None, problem["code"])
    if field is not None:
        assert problem["field"] == field


@pytest.mark.parametrize(
    "session",
    [
        "",
        "x",
        "ses_",
        "ses_00000000000000000000000000_bad-input",
        "a\0b",
        "🦉",
        "x" * 5_000,
        "%s'--",
    ],
)
def test_a_senseless_session_is_a_denial_and_not_an_error(api, session):
    decision = api.check(session)
    assert (decision["allowed"], decision["reason"]) == (False, "session_unknown")
    assert decision["account"] is None


def test_a_session_that_names_another_account_is_unknown(api):
    _, session = api.customer("mine")
    other = world.unique("theirs")
    api.account(other)
    stolen = session[:31] + other
    assert api.answer(stolen) == (False, "session_unknown")
    assert api.answer(session) == (False, "not_in_plan")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", None),
        (b"{", "malformed_json"),
        (b'{"session":"a","feature":"sso"}x', "malformed_json"),
        (b'{"session":"\xff","feature":"sso"}', "malformed_json"),
        (b'{"session":"\\ud800","feature":"sso"}', "malformed_json"),
        (b'{"session":"a","feature":"sso"', "malformed_json"),
        (b"[" * 50_000, "malformed_json"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/check", "/v1/sync", "/v1/check/batch"])
def test_a_body_that_is_no_json(api, path, body, code):
    headers = {"Content-Type": "application/json"}
    answer = api.send("POST", path, content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert code in (None, answer.json()["code"])


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_type_is_415(api, media):
    answer = api.send("PUT", ACCOUNT, content=b"{}", headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_broken_catalog_names_file_line_field_and_remedy(api):
    before = api.call("GET", "/v1/catalog")
    files = {
        "features.yaml": "features:\n  sso: { type: boolaen }\n",
        "pro.yaml": "plan: pro\ndefault: true\nentitlements:\n  nope: true\n",
    }
    for method, path in (("POST", "/v1/catalog/diff"), ("PUT", "/v1/catalog")):
        answer = api.send(method, path, {"files": files})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "catalog_invalid")
        first = next(p for p in problem["problems"] if p["file"] == "features.yaml")
        assert (first["line"], "type" in first["field"]) == (2, True)
        assert first["remedy"]
    assert api.call("GET", "/v1/catalog") == before
