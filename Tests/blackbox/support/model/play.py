"""Plays a history against the model and the running service, and says where they part."""

from copy import deepcopy

from .arena import Arena, Parted, same
from .calls import TIMES, Calls, Catalog, milliseconds, stamp
from .judge import Judge
from .moves import attempt
from .periods import period
from .standing import standing, terms
from .state import Account, Subscription

# What a subscription's answer must show as the model has it.
SHOWN = ("status", "trial_start", "trial_end", "trial_at_end", "payment_method", "cancel_at")
SHOWN += ("ended_at", "past_due_since", "period_start", "period_end", "period_every")
ACCESS = {"trial": "trial", "past_due_grace": "grace", "plan": "paid", "addon": "paid"}


class Play:
    """One history on accounts of its own."""

    def __init__(self, arena: Arena, catalog: Catalog, customers: dict[str, Account]):
        self.arena = arena
        self.api = arena.api
        # What changes its catalog begins with one that nobody has touched.
        self.catalog = Catalog(catalog.world, is_own=True) if catalog.is_own else catalog
        self.world = deepcopy(catalog.world)
        self.world.accounts = deepcopy(customers)
        self.calls = Calls(self.catalog)
        self.judge = Judge(arena.wire, self.calls)

    def set_up(self) -> None:
        self.arena.enforce(self.catalog, self.calls.files(self.world))
        for name, account in self.world.accounts.items():
            self.api.account(self.calls.place + name)
            path = f"/v1/accounts/{self.calls.place}{name}/clock"
            self.api.call("PUT", path, {"now": stamp(account.now)})

    def take(self, step: dict) -> None:
        if not self.can(step):
            return
        if step["do"] == "tick":
            return self.tick(step)
        refusal, after = attempt(self.world, step)
        answer = self.api.send(*self.calls.request(step, after))
        content = answer.json() if answer.content else {}
        code = None if answer.is_success else content.get("code", answer.status_code)
        if code != refusal:
            raise Parted(f"refused as {code}, by the model as {refusal}: {content}")
        self.world = after
        if code is None:
            self.note(step, content)
        self.judge.compare(self.world, step)

    def can(self, step: dict) -> bool:
        """Whether what a step speaks of was made; while shrinking it may not have been."""
        if step["do"] in ("revoke", "tick") and step["session"] not in self.calls.sessions:
            return False
        return step["do"] != "end_grant" or step["grant"] in self.calls.grants

    def tick(self, step: dict) -> None:
        """`valid_until` by the service's own word: the same answer before it, another one at it."""
        asked = step["session"], step["feature"]
        before = self.judge.check(*asked)
        told = self.judge.told(before)
        if (until := milliseconds(before["valid_until"])) is None:
            return
        now = self.world.accounts[step["account"]].now
        if until <= now:
            raise Parted(f"valid_until is not ahead: {before}")
        if until - 1 > now:
            self.take({"do": "clock", "account": step["account"], "now": until - 1})
            same("the last valid answer", self.judge.told(self.judge.check(*asked)), told)
        self.take({"do": "clock", "account": step["account"], "now": until})
        after = self.judge.check(*asked)
        if (self.judge.told(after), after["resets_at"]) == (told, before["resets_at"]):
            raise Parted(f"valid_until came and nothing changed: {after}")

    def note(self, step: dict, content: dict) -> None:
        """Takes over the ids that the service made, and looks at what its answer shows."""
        account = self.world.accounts[step["account"]]
        if step["do"] == "sign_in":
            self.calls.sessions[step["session"]] = content["session"]
            expires = self.world.sessions[step["session"]].expires
            same("expires_at", content["expires_at"], stamp(expires))
        elif step["do"] == "grant":
            self.calls.grants[step["grant"]] = content["grant"]
        elif "sub" in step and step["do"] != "delete":
            self.hold(account.subscriptions[step["sub"]], content, account.now)
        elif step["do"] == "level":
            same("used", content["used"], account.levels[step["feature"]])
        elif step["do"] in ("assign", "release"):
            same("used", content["used"], len(account.seats[step["feature"]]))

    def hold(self, sub: Subscription, content: dict, now: int) -> None:
        """What a subscription's answer shows against the model."""
        for name in SHOWN:
            wanted = getattr(sub, name)
            same(name, content[name], stamp(wanted) if name in TIMES else wanted)
        same("effective", content["effective"], self._effective(sub, now))
        change = {"plan": self.calls.out(sub.next_plan), "version": sub.next_version}
        self._hold_slot("change", content["change"], change, sub.change_at, now)
        change = {"quantity": sub.next_quantity}
        self._hold_slot("quantity_change", content["quantity_change"], change, sub.quantity_at, now)
        if (running := period(sub, now)) is not None:
            bounds = {"start": stamp(running[0]), "end": stamp(running[1])}
            same("period", content["period"], bounds)

    def _effective(self, sub: Subscription, now: int) -> dict:
        mine, gift = terms(self.world, sub, now), standing(self.world, sub, now).gift
        access = "none" if gift is None else ACCESS.get(gift.reason, "paid")
        if gift is not None and gift.terms.plan != mine.plan:
            mine, access = gift.terms, "fallback"
        shown = {"plan": self.calls.out(mine.plan), "version": mine.version}
        return shown | {"quantity": mine.quantity, "access": access}

    def _hold_slot(self, name: str, shown: dict | None, wanted: dict, at: int | None, now: int):
        if at is not None and at > now:
            same(name, shown, wanted | {"at": stamp(at)})
        elif shown is not None and milliseconds(shown["at"]) > now:
            raise Parted(f"{name} is {shown}, by the model nothing waits")
