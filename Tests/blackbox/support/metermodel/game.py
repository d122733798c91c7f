"""One account and its meters: what each call must do, and what it must say."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from .meter import Hold, Meter, Unit
from .others import Lease, Leases, Rate, Sliding
from .terms import Credit, Customer, Holding, Sold, Terms
from .windows import SECOND

Key = tuple[str, str]  # subject, feature


class Refused(Exception):
    """A call that must be refused, by this code."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass
class Taken:
    """What a call took, meter by meter."""

    units: dict[Key, list[Unit]]
    periods: dict[Key, int]
    returned: int = 0
    refunds: int = 0  # of the feature, when it was taken


@dataclass
class Reservation:
    feature: str
    count: int
    keys: list[Key]
    until: int
    state: str = "held"
    settled: int | None = None
    who: tuple = ()


@dataclass
class Game:
    sold: Sold
    who: Customer
    sessions: dict[str, str]  # to users
    meters: dict[Key, Meter] = field(default_factory=dict)
    slides: dict[str, Sliding] = field(default_factory=dict)
    rates: dict[Key, Rate] = field(default_factory=dict)
    leases: Leases = field(default_factory=Leases)
    calls: dict[str, tuple[dict, Taken]] = field(default_factory=dict)  # by key
    reservations: dict[str, Reservation] = field(default_factory=dict)
    total: Counter = field(default_factory=Counter)  # units by meter, over all time
    parts: dict[tuple[str, str], Counter] = field(default_factory=dict)  # by feature, reference
    refunds: Counter = field(default_factory=Counter)  # of a feature, that named no call

    # Reading

    def terms(self, key: Key) -> Terms:
        subject, feature = key
        if not subject:
            return self.sold.terms(self.who, feature)
        line = self.sold.line(self.who, feature)
        limit = line.user_limit if subject.startswith("user:") else line.session_limit
        return self.sold.own(self.who, feature, limit)

    def stored(self, key: Key) -> Meter:
        """As it was when it was last written."""
        if key not in self.meters:
            began = self.who.main.anchor if self.who.main else self.who.began
            self.meters[key] = Meter(max(self.who.began, min(began, self.who.now)))
        return self.meters[key]

    def seen(self, key: Key) -> Meter:
        """As it is now; looking changes nothing."""
        return deepcopy(self.stored(key)).advance(self.who.now, self.terms(key))

    def written(self, key: Key) -> Meter:
        return self.stored(key).advance(self.who.now, self.terms(key))

    # Which meters a call is about

    def lines(self, feature: str, count: int, who: tuple) -> Counter:
        """Units by meter: the account's, the user's and the session's, and the pool's."""
        user, session = who
        line, kind = self.sold.line(self.who, feature), self.sold.kinds[feature]
        found = Counter({("", feature): count})
        if line.user_limit is not None and user is not None:
            found[f"user:{user}", feature] = count
        if line.session_limit is not None and session is not None:
            found[f"session:{session}", feature] = count
        if kind.pool is not None:
            found["", kind.pool] = count * kind.cost
        return found

    def asked(self, items: list, who: tuple) -> Counter:
        found = Counter()
        for feature, count in items:
            if self.is_quota(feature):
                found.update(self.lines(feature, count, who))
        return found

    def is_quota(self, feature: str) -> bool:
        line, kind = self.sold.line(self.who, feature), self.sold.kinds[feature]
        return kind.type == "metered" and line.reset != "sliding"

    def is_sliding(self, feature: str) -> bool:
        kind = self.sold.kinds[feature]
        return kind.type == "metered" and not self.is_quota(feature)

    def room(self, key: Key) -> int:
        return self.seen(key).room(self.terms(key))

    def fits(self, items: list, who: tuple) -> bool:
        if any(self.room(key) < count for key, count in self.asked(items, who).items()):
            return False
        return all(
            self._other_room(feature, who) >= count
            for feature, count in items
            if not self.is_quota(feature)
        )

    def _other_room(self, feature: str, who: tuple) -> int:
        line, now = self.sold.line(self.who, feature), self.who.now
        if self.is_sliding(feature):
            return self.slides.setdefault(feature, Sliding()).room(line, now)
        return self.rates.setdefault(("", feature), Rate()).room(line, now)

    def most(self, feature: str, count: int, who: tuple) -> int:
        """The largest part of a capped call that fits."""
        while count and not self.fits([(feature, count)], who):
            count -= 1
        return count

    # Consuming

    def consume(self, items: list, who: tuple, mode: str, key: str) -> list[int]:
        """What was taken of each; all nothing where it was refused."""
        if mode == "cap":
            ((feature, count),) = items
            items = [(feature, self.most(feature, count, who))]
        if not all(count for _, count in items) or not self.fits(items, who):
            return [0] * len(items)
        taken = self._burn(self.asked(items, who), key)
        taken.refunds = sum(self.refunds[feature] for feature, _ in items)
        for feature, count in items:
            self._take_other(feature, count)
        self.calls[key] = {"items": items, "who": who}, taken
        return [count for _, count in items]

    def _take_other(self, feature: str, count: int) -> None:
        line, now = self.sold.line(self.who, feature), self.who.now
        if self.is_sliding(feature):
            self.slides.setdefault(feature, Sliding()).take(count, line, now)
        elif not self.is_quota(feature):
            self.rates.setdefault(("", feature), Rate()).take(count, line, now)

    def _burn(self, lines: Counter, reference: str) -> Taken:
        taken = Taken({}, {})
        for key, count in lines.items():
            meter = self.written(key)
            units = meter.burn(count, self.terms(key))
            meter.use(units)
            taken.units[key], taken.periods[key] = units, meter.periods
            self._note(key, reference, units)
        return taken

    def _note(self, key: Key, reference: str, units: list[Unit], sign: int = 1) -> None:
        self.total[key] += sign * len(units)
        if not key[0]:
            slots = Counter(unit.slot for unit in units)
            found = self.parts.setdefault((key[1], reference), Counter())
            for slot, count in slots.items():
                found[slot] += sign * count

    def record(self, feature: str, count: int, who: tuple, reference: str) -> None:
        self._burn(self.asked([(feature, count)], who), reference)
        self._take_other(feature, count)

    # Giving back

    def refund(self, feature: str, count: int, who: tuple, key: str | None) -> None:
        lines = self.lines(feature, count, who)
        if key is None:
            if any(self.seen(k).used < n for k, n in lines.items()):
                raise Refused("below_zero")
            self.refunds[feature] += 1
            for k, n in lines.items():
                self._give_back(k, self.written(k).units[-n:])
            return
        _, taken = self.calls[key]
        whole = len(taken.units["", feature])
        if taken.returned + count > whole:
            raise Refused("below_zero")
        for k, n in lines.items():
            # What it took last goes back first.
            end = len(taken.units[k]) - taken.returned * self._cost(key, k)
            self._give_back(k, taken.units[k][end - n : end])
        taken.returned += count

    def _give_back(self, key: Key, units: list[Unit]) -> None:
        self.written(key).give_back(units, self.terms(key))
        self.total[key] -= len(units)

    def may_refund(self, key: str, feature: str) -> bool:
        """Whether the rules say exactly what a refund of this call does."""
        _, taken = self.calls[key]
        for k, units in taken.units.items():
            meter, left = self.stored(k), units[: len(units) - taken.returned * self._cost(key, k)]
            same = self.seen(k).periods == taken.periods[k]
            if not same or meter.source != self.terms(k).source:
                return False
            if any(unit not in meter.units for unit in left):
                return False
        return taken.refunds == self.refunds[feature]

    def is_clear(self, feature: str, count: int) -> bool:
        """Whether it is beyond doubt which units are the newest."""
        for key, units in self.lines(feature, count, (None, None)).items():
            if not self.seen(key).is_last(units, self.terms(key)):
                return False
        return True

    def _cost(self, call: str, key: Key) -> int:
        """How many units of a meter one unit of a call of one feature took."""
        ((_, count),) = self.calls[call][0]["items"]
        return len(self.calls[call][1].units[key]) // count

    def adjust(self, feature: str, used: int | None, add: int | None, reference: str) -> None:
        key = "", feature
        meter = self.seen(key)
        change = add if add is not None else used - meter.used
        if meter.used + change < 0:
            raise Refused("below_zero")
        if change > 0:
            self._burn(Counter({key: change}), reference)
        elif change < 0:
            self.refunds[feature] += 1
            self._give_back(key, self.written(key).units[change:])

    # Reservations

    def reserve(self, name: str, feature: str, count: int, seconds: int, who: tuple) -> bool:
        if not self.fits([(feature, count)], who):
            return False
        until = self.who.now + seconds * SECOND
        lines = self.lines(feature, count, who)
        for key, units in lines.items():
            meter = self.written(key)
            taken = meter.burn(units, self.terms(key))
            meter.holds[name] = Hold(taken, until, meter.periods)
        self.reservations[name] = Reservation(feature, count, list(lines), until, who=who)
        return True

    def settle(self, name: str, count: int) -> None:
        made = self.reservations[name]
        if made.state == "settled":
            if made.settled == count:
                return
            raise Refused("conflict")
        if made.state == "released":
            raise Refused("conflict")
        if made.until <= self.who.now:
            raise Refused("reservation_lapsed")
        lines = {k: self.lines(made.feature, max(count, 1), made.who).get(k) for k in made.keys}
        extra = max(0, count - made.count)
        cost = {key: (lines[key] or 1) // max(count, 1) for key in made.keys}
        if extra and any(self.room(key) < extra * cost[key] for key in made.keys):
            raise Refused("limit_reached")
        for key in made.keys:
            units = self.written(key).settle(name, count * cost[key], self.terms(key))
            self._note(key, name, units)
        made.state, made.settled = "settled", count

    def release(self, name: str) -> None:
        made = self.reservations[name]
        if made.state == "settled":
            raise Refused("conflict")
        if made.state == "held" and made.until > self.who.now:
            for key in made.keys:
                self.written(key).release(name, self.terms(key))
            made.state = "released"

    # Leases

    def lease(self, name: str, feature: str, count: int, seconds: int, who: tuple) -> bool:
        line, now = self.sold.line(self.who, feature), self.who.now
        if self.leases.room(feature, line, now, *who) < count:
            return False
        # It counts by user and by session where there was such a limit when it was taken.
        user, session = who
        user = None if line.user_limit is None else user
        session = None if line.session_limit is None else session
        self.leases.all[name] = Lease(feature, user, session, count, now + seconds * SECOND)
        return True

    def beat(self, name: str, seconds: int) -> None:
        lease = self.leases.all.get(name)
        if lease is None or lease.until <= self.who.now:
            raise Refused("unknown_lease")
        lease.until = self.who.now + seconds * SECOND

    def unlease(self, name: str) -> None:
        self.leases.all.pop(name, None)

    # What the account holds

    def clock(self, to: int) -> None:
        self.who.now = max(self.who.now, to)

    def catch_up(self) -> None:
        """What a reset left follows from the terms that were in force: before they change."""
        for feature in self.sold.kinds:
            if self.is_quota(feature):
                self.written(("", feature))

    def plan(self, plan: str | None) -> None:
        self.catch_up()
        if plan is None:
            self.who.main = None
        elif self.who.main is None:
            self.who.main = Holding(plan, self.who.began)
        else:
            self.who.main.plan = plan

    def addon(self, subscription: str, plan: str, quantity: int) -> None:
        self.catch_up()
        anchor = self.who.now
        if subscription in self.who.addons:
            anchor = self.who.addons[subscription].anchor
        self.who.addons[subscription] = Holding(plan, anchor, quantity)

    def drop_addon(self, subscription: str) -> None:
        self.catch_up()
        del self.who.addons[subscription]

    def credit(self, made: Credit) -> None:
        made.number = len(self.who.credits) + 1
        self.who.credits.append(made)

    def void(self, credit: str) -> None:
        found = next(c for c in self.who.credits if c.id == credit)
        if found.voided is None:
            found.voided = self.who.now
