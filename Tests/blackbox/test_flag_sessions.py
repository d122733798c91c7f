"""What a session brings into the evaluation of flags, and what nobody can claim."""

import pytest
from support import world
from support.flags import flag, when

pytest_plugins = ["support.flag_fixtures"]


def shows(name: str) -> dict:
    """A flag that tells an attribute by the name of its variant."""
    variants = {v: v for v in ("free", "pro", "enterprise", "DE", "2.1.0", "ada", "true", "none")}
    return flag(variants, "none", targeting={"if": [{"var": name}, {"var": name}, None]})


def test_a_plan_change_is_in_force_at_the_next_evaluation(api, flags, ofrep, second_ofrep):
    key = flags.make(shows("plan"))
    account, session = api.customer()
    for name in ("session", "targetingKey"):
        assert ofrep.value(key, {name: session}) == world.FREE
    for plan in (world.PRO, "enterprise", world.FREE):
        api.subscribe(account, plan)
        for instance in (second_ofrep, ofrep):
            assert instance.value(key, {"targetingKey": session}) == plan
            assert instance.all({"session": session})[key]["value"] == plan


@pytest.mark.parametrize("name", ["session", "targetingKey"])
def test_what_the_server_knows_cannot_be_forged(api, flags, ofrep, name):
    key = flags.make(shows("plan"))
    nested = flags.make(flag(**when({"var": "entitlements.sso"})))
    merged = flags.make(flag(**when({"==": [{"var": "plan"}, world.PRO]})))
    _, session = api.customer()
    claim = {"plan": world.PRO, "entitlements": {"sso": True}, "trial": True, name: session}
    assert ofrep.value(key, claim) == world.FREE
    assert ofrep.value(nested, claim) is False
    assert ofrep.value(merged, claim) is False
    assert ofrep.all(claim)[key]["value"] == world.FREE


def test_without_a_session_the_context_is_the_callers(flags, ofrep):
    key = flags.make(shows("plan"))
    assert ofrep.value(key, {"plan": world.PRO, "targetingKey": "user-1"}) == world.PRO
    assert ofrep.value(key) == "none"


def test_all_that_is_known_can_be_asked_for(api, flags, ofrep):
    account = world.unique("acme")
    api.account(account, attributes={"tier": "pro"})
    session = api.session(account, device={"country": "DE", "app_version": "2.1.0"})
    api.subscribe(account)
    told = {
        "plan": world.PRO,
        "user": "ada",
        "country": "DE",
        "app_version": "2.1.0",
        "device.country": "DE",
        "attributes.tier": "pro",
        "entitlements.sso": "true",
        "targetingKey": "ada",
    }
    made = {name: flags.make(shows(name)) for name in told}
    whole = flags.make(flag(**when({"==": [{"var": "account"}, account]})))
    answers = ofrep.all({"session": session})
    assert {name: answers[key].get("value") for name, key in made.items()} == told
    assert answers[whole]["value"] is True


def test_an_entitlement_can_be_asked_for_by_name(api, flags, ofrep):
    key = flags.make(flag(**when({"usher_entitled": world.LOCKED})))
    account, session = api.customer()
    assert ofrep.value(key, {"session": session}) is False
    api.subscribe(account)
    assert ofrep.value(key, {"session": session}) is True


def test_a_new_session_of_a_user_stays_on_its_side(api, flags, ofrep):
    steps = [{"at": "2026-01-01T00:00:00Z", "percent": 50}]
    key = flags.make(flag(usher={"rollout": {"variant": "on", "steps": steps}}))
    account, _ = api.customer()
    for user in ("ada", "bo", "cy", "di"):
        sessions = [api.session(account, user) for _ in range(4)]
        assert len({ofrep.value(key, {"targetingKey": s}) for s in sessions}) == 1


@pytest.mark.parametrize("name", ["session", "targetingKey"])
def test_a_session_that_ended_opens_nothing(api, flags, ofrep, second_ofrep, name):
    key = flags.make(default="on")
    _, session = api.customer()
    assert ofrep.value(key, {name: session}) is True
    api.call("DELETE", f"/v1/sessions/{session}")
    for instance in (second_ofrep, ofrep):
        for asked in (key, None):
            answer = instance.ask(asked, {name: session})
            assert answer.status_code == 400
            assert answer.json()["errorCode"] == "INVALID_CONTEXT"
            assert "session_revoked" in answer.json()["errorDetails"]
    assert ("key" in ofrep.ask(None, {name: session}).json()) is False


def test_a_blocked_account_opens_nothing(api, flags, ofrep):
    key = flags.make(default="on")
    account, session = api.customer()
    api.call("POST", f"/v1/accounts/{account}/block", {"reason": "fraud"})
    answer = ofrep.ask(key, {"session": session})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_CONTEXT")
    assert "account_blocked" in answer.json()["errorDetails"]
