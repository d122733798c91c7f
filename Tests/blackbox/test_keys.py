"""API keys: scopes as the contract names them, expiry, revocation, rotation, idempotency."""

from datetime import UTC, datetime, timedelta

import pytest
from support import contract, world
from support.api import Api
from support.waiting import eventually

SCOPES = ("check", "usage", "sessions", "billing", "product", "catalog", "audit", "admin")
GUARDED = [
    pytest.param(method, template, operation, id=f"{method} {template}")
    for method, template, operation in contract.operations()
    if operation["security"]
]


def make(api, *scopes, **fields) -> dict:
    body = {"name": world.unique("key"), "scopes": list(scopes), **fields}
    return api.call("POST", "/v1/keys", body, expect=(201,))


@pytest.fixture(scope="module")
def keys(api):
    """A key for each scope, and for each all scopes but it."""
    others = {s: [o for o in SCOPES if o not in (s, "admin")] for s in SCOPES}
    return {
        "only": {scope: make(api, scope)["key"] for scope in SCOPES},
        "without": {scope: make(api, *others[scope])["key"] for scope in SCOPES},
    }


def filled(template: str) -> str:
    return template.replace("{", "").replace("}", "-that-is-not")


@pytest.mark.parametrize(("method", "template", "operation"), GUARDED)
def test_a_call_needs_a_key_with_its_scope(usher, keys, method, template, operation):
    scope = operation["security"][0]["key"][0]
    path, body = filled(template), {} if "requestBody" in operation else None
    with Api(usher.base, key=None) as nobody:
        answer = nobody.send(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    with Api(usher.base, key=keys["without"][scope]) as lacking:
        answer = lacking.send(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
        assert scope in answer.json()["detail"]
    with Api(usher.base, key=keys["only"][scope]) as holding:
        assert holding.send(method, path, body).status_code not in (401, 403)


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer uk_wrong", "Basic dTpw", "uk_bare"])
def test_a_senseless_credential_is_401(usher, value):
    with Api(usher.base, key=None) as nobody:
        answer = nobody.send("GET", "/v1/accounts", headers={"Authorization": value})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_key_stops_at_once(api, usher):
    made = make(api, "check")
    _, session = api.customer()
    with Api(usher.base, key=made["key"]) as caller:
        caller.check(session)
        api.call("DELETE", f"/v1/keys/{made['id']}", expect=(204,))
        body = {"session": session, "feature": world.LOCKED}
        answer = caller.send("POST", "/v1/check", body)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_revoked")


def test_a_key_expires_by_itself(api, usher):
    soon = datetime.now(UTC) + timedelta(seconds=1)
    made = make(api, "product", expires_at=soon.isoformat(timespec="milliseconds"))
    with Api(usher.base, key=made["key"]) as caller:
        refused = eventually(
            lambda: (a := caller.send("GET", "/v1/accounts")).status_code != 200 and a, 10
        )
        assert (refused.status_code, refused.json()["code"]) == (401, "key_expired")


def test_rotation_replaces_the_key(api, usher):
    old = make(api, "product")
    new = api.call("POST", f"/v1/keys/{old['id']}/rotate", expect=(201,))
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert new["key"] != old["key"]
    with Api(usher.base, key=old["key"]) as caller:
        assert caller.send("GET", "/v1/accounts").json()["code"] == "key_revoked"
    with Api(usher.base, key=new["key"]) as caller:
        caller.call("GET", "/v1/accounts")
    answer = api.send("POST", f"/v1/keys/{old['id']}/rotate")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_key_is_never_shown_again_nor_stored_nor_logged(api, usher):
    made = make(api, "check")
    listed = next(k for k in api.pages("/v1/keys") if k["id"] == made["id"])
    assert "key" not in listed
    secret = made["key"].removeprefix("uk_")
    dumped = usher.psql("select api_key::text from api_key; select change::text from change")
    assert secret not in dumped
    for hidden in (secret, world.ADMIN_KEY, world.STRIPE_KEY, *world.SECRETS):
        assert hidden not in usher.log.read_text(errors="replace")


def test_an_idempotency_key_makes_one_session(api):
    account = world.unique("acme")
    api.account(account)
    headers = {"Idempotency-Key": world.unique("once")}
    body = {"account": account, "user": "ada"}
    first, again = (
        api.call("POST", "/v1/sessions", body, expect=(201,), headers=headers) for _ in range(2)
    )
    assert first == again
    other = api.send("POST", "/v1/sessions", {**body, "user": "bo"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(api.pages(f"/v1/accounts/{account}/sessions")) == 1
