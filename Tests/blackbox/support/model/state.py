"""What a decision depends on: the catalog, and what accounts hold. Not made from the source.

Instants are whole milliseconds since 1970. `rules` answers from a `World`, `moves` has what changes
one. Nothing is remembered between two questions, so every answer can be followed by hand.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
UNLIMITED = "unlimited"
COUNTED = ("metered", "level", "seats", "rate", "concurrency")


class Decision(NamedTuple):
    allowed: bool
    reason: str
    source: tuple | None = None  # kind, id, version
    value: Any = None
    limit: Any = None
    used: int | None = None


class Refused(Exception):
    """A call that must be refused, with the code of the refusal."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


# The catalog


@dataclass
class Feature:
    type: str
    combine: str
    value_type: str | None = None
    overage: bool = False  # the same wherever a plan has it
    disabled: bool = False

    @property
    def counted(self) -> bool:
        return self.type in COUNTED

    def opens(self, amount) -> bool:
        """Whether an amount is more than a closed door."""
        if self.counted:
            return amount == UNLIMITED or amount > 0
        return amount is True if self.type == "boolean" else amount is not None


@dataclass(frozen=True)
class Line:
    """What one version of a plan says about one feature."""

    amount: Any
    per: str | None = None


@dataclass
class Version:
    lines: dict[str, Line]
    trial_days: int | None = None
    trial_then: str | None = None
    trial_at_end: str | None = None
    grace_days: int = 7


@dataclass
class Plan:
    kind: str  # plan, addon
    versions: list[Version]
    family: str | None = None
    default: bool = False


# The account


@dataclass
class Subscription:
    id: str
    plan: str
    status: str = "active"
    quantity: int = 1
    version: int | None = None
    starts_at: int | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    trial_at_end: str | None = None
    payment_method: bool = False
    period_start: int | None = None
    period_end: int | None = None
    period_anchor: int | None = None
    period_every: str | None = None
    period_count: int | None = None
    cancel_at: int | None = None
    ended_at: int | None = None
    past_due_since: int | None = None
    paused_from: int | None = None
    paused_until: int | None = None
    next_plan: str | None = None
    next_version: int | None = None
    change_at: int | None = None
    next_quantity: int | None = None
    quantity_at: int | None = None

    @property
    def close(self) -> int | None:
        return min((at for at in (self.cancel_at, self.ended_at) if at is not None), default=None)

    def is_closed(self, at: int) -> bool:
        return self.close is not None and self.close <= at

    def is_paused(self, at: int) -> bool:
        begun = self.paused_from is not None and self.paused_from <= at
        return begun and (self.paused_until is None or at < self.paused_until)

    def has_changed(self, at: int) -> bool:
        return self.change_at is not None and self.change_at <= at


@dataclass
class Grant:
    id: str
    feature: str
    effect: str  # allow, deny
    mode: str | None
    amount: Any
    user: str | None
    session: str | None
    start: int
    end: int | None

    def in_force(self, at: int) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def stops(self, at: int, database: int) -> bool:
        """Of a deny: a test clock does not hold off what is in the database's past."""
        begun = self.start <= max(at, database)
        return self.effect == "deny" and begun and (self.end is None or at < self.end)

    def is_for(self, session: "Session | None") -> bool:
        """Without a session: only what is the whole account's."""
        if self.session is not None:
            return session is not None and session.id == self.session
        return self.user is None or (session is not None and session.user == self.user)


@dataclass(frozen=True)
class Trial:
    """Which subscription had the one trial of a family of plans."""

    subscription: str
    started: int


@dataclass
class Session:
    id: str
    account: str
    user: str
    expires: int
    revoked: bool = False


@dataclass
class Account:
    now: int
    blocked_from: int | None = None
    blocked_until: int | None = None
    subscriptions: dict[str, Subscription] = field(default_factory=dict)  # the oldest first
    grants: dict[str, Grant] = field(default_factory=dict)  # the oldest first
    seats: dict[str, set[str]] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    trials: dict[str, "Trial"] = field(default_factory=dict)  # by the family of plans

    def is_blocked(self, at: int) -> bool:
        since, until = self.blocked_from, self.blocked_until
        return since is not None and since <= at and (until is None or at < until)


@dataclass
class World:
    features: dict[str, Feature]
    plans: dict[str, Plan]
    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    database: int = 0  # the database's clock, which no account of a history comes near

    def number(self, plan: str, version: int | None) -> int:
        return version or len(self.plans[plan].versions)

    def at_version(self, plan: str, version: int | None) -> Version:
        return self.plans[plan].versions[self.number(plan, version) - 1]

    @property
    def default_plan(self) -> str:
        return next(name for name, plan in self.plans.items() if plan.default)

    def family(self, plan: str) -> str:
        return self.plans[plan].family or plan
