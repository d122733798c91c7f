"""One step after another by chance.

All chance comes from one `random.Random`, and a step is plain data, so that a history can be
printed and played again. Most steps are sensible in the state they are made for; some must be
refused.
"""

from random import Random

from .catalogs import FALLS, line, version
from .rules import instants, valid_until
from .state import DAY, SECOND, UNLIMITED, Account, Feature, World
from .subscription_steps import SubscriptionSteps

USERS = ("ada", "bo", "cy")
EVERYBODY = ("disable", "enable", "catalog", "migrate")  # steps that other accounts would feel
WEIGHTS = {
    "put": 18,
    "delete": 2,
    "cancel": 5,
    "uncancel": 4,
    "pause": 4,
    "resume": 4,
    "change": 8,
    "drop_change": 2,
    "extend_trial": 3,
    "end_trial": 2,
    "grant": 10,
    "end_grant": 4,
    "block": 1,
    "unblock": 3,
    "disable": 1,
    "enable": 2,
    "assign": 7,
    "release": 2,
    "swap": 2,
    "level": 5,
    "sign_in": 2,
    "revoke": 1,
    "clock": 14,
    "tick": 6,
    "catalog": 3,
    "migrate": 2,
}


def live(world: World, account: Account) -> list[str]:
    """The sessions through which anything can be seen."""
    return [
        s.id
        for s in world.sessions.values()
        if world.accounts[s.account] is account and not s.revoked and account.now < s.expires
    ]


class Steps(SubscriptionSteps):
    """Makes the steps of one history."""

    def __init__(self, chance: Random, *, owns_catalog: bool):
        super().__init__(chance)
        self.weights = {k: w for k, w in WEIGHTS.items() if owns_catalog or k not in EVERYBODY}

    def opening(self, world: World) -> list[dict]:
        """Somebody has to be signed in before anything can be seen."""
        return [
            {"do": "sign_in", "account": account, "session": self.name("s"), "user": user}
            | {"ttl_seconds": self.chance.choice((40, 365)) * 86_400}
            for account in world.accounts
            for user in USERS[:2]
        ]

    def next(self, world: World) -> dict:
        while True:
            (kind,) = self.chance.choices(list(self.weights), self.weights.values())
            account = self.chance.choice(list(world.accounts))
            if not live(world, world.accounts[account]):
                kind = "sign_in"
            step = getattr(self, kind)(world, world.accounts[account])
            if step is not None:
                return {"do": kind, "account": account} | step

    # Grants, blocks, switches

    def grant(self, world: World, account: Account) -> dict | None:
        if len(account.grants) >= 12:
            return None
        name = self.a_feature(world)
        if account.grants and self.maybe(0.4):  # grants that get in each other's way
            name = self.chance.choice(list(account.grants.values())).feature
        feature = world.features[name]
        body = {"feature": name, "effect": "allow" if self.maybe(0.75) else "deny"}
        self._scope(world, account, feature, body)
        if body["effect"] == "allow":
            self._amount(name, feature, body)
        form = self.chance.choice(("open", "to", "window", "ttl", "wrong"))
        if form == "to":
            body["to"] = self.later(account)
        if form == "window":
            body["from"] = self.somewhen(account)
            body["to"] = body["from"] + self.length()
        if form == "ttl":
            body["ttl_seconds"] = self.chance.choice((60, 3_600, 86_400))
        if form == "wrong" and self.maybe(0.2):
            body["to"] = account.now
        return {"grant": self.name("g"), "body": body}

    def _scope(self, world: World, account: Account, feature: Feature, body: dict) -> None:
        whole = body["effect"] == "allow" and feature.type in ("seats", "level")
        scope = self.chance.choice(("account", "user", "session", "both"))
        if scope == "account" or (whole and self.maybe(0.95)):
            return
        mine = [s for s in world.sessions.values() if world.accounts[s.account] is account]
        if scope in ("session", "both") and mine:
            session = self.chance.choice(mine)
            body["session"] = session.id
            if scope == "both":
                body["user"] = session.user if self.maybe(0.8) else "nobody"
        if scope == "user":
            body["user"] = self.chance.choice(USERS)

    def _amount(self, name: str, feature: Feature, body: dict) -> None:
        stacks = not feature.overage and name not in ("quota", "search")
        if self.maybe(0.5) and stacks:
            body["mode"] = "stack"
        if feature.counted:
            limit = UNLIMITED if self.maybe(0.15) else self.chance.randint(0, 5)
            if self.maybe(0.95):
                body["limit"] = limit
        elif feature.type == "config":
            body["value"] = line(self.chance, name, feature).amount
        elif self.maybe(0.05):
            body["limit"] = 3

    def end_grant(self, world: World, account: Account) -> dict | None:
        return {"grant": self.chance.choice(list(account.grants))} if account.grants else None

    def block(self, world: World, account: Account) -> dict:
        return {} if self.maybe(0.4) else {"until": self.later(account)}

    def unblock(self, world: World, account: Account) -> dict | None:
        return {} if account.blocked_from is not None or self.maybe(0.2) else None

    def disable(self, world: World, account: Account) -> dict:
        return {"feature": self.a_feature(world)}

    def enable(self, world: World, account: Account) -> dict | None:
        off = [name for name, feature in world.features.items() if feature.disabled]
        return {"feature": self.chance.choice(off)} if off else None

    # Seats and levels

    def assign(self, world: World, account: Account) -> dict:
        user = self.chance.choice((*USERS, "dee", "eve"))
        return {"feature": self.a_feature(world, "seats"), "user": user}

    def release(self, world: World, account: Account) -> dict:
        name = self.a_feature(world, "seats")
        return {"feature": name, "user": self._seated(account, name)}

    def swap(self, world: World, account: Account) -> dict | None:
        name = self.a_feature(world, "seats")
        one, other = self._seated(account, name), self.chance.choice((*USERS, "dee"))
        return {"feature": name, "from": one, "to": other} if one != other else None

    def _seated(self, account: Account, feature: str) -> str:
        """Mostly somebody who has a seat."""
        users = sorted(account.seats.get(feature, ()))
        return self.chance.choice(users if users and self.maybe(0.8) else USERS)

    def level(self, world: World, account: Account) -> dict:
        key, least = self.chance.choice((("value", 0), ("add", -3)))
        value = self.chance.randint(least, 6)
        return {"feature": self.a_feature(world, "level"), key: value}

    # Sessions, the clock, the catalog

    def sign_in(self, world: World, account: Account) -> dict | None:
        if len(live(world, account)) >= 4:
            return None
        seconds = self.chance.choice((60, 86_400, 30 * 86_400, 365 * 86_400))
        user = self.chance.choice(USERS)
        return {"session": self.name("s"), "user": user, "ttl_seconds": seconds}

    def revoke(self, world: World, account: Account) -> dict | None:
        mine = live(world, account)
        return {"session": self.chance.choice(mine)} if len(mine) > 1 else None

    def clock(self, world: World, account: Account) -> dict:
        ahead = [at for at in instants(world, account) if 0 < at - account.now < 40 * DAY]
        if ahead and self.maybe(0.8):
            edge = self.chance.choice(ahead[:3])
            return {"now": edge - self.chance.choice((0, 0, 1))}
        if self.maybe(0.1):
            return {"now": self.sooner(account)}
        if self.maybe(0.5):
            return {"advance_seconds": self.length() // SECOND}
        return {"now": self.later(account) + self.chance.randrange(SECOND)}

    def tick(self, world: World, account: Account) -> dict | None:
        session, name = self.chance.choice(live(world, account)), self.a_feature(world)
        until = valid_until(world, session, name, account.now, instants(world, account))
        # A far end is seldom waited for: all sessions would be over too soon.
        if until is None or (until - account.now > 40 * DAY and self.maybe(0.9)):
            return None
        return {"session": session, "feature": name}

    def catalog(self, world: World, account: Account) -> dict:
        name = self.a_plan(world)
        made = version(self.chance, world.features, FALLS.get(name, ()))
        if name == "free":
            made.trial_days = made.trial_then = made.trial_at_end = None
        return {"plan": name, "version": made, "grandfather": self.maybe(0.5)}

    def migrate(self, world: World, account: Account) -> dict:
        name = self.a_plan(world)
        newest = len(world.plans[name].versions)
        step = {"plan": name, "dry_run": self.maybe(0.3)}
        for key in ("from_version", "to_version"):
            if self.maybe(0.5):
                step[key] = self.chance.randint(1, newest + (1 if self.maybe(0.05) else 0))
        return step
