"""Catalogs by chance, all of them in one: a variant has features and plans under its own prefix."""

import json
from dataclasses import replace
from random import Random

from .terms import UNLIMITED, Kind, Line, Sold

PLANS = ("free", "base", "pro", "team")
KINDS = {
    "hard": Kind("metered"),
    "roll": Kind("metered"),
    "soft": Kind("metered"),
    "debt": Kind("metered"),
    "extra": Kind("metered"),
    "life": Kind("metered"),
    "flex": Kind("metered"),
    "slide": Kind("metered"),
    "pool": Kind("metered"),
    "image": Kind("metered", "pool", 3),
    "text": Kind("metered", "pool"),
    "team": Kind("metered"),
    "rate": Kind("rate"),
    "jobs": Kind("concurrency"),
}
STACKED = ("hard", "soft", "pool")  # what add-ons add to


class Maker:
    """One variant's lines."""

    def __init__(self, chance: Random):
        self.chance = chance
        self.per = {name: chance.choice(("day", "week", "month")) for name in KINDS}
        self.sliding = chance.choice(("hour", "day"))
        self.rates = chance.choice((("minute", 60), ("hour", 3_600), ("minute", 30)))

    def line(self, name: str, plan: str) -> Line:
        kind = KINDS[name].type
        if kind != "metered":
            return getattr(self, name)(plan)
        make = getattr(self, name, None)
        if make is not None:
            return make(plan)
        return Line(self.amount(), self.per[name], self.reset(plan))

    def amount(self) -> int:
        return self.chance.choice((1, 3, 6, 10, 15))

    def reset(self, plan: str) -> str:
        # What nobody bought has no subscription to be anchored at.
        return "calendar" if plan == "free" else "billing"

    def hard(self, plan: str) -> Line:
        limit = UNLIMITED if self.chance.random() < 0.1 else self.amount()
        priority = self.chance.choice((100, 100, 100, 50))
        change = self.chance.choice(("carry", "carry", "reset"))
        per = self.per["hard"]
        return Line(limit, per, self.reset(plan), on_change=change, priority=priority)

    def roll(self, plan: str) -> Line:
        if plan == "free":
            # It counts from the account's creation, which is the database's time.
            return Line(self.amount(), self.per["roll"], "calendar")
        most = self.chance.choice((None, 2, 5, 20))
        percent = self.chance.choice((50, 100, 150)) if most is None else None
        if most is not None and self.chance.random() < 0.3:
            percent = 50
        rule = (most, percent, self.chance.choice((None, 1, 2)))
        return Line(self.amount(), self.per["roll"], self.reset(plan), rollover=rule)

    def soft(self, plan: str) -> Line:
        return Line(self.amount(), self.per["soft"], self.reset(plan), overage="allow")

    def debt(self, plan: str) -> Line:
        line = Line(self.amount(), self.per["debt"], self.reset(plan), overage="allow")
        return replace(line, carry_overage=True)

    def extra(self, plan: str) -> Line:
        overage = self.chance.choice((("limit", 3), ("percent", 50), ("percent", 10)))
        return Line(self.amount(), self.per["extra"], self.reset(plan), overage=overage)

    def life(self, plan: str) -> Line:
        return Line(self.chance.choice((10, 30)), reset="never")

    def flex(self, plan: str) -> Line:
        per = self.chance.choice(("hour", "day", "week", "month"))
        reset = self.chance.choice((self.reset(plan), "calendar"))
        return Line(self.amount(), per, reset)

    def slide(self, plan: str) -> Line:
        return Line(self.amount(), self.sliding, "sliding")

    def pool(self, plan: str) -> Line:
        return Line(self.amount() * 2, self.per["pool"], self.reset(plan))

    def text(self, plan: str) -> Line:
        return Line(UNLIMITED, reset="never")

    def team(self, plan: str) -> Line:
        user, session = self.chance.choice(((4, 2), (3, None), (None, 3)))
        return Line(12, "day", "calendar", user_limit=user, session_limit=session)

    def rate(self, plan: str) -> Line:
        per, limit = self.rates
        return Line(limit, per, burst=self.chance.choice((1, 5, limit)))

    def jobs(self, plan: str) -> Line:
        return Line(self.chance.choice((2, 4)), user_limit=self.chance.choice((None, 1, 2)))


def variant(number: int) -> Sold:
    chance = Random(f"meters {number}")
    maker = Maker(chance)
    plans = {plan: {name: maker.line(name, plan) for name in KINDS} for plan in PLANS}
    packs = {
        name: {
            feature: Line(maker.chance.choice((2, 5)), maker.per[feature], "billing")
            for feature in STACKED
        }
        for name in ("pack", "bulk")
    }
    return Sold(dict(KINDS), plans, packs)


def files(variants: dict[str, Sold]) -> dict[str, str]:
    """One catalog of them all; what an account has that bought nothing is one plan."""
    features, made, free = {}, {}, {}
    for prefix, sold in variants.items():
        for name, kind in sold.kinds.items():
            features[prefix + name] = {"type": kind.type}
            if kind.pool is not None:
                features[prefix + name] |= {"pool": prefix + kind.pool, "cost": kind.cost}
        offers = [("plan", *item) for item in sold.plans.items() if item[0] != "free"]
        offers += [("addon", *item) for item in sold.addons.items()]
        for word, plan, lines in offers:
            listed = {prefix + name: line.file(sold.kinds[name]) for name, line in lines.items()}
            body = {word: prefix + plan, "name": plan, "entitlements": listed}
            made[f"{prefix}{plan}.yaml"] = json.dumps(body)
        lines = sold.plans["free"].items()
        free |= {prefix + name: line.file(sold.kinds[name]) for name, line in lines}
    default = {"plan": "free", "name": "Free", "default": True, "entitlements": free}
    made["free.yaml"] = json.dumps(default)
    return made | {"features.yaml": json.dumps({"features": features})}
