"""Credits: what they add, in which order they burn, and what becomes of them in time."""

import pytest
from support import world
from support.metered import NOW, Metered, problem

pytest_plugins = ["support.metered_fixtures"]

DAY2, MONTH2 = "2026-03-11T12:00:00.000Z", "2026-04-10T12:00:00.000Z"


def left(customer: Metered, feature: str = "calls") -> dict[str, int]:
    return {slot: amount for slot, _, amount in customer.slots(feature)}


def credit_of(customer: Metered, credit: str) -> dict:
    return customer.api.call("GET", f"{customer.path}/credits/{credit}")


def test_a_top_up_adds_to_the_limit_at_the_next_call(ada):
    ada.consume("calls", 500)
    assert ada.consume("calls")["consumed"] == 0
    made = ada.credit("calls", 50)
    assert made["credit"].startswith("crd_")
    assert made["credit"].endswith(f"_{ada.account}")
    shown = {key: made[key] for key in ("feature", "amount", "left", "priority", "promotional")}
    assert shown == {
        "feature": "calls",
        "amount": 50,
        "left": 50,
        "priority": 100,
        "promotional": False,
    }
    assert (made["state"], made["from"], made["to"], made["every"]) == ("active", NOW, None, None)
    check = ada.check("calls")
    assert (check["allowed"], check["limit"], check["used"], check["remaining"]) == (
        True,
        550,
        500,
        50,
    )
    assert ada.consume("calls", 51)["consumed"] == 0
    assert ada.consume("calls", 50)["consumed"] == 50
    assert credit_of(ada, made["credit"])["left"] == 0


def test_a_one_off_credit_survives_the_reset_and_the_allowance_does_not(ada):
    ada.credit("calls", 50)
    ada.consume("calls", 520)
    ada.at(MONTH2)
    assert ada.counted("calls")[:2] == (0, 530)


# Burn order


ORDER = [
    # The first of each two burns first, for one reason only.
    ("priority", {"priority": 10}, {"priority": 20}),
    ("the one that ends first", {"to": DAY2}, {"to": MONTH2}),
    ("one that ends before one that does not", {"to": DAY2}, {}),
    ("promotional before paid", {"promotional": True}, {}),
    ("priority before the end", {"priority": 10}, {"priority": 20, "to": DAY2}),
    ("the end before promotional", {"to": DAY2}, {"to": MONTH2, "promotional": True}),
    ("effective first", {"from": NOW}, {"from": "2026-03-10T12:00:01.000Z"}),
]


@pytest.mark.parametrize(("first", "second"), [pytest.param(*row[1:], id=row[0]) for row in ORDER])
@pytest.mark.parametrize("other_way_round", [False, True])
def test_credits_burn_in_a_total_order(ada, first, second, other_way_round):
    """Whichever of them was made first."""
    made = {}
    bodies = [("first", first), ("second", second)]
    for name, body in bodies[:: -1 if other_way_round else 1]:
        made[name] = ada.credit("calls", 10, **body)["credit"]
    ada.later(seconds=2)
    credits = [slot for slot, _, _ in ada.slots("calls") if slot in made.values()]
    assert credits == [made["first"], made["second"]]
    # One unit more than the first has, whatever place the allowance takes between them.
    ada.consume("calls", 11)
    while left(ada)[made["first"]] == 10:
        ada.consume("calls", 489)
        ada.consume("calls", 11)
    assert left(ada).get(made["second"], 0) in (9, 10)
    assert left(ada).get(made["first"], 0) == 0


def test_of_credits_that_are_alike_the_older_burns_first(ada):
    older, younger = (ada.credit("calls", 10, priority=1)["credit"] for _ in range(2))
    ada.consume("calls", 4)
    assert (left(ada)[older], left(ada)[younger]) == (6, 10)


def test_the_slots_are_told_in_burn_order_and_burn_in_it(ada):
    late = ada.credit("calls", 10, priority=200)["credit"]
    ends = ada.credit("calls", 10, to=DAY2)["credit"]
    promo = ada.credit("calls", 10, priority=50, promotional=True)["credit"]
    paid = ada.credit("calls", 10, priority=50)["credit"]
    assert [slot for slot, _, _ in ada.slots("calls")] == [promo, paid, ends, "base", late]
    assert [kind for _, kind, _ in ada.slots("calls")] == [
        "credit",
        "credit",
        "credit",
        "allowance",
        "credit",
    ]
    answer = ada.consume("calls", 528, idempotency_key="all")
    assert (answer["used"], answer["remaining"]) == (528, 12)
    (entry,) = ada.ledger("calls")
    assert [(part["slot"], part["units"]) for part in entry["parts"]] == [
        (promo, 10),
        (paid, 10),
        (ends, 10),
        ("base", 498),
    ]


def test_the_ledger_explains_each_unit(ada):
    credit = ada.credit("once", 5, priority=1)["credit"]
    ada.consume("once", 3)
    ada.consume("once", 4)
    ada.consume("once", 8)
    parts = [[(p["slot"], p["units"]) for p in e["parts"]] for e in ada.ledger("once")]
    assert parts == [[(credit, 3)], [(credit, 2), ("base", 2)], [("base", 8)]]
    for entry in ada.ledger("once"):
        assert sum(part["units"] for part in entry["parts"]) == entry["units"]


# Void, confirm, list


def test_a_void_stops_what_is_left_and_keeps_what_was_burnt(ada):
    made = ada.credit("calls", 50, priority=1)["credit"]
    ada.consume("calls", 20)
    assert ada.check("calls")["limit"] == 550
    first = ada.void(made)
    assert first["state"] == "voided"
    assert ada.void(made)["state"] == "voided"
    check = ada.check("calls")
    assert (check["used"], check["remaining"]) == (20, 500)
    assert ada.consume("calls", 500)["consumed"] == 500
    assert ada.consume("calls")["consumed"] == 0
    assert ada.ledger("calls")[0]["parts"] == [{"slot": made, "units": 20}]


def test_a_void_may_say_why(ada):
    made = ada.credit("calls", 50)["credit"]
    ada.api.call("DELETE", f"{ada.path}/credits/{made}", {"reason": "chargeback"})
    changes = [c for c in ada.api.changes(ada.account) if c["entity"] == "credit"]
    assert len(changes) == 2
    assert changes[-1]["reason"] == "chargeback"
    assert ada.api.verify(ada.account)["verified"] is True


def test_a_credit_that_is_not_paid_gives_nothing(ada):
    # getlago/lago-api#4326: usable before payment.
    made = ada.credit("calls", 50, pending=True)
    assert made["state"] == "pending"
    assert ada.check("calls")["remaining"] == 500
    path = f"{ada.path}/credits/{made['credit']}/confirm"
    assert ada.api.call("POST", path)["state"] == "active"
    assert ada.check("calls")["remaining"] == 550
    ada.consume("calls", 550)
    assert ada.api.call("POST", path)["state"] == "active"
    assert ada.check("calls")["remaining"] == 0
    never = ada.credit("calls", 50, pending=True)["credit"]
    ada.void(never)
    answer = ada.api.send("POST", f"{ada.path}/credits/{never}/confirm")
    problem(answer, 409, "conflict")
    assert ada.check("calls")["remaining"] == 0


def test_a_repeated_top_up_is_one(ada):
    # getlago/lago-api#5870: doubled on retry.
    headers = {"Idempotency-Key": world.unique("top-up")}
    body = {"feature": "calls", "amount": 50, "reason": "paid"}
    path = f"{ada.path}/credits"
    first, again = (ada.api.send("POST", path, body, headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (201, again.content)
    problem(
        ada.api.send("POST", path, body | {"amount": 51}, headers=headers),
        422,
        "idempotency_key_reused",
    )
    assert ada.check("calls")["limit"] == 550


def test_the_next_credit_pays_the_debt_first(ada):
    ada.consume("soft", 130)
    made = ada.credit("soft", 50)["credit"]
    meter = ada.meter("soft")
    assert (meter["used"], meter["over"], meter["remaining"]) == (130, 0, 20)
    assert credit_of(ada, made)["left"] == 20
    second = ada.credit("soft", 10, pending=True)["credit"]
    ada.consume("soft", 25)
    assert ada.meter("soft")["over"] == 5
    ada.api.call("POST", f"{ada.path}/credits/{second}/confirm")
    assert ada.counted("soft")[1:3] == (5, 0)


def test_credits_are_listed_by_feature_and_state(ada):
    calls = [ada.credit("calls", n)["credit"] for n in (1, 2, 3)]
    once = ada.credit("once", 4)["credit"]
    ada.void(calls[0])
    path = f"{ada.path}/credits"
    assert {c["credit"] for c in ada.api.pages(path, limit=2)} == {*calls, once}
    assert {c["credit"] for c in ada.api.pages(path, feature="once")} == {once}
    assert {c["credit"] for c in ada.api.pages(path, state="voided")} == {calls[0]}
    found = ada.api.pages(path, feature="calls", state="active")
    assert {c["credit"] for c in found} == set(calls[1:])


def test_a_credit_survives_a_change_of_plan(ada):
    # useautumn/autumn#630, polarsource/polar#8451
    ada.credit("calls", 50)
    for plan, limit in (("large", 1_050), ("lite", 150), ("kit", 550)):
        ada.subscribe(plan, starts_at=NOW, period_anchor=NOW)
        assert ada.check("calls")["limit"] == limit


def test_one_add_ons_renewal_leaves_the_others_alone(ada):
    # polarsource/polar#10513
    there = "2026-03-05T12:00:00.000Z"
    ada.subscribe("pack", "pack", starts_at=there, period_anchor=there)
    check = ada.check("calls")
    assert (check["limit"], check["resets_at"]) == (750, MONTH2)
    ada.consume("calls", 700)
    used = left(ada)
    assert sum(used.values()) == 50
    ada.at("2026-04-05T12:00:00.000Z")  # the pack's month is over, the plan's is not
    after = left(ada)
    assert sum(after.values()) == 250 + used.get("base", 0)
    assert ada.used("calls") == 700
    ada.at(MONTH2)
    assert ada.used("calls") == 0
    assert left(ada)["base"] == 500


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"amount": None}, 400, None, "amount"),
        ({"amount": 0}, 400, "invalid_field", "amount"),
        ({"amount": -5}, 400, "invalid_field", "amount"),
        ({"amount": 1.5}, 400, "invalid_field", "amount"),
        ({"amount": 10**15 + 1}, 400, "invalid_field", "amount"),
        ({"feature": "nope"}, 404, "unknown_feature", None),
        ({"feature": "sso"}, 400, "invalid_field", "feature"),
        ({"feature": "search"}, 400, "invalid_field", "feature"),
        ({"feature": "jobs"}, 400, "invalid_field", "feature"),
        ({"priority": -1}, 400, "invalid_field", "priority"),
        ({"priority": 256}, 400, "invalid_field", "priority"),
        ({"every": "decade"}, 400, "invalid_field", "every"),
        ({"every": "day", "count": 0}, 400, "invalid_field", "count"),
        ({"count": 2}, 400, "missing_field", "every"),
        ({"to": "2026-03-10T12:00:00Z"}, 400, "invalid_field", "to"),
        ({"to": "2026-03-10T11:00:00Z"}, 400, "invalid_field", "to"),
        ({"to": DAY2, "ttl_seconds": 60}, 400, "invalid_field", None),
        ({"rollover": {"min": 5, "max": 4}}, 400, "invalid_field", None),
        ({"rollover": {"min": -1, "max": 4}}, 400, "invalid_field", None),
        ({"promotional": "yes"}, 400, "invalid_field", "promotional"),
        ({"reason": None}, 400, None, "reason"),
        ({"amnt": 5}, 400, "unknown_field", "amnt"),
    ],
    ids=str,
)
def test_a_credit_that_makes_no_sense(ada, body, status, code, field):
    sent = {"feature": "calls", "amount": 5, "reason": "r"} | body
    sent = {key: value for key, value in sent.items() if value is not None}
    answer = ada.api.send("POST", f"{ada.path}/credits", sent)
    content = answer.json()
    assert answer.status_code == status, content
    assert code in (None, content["code"])
    assert field in (None, content["field"])
    assert ada.api.pages(f"{ada.path}/credits") == []
    assert ada.check("calls")["limit"] == 500


def test_an_unknown_credit_is_404(ada):
    missing = f"{ada.path}/credits/crd_00000000000000000000000000_{ada.account}"
    problem(ada.api.send("GET", missing), 404, "unknown_credit")
    problem(ada.api.send("DELETE", missing), 404, "unknown_credit")
    problem(ada.api.send("POST", f"{missing}/confirm"), 404, "unknown_credit")
