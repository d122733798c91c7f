"""What calls about subscriptions do to a `World`."""

from copy import deepcopy

from .periods import period
from .standing import terms
from .state import DAY, Account, Refused, Subscription, Trial, World
from .usage_moves import room

OWED = ("past_due", "unpaid", "paused")


def put(world: World, account: Account, step: dict) -> None:
    fields = dict(step["fields"])
    sub = Subscription(step["sub"], **fields)
    old = account.subscriptions.get(sub.id)
    if sub.plan not in world.plans:
        raise Refused("unknown_plan")
    if sub.version is not None and sub.version > len(world.plans[sub.plan].versions):
        raise Refused("invalid_field")
    if sub.status == "trialing":
        _date_trial(world, account, sub)
    _in_order(sub)
    if sub.cancel_at is not None and sub.change_at is not None:
        raise Refused("overlapping_changes")
    for at in (sub.change_at, sub.quantity_at):
        if at is not None and at <= account.now:
            raise Refused("invalid_field")
    if sub.change_at is not None and (sub.trial_end or 0) > sub.change_at:
        raise Refused("invalid_field")
    if sub.past_due_since is None and sub.status in OWED:
        sub.past_due_since = _owed_since(account, sub, old)
    account.subscriptions[sub.id] = sub
    if sub.status == "trialing":
        _claim_trial(world, account, sub)
    if old is None:
        return
    before = terms(world, old, account.now).quantity
    _hold_seats(world, account, sub, before, sub.quantity, account.now)
    asked = (sub.next_quantity, sub.quantity_at)
    if sub.quantity_at is not None and asked != (old.next_quantity, old.quantity_at):
        _hold_seats(world, account, sub, before, *asked)


def _owed_since(account: Account, sub: Subscription, old: Subscription | None) -> int | None:
    """A grace runs once: from the first failure, or from what it ran since already."""
    if old is not None and old.status in OWED and old.past_due_since is not None:
        return old.past_due_since
    starts = [account.now, sub.period_end] if sub.status == "past_due" else []
    if old is not None:
        starts.append(_grace_start(old, account.now))
    return min((start for start in starts if start is not None), default=None)


def _grace_start(old: Subscription, now: int) -> int | None:
    start = old.period_end if old.status in ("active", "past_due") else None
    if old.status == "trialing" and old.payment_method:
        start = old.trial_end
    return start if start is not None and start <= now else None


def _date_trial(world: World, account: Account, sub: Subscription) -> None:
    """The dates that nobody gave. A trial put again goes on from its first day."""
    start = max(account.now, sub.starts_at or account.now)
    had = account.trials.get(world.family(sub.plan))
    if had is not None and had.subscription == sub.id:
        start = had.started
    if sub.trial_start is None and (sub.trial_end is None or start < sub.trial_end):
        sub.trial_start = start
    if sub.trial_end is None:
        if had is not None and had.subscription == sub.id and sub.trial_start > had.started:
            raise Refused("invalid_field")
        days = world.at_version(sub.plan, sub.version).trial_days
        if days is None:
            raise Refused("plan_without_trial")
        sub.trial_end = sub.trial_start + days * DAY


def _in_order(sub: Subscription) -> None:
    spans = [
        (sub.trial_start, sub.trial_end),
        (sub.starts_at, sub.trial_end),
    ]
    if any(start is not None and end is not None and end < start for start, end in spans):
        raise Refused("invalid_field")


def _claim_trial(world: World, account: Account, sub: Subscription) -> None:
    if _note_trial(world, account, sub).subscription != sub.id:
        raise Refused("trial_already_used")


def _note_trial(world: World, account: Account, sub: Subscription) -> Trial:
    start = sub.starts_at if sub.trial_start is None else sub.trial_start
    start = min(account.now, sub.trial_end) if start is None else start
    return account.trials.setdefault(world.family(sub.plan), Trial(sub.id, start))


def delete(world: World, account: Account, step: dict) -> None:
    _the(account, step)
    del account.subscriptions[step["sub"]]


def _the(account: Account, step: dict) -> Subscription:
    """The subscription that a step is about, with what was scheduled and has come folded in."""
    sub = account.subscriptions.get(step["sub"])
    if sub is None:
        raise Refused("unknown_subscription")
    if sub.has_changed(account.now):
        sub.plan, sub.version = sub.next_plan, sub.next_version
        drop_plan(sub)
    if sub.quantity_at is not None and sub.quantity_at <= account.now:
        sub.quantity = sub.next_quantity
        drop_quantity(sub)
    return sub


def _going_on(account: Account, step: dict) -> Subscription:
    sub = _the(account, step)
    if sub.is_closed(account.now):
        raise Refused("conflict")
    return sub


def drop_plan(sub: Subscription) -> None:
    sub.next_plan = sub.next_version = sub.change_at = None


def drop_quantity(sub: Subscription) -> None:
    sub.next_quantity = sub.quantity_at = None


def _is_trial_ahead(sub: Subscription, at: int) -> bool:
    """Whether there is a trial to run, or the rest of one."""
    return sub.status == "trialing" and at < sub.trial_end


def _end_of_period(sub: Subscription, at: int) -> int:
    if _is_trial_ahead(sub, at):
        return sub.trial_end
    if (running := period(sub, at)) is not None:
        return running[1]
    if sub.period_end is not None and sub.period_end > at:
        return sub.period_end
    raise Refused("no_period")


def _when(sub: Subscription, at, now: int) -> int:
    if at == "now":
        return now
    return _end_of_period(sub, now) if at == "period_end" else at


def cancel(world: World, account: Account, step: dict) -> None:
    sub = _the(account, step)
    if sub.is_closed(account.now):
        return
    at = _when(sub, step.get("at", "period_end"), account.now)
    if at < account.now:
        raise Refused("invalid_field")
    drop_plan(sub)
    sub.cancel_at = at
    if at == account.now:
        sub.status, sub.cancel_at, sub.ended_at = "canceled", None, at


def uncancel(world: World, account: Account, step: dict) -> None:
    _going_on(account, step).cancel_at = None


def pause(world: World, account: Account, step: dict) -> None:
    sub = _going_on(account, step)
    at = step.get("at", account.now)
    until = step.get("until")
    if until is not None and until <= at:
        raise Refused("invalid_field")
    if sub.is_paused(account.now):
        if at > account.now:
            raise Refused("conflict")
        at = sub.paused_from  # pausing what is paused keeps since when
    sub.paused_from, sub.paused_until = at, until


def resume(world: World, account: Account, step: dict) -> None:
    sub = _going_on(account, step)
    if sub.status == "paused":
        sub.status = "active"
    sub.paused_from = sub.paused_until = None


def change(world: World, account: Account, step: dict) -> None:
    now = account.now
    sub = _going_on(account, step)
    before = sub.quantity
    plan, quantity = step.get("plan"), step.get("quantity")
    at = _when(sub, step.get("at", "now"), now)
    if at < now:
        raise Refused("invalid_field")
    if quantity is not None and at > now:
        sub.next_quantity, sub.quantity_at = quantity, at
    elif quantity is not None:
        drop_quantity(sub)
        sub.quantity = quantity
    if plan is not None:
        _change_plan(world, account, sub, plan, step.get("version"), at)
    if quantity is not None:
        _hold_seats(world, account, sub, before, quantity, at)


def _change_plan(world, account: Account, sub: Subscription, plan, version, at: int) -> None:
    now = account.now
    if plan == sub.plan:
        drop_plan(sub)
        return
    if plan not in world.plans:
        raise Refused("unknown_plan")
    if at > now:
        if _is_trial_ahead(sub, now) and at < sub.trial_end:
            raise Refused("invalid_field")
        sub.next_plan, sub.next_version, sub.change_at = plan, version, at
        sub.cancel_at = None
        return
    drop_plan(sub)
    sub.plan, sub.version = plan, version
    if not _is_trial_ahead(sub, now):
        return
    start = sub.starts_at if sub.trial_start is None else sub.trial_start
    days = world.at_version(plan, version).trial_days or 0
    sub.trial_end = now if start is None else max(now, start + days * DAY)
    _claim_trial(world, account, sub)


def _hold_seats(
    world: World, account: Account, sub: Subscription, before: int, after: int, at: int
) -> None:
    """Whoever has a seat keeps it: what is asked for has to do for them, as if it were in force."""
    if after >= before:
        return
    kept, asked = deepcopy(account), deepcopy(account)
    for holder, quantity in ((kept, before), (asked, after)):
        held = holder.subscriptions[sub.id]
        if held.has_changed(at):
            held.plan, held.version = held.next_plan, held.next_version
            drop_plan(held)
        held.quantity = quantity
        drop_quantity(held)
    for feature, users in account.seats.items():
        left = room(world, asked, feature)
        if left < room(world, kept, feature) and left < len(users):
            raise Refused("seats_in_use")


def drop_change(world: World, account: Account, step: dict) -> None:
    sub = _the(account, step)
    drop_plan(sub)
    drop_quantity(sub)


def extend_trial(world: World, account: Account, step: dict) -> None:
    sub = _going_on(account, step)
    if sub.status != "trialing":
        raise Refused("conflict")
    end = step.get("trial_end") or sub.trial_end + step["days"] * DAY
    if end <= sub.trial_end:
        raise Refused("invalid_field")
    if sub.change_at is not None and sub.change_at < end:
        raise Refused("overlapping_changes")
    sub.trial_end = end
    _note_trial(world, account, sub)


def end_trial(world: World, account: Account, step: dict) -> None:
    sub = _going_on(account, step)
    if not _is_trial_ahead(sub, account.now) or (sub.trial_start or 0) > account.now:
        raise Refused("conflict")
    sub.trial_end = account.now
