"""Catalogs and accounts by chance, for histories to begin with."""

from random import Random

from .state import DAY, UNLIMITED, Account, Feature, Line, Plan, Version, World

# Some clocks are far behind the database's and some far ahead: none comes near it in a history, so
# that a seed gives the same history on any day.
BEHIND, AHEAD = 1_262_304_000_000, 2_208_988_800_000  # 2010-01-01 and 2040-01-01
USES = ("seats", "level")
NUMBERS = ("days", "score", "floor")
TEXTS = ("basic", "silver", "gold")
FALLS = {"free": (), "base": ("free",), "pro": ("free", "base"), "team": ("base",)}


def features(chance: Random) -> dict[str, Feature]:
    return {
        "flag": Feature("boolean", "any"),
        "gate": Feature("boolean", "first"),
        "brand": Feature("config", "any", "boolean"),
        "days": Feature("config", "max", "integer"),
        "score": Feature("config", "sum", "number"),
        "floor": Feature("config", "min", "integer"),
        "tone": Feature("config", "first", "string"),
        "calls": Feature("metered", "sum"),
        "quota": Feature("metered", "max"),
        "store": Feature("level", "sum"),
        "depot": Feature("level", chance.choice(("max", "min")), overage=chance.random() < 0.5),
        "seats": Feature("seats", "sum"),
        "chairs": Feature("seats", "max"),
        "search": Feature("rate", "max"),
    }


def line(chance: Random, name: str, feature: Feature) -> Line:
    if feature.type == "boolean" or feature.value_type == "boolean":
        return Line(chance.random() < 0.75)
    if name in NUMBERS:
        return Line(chance.choice((0.25, 0.5, 2)) if name == "score" else chance.randint(0, 9))
    if name == "tone":
        return Line(chance.choice(TEXTS))
    if chance.random() < 0.1:
        return Line(UNLIMITED)
    if name == "quota":
        per = chance.choice(("day", "month"))
        return Line(chance.choice((0, 1, 5, 10)) * (30 if per == "month" else 1), per)
    if name == "search":
        per = chance.choice(("second", "minute"))
        return Line(chance.choice((0, 1, 2)) * (60 if per == "minute" else 1), per)
    return Line(chance.randint(0, 5), "month" if name == "calls" else None)


def version(chance: Random, kinds: dict[str, Feature], then: tuple = (), share=0.6) -> Version:
    some = [name for name in kinds if chance.random() < share + 0.2 * (kinds[name].type in USES)]
    made = Version({name: line(chance, name, kinds[name]) for name in some})
    made.grace_days = chance.choice((0, 1, 7))
    if chance.random() < 0.8:
        made.trial_days = chance.choice((1, 7, 14))
        made.trial_then = chance.choice((None, *then, *then))
        ends = ("cancel", "pause", "fallback") if made.trial_then else ("cancel", "pause")
        made.trial_at_end = chance.choice((None, *ends))
    return made


def catalog(chance: Random) -> World:
    """Features and plans, and nobody yet."""
    kinds = features(chance)
    free = version(chance, kinds, share=0.3)
    free.trial_days = free.trial_then = free.trial_at_end = None
    plans = {"free": Plan("plan", [free], default=True)}
    for name in ("base", "pro", "team"):
        plans[name] = Plan("plan", [version(chance, kinds, FALLS[name])])
    if chance.random() < 0.7:
        plans["pro"].family = plans["team"].family = "paid"
    plans["pack"] = Plan("addon", [version(chance, kinds, share=0.4)])
    plans["extra"] = Plan("addon", [version(chance, kinds, share=0.4)])
    return World(kinds, plans, database=(BEHIND + AHEAD) // 2)


def accounts(chance: Random) -> dict[str, Account]:
    start = chance.choice((BEHIND, AHEAD)) + chance.randrange(4 * 365 * DAY)
    return {name: Account(start) for name in ("a", "b")[: 2 if chance.random() < 0.2 else 1]}
