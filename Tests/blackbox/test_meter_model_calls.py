"""Hand-made calls on the model of `test_meter_model.py`, and histories without a service."""

from random import Random

import pytest
from support.metermodel.catalogs import files, variant
from support.metermodel.dry import NOBODY, Dry
from support.metermodel.game import Game, Refused
from support.metermodel.meter import Meter
from support.metermodel.others import Lease, Leases, Rate, Sliding
from support.metermodel.steps import Steps
from support.metermodel.terms import Credit, Customer, Line, Terms
from support.metermodel.windows import HOUR, MINUTE, SECOND, milliseconds

NOW = milliseconds("2026-03-10T12:00:00Z")


def left(held: Meter, rules: Terms) -> list[tuple[str, int]]:
    return [(bucket.slot.split("@")[0], bucket.left) for bucket in held.buckets(rules)]


def play(**lines: Line) -> Game:
    """An account of the plan "pro" with some other lines."""
    sold = variant(0)
    sold.plans["pro"] = sold.plans["pro"] | lines
    sold.plans["base"] = sold.plans["base"] | {n: Line(4, "month") for n in lines}
    game = Game(sold, Customer(NOW, "UTC", NOW), {"s1": "ada"})
    game.plan("pro")
    return game


def take(game: Game, count: int, feature: str = "hard", mode: str = "reject", who=NOBODY) -> int:
    game.number = getattr(game, "number", 0) + 1
    return game.consume([(feature, count)], who, mode, f"k{game.number}")[0]


def test_a_hard_limit_refuses_and_a_cap_takes_the_rest():
    game = play(hard=Line(10, "month"))
    assert [take(game, 8), take(game, 3), take(game, 3, mode="cap"), take(game, 1)] == [8, 0, 2, 0]


@pytest.mark.parametrize(
    ("overage", "taken"), [("allow", 30), (("limit", 5), 15), (("percent", 25), 12), ("deny", 10)]
)
def test_overage_goes_as_far_as_it_is_allowed(overage, taken):
    game = play(hard=Line(10, "month", overage=overage))
    assert take(game, 30, mode="cap") == taken
    assert game.seen(("", "hard")).over == max(0, taken - 10)


def test_a_plan_change_carries_what_was_used_to_and_fro():
    game = play(hard=Line(10, "month"))
    take(game, 7)
    rooms = []
    for plan in ("base", "pro", "base", "pro"):
        game.plan(plan)
        rooms.append(game.room(("", "hard")))
    assert rooms == [0, 3, 0, 3]


def test_several_features_are_taken_together_or_not_at_all():
    game = play(pool=Line(10, "month"), image=Line(5, "month"))
    assert game.consume([("image", 3), ("pool", 2)], NOBODY, "reject", "a") == [0, 0]
    assert game.consume([("image", 3), ("pool", 1)], NOBODY, "reject", "b") == [3, 1]
    assert game.room(("", "pool")) == 0


def test_users_and_sessions_have_limits_of_their_own():
    game = play(team=Line(5, "day", "calendar", user_limit=3, session_limit=2))
    ada = ("ada", "s1")
    assert [take(game, 3, "team", who=ada), take(game, 2, "team", who=ada)] == [0, 2]
    assert take(game, 9, "team", "cap", ("ada", "s2")) == 1
    assert take(game, 9, "team", "cap") == 2


def test_a_refund_finds_the_buckets_that_it_came_from():
    game = play(hard=Line(10, "month"))
    game.credit(Credit("c", "hard", 3, NOW, priority=1))
    take(game, 2)
    take(game, 5)
    game.refund("hard", 2, NOBODY, "k1")
    rules = game.terms(("", "hard"))
    assert left(game.seen(("", "hard")), rules) == [("c", 2), ("base", 6)]
    with pytest.raises(Refused, match="below_zero"):
        game.refund("hard", 1, NOBODY, "k1")
    game.refund("hard", 5, NOBODY, None)
    assert left(game.seen(("", "hard")), rules) == [("c", 3), ("base", 10)]


def test_debt_is_paid_by_the_next_credit():
    game = play(hard=Line(4, "month"))
    game.record("hard", 7, NOBODY, "e")
    assert game.seen(("", "hard")).over == 3
    game.credit(Credit("c", "hard", 5, NOW))
    held = game.seen(("", "hard"))
    assert (held.over, held.used, held.room(game.terms(("", "hard")))) == (0, 7, 2)


# The others


def test_a_bucket_of_tokens_by_brute_force():
    line = Line(60, "minute", burst=5)
    rate, chance, tokens, last = Rate(), Random(3), 5.0, NOW
    for _ in range(500):
        now = last + chance.randrange(0, 3_000, 250)
        tokens = min(5.0, tokens + (now - last) / 1_000)
        last = now
        assert rate.room(line, now) == int(tokens)
        wanted = chance.randint(1, 3)
        if wanted <= tokens:
            rate.take(wanted, line, now)
            tokens -= wanted


def test_the_window_before_fades():
    line, slide = Line(100, "hour", "sliding"), Sliding()
    start = NOW - NOW % HOUR
    slide.take(60, line, start + 10 * MINUTE)
    assert slide.room(line, start + 59 * MINUTE) == 40
    assert slide.room(line, start + HOUR) == 40
    assert slide.room(line, start + HOUR + 30 * MINUTE) == 70
    assert slide.room(line, start + 2 * HOUR) == 100


def test_leases_live_until_their_instant():
    line = Line(3, user_limit=2)
    leases = Leases({"a": Lease("jobs", "ada", "s1", 2, NOW + SECOND)})
    assert leases.room("jobs", line, NOW, "ada", "s1") == 0
    assert leases.room("jobs", line, NOW, "bo", "s2") == 1
    assert leases.room("jobs", line, NOW + SECOND, "ada", "s1") == 2


# Histories


@pytest.mark.parametrize("seed", range(1, 21))
def test_whatever_happens_the_model_keeps_its_word(seed):
    """Never past a hard limit, nothing negative, and used is what was taken."""
    sold = variant(seed % 8)
    dry = Dry(None, None, "", sold, NOW, "UTC")
    dry.set_up()
    steps = Steps(Random(seed))
    for step in steps.opening(dry.game):
        dry.take(step)
    for _ in range(60):
        dry.take(steps.next(dry.game))
        for feature in sold.kinds:
            if dry.game.is_quota(feature):
                held, rules = dry.game.seen(("", feature)), dry.game.terms(("", feature))
                assert held.over >= 0
                assert all(b.left >= 0 for b in held.buckets(rules) if b.kind != "allowance")
                # What is over finds no balance.
                assert held.over == 0 or held.remaining(rules) == 0 or rules.overage != "deny"


def test_the_catalog_of_all_variants_has_one_default():
    made = files({f"v{n}.": variant(n) for n in range(8)})
    assert sum('"default": true' in text for text in made.values()) == 1


def test_a_seed_makes_the_same_history_each_time():
    def trace() -> list[dict]:
        dry = Dry(None, None, "", variant(3), NOW, "UTC")
        dry.set_up()
        steps, made = Steps(Random(5)), []
        for _ in range(40):
            made.append(step := steps.next(dry.game))
            dry.take(step)
        return made

    assert trace() == trace()


# Holds


def test_a_hold_lapses_and_goes_back_where_it_came_from():
    game = play(hard=Line(10, "month"))
    game.credit(Credit("c", "hard", 3, NOW, priority=1))
    assert game.reserve("r", "hard", 5, 60, (None, None))
    assert game.room(("", "hard")) == 8
    game.clock(NOW + 59 * SECOND)
    assert game.room(("", "hard")) == 8
    game.clock(NOW + 60 * SECOND)
    held, rules = game.seen(("", "hard")), game.terms(("", "hard"))
    assert left(held, rules) == [("c", 3), ("base", 10)]
    with pytest.raises(Refused, match="reservation_lapsed"):
        game.settle("r", 1)


def test_a_settlement_beyond_what_there_is_leaves_the_hold():
    game = play(hard=Line(10, "month"))
    game.reserve("r", "hard", 5, 60, (None, None))
    with pytest.raises(Refused, match="limit_reached"):
        game.settle("r", 11)
    game.settle("r", 10)
    game.settle("r", 10)
    with pytest.raises(Refused, match="conflict"):
        game.settle("r", 9)
    assert game.seen(("", "hard")).used == 10


def test_what_is_settled_is_what_was_held_first():
    game = play(hard=Line(10, "month"))
    game.credit(Credit("c", "hard", 3, NOW, priority=1))
    game.reserve("r", "hard", 5, 60, NOBODY)
    game.settle("r", 2)
    held, rules = game.seen(("", "hard")), game.terms(("", "hard"))
    assert left(held, rules) == [("c", 1), ("base", 10)]
    game.refund("hard", 2, NOBODY, None)
    assert left(game.seen(("", "hard")), rules) == [("c", 3), ("base", 10)]


def test_two_refunds_of_one_call_go_back_to_different_buckets():
    game = play(hard=Line(10, "month"))
    game.credit(Credit("c", "hard", 2, NOW, priority=1))
    take(game, 4)
    rules = game.terms(("", "hard"))
    game.refund("hard", 2, NOBODY, "k1")
    assert left(game.seen(("", "hard")), rules) == [("c", 0), ("base", 10)]
    game.refund("hard", 2, NOBODY, "k1")
    assert left(game.seen(("", "hard")), rules) == [("c", 2), ("base", 10)]


def test_what_was_over_is_given_back_before_what_a_balance_gave():
    game = play(hard=Line(4, "month"))
    game.record("hard", 7, NOBODY, "e")
    game.adjust("hard", 2, None, "a")
    held = game.seen(("", "hard"))
    assert (held.used, held.over, held.room(game.terms(("", "hard")))) == (2, 0, 2)
