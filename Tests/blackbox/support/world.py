"""What the tests take for granted about the world: paths, secrets, the sample catalog, tables.

Everything that would have to follow a change of the sample catalog or of the schema is here.
"""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("USHER_BIN", ROOT / ".build/debug/usher")).absolute()
OPENAPI = ROOT / "docs/openapi.yaml"
PLANS = ROOT / "plans"
SOURCES = ROOT / "webhooks"

# Made anew for each run, so that no test can pass on a leftover.
ADMIN_KEY = f"uk_{secrets.token_hex(24)}"
STRIPE_KEY = f"rk_test_{secrets.token_hex(12)}"
SECRETS = (f"whsec_{secrets.token_hex(16)}", f"whsec_{secrets.token_hex(16)}")

# The sample catalog in plans/.
FREE = "free"  # the default plan
PRO = "pro"
PRO_PRICE = "price_pro_monthly"  # a price of PRO at Stripe
LOCKED = "sso"  # boolean: in PRO, not in FREE
METERED = "api_calls"  # counted: a limit in PRO


def unique(stem: str) -> str:
    """A name that no other test uses."""
    return f"{stem}-{secrets.token_hex(5)}"


class Sql:
    """The statements that the tests type in psql. `{…}` values are names, never user input."""

    CANCEL = "update subscription set status = 'canceled', ended_at = now() where account_id = '{}'"
    DROP_SUBSCRIPTION = "delete from subscription where account_id = '{}'"
    REVOKE = "update session set revoked_at = now() where session_id = '{}'"
    DROP_SESSION = "delete from session where session_id = '{}'"
    BLOCK = "update account set blocked_at = now() where account_id = '{}'"
    DENY = (
        "insert into access_grant (account_id, feature_id, effect, reason)"
        f" values ('{{}}', '{LOCKED}', 'deny', 'ticket 4711')"
    )
    DENY_USER = (
        "insert into access_grant (account_id, feature_id, effect, reason, user_id)"
        f" values ('{{}}', '{LOCKED}', 'deny', 'ticket 4711', 'ada')"
    )
    DENY_SESSION = (
        "insert into access_grant (account_id, feature_id, effect, reason, session_id)"
        f" select account_id, '{LOCKED}', 'deny', 'ticket 4711', session_id"
        " from session where session_id = '{}'"
    )
    EXPIRE = (
        "update session set created_at = now() - interval '2 hour',"
        " expires_at = now() - interval '1 hour' where session_id = '{}'"
    )
    CURRENT = "and version = (select p.version from plan p where p.plan_id = '{plan}')"
    SET_VALUE = (
        "update entitlement set value = '{value}'"
        " where plan_id = '{plan}' and feature_id = '{feature}' " + CURRENT
    )
    DROP_ENTITLEMENT = (
        "delete from entitlement where plan_id = '{plan}' and feature_id = '{feature}' " + CURRENT
    )
    ADD_VALUE = (
        "insert into entitlement (plan_id, version, feature_id, value)"
        " select plan_id, version, '{feature}', '{value}' from plan where plan_id = '{plan}'"
    )
    DISABLE = "update feature set disabled_at = now() where feature_id = '{}'"
    ENABLE = "update feature set disabled_at = null where feature_id = '{}'"
    LAST_CHANGE = (
        "select entity || ' ' || operation || ' ' || actor from change"
        " where account_id = '{}' order by revision desc limit 1"
    )
    EVENT_COUNT = "select count(*) from inbox where event_key = '{}'"
    INBOX_COUNT = "select count(*) from inbox"
    REWRITE = "update change set actor = 'nobody' where account_id = '{}'"
    # A superuser gets past the guard; the chain must still tell.
    FORGE = (
        "begin; alter table change disable trigger all;"
        " update change set actor = 'nobody' where account_id = '{0}'"
        " and revision = (select min(revision) from change where account_id = '{0}');"
        " alter table change enable trigger all; commit"
    )
