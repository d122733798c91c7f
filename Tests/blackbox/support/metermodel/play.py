"""Plays one history on the model and on the running service, and says where they part."""

import json

from ..api import Api
from ..model.arena import Parted, Wire, same
from ..world import unique
from .game import Game, Refused
from .judge import PEOPLE, Judge
from .terms import Credit, Customer, Holding, Sold
from .windows import DAY, stamp

YEAR = 31_536_000


class Play(Judge):
    """One history on an account of its own."""

    def __init__(self, api: Api, wire: Wire, prefix: str, sold: Sold, start: int, zone: str):
        self.api, self.wire, self.prefix = api, wire, prefix
        self.account = unique("play")
        self.path = f"/v1/accounts/{self.account}"
        self.game = Game(sold, Customer(start, zone, start), dict(PEOPLE))
        self.sessions: dict[str, str] = {}
        self.ids: dict[str, str] = {}  # of credits, reservations and leases
        self.number = 0
        self.answers: dict[str, tuple[dict, bytes]] = {}  # by key: what was sent, what came

    def set_up(self) -> None:
        who = self.game.who
        self.api.account(self.account, timezone=who.zone)
        self.api.call("PUT", f"{self.path}/clock", {"now": stamp(who.now)})
        for name, user in PEOPLE.items():
            self.sessions[name] = self.api.session(self.account, user, ttl_seconds=YEAR)

    def take(self, step: dict) -> None:
        if self.can(step):
            getattr(self, step["do"])(step)
            self.compare()

    def can(self, step: dict) -> bool:
        """Whether what a step speaks of was made; while shrinking it may not have been."""
        game, do = self.game, step["do"]
        if do in ("again", "refund") and step.get("key") is not None:
            if step["key"] not in game.calls:
                return False
            return do == "again" or game.may_refund(step["key"], step["feature"])
        if do == "refund":
            return game.is_clear(step["feature"], step["count"])
        if do == "adjust":
            used = game.seen(("", step["feature"])).used
            less = -step["add"] if step["add"] is not None else used - step["used"]
            return less <= 0 or game.is_clear(step["feature"], less)
        if do in ("settle", "release"):
            made = game.reservations.get(step["name"])
            # What has long been over is forgotten some day.
            return made is not None and game.who.now < made.until + DAY
        if do in ("beat", "unlease", "void"):
            return step["name"] in self.ids
        return do != "drop_addon" or step["sub"] in game.who.addons

    # Names

    def out(self, feature: str) -> str:
        return self.prefix + feature

    def by(self, who: list) -> dict:
        if who[0] == "session":
            return {"session": self.sessions[who[1]]}
        return {"account": self.account} | ({"user": who[1]} if who[1] else {})

    def subject(self, who: list) -> tuple:
        """User and session."""
        return (PEOPLE[who[1]], who[1]) if who[0] == "session" else (who[1], None)

    def post(self, path: str, body, expect: str | None = None, **options):
        """A call that the model says must be taken, or refused by this code."""
        return self.judged(self.api.send("POST", path, body, **options), expect)

    def judged(self, answer, expect: str | None):
        content = answer.json() if answer.content else {}
        code = None if answer.is_success else content.get("code")
        if code != expect:
            raise Parted(f"refused as {code}, by the model as {expect}: {content}")
        return content

    def refusal(self, call, *given) -> str | None:
        try:
            call(*given)
        except Refused as refused:
            return refused.code
        return None

    # Steps

    def consume(self, step: dict) -> None:
        items = [(self.out(name), count) for name, count in step["items"]]
        body = self.by(step["who"]) | {"idempotency_key": step["key"]}
        if len(items) == 1:
            body |= {"feature": items[0][0], "quantity": items[0][1], "mode": step["mode"]}
        else:
            body["features"] = [{"feature": name, "quantity": n} for name, n in items]
        answer = self.api.send("POST", "/v1/consume", body)
        content = self.judged(answer, None)
        who = self.subject(step["who"])
        taken = self.game.consume(step["items"], who, step["mode"], step["key"])
        decisions = content.get("decisions", [content])
        same("consumed", [each["consumed"] for each in decisions], taken)
        same("allowed", content["allowed"], all(taken))
        if all(taken):
            self.answers[step["key"]] = body, answer.content
        elif len(decisions) == 1:
            rated = self.game.sold.kinds[step["items"][0][0]].type == "rate"
            same("reason", content["reason"], "rate_limited" if rated else "quota_exhausted")

    def again(self, step: dict) -> None:
        body, first = self.answers[step["key"]]
        answer = self.api.send("POST", "/v1/consume", body)
        same("the repeated answer", answer.content, first)

    def record(self, step: dict) -> None:
        data = {"quantity": step["count"]} | ({"user": step["user"]} if step["user"] else {})
        event = {"specversion": "1.0", "id": step["event"], "source": "/model", "data": data}
        event |= {"type": self.out(step["feature"]), "subject": self.account}
        told = self.post("/v1/usage", [event])
        same("the event", told["items"][0]["status"], "accepted")
        who = (step["user"], None)
        self.game.record(step["feature"], step["count"], who, step["event"])

    def reserve(self, step: dict) -> None:
        feature, count = step["feature"], step["count"]
        body = self.by(step["who"]) | {"feature": self.out(feature), "quantity": count}
        content = self.post("/v1/reservations", body | {"ttl_seconds": step["seconds"]})
        who = self.subject(step["who"])
        made = self.game.reserve(step["name"], feature, count, step["seconds"], who)
        same("allowed", content["allowed"], made)
        if made:
            self.ids[step["name"]] = content["reservation"]
            until = stamp(self.game.reservations[step["name"]].until)
            same("expires_at", content["expires_at"], until)

    def settle(self, step: dict) -> None:
        wanted = self.refusal(self.game.settle, step["name"], step["count"])
        path = f"/v1/reservations/{self.ids[step['name']]}/settle"
        content = self.post(path, {"quantity": step["count"]}, wanted)
        if wanted is None:
            same("settled", content["settled"], step["count"])

    def release(self, step: dict) -> None:
        wanted = self.refusal(self.game.release, step["name"])
        path = f"/v1/reservations/{self.ids[step['name']]}"
        made = self.game.reservations[step["name"]]
        if made.state == "held":  # it lapsed; that it can be released then is not promised
            return
        self.judged(self.api.send("DELETE", path), wanted)

    def refund(self, step: dict) -> None:
        feature, count, key = step["feature"], step["count"], step["key"]
        who = (None, None) if key is None else self.game.calls[key][0]["who"]
        wanted = self.refusal(self.game.refund, feature, count, who, key)
        body = {"account": self.account, "feature": self.out(feature), "quantity": count}
        body |= {"reason": "model"} | ({"consumption": key} if key else {})
        self.post("/v1/refunds", body, wanted)

    def adjust(self, step: dict) -> None:
        change = {key: step[key] for key in ("used", "add") if step[key] is not None}
        given = (step["feature"], step["used"], step["add"], "adjust")
        wanted = self.refusal(self.game.adjust, *given)
        body = {"account": self.account, "feature": self.out(step["feature"]), "reason": "model"}
        self.post("/v1/adjustments", body | change, wanted)

    def credit(self, step: dict) -> None:
        body = {"feature": self.out(step["feature"]), "reason": "model"}
        body |= {key: step[key] for key in ("amount", "priority", "promotional")}
        if step["start"] != self.game.who.now:
            body["from"] = stamp(max(step["start"], self.game.who.now))
        start = max(step["start"], self.game.who.now)
        if step["end"] is not None:
            if step["end"] <= start:
                return
            body["to"] = stamp(step["end"])
        if step["every"]:
            body["every"] = step["every"]
        if step["rollover"]:
            body["rollover"] = dict(zip(("min", "max"), step["rollover"], strict=True))
        made = self.post(f"{self.path}/credits", body)
        self.ids[step["name"]] = made["credit"]
        rollover = tuple(step["rollover"]) if step["rollover"] else None
        credit = Credit(step["name"], step["feature"], step["amount"], start, step["end"])
        credit.priority, credit.promotional = step["priority"], step["promotional"]
        credit.every, credit.rollover = step["every"], rollover
        self.game.credit(credit)

    def void(self, step: dict) -> None:
        path = f"{self.path}/credits/{self.ids[step['name']]}"
        self.judged(self.api.send("DELETE", path), None)
        self.game.void(step["name"])

    def plan(self, step: dict) -> None:
        path, game = f"{self.path}/subscriptions/main", self.game
        if step["plan"] is None:
            if game.who.main is not None:
                self.judged(self.api.send("DELETE", path), None)
        else:
            self._subscribe(path, step["plan"], game.who.began)
        game.plan(step["plan"])

    def addon(self, step: dict) -> None:
        self.game.addon(step["sub"], step["plan"], step["quantity"])
        held: Holding = self.game.who.addons[step["sub"]]
        path = f"{self.path}/subscriptions/{step['sub']}"
        self._subscribe(path, step["plan"], held.anchor, quantity=step["quantity"])

    def _subscribe(self, path: str, plan: str, anchor: int, **more) -> None:
        body = {"plan": self.out(plan), "status": "active"} | more
        body |= {"starts_at": stamp(anchor), "period_anchor": stamp(anchor)}
        self.judged(self.api.send("PUT", path, body), None)

    def drop_addon(self, step: dict) -> None:
        path = f"{self.path}/subscriptions/{step['sub']}"
        self.judged(self.api.send("DELETE", path), None)
        self.game.drop_addon(step["sub"])

    def lease(self, step: dict) -> None:
        body = self.by(step["who"]) | {"feature": self.out("jobs"), "quantity": step["count"]}
        content = self.post("/v1/leases", body | {"ttl_seconds": step["seconds"]})
        given = (step["name"], "jobs", step["count"], step["seconds"])
        made = self.game.lease(*given, self.subject(step["who"]))
        same("allowed", content["allowed"], made)
        if made:
            self.ids[step["name"]] = content["lease"]

    def beat(self, step: dict) -> None:
        wanted = self.refusal(self.game.beat, step["name"], step["seconds"])
        path = f"/v1/leases/{self.ids[step['name']]}/heartbeat"
        self.post(path, {"ttl_seconds": step["seconds"]}, wanted)

    def unlease(self, step: dict) -> None:
        self.game.unlease(step["name"])
        self.judged(self.api.send("DELETE", f"/v1/leases/{self.ids[step['name']]}"), None)

    def clock(self, step: dict) -> None:
        if step["to"] > self.game.who.now:
            self.game.clock(step["to"])
            self.api.call("PUT", f"{self.path}/clock", {"now": stamp(step["to"])})


def shown(step: dict) -> str:
    """A step for people: with times that can be read."""
    times = ("to", "start", "end")
    readable = {k: stamp(v) if k in times and v is not None else v for k, v in step.items()}
    return json.dumps(readable)
