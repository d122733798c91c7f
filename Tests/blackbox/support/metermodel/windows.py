"""Periods on the wall clock of an account's zone. Instants are whole milliseconds since 1970."""

import calendar
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

SECOND = 1_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LENGTH = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
LENGTH |= {"month": 30 * DAY, "year": 365 * DAY}  # of sliding windows


def stamp(at: int | None) -> str | None:
    if at is None:
        return None
    moment = EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(text: str | None) -> int | None:
    if text is None:
        return None
    return round((datetime.fromisoformat(text) - EPOCH) / timedelta(milliseconds=1))


def _there(at: int, zone: str) -> datetime:
    """The wall clock, without its zone."""
    return (EPOCH + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _instant(wall: datetime, zone: str) -> int:
    # fold=0: the first of a repeated hour; a skipped one is moved later by the length of the gap.
    moment = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    return round((moment - EPOCH) / timedelta(milliseconds=1))


def boundary(anchor: int, every: str, count: int, n: int, zone: str) -> int:
    """Always from the anchor, so that a short month moves nothing for good."""
    if n == 0:
        return anchor
    if every == "hour":
        return anchor + n * count * HOUR
    wall = _there(anchor, zone)
    if every in ("day", "week"):
        days = n * count * (7 if every == "week" else 1)
        return _instant(wall + timedelta(days=days), zone)
    months = n * count * (12 if every == "year" else 1)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, calendar.monthrange(year, month + 1)[1])
    return _instant(wall.replace(year=year, month=month + 1, day=day), zone)


class Cycle(NamedTuple):
    """How periods run: from an anchor, or by the calendar."""

    kind: str  # anchored | calendar
    every: str
    anchor: int = 0
    count: int = 1

    @property
    def interval(self) -> tuple:
        return self.kind, self.every, self.count

    def period(self, at: int, zone: str) -> tuple[int, int]:
        anchor = self.anchor if self.kind == "anchored" else self._calendar(at, zone)
        days = {"hour": HOUR, "day": 25 * HOUR, "week": 169 * HOUR}
        longest = days.get(self.every, (32 if self.every == "month" else 367) * DAY) * self.count
        n = (at - anchor) // longest - 1
        if at < anchor:
            shortest = {"hour": HOUR, "day": 23 * HOUR, "week": 167 * HOUR}
            shortest = shortest.get(self.every, (28 if self.every == "month" else 364) * DAY)
            n = (at - anchor) // (shortest * self.count) - 2
        while boundary(anchor, self.every, self.count, n + 1, zone) <= at:
            n += 1
        bounds = (boundary(anchor, self.every, self.count, n + k, zone) for k in (0, 1))
        return tuple(bounds)

    def _calendar(self, at: int, zone: str) -> int:
        """The local midnight, Monday, first of the month or first of January before."""
        wall = _there(at, zone)
        day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        match self.every:
            case "hour":
                return at - at % HOUR
            case "day":
                start = day
            case "week":
                start = day - timedelta(days=day.weekday())
            case "month":
                start = day.replace(day=1)
            case "year":
                start = day.replace(day=1, month=1)
        return _instant(start, zone)
