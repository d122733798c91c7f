"""Stripe's signature scheme and event shapes, written from its documentation."""

import hashlib
import hmac
import secrets
import time
from datetime import UTC, datetime

from . import world


def digest(raw: bytes, secret: str, at: int) -> str:
    # The key is the whole secret, `whsec_` included: not the Standard Webhooks rule.
    return hmac.new(secret.encode(), b"%d." % at + raw, hashlib.sha256).hexdigest()


def sign(raw: bytes, secret: str = world.SECRETS[0], skew: int = 0, at: int | None = None) -> str:
    moment = int(time.time()) + skew if at is None else at
    return f"t={moment},v1={digest(raw, secret, moment)}"


def snapshot(kind: str, thing: dict, id: str | None = None) -> dict:
    """A classic event, with the object as it was when the event was made."""
    return {
        "id": id or f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": thing},
    }


def thin(kind: str, subject: str, subject_kind: str = "subscription") -> dict:
    """A thin event: a signed pointer and nothing else."""
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "v2.core.event",
        "type": f"v1.{kind}",
        "created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "livemode": False,
        "context": None,
        "reason": None,
        "related_object": {
            "id": subject,
            "type": subject_kind,
            "url": f"/v1/{subject_kind}s/{subject}",
        },
    }
