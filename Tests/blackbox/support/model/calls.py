"""A history's steps as calls of the API, and the names that the service knows things by."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .state import World

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = ("starts_at", "trial_start", "trial_end", "period_start", "period_end", "period_anchor")
TIMES += ("cancel_at", "ended_at", "past_due_since", "paused_from", "paused_until")
ACTIONS = {
    "cancel": "cancel",
    "uncancel": "uncancel",
    "pause": "pause",
    "resume": "resume",
    "change": "change",
    "extend_trial": "trial/extend",
    "end_trial": "trial/end",
}


def stamp(at: int | None) -> str | None:
    if at is None:
        return None
    moment = EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(text: str | None) -> int | None:
    if text is None:
        return None
    return round((datetime.fromisoformat(text) - EPOCH) / timedelta(milliseconds=1))


@dataclass
class Catalog:
    """What the histories of one catalog begin with, under names of its own in the service."""

    world: World
    is_own: bool  # of one history, which may change it
    prefix: str = field(default_factory=lambda: f"m{secrets.token_hex(4)}.")


class Calls:
    def __init__(self, catalog: Catalog):
        self.catalog = catalog
        self.place = f"m{secrets.token_hex(4)}."
        self.sessions: dict[str, str] = {}
        self.grants: dict[str, str] = {}

    def out(self, name: str | None) -> str | None:
        """A feature, plan or family of the model as the service knows it."""
        return None if name is None else self.catalog.prefix + name

    def source(self, told: dict | None) -> tuple | None:
        if told is None:
            return None
        labels = {id: label for label, id in self.grants.items()}
        if told["kind"] == "grant":
            return "grant", labels.get(told["id"], told["id"]), told["version"]
        return told["kind"], told["id"].removeprefix(self.catalog.prefix), told["version"]

    # The catalog's files; JSON is YAML

    def files(self, world: World) -> dict[str, str]:
        listed = {self.out(n): self._feature(f) for n, f in world.features.items()}
        files = {"features.yaml": json.dumps({"features": listed})}
        for name in world.plans:
            files[f"{name}.yaml"] = json.dumps(self._plan(world, name))
        return files

    def _feature(self, feature) -> dict:
        kind = {"type": feature.type, "combine": feature.combine}
        return kind | ({"value": feature.value_type} if feature.value_type else {})

    def _plan(self, world: World, name: str) -> dict:
        plan = world.plans[name]
        version = plan.versions[-1]
        file = {plan.kind: self.out(name), "grace": {"days": version.grace_days}}
        if plan.default:
            file["default"] = True
        if plan.family:
            file["family"] = self.out(plan.family)
        if version.trial_days:
            file["trial"] = {"days": version.trial_days}
            if version.trial_then:
                file["trial"]["then"] = self.out(version.trial_then)
            if version.trial_at_end:
                file["trial"]["at_end"] = version.trial_at_end
        lines = version.lines.items()
        file["entitlements"] = {
            self.out(n): self._line(world.features[n], line) for n, line in lines
        }
        return file

    def _line(self, feature, line):
        if not feature.counted:
            return line.amount
        entry = {"limit": line.amount}
        if line.per:
            entry["per"] = line.per
        if feature.type == "metered":
            entry["reset"] = "billing"
        if feature.overage:
            entry["overage"] = "allow"
        return entry

    # Steps

    def request(self, step: dict, after: World) -> tuple[str, str, dict | None]:
        do, account = step["do"], f"/v1/accounts/{self.place}{step['account']}"
        if "sub" in step:
            return self._about_subscription(step, f"{account}/subscriptions/{step['sub']}")
        match do:
            case "grant":
                return "POST", f"{account}/grants", self._grant(step["body"])
            case "end_grant":
                return "DELETE", f"{account}/grants/{self.grants[step['grant']]}", None
            case "block":
                return "POST", f"{account}/block", {"reason": "model"} | self._times(step)
            case "unblock":
                return "DELETE", f"{account}/block", None
            case "disable" | "enable":
                verb = "PUT" if do == "disable" else "DELETE"
                return verb, f"/v1/features/{self.out(step['feature'])}/disabled", None
            case "assign" | "release":
                verb = "PUT" if do == "assign" else "DELETE"
                return verb, f"{account}/seats/{self.out(step['feature'])}/{step['user']}", None
            case "swap":
                body = {key: step[key] for key in ("from", "to")}
                return "POST", f"{account}/seats/{self.out(step['feature'])}/swap", body
            case "level":
                body = {key: step[key] for key in ("value", "add") if key in step}
                return "PUT", f"{account}/levels/{self.out(step['feature'])}", body
        return self._about_the_rest(step, after, account)

    def _about_the_rest(self, step: dict, after: World, account: str):
        match step["do"]:
            case "sign_in":
                body = {"account": self.place + step["account"], "user": step["user"]}
                return "POST", "/v1/sessions", body | {"ttl_seconds": step["ttl_seconds"]}
            case "revoke":
                return "DELETE", f"/v1/sessions/{self.sessions[step['session']]}", None
            case "clock" if "now" in step:
                return "PUT", f"{account}/clock", {"now": stamp(step["now"])}
            case "clock":
                return "PUT", f"{account}/clock", {"advance_seconds": step["advance_seconds"]}
            case "catalog":
                body = {"files": self.files(after), "grandfather": step["grandfather"]}
                return "PUT", "/v1/catalog", body
            case "migrate":
                kept = ("from_version", "to_version", "dry_run")
                body = {"plan": self.out(step["plan"])} | {k: step[k] for k in kept if k in step}
                return "POST", "/v1/catalog/migrations", body
        raise ValueError(step)

    def _about_subscription(self, step: dict, path: str):
        do = step["do"]
        if do == "put":
            return "PUT", path, self._fields(step["fields"])
        if do == "delete":
            return "DELETE", path, None
        if do == "drop_change":
            return "DELETE", f"{path}/change", None
        body = {k: v for k, v in step.items() if k not in ("do", "account", "sub")}
        if "plan" in body:
            body["plan"] = self.out(body["plan"])
        return "POST", f"{path}/{ACTIONS[do]}", body | self._times(body)

    def _times(self, body: dict) -> dict:
        keys = ("at", "until", "from", "to", "trial_end")
        return {k: stamp(body[k]) for k in keys if isinstance(body.get(k), int)}

    def _fields(self, fields: dict) -> dict:
        slots = ("next_plan", "next_version", "change_at", "next_quantity", "quantity_at")
        body = {k: v for k, v in fields.items() if k not in slots}
        body |= {k: stamp(v) for k, v in body.items() if k in TIMES}
        body["plan"] = self.out(fields["plan"])
        if "next_plan" in fields:
            at = stamp(fields["change_at"])
            body["change"] = {"plan": self.out(fields["next_plan"]), "at": at}
        if "next_quantity" in fields:
            at = stamp(fields["quantity_at"])
            body["quantity_change"] = {"quantity": fields["next_quantity"], "at": at}
        return body

    def _grant(self, body: dict) -> dict:
        sent = body | self._times(body) | {"reason": "model"}
        sent["feature"] = self.out(body["feature"])
        if "session" in body:
            sent["session"] = self.sessions.get(body["session"], body["session"])
        return sent
