"""A meter, unit by unit: each unit that was used is an item of a list and knows its bucket.

Nothing here is quick. A meter is moved along by each instant at which anything happens, in order.
"""

from dataclasses import dataclass, field

from .terms import UNLIMITED, Allowance, Credit, Terms
from .windows import boundary

OVER = "over"
INFINITE = 10**30


@dataclass(eq=False)
class Unit:
    slot: str
    life: int  # of its bucket: what was filled anew takes nothing back


@dataclass
class Hold:
    units: list[Unit]
    until: int
    periods: int  # how many had ended when it was taken


@dataclass
class Rolled:
    slot: str
    left: int
    until: int | None
    since: int


@dataclass
class Bucket:
    """One balance, as it is now."""

    slot: str
    kind: str  # allowance | rolled | credit
    left: int
    rank: tuple
    priority: int
    lost_at: int | None


@dataclass
class Meter:
    at: int
    period: tuple[int, int] | None = None
    interval: tuple | None = None
    source: str | None = None
    units: list[Unit] = field(default_factory=list)  # used in this period, oldest first
    over: int = 0
    taken: dict[str, int] = field(default_factory=dict)  # of allowances, with what is held
    lives: dict[str, int] = field(default_factory=dict)
    others: dict[str, tuple[int, int] | None] = field(default_factory=dict)  # periods of add-ons
    rolled: list[Rolled] = field(default_factory=list)
    credits: dict[str, int] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    holds: dict[str, Hold] = field(default_factory=dict)
    periods: int = 0  # how many have ended
    begun: bool = False

    # Time

    def advance(self, to: int, terms: Terms) -> "Meter":
        self._begin(terms)
        self._catch_up(terms)
        # By other terms, but inside the period that was told: they hold from here.
        if self.period is None or self.period[1] > to:
            self._change(to, terms)
        if terms.interval == self.interval:
            self._pay(terms)
        while (instant := self._next(to, terms)) is not None:
            self._happen(instant, terms)
        self.at = to
        self._change(to, terms)
        self._pay(terms)
        return self

    def _begin(self, terms: Terms) -> None:
        if self.begun:
            return
        self.begun, self.source, self.interval = True, terms.source, terms.interval
        if terms.base.cycle is not None:
            self.period = terms.base.cycle.period(self.at, terms.zone)

    def _catch_up(self, terms: Terms) -> None:
        """Takes over what came or went since somebody looked: add-ons, new and void credits."""
        live = {allowance.slot for allowance in terms.others}
        for slot in [slot for slot in self.others if slot not in live]:
            del self.others[slot]
            self._refill(slot)
        for allowance in terms.others:
            if allowance.since <= self.at:
                self._join(allowance, terms)
        for credit in terms.credits:
            if credit.start <= self.at:
                self._start(credit)
            if credit.until is not None and credit.until <= self.at:
                self.credits.pop(credit.id, None)

    def _join(self, allowance: Allowance, terms: Terms) -> None:
        if allowance.slot not in self.others:
            cycle = allowance.cycle
            self.others[allowance.slot] = cycle and cycle.period(self.at, terms.zone)
            self._refill(allowance.slot)

    def _start(self, credit: Credit) -> None:
        if credit.id not in self.started:
            self.started.add(credit.id)
            self.credits[credit.id] = credit.amount

    def _next(self, to: int, terms: Terms) -> int | None:
        ahead = [hold.until for hold in self.holds.values()]
        ahead += [self.period[1]] if self.period else []
        ahead += [period[1] for period in self.others.values() if period]
        ahead += [part.until for part in self.rolled if part.until is not None]
        ahead += [allowance.since for allowance in terms.others]
        for credit in terms.credits:
            ahead += [credit.start] + ([] if credit.until is None else [credit.until])
            ahead += _recurrences(credit, self.at, to, terms.zone)
        return min((at for at in ahead if self.at < at <= to), default=None)

    def _happen(self, now: int, terms: Terms) -> None:
        """All that one instant brings, in the order of the rules."""
        self.at = now
        for name in [name for name, hold in self.holds.items() if hold.until <= now]:
            self._return(self.holds.pop(name).units)
        active = set(self.credits)
        self.rolled = [part for part in self.rolled if part.until is None or part.until > now]
        for credit in terms.credits:
            if credit.start == now and (credit.until is None or credit.until > now):
                self._start(credit)
            if credit.until is not None and credit.until <= now:
                self.credits.pop(credit.id, None)
        for allowance in terms.others:
            if allowance.since == now:
                self._join(allowance, terms)
        if self.period and self.period[1] == now:
            self._reset(now, terms, active)
        for slot, period in self.others.items():
            if period and period[1] == now:
                cycle = next(a.cycle for a in terms.others if a.slot == slot)
                self.others[slot] = cycle.period(now, terms.zone)
                self._refill(slot)
        for credit in terms.credits:
            due = credit.id in active and credit.id in self.credits
            if due and now in _recurrences(credit, now - 1, now, terms.zone):
                self.credits[credit.id] = credit.amount
                self._next_life(credit.id)
        self._pay(terms)

    def _reset(self, now: int, terms: Terms, active: set[str]) -> None:
        self._roll(now, terms)
        for credit in terms.credits:
            if credit.id in active and credit.id in self.credits:
                least, most = credit.kept()
                self.credits[credit.id] = min(most, max(least, self.credits[credit.id]))
        self._refill("base")
        for part in self.rolled:
            self._next_life(part.slot)
        self.units = []
        self.periods += 1
        if not terms.carry_overage:
            self.over = 0
        cycle = terms.base.cycle
        self.period = cycle.period(now, terms.zone) if cycle else None
        self.interval = terms.interval

    def _roll(self, now: int, terms: Terms) -> None:
        rule, amount = terms.base.rollover, terms.base.amount
        if rule is None or amount is UNLIMITED:
            return  # what rolled over before has an end of its own
        most, percent, months = rule
        caps = [most] if most is not None else []
        caps += [percent * amount // 100] if percent is not None else []
        until = None if months is None else boundary(now, "month", months, 1, terms.zone)
        left = max(0, amount - self.taken.get("base", 0))
        self.rolled.append(Rolled(f"rolled@{now}", left, until, now))
        # What is lost first goes first.
        self.rolled.sort(key=lambda part: (_last(part.until), part.since))
        while sum(part.left for part in self.rolled) > min(caps):
            # Of what is too much, the first to expire goes first.
            kept = [part for part in self.rolled if part.left > 0]
            min(kept, key=lambda part: (part.until is None, part.until or now)).left -= 1
        self.rolled = [part for part in self.rolled if part.left > 0]

    def _change(self, now: int, terms: Terms) -> None:
        """Another plan is in force than when this was last written."""
        if self.source != terms.source:
            if terms.on_change == "reset":
                self._forget_base()
            self.source = terms.source
        if terms.interval != self.interval:
            cycle = terms.base.cycle
            self.interval = terms.interval
            self.period = cycle.period(now, terms.zone) if cycle else None

    def _forget_base(self) -> None:
        """The allowance is whole again, but for what is held of it, and nothing is owed."""
        for unit in self.units:
            if unit.slot == "base":
                unit.life = -1
        self.units = [unit for unit in self.units if unit.slot not in ("base", OVER)]
        self.over = 0
        held = [unit for hold in self.holds.values() for unit in hold.units]
        life = self.lives.get("base", 0)
        self.taken["base"] = sum(u.slot == "base" and u.life == life for u in held)

    def _pay(self, terms: Terms) -> None:
        """What found no balance is paid by the next that appears."""
        while self.over > 0:
            bucket = next((b for b in self.buckets(terms) if b.left > 0), None)
            if bucket is None:
                return
            self.over -= 1
            owed = next((unit for unit in self.units if unit.slot == OVER), None)
            unit = self._take(bucket)
            if owed is not None:
                owed.slot, owed.life = unit.slot, unit.life

    def _refill(self, slot: str) -> None:
        self.taken[slot] = 0
        self._next_life(slot)

    def _next_life(self, slot: str) -> None:
        self.lives[slot] = self.lives.get(slot, 0) + 1

    # Balances

    def buckets(self, terms: Terms) -> list[Bucket]:
        """All that live, in burn order."""
        base, found = terms.base, []
        rolls = base.rollover is not None
        end = None if rolls or self.period is None else self.period[1]
        found.append(self._allowance(base, end))
        for other in terms.others:
            if other.slot not in self.others:
                continue
            period = self.others[other.slot]
            found.append(self._allowance(other, period and period[1]))
        for part in self.rolled:
            rank = (base.priority, _last(part.until), 0, 1, part.since, 0, "")
            found.append(Bucket(part.slot, "rolled", part.left, rank, base.priority, part.until))
        for credit in terms.credits:
            if credit.id in self.credits:
                rank = (credit.priority, _last(credit.until), 1, 0 if credit.promotional else 1)
                rank += (credit.start, credit.number, credit.id)
                left = self.credits[credit.id]
                found.append(Bucket(credit.id, "credit", left, rank, credit.priority, credit.until))
        return sorted(found, key=lambda bucket: bucket.rank)

    def _allowance(self, allowance, end: int | None) -> Bucket:
        taken = self.taken.get(allowance.slot, 0)
        left = INFINITE if allowance.amount is UNLIMITED else allowance.amount - taken
        rank = (allowance.priority, _last(end), 1, 1, allowance.since, 0, allowance.slot)
        return Bucket(allowance.slot, "allowance", left, rank, allowance.priority, end)

    def _take(self, bucket: Bucket) -> Unit:
        if bucket.kind == "credit":
            self.credits[bucket.slot] -= 1
        elif bucket.kind == "rolled":
            next(part for part in self.rolled if part.slot == bucket.slot).left -= 1
        else:
            self.taken[bucket.slot] = self.taken.get(bucket.slot, 0) + 1
        return Unit(bucket.slot, self.lives.get(bucket.slot, 0))

    def _return(self, units: list[Unit]) -> None:
        """Back to the very buckets, if they are still there and the same; what is owed has it."""
        self.over -= sum(unit.slot == OVER for unit in units)
        for unit in [unit for unit in units if unit.slot != OVER and self._is_kept(unit)]:
            slot = unit.slot
            if self.over > 0:
                owed = next((u for u in self.units if u.slot == OVER), None)
                self.over -= 1
                if owed is not None:
                    owed.slot, owed.life = slot, unit.life
            elif slot in self.credits:
                self.credits[slot] += 1
            elif slot.startswith("rolled@"):
                for part in self.rolled:
                    part.left += part.slot == slot
            else:
                self.taken[slot] -= 1

    def is_last(self, count: int, terms: Terms) -> bool:
        """Whether the newest of its units are those that burn last, too."""
        order = [bucket.slot for bucket in self.buckets(terms)] + [OVER]
        places = [order.index(u.slot) if u.slot in order else -1 for u in self.units]
        return sorted(places)[-count:] == sorted(places[-count:]) and -1 not in places

    # What is asked of it, when it has been advanced

    @property
    def used(self) -> int:
        return len(self.units)

    @property
    def held(self) -> int:
        """What would come back: not what was held of a balance that is no more."""
        return sum(self._is_kept(unit) for hold in self.holds.values() for unit in hold.units)

    def _is_kept(self, unit: Unit) -> bool:
        slot = unit.slot
        there = slot in self.credits or slot in self.others or slot in ("base", OVER)
        there = there or any(part.slot == slot for part in self.rolled)
        return there and (slot == OVER or unit.life == self.lives.get(slot, 0))

    def remaining(self, terms: Terms) -> int:
        return sum(max(0, bucket.left) for bucket in self.buckets(terms))

    def room(self, terms: Terms) -> int:
        beyond = terms.beyond()
        if beyond is None:
            return INFINITE
        return self.remaining(terms) + max(0, beyond - self.over)

    def burn(self, count: int, terms: Terms) -> list[Unit]:
        """Takes units out of the balances, without asking whether it may."""
        units = []
        for _ in range(count):
            bucket = next((b for b in self.buckets(terms) if b.left > 0), None)
            if bucket is None:
                self.over += 1
                units.append(Unit(OVER, 0))
            else:
                units.append(self._take(bucket))
        return units

    def use(self, units: list[Unit]) -> None:
        self.units += units

    def give_back(self, units: list[Unit], terms: Terms) -> None:
        """A refund of these very units; what comes back pays what is owed."""
        self.units = [unit for unit in self.units if unit not in units]
        self._return(units)
        self._pay(terms)

    def settle(self, name: str, count: int, terms: Terms) -> list[Unit] | None:
        """The units that it became; None where more is asked for than there is room."""
        hold = self.holds[name]
        extra = max(0, count - len(hold.units))
        if extra > self.room(terms):
            return None
        del self.holds[name]
        kept = hold.units[:count]
        self._return(hold.units[count:])
        kept += self.burn(extra, terms)
        # What was held in a period that is over counts there.
        here = kept if hold.periods == self.periods else kept[count - extra :] if extra else []
        self.use(here)
        self._pay(terms)
        return kept

    def release(self, name: str, terms: Terms) -> None:
        self._return(self.holds.pop(name).units)
        self._pay(terms)


def _last(at: int | None) -> int:
    return INFINITE if at is None else at


def _recurrences(credit: Credit, after: int, to: int, zone: str) -> list[int]:
    """Every instant of (after, to] at which it is full again."""
    found, n = [], 1
    while credit.every and n < 10_000:
        at = boundary(credit.start, credit.every, credit.count, n, zone)
        if at > to or (credit.until is not None and at >= credit.until):
            break
        if at > after:
            found.append(at)
        n += 1
    return found
