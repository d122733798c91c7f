"""The catalog of the tests about quotas: each feature has one kind of limit, and says which.

Applied by `PUT /v1/catalog`. JSON is YAML, so that the files can be written as Python.
"""

import json

FEATURES = {
    "calls": {"type": "metered", "unit": "call"},
    "bulk": {"type": "metered", "unit": "row"},
    "bytes": {"type": "metered", "unit": "byte"},
    "daily": {"type": "metered"},
    "once": {"type": "metered"},
    "open": {"type": "metered"},
    "soft": {"type": "metered"},
    "capped": {"type": "metered"},
    "percent": {"type": "metered"},
    "debt": {"type": "metered"},
    "rolling": {"type": "metered"},
    "kept": {"type": "metered"},
    "sliding": {"type": "metered"},
    "shared": {"type": "metered"},
    "ai_credits": {"type": "metered", "unit": "credit"},
    "image": {"type": "metered", "unit": "image", "pool": "ai_credits", "cost": 10},
    "text": {"type": "metered", "unit": "page", "pool": "ai_credits"},
    "alerted": {"type": "metered"},
    "search": {"type": "rate"},
    "minute": {"type": "rate"},
    "mine": {"type": "rate"},
    "jobs": {"type": "concurrency"},
    "streams": {"type": "concurrency"},
    "sso": {"type": "boolean"},
    "storage": {"type": "level"},
    "chairs": {"type": "seats"},
}
MONTHLY = {"per": "month", "reset": "billing"}
CALENDAR = {"per": "day", "reset": "calendar"}
KIT = {
    "calls": {"limit": 500, **MONTHLY},
    "bulk": {"limit": 20_000, **MONTHLY},
    "bytes": {"limit": 9_007_199_254_740_991, **MONTHLY, "overage": "allow"},
    "daily": {"limit": 100, **CALENDAR},
    "once": {"limit": 10, "reset": "never"},
    "open": {"limit": "unlimited"},
    "soft": {"limit": 100, **MONTHLY, "overage": "allow"},
    "capped": {"limit": 100, **MONTHLY, "overage": {"limit": 20}},
    "percent": {"limit": 55, **MONTHLY, "overage": {"percent": 10}},
    "debt": {"limit": 100, **MONTHLY, "overage": "allow", "carry_overage": True},
    "rolling": {"limit": 200, **MONTHLY, "rollover": {"percent": 50}},
    "kept": {"limit": 100, **MONTHLY, "rollover": {"max": 30, "months": 2}},
    "sliding": {"limit": 100, "per": "hour", "reset": "sliding"},
    "shared": {"limit": 100, **CALENDAR, "user_limit": 30, "session_limit": 20},
    "ai_credits": {"limit": 100, **MONTHLY},
    "image": {"limit": 50, **MONTHLY},
    "text": {"limit": "unlimited"},
    "alerted": {"limit": 200, **MONTHLY, "alerts": [50, 80, 100, {"units": 30}]},
    "search": {"limit": 10, "per": "second", "burst": 20},
    "minute": {"limit": 60, "per": "minute", "burst": 5},
    "mine": {"limit": 60, "per": "minute", "user_limit": 4, "session_limit": 2},
    "jobs": {"limit": 3, "user_limit": 2},
    "streams": {"limit": 10, "session_limit": 1},
    "sso": True,
    "storage": {"limit": 10},
    "chairs": {"limit": 2},
}
PLANS = {
    # What an account has that bought nothing.
    "bare": {"plan": "bare", "default": True, "entitlements": {"sso": False}},
    "kit": {"plan": "kit", "trial": {"days": 14}, "entitlements": KIT},
    # Smaller, larger, and larger with a fresh start.
    "lite": {
        "plan": "lite",
        "entitlements": {
            "calls": {"limit": 100, **MONTHLY},
            "soft": {"limit": 10, **MONTHLY, "overage": "allow"},
        },
    },
    "large": {"plan": "large", "entitlements": {"calls": {"limit": 1_000, **MONTHLY}}},
    "fresh": {
        "plan": "fresh",
        "trial": {"days": 14},
        "entitlements": {"calls": {"limit": 800, **MONTHLY, "on_change": "reset"}},
    },
    "pack": {"addon": "pack", "entitlements": {"calls": {"limit": 250, **MONTHLY}}},
}


def files(**plans: dict) -> dict[str, str]:
    """The catalog's files, with some plans in place of their namesakes or besides."""
    sold = PLANS | plans
    named = {f"{name}.yaml": json.dumps({"name": name} | plan) for name, plan in sold.items()}
    return {"features.yaml": json.dumps({"features": FEATURES})} | named


def changed(plan: str, feature: str, **settings) -> dict:
    """A plan with another entitlement to one feature."""
    entitlements = PLANS[plan]["entitlements"]
    line = entitlements[feature] | settings
    return {plan: PLANS[plan] | {"entitlements": entitlements | {feature: line}}}
