"""The story of the product, by HTTP: what a newcomer is shown must be so."""

from datetime import UTC, datetime, timedelta

import pytest
from support import world
from support.api import Api
from support.signing import snapshot
from support.waiting import eventually


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def whole_ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_an_upgrade_and_a_cancellation_are_in_force_at_the_next_check(api, stripe):
    customer = stripe.customer()
    account, session = api.customer(billing={"stripe": customer})
    assert api.answer(session) == (False, "not_in_plan")

    api.subscribe(account)
    decision = api.check(session)
    assert (decision["allowed"], decision["reason"]) == (True, "plan")
    assert decision["source"]["kind"] == "plan"
    assert decision["source"]["id"] == world.PRO
    assert decision["value"] is True

    api.call("DELETE", f"/v1/accounts/{account}/subscriptions/main", expect=(204,))
    assert api.answer(session) == (False, "not_in_plan")

    bought = stripe.subscription(customer)
    event = snapshot("customer.subscription.created", bought)
    assert api.webhook(event).json() == {"status": "applied", "event": event["id"]}
    assert api.answer(session) == (True, "plan")

    canceled = stripe.cancel(bought["id"])
    answer = api.webhook(snapshot("customer.subscription.deleted", canceled))
    assert (answer.status_code, answer.json()["status"]) == (200, "applied")
    assert api.answer(session) == (False, "subscription_ended")


def test_both_instances_see_what_either_acknowledged(api, second):
    with Api(second.base) as other:
        account, session = api.customer()
        for writer, reader in ((api, other), (other, api)) * 10:
            writer.subscribe(account)
            assert reader.answer(session) == (True, "plan")
            writer.subscribe(account, status="unpaid")
            assert reader.answer(session)[0] is False
        other.call("DELETE", f"/v1/sessions/{session}")
        assert api.answer(session) == (False, "session_revoked")


def test_a_trial_ends_at_its_instant_with_nothing_running(api):
    account, session = api.customer()
    end = whole_ms(datetime.now(UTC) + timedelta(seconds=1.5))
    api.subscribe(account, status="trialing", trial_end=timestamp(end))
    seen = []

    def ended():
        decision = api.check(session)
        seen.append(decision)
        return not decision["allowed"]

    eventually(ended, 10, step=0)
    for decision in seen:
        if decision["evaluated_at"] < timestamp(end):
            assert (decision["allowed"], decision["reason"]) == (True, "trial")
            assert decision["valid_until"] == timestamp(end)
        else:
            assert (decision["allowed"], decision["reason"]) == (False, "trial_ended")
    assert len(seen) > 1, "the trial was over before it was looked at"


@pytest.mark.parametrize(
    ("status", "allowed", "reason"),
    [
        ("active", True, "plan"),
        ("past_due", True, "past_due_grace"),
        ("unpaid", False, "payment_failed"),
        ("incomplete", False, None),
        ("incomplete_expired", False, None),
        ("paused", False, None),
        ("canceled", False, "subscription_ended"),
    ],
)
def test_each_status_opens_or_closes(api, status, allowed, reason):
    account, session = api.customer()
    fields = {}
    if status == "past_due":
        fields["past_due_since"] = timestamp(datetime.now(UTC) - timedelta(days=1))
    if status == "canceled":
        fields["ended_at"] = timestamp(datetime.now(UTC) - timedelta(days=1))
    api.subscribe(account, status=status, **fields)
    decision = api.check(session)
    assert decision["allowed"] is allowed
    assert reason in (None, decision["reason"])


def test_a_counted_feature_reports_its_limit(api):
    account, session = api.customer()
    api.subscribe(account)
    decision = api.check(session, world.METERED)
    assert decision["allowed"] is True
    assert decision["type"] == "metered"
    assert decision["used"] == 0
    assert decision["limit"] == decision["remaining"]
    assert decision["limit"] == "unlimited" or decision["limit"] > 0


def test_a_block_closes_everything_and_opens_it_again(api):
    account, session = api.customer()
    api.subscribe(account)
    blocked = api.call("POST", f"/v1/accounts/{account}/block", {"reason": "fraud"})
    assert blocked["blocked"]["reason"] == "fraud"
    assert api.answer(session) == (False, "account_blocked")
    assert api.call("DELETE", f"/v1/accounts/{account}/block")["blocked"] is None
    assert api.answer(session) == (True, "plan")


def test_sessions_end_one_by_one_by_user_and_by_account(api):
    account, first = api.customer()
    sessions = {name: api.session(account, user=name) for name in ("bo", "cy")}
    revoked = api.call("DELETE", f"/v1/sessions/{first}", params={"reason": "lost phone"})
    assert revoked["revoked_reason"] == "lost phone"
    again = api.call("DELETE", f"/v1/sessions/{first}", params={"reason": "other"})
    assert again == revoked
    assert api.answer(first) == (False, "session_revoked")
    path = f"/v1/accounts/{account}"
    assert api.call("DELETE", f"{path}/users/bo/sessions") == {"revoked": 1}
    assert api.answer(sessions["bo"]) == (False, "session_revoked")
    assert api.answer(sessions["cy"]) == (False, "not_in_plan")
    assert api.call("DELETE", f"{path}/sessions") == {"revoked": 1}
    assert api.answer(sessions["cy"]) == (False, "session_revoked")
    assert len(api.pages(f"{path}/sessions", limit=2)) == 3


def test_check_batch_and_entitlements_agree(api):
    account, session = api.customer()
    api.subscribe(account)
    features = [row["feature"] for row in api.call("GET", "/v1/features")["items"]]
    all_of_them = api.call("GET", "/v1/entitlements", params={"session": session})
    batch = api.call("POST", "/v1/check/batch", {"session": session, "features": features})
    single = [api.check(session, feature) for feature in features]

    def timeless(decisions):
        return [{k: v for k, v in d.items() if k != "evaluated_at"} for d in decisions]

    assert features == sorted(features)
    assert timeless(single) == timeless(batch["decisions"])
    assert timeless(single) == timeless(all_of_them["entitlements"])
    assert len({d["evaluated_at"] for d in batch["decisions"]}) == 1


def test_a_batch_reports_the_feature_that_is_not_there(api):
    _, session = api.customer()
    body = {"session": session, "features": [world.LOCKED, "nonsense", world.METERED]}
    first, middle, last = api.call("POST", "/v1/check/batch", body)["decisions"]
    assert (first["feature"], last["feature"]) == (world.LOCKED, world.METERED)
    assert middle["error"]["code"] == "unknown_feature"


def test_the_etag_changes_exactly_when_an_answer_does(api):
    account, session = api.customer()

    def ask(etag=None):
        headers = {"If-None-Match": etag} if etag else {}
        query = {"session": session}
        return api.send("GET", "/v1/entitlements", params=query, headers=headers)

    first = ask()
    assert ask(first.headers["etag"]).status_code == 304
    api.subscribe(account)
    after = ask(first.headers["etag"])
    assert after.status_code == 200
    assert after.headers["etag"] != first.headers["etag"]


def test_every_change_is_in_the_log_and_the_chain_holds(api):
    account, session = api.customer()
    api.subscribe(account)
    api.call("DELETE", f"/v1/sessions/{session}", params={"reason": "goodbye"})
    changes = api.changes(account)
    assert [c["entity"] for c in changes] == ["account", "session", "subscription", "session"]
    assert [c["revision"] for c in changes] == [1, 2, 3, 4]
    assert changes[-1]["reason"] == "goodbye"
    assert changes[-1]["before"]["revoked_at"] is None
    assert changes[-1]["after"]["revoked_at"] is not None
    assert all(c["request_id"] for c in changes)
    assert api.verify(account) == {"verified": True, "chains": 1, "changes": 4}
