"""What changes a `World`: each call of the API that decisions depend on, as it should go."""

from copy import deepcopy

from .state import Account, Grant, Refused, Session, World
from .subscription_moves import (
    cancel,
    change,
    delete,
    drop_change,
    end_trial,
    extend_trial,
    pause,
    put,
    resume,
    uncancel,
)
from .usage_moves import assign, level, release, swap


def attempt(world: World, step: dict) -> tuple[str | None, World]:
    """The code that a step must be refused with, if it must, and the world after it."""
    after = deepcopy(world)
    try:
        CALLS[step["do"]](after, after.accounts[step["account"]], step)
    except Refused as refusal:
        return refusal.code, world
    return None, after


# Grants, blocks, switches


def grant(world: World, account: Account, step: dict) -> None:
    body = step["body"]
    feature = world.features[body["feature"]]
    allow = body["effect"] == "allow"
    given = body.get("limit", body.get("value"))
    if allow and feature.counted and "limit" not in body:
        raise Refused("missing_field")
    if allow and not feature.counted and "limit" in body:
        raise Refused("invalid_field")
    if not allow and (given is not None or "mode" in body):
        raise Refused("invalid_field")
    if allow and feature.type in ("seats", "level") and {"user", "session"} & set(body):
        raise Refused("invalid_field")
    if (session := body.get("session")) is not None:
        if session not in world.sessions:
            raise Refused("unknown_session")
        if body.get("user") not in (None, world.sessions[session].user):
            raise Refused("invalid_field")
    start = body.get("from", account.now)
    end = body.get("to")
    if "ttl_seconds" in body:
        end = start + body["ttl_seconds"] * 1_000
    if end is not None and end <= start:
        raise Refused("invalid_field")
    amount = True if allow and feature.type == "boolean" else given
    account.grants[step["grant"]] = Grant(
        step["grant"],
        body["feature"],
        body["effect"],
        body.get("mode", "replace") if allow else None,
        amount,
        body.get("user"),
        session,
        start,
        end,
    )


def end_grant(world: World, account: Account, step: dict) -> None:
    found = account.grants.get(step["grant"])
    if found is None:
        raise Refused("unknown_grant")
    if found.end is None or found.end > account.now:
        found.end = account.now


def block(world: World, account: Account, step: dict) -> None:
    until = step.get("until")
    if until is not None and until <= account.now:
        raise Refused("invalid_field")
    if not account.is_blocked(account.now):
        account.blocked_from = account.now
    account.blocked_until = until


def unblock(world: World, account: Account, step: dict) -> None:
    account.blocked_from = account.blocked_until = None


def disable(world: World, account: Account, step: dict) -> None:
    world.features[step["feature"]].disabled = True


def enable(world: World, account: Account, step: dict) -> None:
    world.features[step["feature"]].disabled = False


# Sessions, the clock, the catalog


def sign_in(world: World, account: Account, step: dict) -> None:
    expires = account.now + step["ttl_seconds"] * 1_000
    name = step["session"]
    world.sessions[name] = Session(name, step["account"], step["user"], expires)


def revoke(world: World, account: Account, step: dict) -> None:
    if step["session"] not in world.sessions:
        raise Refused("unknown_session")
    world.sessions[step["session"]].revoked = True


def clock(world: World, account: Account, step: dict) -> None:
    now = step["now"] if "now" in step else account.now + step["advance_seconds"] * 1_000
    if now < account.now:
        raise Refused("conflict")
    account.now = now


def catalog(world: World, account: Account, step: dict) -> None:
    """A plan's content becomes another; the others stay as they are."""
    name, version = step["plan"], step["version"]
    plan = world.plans[name]
    if plan.versions[-1] == version:
        return
    if step["grandfather"]:
        for holder in world.accounts.values():
            _pin(holder, name, len(plan.versions))
    plan.versions.append(version)


def _pin(holder: Account, plan: str, version: int) -> None:
    for sub in holder.subscriptions.values():
        changed = sub.has_changed(holder.now)
        if changed and sub.next_plan == plan:
            sub.next_version = sub.next_version or version
        if sub.plan == plan and not changed:
            sub.version = sub.version or version


def migrate(world: World, account: Account, step: dict) -> None:
    """Moves whoever is on one version of a plan to another; `dry_run` only tells."""
    plan, source, target = step["plan"], step.get("from_version"), step.get("to_version")
    newest = len(world.plans[plan].versions)
    if max(source or 1, target or 1) > newest:
        raise Refused("invalid_field")
    if step["dry_run"]:
        return
    for holder in world.accounts.values():
        for sub in holder.subscriptions.values():
            changed = sub.has_changed(holder.now)
            slot = "next_" if changed else ""
            version = getattr(sub, slot + "version")
            if getattr(sub, slot + "plan") == plan and source in (None, version or newest):
                setattr(sub, slot + "version", target)

CALLS = {
    call.__name__: call
    for call in (
        put, delete, cancel, uncancel, pause, resume, change, drop_change, extend_trial, end_trial,
        grant, end_grant, block, unblock, disable, enable, assign, release, swap, level,
        sign_in, revoke, clock, catalog, migrate,
    )
}  # fmt: skip
