"""The hand-made cases that hold the model of `test_meter_model.py` to the tables of the rules.

They need no service.
"""

from random import Random

import pytest
from support.metermodel.meter import Meter
from support.metermodel.terms import Allowance, Credit, Terms
from support.metermodel.windows import DAY, HOUR, Cycle, milliseconds, stamp

NOW = milliseconds("2026-03-10T12:00:00Z")
MONTH = Cycle("anchored", "month", NOW)


def terms(amount: int | None = 100, *credits: Credit, rollover=None, **more) -> Terms:
    cycle = more.pop("cycle", MONTH)
    priority = more.pop("priority", 100)
    base = Allowance("base", amount, cycle, priority, NOW, rollover)
    return Terms(base, "pro", "UTC", credits=list(credits), **more)


def credit(amount: int = 100, id: str = "c", **fields) -> Credit:
    return Credit(id, "f", amount, fields.pop("start", NOW), **fields)


def meter(rules: Terms, count: int = 0) -> Meter:
    made = Meter(NOW).advance(NOW, rules)
    made.use(made.burn(count, rules))
    return made


def left(held: Meter, rules: Terms) -> list[tuple[str, int]]:
    return [(bucket.slot.split("@")[0], bucket.left) for bucket in held.buckets(rules)]


# Periods


@pytest.mark.parametrize(
    ("anchor", "every", "count", "at", "start", "end"),
    [
        ("2025-01-18T12", "month", 1, "2025-02-15T12", "2025-01-18T12", "2025-02-18T12"),
        ("2025-01-30T15", "month", 1, "2025-02-13T20", "2025-01-30T15", "2025-02-28T15"),
        ("2024-01-31T00", "month", 1, "2024-02-15T00", "2024-01-31T00", "2024-02-29T00"),
        ("2024-01-31T00", "month", 1, "2024-03-01T00", "2024-02-29T00", "2024-03-31T00"),
        ("2026-01-31T10", "month", 1, "2026-04-30T09", "2026-03-31T10", "2026-04-30T10"),
        ("2026-01-31T10", "month", 1, "2026-04-30T10", "2026-04-30T10", "2026-05-31T10"),
        ("2025-01-02T12", "month", 3, "2025-02-15T12", "2025-01-02T12", "2025-04-02T12"),
        ("2025-04-28T12", "month", 1, "2025-01-15T12", "2024-12-28T12", "2025-01-28T12"),
        ("2024-02-29T12", "year", 1, "2024-06-20T12", "2024-02-29T12", "2025-02-28T12"),
        ("2022-01-15T12", "year", 2, "2024-06-20T12", "2024-01-15T12", "2026-01-15T12"),
        ("2025-01-08T12", "week", 1, "2025-01-12T12", "2025-01-08T12", "2025-01-15T12"),
        ("2025-01-15T10", "hour", 4, "2025-01-15T15:30", "2025-01-15T14", "2025-01-15T18"),
    ],
)  # fmt: skip
def test_the_table_of_periods(anchor, every, count, at, start, end):
    cycle = Cycle("anchored", every, milliseconds(f"{anchor}:00:00Z"), count)
    at = milliseconds(f"{at}:00Z" if ":" in at else f"{at}:00:00Z")
    assert [stamp(t)[:13] for t in cycle.period(at, "UTC")] == [start, end]


@pytest.mark.parametrize("every", ["hour", "day", "week", "month", "year"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("kind", ["anchored", "calendar"])
def test_every_instant_has_one_period_and_they_touch(every, zone, kind):
    chance = Random(7)
    cycle = Cycle(kind, every, NOW - 3 * DAY)
    for _ in range(200):
        at = NOW + chance.randrange(-800 * DAY, 800 * DAY)
        start, end = cycle.period(at, zone)
        assert start <= at < end
        assert cycle.period(end, zone)[0] == end
        assert cycle.period(start, zone) == (start, end)


def test_a_calendar_day_is_the_accounts():
    start, end = Cycle("calendar", "day").period(
        milliseconds("2026-03-29T10:00:00Z"), "Europe/Berlin"
    )
    assert (stamp(start), stamp(end)) == ("2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z")


# Burning


def test_b1_the_first_is_empty_before_the_second_is_touched():
    two = credit(id="one", priority=1), credit(id="two", priority=2)
    rules = terms(0, *two)
    assert left(meter(rules, 120), rules)[:2] == [("one", 0), ("two", 80)]


def test_b2_a_recurrence_pays_the_overage():
    rules = terms(0, credit(every="day", rollover=(0, 100)), cycle=None)
    held = meter(rules, 120)
    assert (held.over, held.remaining(rules)) == (20, 0)
    held.advance(NOW + 25 * HOUR, rules)
    assert (held.over, held.remaining(rules)) == (0, 80)


def test_b3_what_is_left_has_a_ceiling():
    rules = terms(0, credit(rollover=(0, 50)))
    held = meter(rules, 10).advance(MONTH.period(NOW, "UTC")[1], rules)
    assert (held.remaining(rules), held.used) == (50, 0)


def test_b4_overage_that_is_kept_is_burnt_from_what_is_left():
    rules = terms(0, credit(rollover=(50, 50)), carry_overage=True, overage="allow")
    held = meter(rules, 110).advance(MONTH.period(NOW, "UTC")[1], rules)
    assert (held.remaining(rules), held.over) == (40, 0)


def test_b5_the_percentage_is_of_the_allowance_and_of_the_total():
    rules = terms(200, rollover=(None, 50, None))
    held = meter(rules, 50).advance(MONTH.period(NOW, "UTC")[1], rules)
    assert left(held, rules) == [("rolled", 100), ("base", 200)]


def test_the_oldest_of_what_rolled_over_goes_first():
    rules = terms(10, rollover=(12, None, 3))
    held = meter(rules, 4)
    for n in (1, 2):
        held.advance(milliseconds(f"2026-0{3 + n}-10T12:00:00Z"), rules)
    assert left(held, rules) == [("rolled", 2), ("rolled", 10), ("base", 10)]
    held.use(held.burn(5, rules))
    assert left(held, rules)[:2] == [("rolled", 0), ("rolled", 7)]


ORDER = [
    credit(id="1", priority=10),
    credit(id="2", priority=20, end=NOW + DAY),
    credit(id="3", priority=20, end=NOW + 2 * DAY, promotional=True),
    credit(id="4", priority=20, end=NOW + 2 * DAY),
    credit(id="5", priority=20, promotional=True),
    credit(id="6", priority=20, start=NOW - 1),
    credit(id="7", priority=20),
    credit(id="8", priority=20, number=1),
]


def test_the_burn_order_is_total_and_not_that_of_the_input():
    for seed in range(20):
        credits = list(ORDER)
        Random(seed).shuffle(credits)
        rules = terms(5, *credits)
        found = [slot for slot, _ in left(meter(rules), rules)]
        assert found == [*"12345678", "base"]


# Time


def test_moving_in_steps_is_moving_at_once():
    rules = terms(
        10,
        credit(5, "a", every="day", rollover=(1, 3)),
        credit(5, "b", start=NOW + 3 * DAY, end=NOW + 50 * DAY, priority=1),
        rollover=(15, None, 2),
    )
    for seed in range(4):
        chance = Random(seed)
        times = sorted(NOW + chance.randrange(120 * DAY) for _ in range(20))
        at_once, stepwise = meter(rules, 3), meter(rules, 3)
        for at in times:
            stepwise.advance(at, rules)
        at_once.advance(times[-1], rules)
        assert left(at_once, rules) == left(stepwise, rules)


def test_ends_and_starts_are_half_open():
    made = credit(5, start=NOW + DAY, end=NOW + 2 * DAY)
    rules = terms(0, made)
    rooms = [meter(rules).advance(NOW + DAY + n, rules).room(rules) for n in (-1, 0, DAY - 1, DAY)]
    assert rooms == [0, 5, 5, 0]


def test_a_credit_that_starts_with_the_reset_is_left_alone_by_it():
    end = MONTH.period(NOW, "UTC")[1]
    rules = terms(0, credit(9, start=end, rollover=(0, 2)))
    assert meter(rules).advance(end, rules).room(rules) == 9


def test_a_recurring_credit_is_lost_at_the_reset_and_a_top_up_is_not():
    made = credit(9, "daily", every="day", start=NOW + 1), credit(4, "topup")
    rules = terms(0, *made)
    held = meter(rules).advance(MONTH.period(NOW, "UTC")[1], rules)
    assert dict(left(held, rules)) == {"daily": 0, "topup": 4, "base": 0}


def test_a_recurrence_fills_to_the_brim_and_no_further():
    rules = terms(0, credit(9, every="day"))
    held = meter(rules, 4)
    units = list(held.units)
    held.advance(NOW + DAY, rules)
    assert held.room(rules) == 9
    # What was filled anew takes nothing back.
    held.give_back(units, rules)
    assert held.room(rules) == 9
