"""Holds the decisions of the service against the model's."""

import json
from dataclasses import asdict
from random import Random

from .arena import Parted, Wire, same
from .calls import Calls, stamp
from .rules import decide, instants, remaining, valid_until
from .state import Decision, World
from .steps import live

# Which step of the explanation decides, by the answer's reason.
DECIDING = {
    "session_revoked": {"session"},
    "session_expired": {"session"},
    "account_blocked": {"block"},
    "denied_by_grant": {"deny_grant", "grant"},
    "feature_disabled": {"switch"},
    "grant": {"grant"},
    "plan": {"subscription"},
    "trial": {"subscription"},
    "addon": {"subscription"},
    "past_due_grace": {"subscription"},
    "default_plan": {"default_plan", "subscription"},
    "no_seat": {"seat"},
    "level_reached": {"level"},
}


class Judge:
    def __init__(self, wire: Wire, calls: Calls):
        self.wire = wire
        self.calls = calls
        self.watched: set[str] = set()
        self.rounds = 0

    def check(self, session: str, feature: str, **more) -> dict:
        body = {"session": self.calls.sessions[session], "feature": self.calls.out(feature)}
        return self.wire.ask("POST", "/v1/check", body | more)

    def batch(self, session: str, features: list[str]) -> list[dict]:
        body = {"session": self.calls.sessions[session]}
        body["features"] = [self.calls.out(name) for name in features]
        return self.wire.ask("POST", "/v1/check/batch", body)["decisions"]

    def told(self, answer: dict) -> tuple:
        """What the service says, in the model's words."""
        keys = ("allowed", "reason", "source", "value", "limit", "used", "remaining")
        allowed, reason, source, *rest = (answer[key] for key in keys)
        return (allowed, reason, self.calls.source(source), *rest)

    def hold(self, world: World, session: str, feature: str, answer: dict) -> None:
        """One decision against the model's."""
        now = world.accounts[world.sessions[session].account].now
        found = decide(world, session, feature, now)
        got, wanted = self.told(answer), (*found, remaining(found))
        if got != wanted:
            fields = (*Decision._fields, "remaining")
            rows = zip(fields, got, wanted, strict=True)
            parts = [f"{n} is {g!r}, by the model {w!r}" for n, g, w in rows if g != w]
            raise Parted(f"{feature} for {session}: " + "; ".join(parts) + f"\n  {answer}")
        same("evaluated_at", answer["evaluated_at"], stamp(now))

    def compare(self, world: World, step: dict) -> None:
        """Every feature of every session that is, or just was, open; from one read each."""
        names = list(world.features)
        seen = {s for account in world.accounts.values() for s in live(world, account)}
        watched, self.watched = self.watched | seen, seen
        sessions = sorted(watched & set(self.calls.sessions))
        for session in sessions:
            answers = self.batch(session, names)
            for name, answer in zip(names, answers, strict=True):
                self.hold(world, session, name, answer)
        if sessions:
            chance = Random(json.dumps(step, default=asdict, sort_keys=True))
            self._compare_next(world, chance.choice(sessions), chance.sample(names, 6))

    def _compare_next(self, world: World, session: str, features: list[str]) -> None:
        """The promised next change, of some features: the model tries each instant ahead."""
        account = world.accounts[world.sessions[session].account]
        ahead = instants(world, account)
        for name, answer in zip(features, self.batch(session, features), strict=True):
            until = stamp(valid_until(world, session, name, account.now, ahead))
            # When a quota resets is told as well, and may come to be another instant: of that the
            # model of meters knows, and a tick sees that something changes.
            if reset := answer["resets_at"]:
                most = min(until or reset, reset)
                until = min(most, answer["valid_until"] or most)
            same(f"valid_until of {name} for {session}", answer["valid_until"], until)
        same("the check", self.check(session, features[-1]), answer)

    def agree(self, world: World) -> None:
        """Batch, list and explanation, of one session a time: the same decisions in this state."""
        if not self.calls.sessions:
            return
        names, self.rounds = sorted(world.features), self.rounds + 1
        sessions = list(self.calls.sessions)
        session = sessions[self.rounds % len(sessions)]
        batch = self.batch(session, names)
        listed = self.wire.ask("GET", f"/v1/entitlements?session={self.calls.sessions[session]}")
        same("the list of entitlements", listed["entitlements"], batch)
        for name, decision in zip(names, batch, strict=True):
            self.hold(world, session, name, decision)
            explained = self.check(session, name, explain=True)
            explanation = explained.pop("explanation")
            same("the explained check", explained, decision)
            self._hold_explanation(decision, explanation)

    def _hold_explanation(self, decision: dict, explanation: dict) -> None:
        reason, source = decision["reason"], decision["source"]
        considered = explanation["considered"]
        deciding = {item["step"] for item in considered if item["decides"]}
        if reason in DECIDING and not deciding & DECIDING[reason]:
            raise Parted(f"nothing explains {reason}: {explanation}")
        if source is None:
            return
        # An item of a seat or a level decides after the plan that gave the limit.
        kept = [item for item in considered if item["counts"] or item["decides"]]
        if source not in [{key: item.get(key) for key in source} for item in kept]:
            raise Parted(f"the explanation lacks {source}: {explanation}")
