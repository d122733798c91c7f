"""localstripe as an independent peer, driven by the official client: old shapes, no `updated`."""

import pytest
import stripe as official
from support import world
from support.api import Api
from support.localstripe_peer import LocalStripe
from support.service import Service
from support.waiting import eventually

KEY = "sk_test_blackbox"  # localstripe knows no restricted keys


@pytest.fixture(scope="module")
def peer():
    with LocalStripe() as running:
        yield running


@pytest.fixture(scope="module")
def client(peer):
    return official.StripeClient(KEY, base_addresses={"api": peer.base})


@pytest.fixture(scope="module")
def peer_usher(peer):
    with Service(peer.base, stripe_key=KEY) as service:
        peer.send_webhooks_to(f"{service.base}/webhooks/stripe", world.SECRETS[0])
        yield service


def buy(client) -> tuple[str, official.Subscription]:
    """A customer with a card and a subscription to the legacy plan that means PRO."""
    try:
        client.v1.plans.retrieve(world.PRO_PRICE)
    except official.InvalidRequestError:
        plan = {"id": world.PRO_PRICE, "amount": 2900, "currency": "usd", "interval": "month"}
        client.v1.plans.create({**plan, "product": {"name": "Pro"}})
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123"}
    method = client.v1.payment_methods.create({"type": "card", "card": card})
    customer = client.v1.customers.create({"email": "ada@example.com"})
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    default = {"invoice_settings": {"default_payment_method": method.id}}
    client.v1.customers.update(customer.id, default)
    return customer.id, subscribe(client, customer.id)


def subscribe(client, customer: str) -> official.Subscription:
    items = [{"plan": world.PRO_PRICE, "quantity": 1}]
    made = client.v1.subscriptions.create({"customer": customer, "items": items})
    assert made.status == "active"
    return made


def test_the_peer_alone_speaks_stripe(client):
    customer, made = buy(client)
    found = client.v1.subscriptions.retrieve(made.id)
    assert (found.customer, found["items"].data[0].plan.id) == (customer, world.PRO_PRICE)


def test_a_subscription_comes_and_goes(client, peer_usher):
    with Api(peer_usher.base) as api:
        customer, made = buy(client)
        account, session = api.customer("local", billing={"stripe": customer})
        # localstripe sends about a second after the change: the account is linked by then.
        eventually(lambda: api.answer(session) == (True, "plan"), 20)
        (held,) = api.subscriptions(account)
        assert (held["plan"], held["quantity"], held["source"]) == (world.PRO, 1, "stripe")
        assert held["period_end"] is not None

        client.v1.subscriptions.cancel(made.id)
        eventually(lambda: api.answer(session) == (False, "subscription_ended"), 20)


def test_a_change_without_an_event_is_found_by_sync(client, peer_usher):
    with Api(peer_usher.base) as api:
        customer, made = buy(client)
        account, session = api.customer("local", billing={"stripe": customer})
        eventually(lambda: api.answer(session) == (True, "plan"), 20)

        item = made["items"].data[0].id
        client.v1.subscriptions.update(made.id, {"items": [{"id": item, "quantity": 7}]})
        body = {"source": "stripe", "customer": customer, "wait_ms": 5000}
        assert api.call("POST", "/v1/sync", body)["status"] == "applied"
        assert [held["quantity"] for held in api.subscriptions(account)] == [7]
