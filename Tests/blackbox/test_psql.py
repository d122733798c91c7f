"""A statement typed in psql is in force at the next check, and in the change log."""

import pytest
from support import world
from support.service import PsqlRefused
from support.world import Sql


@pytest.fixture
def subscriber(api):
    account, session = api.customer("psql")
    api.subscribe(account)
    assert api.answer(session) == (True, "plan")
    return account, session


@pytest.mark.parametrize(
    ("statement", "by", "answer", "change"),
    [
        (Sql.CANCEL, "account", (False, "subscription_ended"), "subscription update"),
        (Sql.DROP_SUBSCRIPTION, "account", (False, "not_in_plan"), "subscription delete"),
        (Sql.BLOCK, "account", (False, "account_blocked"), "account update"),
        (Sql.DENY, "account", (False, "denied_by_grant"), "access_grant insert"),
        (Sql.DENY_USER, "account", (False, "denied_by_grant"), "access_grant insert"),
        (Sql.DENY_SESSION, "session", (False, "denied_by_grant"), "access_grant insert"),
        (Sql.REVOKE, "session", (False, "session_revoked"), "session update"),
        (Sql.EXPIRE, "session", (False, "session_expired"), "session update"),
        (Sql.DROP_SESSION, "session", (False, "session_unknown"), "session delete"),
    ],
)
def test_a_row_of_an_account(api, usher, subscriber, statement, by, answer, change):
    account, session = subscriber
    usher.psql(statement.format({"account": account, "session": session}[by]))
    assert api.answer(session) == answer
    last = api.changes(account)[-1]
    assert f"{last['entity']} {last['operation']}" == change
    assert last["actor"].startswith("database:")
    assert api.verify(account)["verified"] is True


def test_the_catalog(api, usher):
    """Each statement is undone, for the catalog is everybody's."""
    _, session = api.customer("psql")
    account, subscriber = api.customer("psql")
    api.subscribe(account)
    free = {"plan": world.FREE, "feature": world.LOCKED}
    pro = {"plan": world.PRO, "feature": world.LOCKED}
    had_row = usher.psql(
        f"select count(*) from entitlement where plan_id = '{world.FREE}'"
        f" and feature_id = '{world.LOCKED}' " + Sql.CURRENT.format(plan=world.FREE)
    )
    opening = Sql.SET_VALUE if had_row == "1" else Sql.ADD_VALUE
    closing = Sql.SET_VALUE if had_row == "1" else Sql.DROP_ENTITLEMENT

    usher.psql(opening.format(**free, value="true"))
    assert api.answer(session) == (True, "default_plan")
    usher.psql(closing.format(**free, value="false"))
    assert api.answer(session) == (False, "not_in_plan")

    usher.psql(Sql.DROP_ENTITLEMENT.format(**pro))
    assert api.answer(subscriber) == (False, "not_in_plan")
    assert usher.psql(Sql.LAST_CHANGE.format("")).startswith("entitlement delete database:")
    usher.psql(Sql.ADD_VALUE.format(**pro, value="true"))
    assert api.answer(subscriber) == (True, "plan")

    usher.psql(Sql.DISABLE.format(world.LOCKED))
    assert api.answer(subscriber) == (False, "feature_disabled")
    usher.psql(Sql.ENABLE.format(world.LOCKED))
    assert api.answer(subscriber) == (True, "plan")
    assert usher.psql(Sql.LAST_CHANGE.format("")).startswith("feature update database:")
    assert api.verify()["verified"] is True


def test_a_transaction_counts_when_it_commits_and_not_before(api, usher, subscriber):
    account, session = subscriber
    usher.psql(f"begin; {Sql.CANCEL.format(account)}; rollback")
    assert api.answer(session) == (True, "plan")
    assert api.changes(account)[-1]["operation"] == "insert"
    usher.psql(f"begin; {Sql.CANCEL.format(account)}; savepoint a; rollback to a; commit")
    assert api.answer(session) == (False, "subscription_ended")


def test_history_cannot_be_rewritten_unnoticed(api, usher):
    account, _ = api.customer("forged")
    api.subscribe(account)
    with pytest.raises(PsqlRefused, match="append-only"):
        usher.psql(Sql.REWRITE.format(account))
    assert api.verify(account)["verified"] is True
    original = usher.psql(
        f"select actor from change where account_id = '{account}' order by revision limit 1"
    )
    usher.psql(Sql.FORGE.format(account))
    broken = api.verify(account)
    assert (broken["verified"], broken["account"], broken["revision"]) == (False, account, 1)
    usher.psql(Sql.FORGE.format(account).replace("'nobody'", f"'{original}'"))
    assert api.verify(account)["verified"] is True
