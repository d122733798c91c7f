"""Billing periods: always counted from the anchor."""

import calendar
from datetime import UTC, datetime, timedelta

from .state import DAY, Subscription


def add_months(anchor: int, months: int) -> int:
    """Always from the anchor, so that a short month does not move the day for good."""
    start = datetime.fromtimestamp(anchor / 1000, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    there = start.replace(year=year, month=month + 1, day=day)
    return round((there - datetime.fromtimestamp(0, UTC)) / timedelta(milliseconds=1))


def boundary(anchor: int, every: str, count: int, n: int) -> int:
    if every in ("hour", "day", "week"):
        return anchor + n * count * {"hour": DAY // 24, "day": DAY, "week": 7 * DAY}[every]
    return add_months(anchor, n * count * {"month": 1, "quarter": 3, "year": 12}[every])


def period(sub: Subscription, at: int) -> tuple[int, int] | None:
    """The period that contains `at`, where the subscription says how its periods run."""
    if sub.period_every is None:
        return None
    rule = (sub.period_anchor, sub.period_every, sub.period_count or 1)
    hours = {"hour": 1, "day": 24, "week": 168, "month": 744, "quarter": 2_208, "year": 8_784}
    longest = hours[sub.period_every] * rule[2] * DAY // 24
    n = (at - sub.period_anchor) // longest - 1  # never too late: no period is longer
    while boundary(*rule, n + 1) <= at:
        n += 1
    return boundary(*rule, n), boundary(*rule, n + 1)
