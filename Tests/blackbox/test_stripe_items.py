"""What a subscription at Stripe consists of, and what it is scheduled to: items and quantities.

As in `test_stripe_terms`, what is to happen later happens by the account's clock, with no webhook.
"""

import pytest
from support import world
from support.fake_stripe import Reply
from support.signing import snapshot
from support.stripe_buyer import (
    ADDON,
    ENDED,
    LEVEL,
    NOTHING,
    OPEN,
    PACK_PRICE,
    SEAT_PRICE,
    SEATS,
    SUPPORT,
    SUPPORT_PRICE,
    Buyer,
    day,
    just_before,
    stamp,
)


@pytest.fixture
def ada(api, stripe):
    return Buyer(api, stripe)


# Schedules


def test_a_scheduled_change_of_plan_happens_by_the_clock(ada):
    ada.buy(SEAT_PRICE)
    schedule = ada.stripe.plan_ahead(ada.bought, (stamp(20), {world.PRO_PRICE: 1}), until=stamp(50))
    ada.hear("subscription_schedule.created", schedule)
    waiting = ada.subscription(ada.bought)["change"]
    assert (waiting["plan"], waiting["at"]) == (world.PRO, day(20))
    assert ada.at(just_before(20)).limit(LEVEL) == 2_000
    assert ada.at(day(20)).limit(LEVEL) == 50
    assert (ada.answer(), ada.effective()) == (OPEN, (world.PRO, 1, "paid"))


def test_a_scheduled_quantity_happens_by_the_clock(ada):
    ada.buy(SEAT_PRICE, quantity=3)
    schedule = ada.stripe.plan_ahead(ada.bought, (stamp(20), {SEAT_PRICE: 5}), until=stamp(50))
    ada.hear("subscription_schedule.updated", schedule)
    assert ada.at(just_before(20)).limit(SEATS) == 3
    assert ada.at(day(20)).limit(SEATS) == 5


def test_the_second_of_two_changes_follows_the_webhook_of_the_first(ada):
    ada.buy(SEAT_PRICE, quantity=3)
    ahead = [(stamp(10), {SEAT_PRICE: 4}), (stamp(20), {world.PRO_PRICE: 1})]
    schedule = ada.stripe.plan_ahead(ada.bought, *ahead, until=stamp(50))
    ada.hear()
    assert ada.at(day(10)).limit(SEATS) == 4
    ada.stripe.schedules[schedule["id"]]["current_phase"] = {
        "start_date": stamp(10),
        "end_date": stamp(20),
    }
    ada.stripe.change_item(ada.bought, quantity=4)
    ada.hear()
    assert (ada.limit(SEATS), ada.limit(LEVEL)) == (4, 2_000)
    assert (ada.at(day(20)).limit(SEATS), ada.limit(LEVEL)) == (10, 50)


def test_what_is_scheduled_goes_when_the_schedule_is_released(ada):
    ada.buy(SEAT_PRICE)
    schedule = ada.stripe.plan_ahead(ada.bought, (stamp(20), {world.PRO_PRICE: 1}), until=stamp(50))
    ada.hear()
    assert ada.subscription(ada.bought)["change"] is not None
    # The event names the subscription only as the one that was released.
    ada.hear("subscription_schedule.released", ada.stripe.release(schedule["id"]))
    assert ada.subscription(ada.bought)["change"] is None
    assert ada.at(day(20)).limit(LEVEL) == 2_000


def test_a_schedule_may_end_the_subscription(ada):
    ada.buy()
    ahead = (stamp(10), {world.PRO_PRICE: 2})
    ada.stripe.plan_ahead(ada.bought, ahead, until=stamp(20), end_behavior="cancel")
    ada.hear()
    assert ada.at(just_before(20)).answer() == OPEN
    assert ada.at(day(20)).answer() == ENDED


def test_a_price_to_come_that_no_plan_has_changes_nothing_before_its_day(ada):
    ada.buy(SEAT_PRICE)
    schedule = ada.stripe.plan_ahead(ada.bought, (stamp(20), {"price_to_come": 1}), until=stamp(50))
    ada.hear("subscription_schedule.created", schedule)
    assert ada.subscription(ada.bought)["change"] is None
    assert ada.at(day(20)).limit(LEVEL) == 2_000
    # On the day Stripe says so, and that is a dead letter: nothing is taken away meanwhile.
    ada.stripe.release(schedule["id"])
    ada.stripe.change_item(ada.bought, price="price_to_come")
    dead = ada.take(snapshot("customer.subscription.updated", ada.first), (202, "queued"))
    assert "price_to_come" in ada.api.event(dead["id"])["last_error"]
    assert ada.limit(LEVEL) == 2_000


def test_a_schedule_brings_and_takes_items(ada):
    ada.buy()
    ada.stripe.add_item(ada.bought, PACK_PRICE)
    ahead = (stamp(20), {world.PRO_PRICE: 1, SUPPORT_PRICE: 1})
    ada.stripe.plan_ahead(ada.bought, ahead, until=stamp(50))
    ada.hear()
    assert (ada.limit(world.METERED), ada.answer(SUPPORT)) == (150_000, NOTHING)
    ada.at(just_before(20))
    assert (ada.limit(world.METERED), ada.answer(SUPPORT)) == (150_000, NOTHING)
    ada.at(day(20))
    assert (ada.limit(world.METERED), ada.answer(SUPPORT)) == (100_000, ADDON)


def test_a_schedule_costs_one_more_call_and_only_where_there_is_one(ada):
    ada.buy()
    (call,) = ada.stripe.calls_for(ada.bought)
    assert call.path == f"/v1/subscriptions/{ada.bought}?expand%5B%5D=customer"
    schedule = ada.stripe.plan_ahead(ada.bought, until=stamp(50))
    ada.hear()
    (call,) = ada.stripe.calls_for(schedule["id"])
    query = "expand%5B%5D=phases.items.price"
    assert call.path == f"/v1/subscription_schedules/{schedule['id']}?{query}"
    assert call.headers["stripe-version"]


def test_a_key_that_may_not_read_schedules_holds_up_nothing(own_api, own_usher, stripe):
    """The subscription is applied without what is to come; no other is kept waiting."""
    ada, bea = Buyer(own_api, stripe), Buyer(own_api, stripe)
    ada.buy(SEAT_PRICE)
    bea.buy()
    ahead = (stamp(20), {world.PRO_PRICE: 1})
    schedule = stripe.plan_ahead(ada.bought, ahead, until=stamp(50))
    ada.hear()
    assert ada.at(day(20)).limit(LEVEL) == 50
    stripe.script(schedule["id"], Reply.error(403))
    stripe.change(ada.bought, status="unpaid")
    ada.hear()
    assert "the provider does not tell" in own_usher.tail()
    assert ada.answer() == (False, "payment_failed")
    stripe.cancel(bea.bought)
    bea.take(snapshot("customer.subscription.deleted", bea.first), (200, "applied"))


# Quantities and items


def test_a_quantity_multiplies_what_it_may(ada):
    ada.buy(SEAT_PRICE, quantity=7)
    assert (ada.limit(SEATS), ada.limit(LEVEL)) == (7, 2_000)
    ada.stripe.change_item(ada.bought, quantity=2)
    ada.hear()
    assert ada.limit(SEATS) == 2
    assert ada.effective() == ("enterprise", 2, "paid")


def test_a_quantity_below_the_seats_in_use_is_taken_from_stripe(ada):
    ada.buy(SEAT_PRICE, quantity=3)
    for user in ("ada", "bo", "cy"):
        ada.api.call("PUT", f"{ada.path}/seats/{SEATS}/{user}", expect=(201,))
    ada.stripe.change_item(ada.bought, quantity=2)
    ada.hear()
    shown = ada.api.call("GET", f"{ada.path}/seats/{SEATS}")
    assert (shown["limit"], shown["used"], shown["over"]) == (2, 3, 1)


def test_an_item_of_none_gives_nothing(ada):
    ada.buy(quantity=0)
    assert ada.answer() == NOTHING
    ada.stripe.change_item(ada.bought, quantity=1)
    ada.hear()
    assert ada.answer() == OPEN
    ada.stripe.change_item(ada.bought, quantity=0)
    ada.hear()
    assert ada.answer()[0] is False


def test_several_items_are_a_plan_and_its_addons(ada):
    ada.buy()
    ada.stripe.add_item(ada.bought, PACK_PRICE, 3)
    ada.stripe.add_item(ada.bought, SUPPORT_PRICE)
    ada.hear_thin("customer.subscription.item_added", ada.bought)
    assert ada.limit(world.METERED) == 250_000
    assert (ada.answer(), ada.answer(SUPPORT)) == (OPEN, ADDON)
    ada.stripe.remove_item(ada.bought, PACK_PRICE)
    ada.hear_thin("customer.subscription.item_removed", ada.bought)
    assert ada.limit(world.METERED) == 100_000
    assert (ada.answer(), ada.answer(SUPPORT)) == (OPEN, ADDON)
    # The first as well: what is left moves up.
    ada.stripe.remove_item(ada.bought, world.PRO_PRICE)
    ada.hear_thin("customer.subscription.item_removed", ada.bought)
    assert (ada.answer()[0], ada.answer(SUPPORT)) == (False, ADDON)
    assert [row["plan"] for row in ada.held()] == [SUPPORT]


def test_items_end_together_with_their_subscription(ada):
    ada.buy()
    ada.stripe.add_item(ada.bought, SUPPORT_PRICE)
    ada.change(cancel_at=stamp(10))
    assert ada.at(just_before(10)).answer(SUPPORT) == ADDON
    ada.at(day(10))
    assert (ada.answer(), ada.answer(SUPPORT)) == (ENDED, ENDED)


def test_an_item_of_an_unknown_price_is_passed_over_and_named(ada):
    ada.buy()
    ada.stripe.add_item(ada.bought, "price_of_a_setup")
    event = ada.take(snapshot("customer.subscription.updated", ada.first))
    assert ada.answer() == OPEN
    found = ada.api.event(event["id"])
    assert (found["state"], "price_of_a_setup" in found["last_error"]) == ("applied", True)


def test_items_on_a_second_page_are_asked_for(ada):
    ada.buy()
    for number in range(11):
        ada.stripe.add_item(ada.bought, f"price_filler_{number}", quantity=0)
    ada.stripe.add_item(ada.bought, SUPPORT_PRICE)
    assert ada.stripe.get(ada.bought)["items"]["has_more"] is True
    ada.hear()
    assert (ada.answer(), ada.answer(SUPPORT)) == (OPEN, ADDON)


@pytest.mark.parametrize("field", ["lookup_key", "product"])
def test_a_price_goes_by_any_of_its_names(ada, field):
    name = f"price_unlisted_{field}"
    ada.stripe.price(name, **{field: world.PRO_PRICE})
    ada.buy(name)
    assert ada.answer() == OPEN


def test_items_of_unequal_periods_span_one_together(ada):
    ada.buy()
    ada.stripe.add_item(ada.bought, SUPPORT_PRICE)
    ada.stripe.change_item(ada.bought, 1, current_period_end=stamp(40))
    ada.hear()
    assert [row["period_end"] for row in ada.held()] == [day(40)] * 2


def test_the_period_may_stand_where_it_stood_before(ada):
    ada.buy()
    ada.stripe.change_item(ada.bought, current_period_start=None, current_period_end=None)
    ada.change(current_period_start=stamp(1), current_period_end=stamp(8))
    found = ada.subscription(ada.bought)
    assert (found["period_start"], found["period_end"]) == (day(1), day(8))


def test_a_pending_update_waits_until_it_is_paid(ada):
    ada.buy()
    pending = {"subscription_items": [{"price": SEAT_PRICE, "quantity": 9}]}
    ada.change(pending_update=pending)
    assert ada.limit(LEVEL) == 50
    ada.stripe.change_item(ada.bought, price=SEAT_PRICE, quantity=9)
    ada.stripe.change(ada.bought, pending_update=None)
    ada.hear("customer.subscription.pending_update_applied")
    assert (ada.limit(SEATS), ada.limit(LEVEL)) == (9, 2_000)
