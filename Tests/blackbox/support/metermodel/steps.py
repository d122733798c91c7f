"""Steps by chance: mostly what makes sense now, sometimes what does not."""

from random import Random

from .game import Game
from .windows import DAY, HOUR, SECOND

WEIGHTS = {
    "consume": 30,
    "again": 4,
    "reserve": 8,
    "settle": 8,
    "release": 3,
    "refund": 6,
    "record": 5,
    "adjust": 3,
    "credit": 8,
    "void": 2,
    "plan": 4,
    "addon": 3,
    "drop_addon": 2,
    "lease": 4,
    "beat": 3,
    "unlease": 2,
    "clock": 22,
}
QUOTAS = ("hard", "roll", "soft", "debt", "extra", "life", "flex", "pool", "image", "text", "team")
CREDITED = ("hard", "soft", "extra", "life", "pool", "debt")
HELD = ("hard", "roll", "life", "pool", "image", "team")  # with a limit that refuses
REFUNDED = ("hard", "roll", "soft", "extra", "life", "pool", "image", "text", "debt")
EVERY = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY}


class Steps:
    """Makes the steps of one history."""

    def __init__(self, chance: Random):
        self.chance = chance
        self.made = 0

    def name(self, stem: str) -> str:
        self.made += 1
        return f"{stem}{self.made}"

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def opening(self, game: Game) -> list[dict]:
        """Each quota is used, so that no history hangs on when a meter was first written."""
        steps = [{"do": "plan", "plan": self.chance.choice(("base", "pro", "team"))}]
        for feature in (*QUOTAS, "slide", "rate"):
            step = {"do": "consume", "items": [[feature, 1]], "mode": "reject"}
            steps.append(step | {"key": self.name("k"), "who": ["account", None]})
        return steps

    def next(self, game: Game) -> dict:
        while True:
            (kind,) = self.chance.choices(list(WEIGHTS), WEIGHTS.values())
            step = getattr(self, kind)(game)
            if step is not None:
                return {"do": kind} | step

    def who(self, game: Game) -> list:
        if self.maybe(0.7):
            return ["session", self.chance.choice(sorted(game.sessions))]
        return ["account", self.chance.choice((None, "ada", "bo"))]

    def count(self, game: Game, feature: str) -> int:
        """Around what is left, where that is little."""
        left = game.room(("", feature)) if game.is_quota(feature) else 5
        near = [n for n in (left - 1, left, left + 1) if 1 <= n <= 30]
        if near and self.maybe(0.35):
            return self.chance.choice(near)
        return self.chance.choice((1, 1, 2, 3, 5, 8))

    # Using

    def consume(self, game: Game) -> dict:
        names = (*QUOTAS, "slide", "rate")
        feature = self.chance.choice(names)
        step = {"key": self.name("k"), "who": self.who(game), "mode": "reject"}
        if self.maybe(0.15):
            some = self.chance.sample(names, self.chance.choice((2, 3)))
            return step | {"items": [[name, self.chance.choice((1, 2, 3))] for name in some]}
        if self.maybe(0.2):
            step["mode"] = "cap"
        return step | {"items": [[feature, self.count(game, feature)]]}

    def again(self, game: Game) -> dict | None:
        return {"key": self.chance.choice(list(game.calls))} if game.calls else None

    def record(self, game: Game) -> dict:
        feature = self.chance.choice((*QUOTAS, "slide"))
        user = self.chance.choice((None, "ada", "bo"))
        count = self.count(game, feature)
        return {"event": self.name("e"), "feature": feature, "count": count, "user": user}

    def reserve(self, game: Game) -> dict:
        feature = self.chance.choice(HELD)
        step = {"name": self.name("r"), "feature": feature, "count": self.count(game, feature)}
        return step | {"seconds": self.chance.choice((60, 600, 86_400)), "who": self.who(game)}

    def settle(self, game: Game) -> dict | None:
        if not game.reservations:
            return None
        live = [n for n, r in game.reservations.items() if r.state == "held"]
        name = self.chance.choice(live if live and self.maybe(0.8) else list(game.reservations))
        made = game.reservations[name]
        counts = (0, made.count, made.count, made.count - 1, made.count + 1, made.count + 4)
        return {"name": name, "count": max(0, self.chance.choice(counts))}

    def release(self, game: Game) -> dict | None:
        return {"name": self.chance.choice(list(game.reservations))} if game.reservations else None

    # Giving back

    def refund(self, game: Game) -> dict | None:
        if self.maybe(0.5):
            return self._refund_of_a_call(game)
        feature = self.chance.choice(REFUNDED)
        used = game.seen(("", feature)).used
        count = self.chance.choice((1, 1, 2, 3, max(1, used), used + 1))
        return {"feature": feature, "count": count, "key": None}

    def _refund_of_a_call(self, game: Game) -> dict | None:
        keys = list(game.calls)
        self.chance.shuffle(keys)
        for key in keys[:10]:
            call, taken = game.calls[key]
            if len(call["items"]) > 1 or call["items"][0][0] not in REFUNDED:
                continue
            ((feature, count),) = call["items"]
            if game.may_refund(key, feature):
                left = count - taken.returned
                some = self.chance.choice((1, max(1, left), left + 1))
                return {"feature": feature, "count": some, "key": key}
        return None

    def adjust(self, game: Game) -> dict:
        feature = self.chance.choice(("hard", "roll", "soft", "life", "extra", "pool"))
        if self.maybe(0.5):
            return {"feature": feature, "used": self.chance.randint(0, 15), "add": None}
        add = self.chance.choice((-3, -1, 1, 4))
        return {"feature": feature, "used": None, "add": add}

    # What the account holds

    def credit(self, game: Game) -> dict | None:
        if len(game.who.credits) >= 8:
            return None
        now = game.who.now
        step = {"name": self.name("c"), "feature": self.chance.choice(CREDITED)}
        step["amount"] = self.chance.choice((1, 3, 8))
        # Never the allowance's own priority: which of the two is older, the rules leave open.
        step["priority"] = self.chance.choice((10, 10, 90, 200))
        step["promotional"] = self.maybe(0.3)
        step["start"] = now if self.maybe(0.7) else now + self.length()
        step["end"] = None if self.maybe(0.5) else step["start"] + self.length() + SECOND
        step["every"] = None if self.maybe(0.6) else self.chance.choice(("day", "week", "month"))
        step["rollover"] = None
        if self.maybe(0.3):
            most = self.chance.randint(0, step["amount"])
            step["rollover"] = [self.chance.randint(0, most), most]
        return step

    def void(self, game: Game) -> dict | None:
        credits = [credit.id for credit in game.who.credits]
        return {"name": self.chance.choice(credits)} if credits else None

    def plan(self, game: Game) -> dict:
        return {"plan": self.chance.choice(("base", "pro", "team", "base", "pro", "team", None))}

    def addon(self, game: Game) -> dict:
        """Another, or more or less of one; each has a name of its own, as at a provider."""
        held = sorted(game.who.addons)
        quantity = self.chance.choice((1, 1, 2))
        if held and (len(held) == 2 or self.maybe(0.3)):
            name = self.chance.choice(held)
            return {"sub": name, "plan": game.who.addons[name].plan, "quantity": quantity}
        plan = self.chance.choice(("pack", "bulk"))
        return {"sub": self.name("s"), "plan": plan, "quantity": quantity}

    def drop_addon(self, game: Game) -> dict | None:
        held = sorted(game.who.addons)
        return {"sub": self.chance.choice(held)} if held else None

    # Leases

    def lease(self, game: Game) -> dict:
        step = {"name": self.name("l"), "count": self.chance.choice((1, 1, 2))}
        return step | {"seconds": self.chance.choice((5, 60, 3_600)), "who": self.who(game)}

    def beat(self, game: Game) -> dict | None:
        names = list(game.leases.all)
        return {"name": self.chance.choice(names), "seconds": 60} if names else None

    def unlease(self, game: Game) -> dict | None:
        live = [n for n, lease in game.leases.all.items() if lease.until > game.who.now]
        return {"name": self.chance.choice(live)} if live else None

    # The clock

    def length(self) -> int:
        unit = self.chance.choice((SECOND, HOUR, DAY, 7 * DAY))
        return unit * self.chance.randint(1, 5)

    def clock(self, game: Game) -> dict:
        """Mostly to an instant at which something happens, or just before it."""
        now, ahead = game.who.now, []
        for (subject, _), meter in game.meters.items():
            if not subject:
                ahead += [meter.period[1]] if meter.period else []
                ahead += [hold.until for hold in meter.holds.values()]
                ahead += [part.until for part in meter.rolled if part.until]
        ahead += [lease.until for lease in game.leases.all.values()]
        for credit in game.who.credits:
            ahead += [credit.start] + ([credit.until] if credit.until else [])
            ahead += [credit.start + EVERY[credit.every]] if credit.every else []
        near = sorted({at for at in ahead if now < at < now + 40 * DAY})
        if near and self.maybe(0.7):
            return {"to": max(now, self.chance.choice(near[:4]) - self.chance.choice((0, 0, 1)))}
        return {"to": now + self.length() + self.chance.randrange(SECOND)}
