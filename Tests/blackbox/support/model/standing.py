"""What one subscription gives at an instant, and what it has stopped giving."""

from typing import NamedTuple

from .state import DAY, Subscription, World

NEVER = float("-inf")  # the end of what ended without a date


class Terms(NamedTuple):
    plan: str
    version: int
    quantity: int


class Gift(NamedTuple):
    terms: Terms
    reason: str


class Loss(NamedTuple):
    end: float
    reason: str
    terms: Terms


class Standing(NamedTuple):
    """What a subscription gives at an instant, and what it has stopped giving."""

    gift: Gift | None = None
    losses: tuple[Loss, ...] = ()


def terms(world: World, sub: Subscription, at: int) -> Terms:
    """What the subscription is one of, scheduled changes included."""
    plan, version, quantity = sub.plan, sub.version, sub.quantity
    if sub.has_changed(at):
        plan, version = sub.next_plan, sub.next_version
    if sub.quantity_at is not None and sub.quantity_at <= at:
        quantity = sub.next_quantity
    return Terms(plan, world.number(plan, version), quantity)


def standing(world: World, sub: Subscription, at: int) -> Standing:
    begins = [sub.starts_at, sub.trial_start if sub.status == "trialing" else None]
    if sub.status == "incomplete" or any(start is not None and at < start for start in begins):
        return Standing()
    found = _by_status(world, sub, terms(world, sub, at), at)
    # A pause takes away what there is; of what was over already it has nothing to say.
    if found.gift is None or not sub.is_paused(at):
        return found
    lost = Loss(sub.paused_from, "subscription_paused", found.gift.terms)
    return Standing(None, (*found.losses, lost))


def _by_status(world: World, sub: Subscription, mine: Terms, at: int) -> Standing:
    paid = "addon" if world.plans[mine.plan].kind == "addon" else "plan"
    match sub.status:
        case "unpaid":
            return _lost(sub.past_due_since, "payment_failed", mine)
        case "paused" if not sub.is_closed(at):
            return _lost(sub.paused_from, "subscription_paused", mine)
        case "paused":
            return _lost(sub.close, "subscription_ended", mine)
        case "canceled" if sub.ended_at is not None and at < sub.ended_at:
            return Standing(Gift(mine, paid))
        case "canceled" | "incomplete_expired":
            return _lost(sub.ended_at, "subscription_ended", mine)
        case "past_due":
            since = sub.past_due_since if sub.past_due_since is not None else sub.period_end
            return _in_grace(world, sub, mine, since, at)
        case "trialing":
            return _on_trial(world, sub, mine, at)
        case "active" | "scheduled":
            if sub.period_end is not None and sub.period_end <= at:
                return _in_grace(world, sub, mine, sub.period_end, at)
            if sub.is_closed(at):
                return _lost(sub.close, "subscription_ended", mine)
            return Standing(Gift(mine, paid))
    raise ValueError(sub.status)


def _lost(end: float | None, reason: str, mine: Terms) -> Standing:
    return Standing(None, (Loss(NEVER if end is None else end, reason, mine),))


def _in_grace(world: World, sub: Subscription, mine: Terms, since: int, at: int) -> Standing:
    end = since + world.at_version(mine.plan, mine.version).grace_days * DAY
    if sub.is_closed(at) and sub.close <= end:
        return _lost(sub.close, "subscription_ended", mine)
    if end <= at:
        return _lost(end, "payment_failed", mine)
    return Standing(Gift(mine, "past_due_grace"))


def _on_trial(world: World, sub: Subscription, mine: Terms, at: int) -> Standing:
    if sub.is_closed(at) and sub.close < sub.trial_end:
        return _lost(sub.close, "subscription_ended", mine)
    if at < sub.trial_end:
        return Standing(Gift(mine, "trial"))
    if sub.payment_method:
        return _in_grace(world, sub, mine, sub.trial_end, at)
    lost = Loss(sub.trial_end, "trial_ended", mine)
    then = _after_trial(world, sub, mine)
    if then is None or (sub.is_closed(at) and sub.close <= sub.trial_end):
        return Standing(None, (lost,))
    fallen = Terms(then, world.number(then, None), mine.quantity)
    if sub.is_closed(at):
        return Standing(None, (lost, Loss(sub.close, "subscription_ended", fallen)))
    return Standing(Gift(fallen, "default_plan" if then == world.default_plan else "plan"), (lost,))


def _after_trial(world: World, sub: Subscription, mine: Terms) -> str | None:
    """The plan that an unpaid trial falls to, when it falls to one."""
    version = world.at_version(mine.plan, mine.version)
    policy = sub.trial_at_end or version.trial_at_end
    return version.trial_then if policy in (None, "fallback") else None
