"""What an account may use: the catalog's lines, and what an account holds of them."""

from dataclasses import dataclass, field

from .windows import Cycle, milliseconds

UNLIMITED = None  # as an amount
# Accounts are created in the database's time, which is between those of all histories.
CREATED = milliseconds("2026-01-01T00:00:00Z")


@dataclass(frozen=True)
class Kind:
    """A feature."""

    type: str  # metered | rate | concurrency
    pool: str | None = None
    cost: int = 1


@dataclass(frozen=True)
class Line:
    """What a plan says about a feature."""

    limit: int | None
    per: str | None = None
    reset: str = "billing"
    overage: str | tuple[str, int] = "deny"  # deny, allow, (limit, n), (percent, n)
    carry_overage: bool = False
    on_change: str = "carry"
    rollover: tuple[int | None, int | None, int | None] | None = None  # max, percent, months
    user_limit: int | None = None
    session_limit: int | None = None
    priority: int = 100
    burst: int | None = None

    def file(self, kind: Kind) -> dict:
        """As the catalog's files have it."""
        if kind.type == "concurrency":
            line = {"limit": self.limit}
        elif kind.type == "rate":
            line = {"limit": self.limit, "per": self.per, "burst": self.burst}
        else:
            line = self._metered()
        limits = {"user_limit": self.user_limit, "session_limit": self.session_limit}
        return line | {key: value for key, value in limits.items() if value is not None}

    def _metered(self) -> dict:
        line = {"limit": "unlimited" if self.limit is UNLIMITED else self.limit}
        line |= {"reset": self.reset, "on_change": self.on_change, "priority": self.priority}
        line["overage"] = self.overage if isinstance(self.overage, str) else dict([self.overage])
        line["carry_overage"] = self.carry_overage
        if self.per is not None:
            line["per"] = self.per
        if self.rollover is not None:
            parts = zip(("max", "percent", "months"), self.rollover, strict=True)
            line["rollover"] = {key: value for key, value in parts if value is not None}
        return line


@dataclass
class Credit:
    id: str
    feature: str
    amount: int
    start: int
    end: int | None = None
    priority: int = 100
    promotional: bool = False
    every: str | None = None
    count: int = 1
    rollover: tuple[int, int] | None = None  # min, max
    voided: int | None = None
    number: int = 0  # the order in which they were made

    @property
    def until(self) -> int | None:
        ends = [end for end in (self.end, self.voided) if end is not None]
        return min(ends) if ends else None

    def kept(self) -> tuple[int, int]:
        """min and max of what a reset leaves of it."""
        if self.rollover is not None:
            return self.rollover
        return (0, 0) if self.every else (0, self.amount)


@dataclass(frozen=True)
class Allowance:
    slot: str
    amount: int | None
    cycle: Cycle | None
    priority: int
    since: int
    rollover: tuple | None = None


@dataclass
class Terms:
    """What a meter is read by, at one instant."""

    base: Allowance
    source: str
    zone: str
    others: list[Allowance] = field(default_factory=list)  # of add-ons
    credits: list[Credit] = field(default_factory=list)
    overage: str | tuple[str, int] = "deny"
    carry_overage: bool = False
    on_change: str = "carry"
    sliding: str | None = None

    @property
    def interval(self) -> tuple | None:
        return self.base.cycle.interval if self.base.cycle else None

    def beyond(self) -> int | None:
        """How many units may be over; None is without end."""
        if self.overage == "allow":
            return None
        if self.overage == "deny":
            return 0
        kind, number = self.overage
        if kind == "limit" or self.base.amount is UNLIMITED:
            return number
        return number * self.base.amount // 100


@dataclass
class Holding:
    """A subscription to a plan or an add-on."""

    plan: str
    anchor: int
    quantity: int = 1


@dataclass
class Customer:
    now: int
    zone: str
    began: int
    main: Holding | None = None
    addons: dict[str, Holding] = field(default_factory=dict)  # by subscription
    credits: list[Credit] = field(default_factory=list)


@dataclass
class Sold:
    """A catalog."""

    kinds: dict[str, Kind]
    plans: dict[str, dict[str, Line]]
    addons: dict[str, dict[str, Line]]
    default: str = "free"

    def line(self, who: Customer, feature: str) -> Line:
        plan = who.main.plan if who.main else self.default
        return self.plans[plan][feature]

    def terms(self, who: Customer, feature: str) -> Terms:
        line, plan = self.line(who, feature), who.main.plan if who.main else self.default
        anchor = who.main.anchor if who.main else who.began
        terms = self._of(line, anchor, who, plan)
        for subscription, held in sorted(who.addons.items()):
            extra = self.addons[held.plan].get(feature)
            if extra is not None:
                cycle = _cycle(extra, held.anchor)
                amount = extra.limit * held.quantity
                slot = f"sub:{subscription}"
                terms.others.append(Allowance(slot, amount, cycle, extra.priority, held.anchor))
        terms.credits = [credit for credit in who.credits if credit.feature == feature]
        return terms

    def own(self, who: Customer, feature: str, limit: int) -> Terms:
        """Of the meter of one user or one session: the base's window, and nothing else."""
        line, plan = self.line(who, feature), who.main.plan if who.main else self.default
        anchor = who.main.anchor if who.main else who.began
        base = Allowance("base", limit, _cycle(line, anchor), 100, anchor)
        return Terms(base, plan, who.zone, on_change=line.on_change)

    def _of(self, line: Line, anchor: int, who: Customer, plan: str) -> Terms:
        since = who.main.anchor if who.main else CREATED
        cycle = _cycle(line, anchor)
        base = Allowance("base", line.limit, cycle, line.priority, since, line.rollover)
        sliding = line.per if line.reset == "sliding" else None
        return Terms(
            base,
            plan,
            who.zone,
            overage=line.overage,
            carry_overage=line.carry_overage,
            on_change=line.on_change,
            sliding=sliding,
        )


def _cycle(line: Line, anchor: int) -> Cycle | None:
    if line.reset in ("never", "sliding"):
        return None
    return Cycle("calendar" if line.reset == "calendar" else "anchored", line.per, anchor)
