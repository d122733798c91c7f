"""What is counted in other ways: sliding windows, rates and leases."""

from dataclasses import dataclass, field
from fractions import Fraction

from .meter import INFINITE
from .terms import UNLIMITED, Line
from .windows import LENGTH


@dataclass
class Sliding:
    """Counts by window since 1970; the one before fades as this one goes on."""

    counts: dict[int, int] = field(default_factory=dict)

    def room(self, line: Line, now: int) -> int:
        if line.limit is UNLIMITED:
            return INFINITE
        length = LENGTH[line.per]
        window, elapsed = divmod(now, length)
        faded = self.counts.get(window - 1, 0) * (length - elapsed) // length
        return max(0, line.limit - self.counts.get(window, 0) - faded)

    def take(self, count: int, line: Line, now: int) -> None:
        window = now // LENGTH[line.per]
        self.counts[window] = self.counts.get(window, 0) + count


@dataclass
class Rate:
    """A bucket of tokens that fills evenly, as the instant at which it is full again."""

    full_at: Fraction = Fraction(0)

    def room(self, line: Line, now: int) -> int:
        emission = Fraction(LENGTH[line.per], line.limit)
        burst = line.burst or line.limit
        waits = max(self.full_at, now) - now
        return max(0, int((emission * burst - waits) / emission // 1))

    def take(self, count: int, line: Line, now: int) -> None:
        emission = Fraction(LENGTH[line.per], line.limit)
        self.full_at = max(self.full_at, now) + count * emission


@dataclass
class Lease:
    feature: str
    user: str | None
    session: str | None
    count: int
    until: int


@dataclass
class Leases:
    all: dict[str, Lease] = field(default_factory=dict)

    def live(self, feature: str, now: int) -> list[Lease]:
        return [x for x in self.all.values() if x.feature == feature and x.until > now]

    def room(
        self, feature: str, line: Line, now: int, user: str | None, session: str | None
    ) -> int:
        held = self.live(feature, now)
        rooms = [line.limit - sum(lease.count for lease in held)]
        if line.user_limit is not None and user is not None:
            rooms.append(line.user_limit - sum(x.count for x in held if x.user == user))
        if line.session_limit is not None and session is not None:
            rooms.append(line.session_limit - sum(x.count for x in held if x.session == session))
        return max(0, min(rooms))
