"""The decision: how grants, subscriptions and the default plan become one answer."""

from fractions import Fraction
from typing import Any, NamedTuple

from .standing import Gift, Terms, standing
from .state import DAY, UNLIMITED, Account, Decision, Feature, Grant, Session, World

WINDOW = {  # in seconds; a month is 30 days, as limits over different windows are compared
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
    None: 1,
}

# Of ends at the same instant, the first of these is named.
TELLING = (
    "payment_failed",
    "trial_ended",
    "subscription_paused",
    "subscription_ended",
    "grant_ended",
)


class Offer(NamedTuple):
    amount: Any
    rate: Fraction | None  # of what is counted: how much a second
    source: tuple
    reason: str


def _offer(world: World, feature: str, mine: Terms, reason: str) -> Offer | None:
    plan, kind = world.plans[mine.plan], world.features[feature]
    line = world.at_version(mine.plan, mine.version).lines.get(feature)
    if line is None:
        return None
    amount = line.amount
    if kind.counted and amount != UNLIMITED and (plan.kind == "addon" or kind.type == "seats"):
        amount *= mine.quantity
    rate = None if amount == UNLIMITED or not kind.counted else Fraction(amount, WINDOW[line.per])
    return Offer(amount, rate, (plan.kind, mine.plan, mine.version), reason)


def combine(feature: Feature, offers: list[Offer]) -> Offer | None:
    """The one answer of ranked offers; None where it is closed."""
    giving = [offer for offer in offers if feature.opens(offer.amount)]
    if not giving:
        return None

    def size(offer: Offer):
        if offer.amount == UNLIMITED:
            return float("inf")
        return offer.amount if offer.rate is None else offer.rate

    match feature.combine:
        case "any":
            best = next((o for o in giving if o.amount is True), giving[0])
        case "sum":
            amounts = [offer.amount for offer in giving]
            best = giving[0]._replace(
                amount=UNLIMITED if UNLIMITED in amounts else sum(amounts),
            )
        case "max":
            best = max(offers, key=size)
        case "min":
            best = min(offers, key=size)
        case "first":
            best = offers[0]
    return best if feature.opens(best.amount) else None


def entitled(world: World, account: Account, feature: str, who: Session | None, at: int):
    """Steps 5 to 8: the offer that is open, or the denial. `who` None asks for the account."""
    grants = [g for g in account.grants.values() if g.feature == feature and g.is_for(who)]
    allows = [g for g in grants if g.effect == "allow" and g.in_force(at)]
    for grant in _ranked([g for g in allows if g.mode == "replace"]):
        offer = _granted(world, grant)
        if world.features[feature].opens(grant.amount):
            return offer
        return Decision(False, "denied_by_grant", offer.source)
    standings = [standing(world, sub, at) for sub in account.subscriptions.values()]
    offers = _of_subscriptions(world, feature, [s.gift for s in standings if s.gift])
    offers += [_granted(world, g) for g in allows if g.mode == "stack"]
    if (best := combine(world.features[feature], offers)) is not None:
        return best
    losses = [loss for s in standings for loss in s.losses]
    return _denial(world, feature, losses, grants, at)


def _ranked(grants: list[Grant]) -> list[Grant]:
    """The session's before the user's before the account's, and of each the newest first."""
    return sorted(reversed(grants), key=lambda g: (g.session is None, g.user is None))


def _granted(world: World, grant: Grant) -> Offer:
    return Offer(grant.amount, None, ("grant", grant.id, None), "grant")


def _of_subscriptions(world: World, feature: str, gifts: list[Gift]) -> list[Offer]:
    plans = [g for g in gifts if world.plans[g.terms.plan].kind == "plan"]
    addons = [g for g in gifts if world.plans[g.terms.plan].kind == "addon"]
    if not plans:
        name = world.default_plan
        plans = [Gift(Terms(name, world.number(name, None), 1), "default_plan")]
    offers = (_offer(world, feature, g.terms, g.reason) for g in plans + addons)
    return [offer for offer in offers if offer is not None]


def _denial(world: World, feature: str, losses, grants, at: int) -> Decision:
    """What happened last among what once gave the feature."""
    opens = world.features[feature].opens
    ends = []
    for loss in losses:
        offer = _offer(world, feature, loss.terms, loss.reason)
        if offer is not None and opens(offer.amount):
            ends.append((loss.end, loss.reason))
    for grant in grants:
        over = grant.end is not None and grant.start < grant.end <= at
        if grant.effect == "allow" and over and opens(grant.amount):
            ends.append((grant.end, "grant_ended"))
    reason = max(ends, key=lambda end: (end[0], -TELLING.index(end[1])))[1] if ends else None
    return Decision(False, reason or "not_in_plan")


# The whole of it


def used(world: World, account: Account | None, feature: str) -> int | None:
    kind = world.features[feature]
    if not kind.counted:
        return None
    if account is None:
        return 0
    if kind.type == "seats":
        return len(account.seats.get(feature, ()))
    return account.levels.get(feature, 0) if kind.type == "level" else 0


def decide(world: World, session: str, feature: str, at: int) -> Decision:
    who = world.sessions.get(session)
    account = world.accounts[who.account] if who else None
    answer = _decide(world, account, who, feature, at)
    return answer._replace(used=used(world, account, feature))


def _decide(world, account: Account | None, who: Session | None, feature, at) -> Decision:
    if who is None:
        return Decision(False, "session_unknown")
    if who.revoked:
        return Decision(False, "session_revoked")
    if who.expires <= at:
        return Decision(False, "session_expired")
    if account.is_blocked(at):
        return Decision(False, "account_blocked")
    mine = [g for g in account.grants.values() if g.feature == feature and g.is_for(who)]
    denies = [g for g in mine if g.stops(at, world.database)]
    if denies:
        return Decision(False, "denied_by_grant", ("grant", _ranked(denies)[0].id, None))
    if world.features[feature].disabled:
        return Decision(False, "feature_disabled")
    found = entitled(world, account, feature, who, at)
    return found if isinstance(found, Decision) else _opened(world, account, who, feature, found)


def _opened(world: World, account: Account, who: Session, feature: str, offer: Offer) -> Decision:
    kind = world.features[feature]
    if not kind.counted:
        return Decision(True, offer.reason, offer.source, value=offer.amount)
    answer = Decision(True, offer.reason, offer.source, limit=offer.amount)
    if kind.type == "seats" and who.user not in account.seats.get(feature, ()):
        return answer._replace(allowed=False, reason="no_seat")
    # A grant that replaces the plan's answer replaces its overage too.
    lenient = kind.overage and offer.source[0] != "grant"
    full = offer.amount != UNLIMITED and used(world, account, feature) >= offer.amount
    if kind.type == "level" and full and not lenient:
        return answer._replace(allowed=False, reason="level_reached")
    return answer


def remaining(answer: Decision):
    if answer.limit in (None, UNLIMITED):
        return answer.limit
    return max(0, answer.limit - answer.used)


def instants(world: World, account: Account) -> list[int]:
    """Every instant at which time alone could change an answer; too many do no harm."""
    found = {account.blocked_from, account.blocked_until}
    for sub in account.subscriptions.values():
        found |= {v for k, v in vars(sub).items() if k.endswith(("_at", "_end", "_from", "_until"))}
        found |= {sub.trial_start, sub.starts_at}
        graces = {v.grace_days for plan in world.plans.values() for v in plan.versions}
        since = (sub.trial_end, sub.period_end, sub.past_due_since)
        found |= {start + days * DAY for start in since if start is not None for days in graces}
    for grant in account.grants.values():
        found |= {grant.start, grant.end}
    found |= {s.expires for s in world.sessions.values() if world.accounts[s.account] is account}
    return sorted(at for at in found if isinstance(at, int))


def valid_until(world: World, session: str, feature: str, at: int, ahead: list[int]) -> int | None:
    """The next of the instants `ahead` at which the answer is another one."""
    now = decide(world, session, feature, at)
    return next((t for t in ahead if t > at and decide(world, session, feature, t) != now), None)
