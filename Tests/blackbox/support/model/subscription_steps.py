"""Steps by chance about subscriptions, and the chances that all steps are made of."""

from random import Random

from .standing import standing, terms
from .state import DAY, HOUR, SECOND, Account, World

EVERY = ("hour", "day", "week", "month", "quarter", "year")
STATUSES = {
    "active": 10,
    "trialing": 12,
    "past_due": 4,
    "canceled": 3,
    "unpaid": 1,
    "paused": 1,
    "incomplete": 1,
    "incomplete_expired": 1,
    "scheduled": 2,
}
DATED = ("active", "trialing", "past_due", "canceled", "unpaid", "scheduled")


class SubscriptionSteps:
    def __init__(self, chance: Random):
        self.chance = chance
        self.made = 0

    def name(self, stem: str) -> str:
        self.made += 1
        return f"{stem}{self.made}"

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def length(self) -> int:
        unit = self.chance.choice((SECOND, HOUR, DAY, DAY))
        return self.chance.randint(1, 20) * unit

    def later(self, account: Account) -> int:
        return account.now + self.length()

    def sooner(self, account: Account) -> int:
        return account.now - self.length()

    def somewhen(self, account: Account) -> int:
        return self.later(account) if self.maybe(0.6) else self.sooner(account)

    def a_plan(self, world: World, like: str | None = None) -> str:
        kind = world.plans[like].kind if like else None
        return self.chance.choice([n for n, p in world.plans.items() if kind in (None, p.kind)])

    def a_sub(self, account: Account, *, is_open=True, status=None) -> str | None:
        """One that can still be acted on, or any; mostly of the status, where there is one."""
        alive = ("active", "trialing", "past_due", "scheduled")
        fit = [
            name
            for name, sub in account.subscriptions.items()
            if not is_open or (sub.status in alive and not sub.is_closed(account.now))
        ]
        like = [name for name in fit if account.subscriptions[name].status == status]
        if like and self.maybe(0.8):
            fit = like
        return self.chance.choice(fit) if fit else None

    def a_feature(self, world: World, *types: str) -> str:
        fit = [n for n, f in world.features.items() if not types or f.type in types]
        return self.chance.choice(fit)

    # The steps

    def put(self, world: World, account: Account) -> dict:
        subs = account.subscriptions
        idle = [n for n, sub in subs.items() if standing(world, sub, account.now).gift is None]
        name = self.a_sub(account, is_open=False) if self.maybe(0.3) else None
        if name is None and len(subs) >= 4:
            name = self.chance.choice(idle or list(subs))
        status = self.chance.choices(list(STATUSES), STATUSES.values())[0]
        fields = {"plan": self.a_plan(world), "status": status}
        if status == "trialing" and self.maybe(0.3):
            fields["plan"] = self._a_tried_plan(world, account) or fields["plan"]
        if self.maybe(0.03):
            fields["plan"] = "nothing"
        elif self.maybe(0.3):
            fields["version"] = self.chance.randint(1, len(world.plans[fields["plan"]].versions))
        if self.maybe(0.4):
            fields["quantity"] = self.chance.randint(1, 4)
        if status in DATED:
            getattr(self, "_" + status)(world, account, fields)
        if status in ("active", "trialing", "past_due"):
            self._plans_ahead(world, account, fields)
        return {"sub": name or self.name("sub"), "fields": fields}

    def _a_tried_plan(self, world: World, account: Account) -> str | None:
        fit = [name for name in world.plans if world.family(name) in account.trials]
        return self.chance.choice(fit) if fit else None

    def _active(self, world: World, account: Account, fields: dict) -> None:
        form = self.chance.choice(("none", "period", "every"))
        if form == "period":
            fields["period_end"] = self.somewhen(account)
            fields["period_start"] = fields["period_end"] - 30 * DAY
        if form == "every":
            fields["period_anchor"] = account.now - self.chance.randrange(90 * DAY)
            fields["period_every"] = self.chance.choice(EVERY)
            fields["period_count"] = self.chance.randint(1, 3)
        if self.maybe(0.15):
            fields["starts_at"] = self.somewhen(account)

    def _scheduled(self, world: World, account: Account, fields: dict) -> None:
        fields["starts_at"] = self.somewhen(account)

    def _trialing(self, world: World, account: Account, fields: dict) -> None:
        plan = world.plans.get(fields["plan"])
        sold = plan and plan.versions[(fields.get("version") or 0) - 1]
        if self.maybe(0.5 if sold and sold.trial_days else 0.9):
            fields["trial_end"] = self.later(account)
            if self.maybe(0.5):
                fields["trial_start"] = self.sooner(account)
            if self.maybe(0.3):
                fields["trial_start"] = self.somewhen(account)
                fields["trial_end"] = fields["trial_start"] + self.length()
        if self.maybe(0.3):
            fields["payment_method"] = True
        if sold and self.maybe(0.4):
            ends = ("cancel", "pause", "fallback") if sold.trial_then else ("cancel", "pause")
            fields["trial_at_end"] = self.chance.choice(ends)

    def _past_due(self, world: World, account: Account, fields: dict) -> None:
        if self.maybe(0.6):
            fields["past_due_since"] = self.sooner(account)
        if self.maybe(0.3):
            fields["period_end"] = self.sooner(account)

    def _unpaid(self, world: World, account: Account, fields: dict) -> None:
        if self.maybe(0.5):
            fields["past_due_since"] = self.sooner(account)

    def _canceled(self, world: World, account: Account, fields: dict) -> None:
        if self.maybe(0.8):
            fields["ended_at"] = self.somewhen(account)

    def _plans_ahead(self, world: World, account: Account, fields: dict) -> None:
        end = max(account.now, fields.get("trial_end", 0))
        if self.maybe(0.2):
            fields["cancel_at"] = self.somewhen(account)
        if self.maybe(0.05 if "cancel_at" in fields else 0.2):
            at = self.sooner(account) if self.maybe(0.1) else end + self.length()
            like = fields["plan"] if fields["plan"] in world.plans else None
            fields |= {"next_plan": self.a_plan(world, like), "change_at": at}
        if self.maybe(0.1):
            fields |= {
                "next_quantity": self.chance.randint(1, 4),
                "quantity_at": self.later(account),
            }
        if self.maybe(0.1):
            fields["paused_from"] = self.somewhen(account)
            if self.maybe(0.6):
                fields["paused_until"] = fields["paused_from"] + self.length()

    def delete(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account, is_open=False)
        return name and {"sub": name}

    def cancel(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account)
        at = self.chance.choice(("now", "period_end", "period_end", self.later(account)))
        return name and {"sub": name} | ({"at": at} if at != "period_end" else {})

    def uncancel(self, world: World, account: Account) -> dict | None:
        fit = [
            name
            for name, sub in account.subscriptions.items()
            if sub.ended_at is None and sub.cancel_at is not None
        ]
        waiting = [n for n in fit if not account.subscriptions[n].is_closed(account.now)]
        fit = waiting if waiting and self.maybe(0.9) else fit
        return {"sub": self.chance.choice(fit)} if fit else None

    def pause(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account)
        start = self.later(account) if self.maybe(0.3) else None
        step = {"sub": name} | ({"at": start} if start else {})
        if self.maybe(0.5):
            step["until"] = (start or account.now) + self.length()
        elif self.maybe(0.1):
            step["until"] = self.sooner(account)
        return name and step

    def resume(self, world: World, account: Account) -> dict | None:
        fit = [
            name
            for name, sub in account.subscriptions.items()
            if not sub.is_closed(account.now) and (sub.paused_from or sub.status == "paused")
        ]
        return {"sub": self.chance.choice(fit)} if fit else None

    def change(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account)
        if name is None:
            return None
        step = {"sub": name}
        form = self.chance.choice(("plan", "plan", "quantity", "both"))
        if form != "quantity":
            now = terms(world, account.subscriptions[name], account.now)
            step["plan"] = self.a_plan(world, now.plan)
            if step["plan"] != now.plan and self.maybe(0.2):
                versions = len(world.plans[step["plan"]].versions)
                step["version"] = self.chance.randint(1, versions)
        if form != "plan":
            step["quantity"] = self.chance.randint(1, 4)
        at = self.chance.choice(("now", None, "period_end", "period_end", self.later(account)))
        return step | ({} if at is None else {"at": at})

    def drop_change(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account)
        return name and {"sub": name}

    def extend_trial(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account, status="trialing")
        if name is None:
            return None
        if self.maybe(0.5):
            return {"sub": name, "days": self.chance.randint(1, 40)}
        return {"sub": name, "trial_end": self.somewhen(account)}

    def end_trial(self, world: World, account: Account) -> dict | None:
        name = self.a_sub(account, status="trialing")
        return name and {"sub": name}
