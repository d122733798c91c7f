"""Stripe's terms, each from a signed webhook over the callback to the next check.

Whatever is to happen later happens by the account's clock: no further webhook is sent, unless a
test says so. The bodies of the events are old news throughout.
"""

import pytest
from support import stripe_shapes as shapes
from support import world
from support.api import Api
from support.service import Service
from support.signing import snapshot, thin
from support.stripe_buyer import (
    ADDON,
    ENDED,
    GRACE,
    LEVEL,
    NOTHING,
    OPEN,
    PAUSED,
    SEAT_PRICE,
    SUPPORT,
    SUPPORT_PRICE,
    TRIAL,
    TRIAL_OVER,
    UNPAID,
    Buyer,
    day,
    just_before,
    stamp,
)


@pytest.fixture
def ada(api, stripe):
    return Buyer(api, stripe)


# Statuses


@pytest.mark.parametrize(
    ("status", "answer", "fields"),
    [
        ("trialing", TRIAL, {"trial_start": stamp(-1), "trial_end": stamp(13)}),
        ("active", OPEN, {}),
        ("past_due", GRACE, {}),
        ("unpaid", UNPAID, {}),
        ("paused", PAUSED, {}),
        ("incomplete", NOTHING, {}),
        ("incomplete_expired", ENDED, {"ended_at": stamp(0)}),
        ("canceled", ENDED, {"canceled_at": stamp(-1), "ended_at": stamp(0)}),
    ],
)
def test_a_status_gives_what_the_reference_says(ada, status, answer, fields):
    ada.buy(status=status, **fields)
    assert ada.answer() == answer
    if status in ("incomplete_expired", "canceled"):
        return
    ada.change(status="active")
    assert ada.answer() == OPEN
    ada.stripe.change(ada.bought, status=status, **fields)
    ada.hear_thin(f"customer.subscription.{status}", ada.bought)
    assert ada.answer() == answer


@pytest.mark.parametrize(("before", "answer"), [("active", OPEN), ("paused", PAUSED)])
def test_an_unknown_status_keeps_the_last_state_and_tells_somebody(ada, before, answer):
    ada.buy(status=before)
    ada.stripe.change(ada.bought, status="hibernating")
    event = ada.take(snapshot("customer.subscription.updated", ada.first), (202, "queued"))
    found = ada.api.event(event["id"])
    assert (found["state"], "hibernating" in found["last_error"]) == ("dead", True)
    assert ada.answer() == answer


# Trials


def on_trial(missing: str = "create_invoice", **fields) -> dict:
    return shapes.trial(stamp(0), stamp(14), missing, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"default_payment_method": "pm_1"},
        {"default_source": "card_1"},
        {"collection_method": "send_invoice"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_trial_that_can_be_collected_turns_into_a_grace(ada, fields):
    ada.buy(**on_trial("cancel", **fields))
    assert ada.at(just_before(14)).answer() == TRIAL
    assert ada.at(day(14)).answer() == GRACE
    assert ada.at(just_before(21)).answer() == GRACE
    assert ada.at(day(21)).answer() == UNPAID


@pytest.mark.parametrize("place", ["invoice_settings", "default_source"])
def test_a_payment_method_of_the_customer_counts(ada, place):
    method = {"default_payment_method": "pm_1"} if place == "invoice_settings" else "card_1"
    ada.stripe.change_customer(ada.customer, **{place: method})
    ada.buy(**on_trial("cancel"))
    assert ada.subscription(ada.bought)["payment_method"] is True
    assert ada.at(day(14)).answer() == GRACE


@pytest.mark.parametrize(
    ("missing", "effective"),
    [
        ("cancel", (world.PRO, 1, "none")),
        ("pause", (world.PRO, 1, "none")),
        # Then the plan says what follows: Pro falls to Free.
        ("create_invoice", (world.FREE, 1, "fallback")),
    ],
)
def test_a_trial_without_a_payment_method_ends_as_stripe_was_told(ada, missing, effective):
    ada.buy(**on_trial(missing))
    assert ada.at(just_before(14)).answer() == TRIAL
    assert (ada.at(day(14)).answer(), ada.effective()) == (TRIAL_OVER, effective)
    # What is in the default plan stays open in each case.
    assert ada.check(LEVEL)["limit"] == 1


def test_a_plan_may_end_its_trial_where_stripe_leaves_it_open(ada):
    ada.buy(SUPPORT_PRICE, **on_trial("create_invoice"))
    assert ada.at(just_before(14)).answer(SUPPORT) == TRIAL
    assert ada.at(day(14)).answer(SUPPORT) == TRIAL_OVER


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"status": "active"}, OPEN),
        ({"status": "past_due"}, GRACE),
        ({"status": "paused"}, PAUSED),
        ({"status": "canceled", "canceled_at": stamp(14), "ended_at": stamp(14)}, ENDED),
    ],
    ids=lambda value: value.get("status") if isinstance(value, dict) else None,
)
def test_after_a_trial_it_is_what_stripe_says(ada, fields, answer):
    ada.buy(**on_trial("cancel", default_payment_method="pm_1"))
    # The clock was first, and neither left a gap nor ended anything.
    assert ada.at(day(14, 3600)).answer() == GRACE
    ada.change(**fields)
    assert ada.answer() == answer


@pytest.mark.parametrize("heard", [10, 15], ids=["before its end", "after its end"])
def test_a_trial_can_be_extended_at_stripe(ada, heard):
    ada.buy(**on_trial("cancel"))
    ada.at(day(heard)).change(trial_end=stamp(20))
    assert ada.at(just_before(20)).answer() == TRIAL
    assert ada.at(day(20)).answer() == TRIAL_OVER


def test_a_trial_can_be_ended_early_at_stripe(ada):
    ada.buy(**on_trial("cancel"))
    ada.at(day(2)).change(status="active", trial_end=stamp(2))
    assert ada.answer() == OPEN


@pytest.mark.parametrize("shape", ["snapshot", "thin"])
def test_a_card_that_is_added_during_a_trial_is_asked_about(ada, shape):
    ada.buy(**on_trial("cancel"))
    later = ada.check()["valid_until"]
    for method, holds in (("pm_1", True), (None, False), ("pm_2", True)):
        customer = ada.stripe.change_customer(
            ada.customer, invoice_settings={"default_payment_method": method}
        )
        if shape == "snapshot":
            ada.hear("customer.updated", customer)
        else:
            ada.hear_thin("customer.updated", ada.customer, of="customer")
        assert ada.subscription(ada.bought)["payment_method"] is holds
    assert ada.check()["valid_until"] == later == day(14)
    assert ada.at(day(14)).answer() == GRACE


def test_a_second_trial_is_stripes_to_give(ada):
    ada.buy(**on_trial("cancel"))
    ada.at(day(14)).change(status="canceled", ended_at=stamp(14))
    assert ada.answer() == ENDED
    ada.buy(**shapes.trial(stamp(14), stamp(28), "cancel"))
    assert ada.answer() == TRIAL


# Pauses


@pytest.fixture(scope="module")
def careful(stripe, tmp_path_factory):
    """A service whose source takes a paused collection for a pause, and only the test mode."""
    folder = tmp_path_factory.mktemp("sources")
    text = (world.SOURCES / "stripe.yaml").read_text()
    told = text.replace("paused_collection: active", "paused_collection: paused")
    told = told.replace("\nsource: stripe\n", "\nsource: stripe\nlivemode: false\n")
    assert (told.count("paused_collection: paused"), told.count("livemode: false")) == (1, 1)
    (folder / "stripe.yaml").write_text(told)

    class Careful(Service):
        def environment(self) -> dict[str, str]:
            return super().environment() | {"USHER_WEBHOOKS_DIR": str(folder)}

    with Careful(stripe.base) as service, Api(service.base) as api:
        yield api


@pytest.fixture
def bea(careful, stripe):
    return Buyer(careful, stripe)


def paused_collection(until: int | None = None) -> dict:
    return {"behavior": "void", "resumes_at": until}


@pytest.mark.parametrize("until", [None, stamp(10)])
def test_a_paused_collection_is_no_pause_unless_the_source_says_so(ada, until):
    ada.buy(pause_collection=paused_collection(until))
    assert ada.answer() == OPEN
    assert ada.at(day(10)).answer() == OPEN


def test_a_paused_collection_can_be_a_pause_that_ends_by_the_clock(bea):
    bea.buy()
    assert bea.answer() == OPEN
    bea.at(day(2)).change(pause_collection=paused_collection(stamp(10)))
    assert bea.answer() == PAUSED
    assert bea.at(just_before(10)).answer() == PAUSED
    assert bea.at(day(10)).answer() == OPEN


def test_a_pause_begins_once_and_ends_when_stripe_says(bea):
    bea.buy()
    bea.at(day(2)).change(pause_collection=paused_collection())
    since = bea.subscription(bea.bought)["paused_from"]
    assert (since, bea.answer()) == (day(2), PAUSED)
    bea.at(day(3)).change(metadata={"note": "still paused"})
    assert bea.subscription(bea.bought)["paused_from"] == since
    bea.at(day(4)).change(pause_collection=None)
    assert bea.answer() == OPEN
    # A later pause is another one.
    bea.at(day(5)).change(pause_collection=paused_collection())
    assert bea.subscription(bea.bought)["paused_from"] == day(5)
    assert bea.answer() == PAUSED


def test_a_pause_stops_nothing_but_an_active_one(bea):
    bea.buy(**on_trial("cancel", pause_collection=paused_collection()))
    assert bea.answer() == TRIAL


def test_the_other_mode_is_not_taken(bea):
    bea.buy()
    event = snapshot("customer.subscription.deleted", bea.stripe.cancel(bea.bought))
    bea.take(event | {"livemode": True}, (200, "ignored"))
    assert bea.answer() == OPEN
    bea.stripe.change(bea.bought, livemode=True)
    dead = bea.take(snapshot("customer.subscription.deleted", bea.first), (202, "queued"))
    assert bea.api.event(dead["id"])["state"] == "dead"
    assert bea.answer() == OPEN


# Ends


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"cancel_at": stamp(10)}, 10),
        ({"cancel_at_period_end": True, "cancel_at": stamp(29)}, 29),
        ({"cancel_at_period_end": True}, 29),
    ],
    ids=["at an instant", "with the period", "with the period, of which only the flag tells"],
)
def test_a_cancellation_counts_from_its_instant_and_can_be_taken_back(ada, fields, end):
    ada.buy()
    # Stripe notes when it was asked for; that is no end.
    ada.change(canceled_at=stamp(0), **fields)
    assert ada.subscription(ada.bought)["cancel_at"] == day(end)
    assert ada.at(just_before(end)).answer() == OPEN
    ada.change(canceled_at=None, cancel_at=None, cancel_at_period_end=False)
    assert ada.at(day(end)).answer() == (GRACE if end == 29 else OPEN)
    ada.change(canceled_at=stamp(end), **fields)
    assert ada.answer() == ENDED


def test_an_unrenewed_period_is_a_grace_until_the_renewal_is_heard_of(ada):
    ada.buy()
    assert ada.at(day(29)).answer() == GRACE
    ada.stripe.change_item(ada.bought, current_period_start=stamp(29), current_period_end=stamp(60))
    ada.hear("invoice.paid", ada.invoice())
    assert ada.answer() == OPEN
    assert ada.check()["valid_until"] == day(60)


# Payments that fail


def test_a_grace_runs_from_the_first_failure_that_was_seen(ada):
    ada.buy()
    ada.at(day(1)).stripe.change(ada.bought, status="past_due", latest_invoice="in_1")
    ada.hear("invoice.payment_failed", ada.invoice())
    assert ada.answer() == GRACE
    for retry in (3, 5, 7):
        ada.at(day(retry)).hear("invoice.payment_failed", ada.invoice(attempt_count=retry))
        assert (ada.answer(), ada.check()["valid_until"]) == (GRACE, day(8))
    assert ada.at(just_before(8)).answer() == GRACE
    assert ada.at(day(8)).answer() == UNPAID
    ada.hear("invoice.payment_failed", ada.invoice())
    assert ada.answer() == UNPAID
    ada.change(status="unpaid")
    assert ada.answer() == UNPAID


@pytest.mark.parametrize("heard", [3, 20], ids=["in the grace", "after the grace"])
def test_who_pays_is_back_at_once_and_has_a_whole_grace_the_next_time(ada, heard):
    ada.buy()
    ada.at(day(1)).change(status="past_due")
    ada.at(day(heard)).stripe.change(ada.bought, status="active")
    ada.hear("invoice.paid", ada.invoice())
    assert (ada.answer(), ada.subscription(ada.bought)["past_due_since"]) == (OPEN, None)
    ada.at(day(25)).change(status="past_due")
    assert ada.at(just_before(32)).answer() == GRACE
    assert ada.at(day(32)).answer() == UNPAID


def test_a_plan_change_while_past_due_starts_no_other_grace(ada):
    ada.buy(SEAT_PRICE)
    ada.at(day(1)).change(status="past_due")
    ada.stripe.change_item(ada.bought, price=world.PRO_PRICE)
    ada.at(day(4)).hear()
    # Of Pro's seven days three are gone, and Enterprise's thirty are out of the question.
    assert (ada.answer(), ada.check()["valid_until"]) == (GRACE, day(8))


def test_another_item_while_past_due_starts_no_other_grace(ada):
    """An upgrade that replaces the item instead of changing it, with an add-on beside it."""
    ada.buy()
    ada.stripe.add_item(ada.bought, SUPPORT_PRICE)
    ada.at(day(1)).change(status="past_due")
    ada.stripe.remove_item(ada.bought, world.PRO_PRICE)
    ada.stripe.add_item(ada.bought, world.PRO_PRICE)
    ada.at(day(4)).hear()
    assert (ada.answer(), ada.check()["valid_until"]) == (GRACE, day(8))
    assert (ada.answer(SUPPORT), ada.check(SUPPORT)["valid_until"]) == (GRACE, day(8))


# Customers, refunds and disputes


@pytest.mark.parametrize("shape", ["snapshot", "thin"])
def test_a_deleted_customer_ends_all_it_has(ada, shape):
    ada.buy()
    second = ada.stripe.subscription(ada.customer, SUPPORT_PRICE, at=stamp(0))
    ada.hear(thing=second)
    assert (ada.answer(), ada.answer(SUPPORT)) == (OPEN, ADDON)
    ada.stripe.delete_customer(ada.customer, at=stamp(0))
    if shape == "snapshot":
        ada.hear("customer.deleted", {"id": ada.customer, "object": "customer"})
    else:
        ada.hear_thin("customer.deleted", ada.customer, of="customer")
    assert {row["status"] for row in ada.held()} == {"canceled"}
    assert (ada.answer(), ada.answer(SUPPORT)) == (ENDED, ENDED)


def test_a_refund_by_itself_takes_nothing_away(ada):
    ada.buy()
    charge = {"id": "ch_1", "object": "charge", "customer": ada.customer, "refunded": True}
    ada.hear("charge.refunded", charge)
    assert ada.answer() == OPEN
    # With the cancellation that came along, it is how we hear of that.
    ada.stripe.cancel(ada.bought, at=stamp(0))
    ada.hear("charge.refunded", charge)
    assert ada.answer() == ENDED


def test_a_dispute_changes_nothing_before_the_subscription_does(ada):
    ada.buy()
    calls = len(ada.stripe.calls)
    dispute = {"id": "dp_1", "object": "dispute", "charge": "ch_1", "status": "needs_response"}
    ada.take(snapshot("charge.dispute.created", dispute), (200, "ignored"))
    assert (len(ada.stripe.calls), ada.answer()) == (calls, OPEN)
    ada.stripe.cancel(ada.bought, at=stamp(0))
    ada.take(thin("customer.subscription.deleted", ada.bought))
    assert ada.answer() == ENDED
