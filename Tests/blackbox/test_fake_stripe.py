"""The tests' own Stripe and signature, tested without a service: a judge must be right first."""

import time

import httpx
import stripe as official
from support import signing, world
from support.fake_stripe import Reply

# reference: Stripe's scheme, a vector worked out by hand
VECTOR = (
    b'{"id":"evt_1Test","object":"event","api_version":"2025-03-31.basil","created":1700000000,'
    b'"type":"customer.subscription.updated","data":{"object":{"id":"sub_1Test",'
    b'"object":"subscription","status":"active"}}}'
)


def get(stripe, path, key=world.STRIPE_KEY, version="2026-10-28.endive"):
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": version}
    return httpx.get(stripe.base + path, headers={k: v for k, v in headers.items() if v})


def test_the_signature_is_stripes():
    expected = "8bf330b8ff2da33218cd49c42d40d8b5d2108c105eb7afe97678a9349614d72f"
    assert signing.digest(VECTOR, "whsec_test_entitlements", 1_700_000_000) == expected
    header = signing.sign(VECTOR)
    official.WebhookSignature.verify_header(VECTOR.decode(), header, world.SECRETS[0], 300)


def test_it_answers_with_what_it_was_given(stripe):
    customer = stripe.customer()
    made = stripe.subscription(customer, trial_end=5)
    assert get(stripe, f"/v1/subscriptions/{made['id']}").json() == made
    assert get(stripe, f"/v1/customers/{customer}").json()["id"] == customer
    assert get(stripe, "/v1/subscriptions/sub_none").status_code == 404
    assert "price" in made["items"]["data"][0]
    assert "current_period_end" not in made


def test_it_lists_and_pages(stripe):
    customer = stripe.customer()
    ids = [stripe.subscription(customer)["id"] for _ in range(3)]
    stripe.cancel(ids[1])
    path = f"/v1/subscriptions?customer={customer}"
    assert [row["id"] for row in get(stripe, path).json()["data"]] == [ids[0], ids[2]]
    page = get(stripe, f"{path}&status=all&limit=2").json()
    assert ([row["id"] for row in page["data"]], page["has_more"]) == (ids[:2], True)
    rest = get(stripe, f"{path}&status=all&limit=2&starting_after={ids[1]}").json()
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (ids[2:], False)


def test_it_insists_on_key_and_version(stripe):
    made = stripe.subscription(stripe.customer())
    assert get(stripe, f"/v1/subscriptions/{made['id']}", key="rk_other").status_code == 401
    assert get(stripe, f"/v1/subscriptions/{made['id']}", version=None).status_code == 400


def test_it_misbehaves_as_told_and_then_no_more(stripe):
    made = stripe.subscription(stripe.customer())
    path = f"/v1/subscriptions/{made['id']}"
    stripe.script(made["id"], Reply.error(429, Retry_After="3"), Reply(delay=0.2), Reply(body=b"?"))
    throttled = get(stripe, path)
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "3")
    start = time.monotonic()
    assert get(stripe, path).json() == made
    assert time.monotonic() - start >= 0.2
    assert get(stripe, path).content == b"?"
    assert get(stripe, path).json() == made
    assert len(stripe.calls_for(made["id"])) == 4


def test_it_expands_what_stripe_expands_and_nothing_else(stripe):
    customer = stripe.customer(method="pm_1")
    made = stripe.subscription(customer)
    path = f"/v1/subscriptions/{made['id']}"
    expanded = get(stripe, f"{path}?expand%5B%5D=customer").json()
    assert expanded["customer"]["invoice_settings"]["default_payment_method"] == "pm_1"
    assert expanded | {"customer": customer} == made
    assert get(stripe, f"{path}?expand%5B%5D=schedule").status_code == 400
    stripe.delete_customer(customer)
    gone = get(stripe, f"{path}?expand%5B%5D=customer").json()
    assert (gone["status"], gone["customer"]["deleted"]) == ("canceled", True)


def test_it_pages_items(stripe):
    made = stripe.subscription(stripe.customer())
    for number in range(11):
        made = stripe.add_item(made["id"], f"price_{number}")
    inline = made["items"]
    assert (len(inline["data"]), inline["has_more"]) == (10, True)
    path = f"/v1/subscription_items?subscription={made['id']}&starting_after="
    rest = get(stripe, path + inline["data"][-1]["id"]).json()
    assert ([row["price"]["id"] for row in rest["data"]], rest["has_more"]) == (
        ["price_9", "price_10"],
        False,
    )


def test_it_has_schedules(stripe):
    made = stripe.subscription(stripe.customer(), quantity=2, at=1_000_000)
    schedule = stripe.plan_ahead(made["id"], (2_000_000, {"price_x": 3}), until=3_000_000)
    assert stripe.get(made["id"])["schedule"] == schedule["id"]
    path = f"/v1/subscription_schedules/{schedule['id']}"
    plain = get(stripe, path).json()
    assert [phase["items"][0]["price"] for phase in plain["phases"]] == [world.PRO_PRICE, "price_x"]
    assert plain["current_phase"]["end_date"] == plain["phases"][1]["start_date"] == 2_000_000
    told = get(stripe, f"{path}?expand%5B%5D=phases.items.price").json()
    assert told["phases"][1]["items"][0]["price"]["product"] == "prod_of_price_x"
    released = stripe.release(schedule["id"])
    assert (released["subscription"], released["released_subscription"]) == (None, made["id"])
    assert stripe.get(made["id"])["schedule"] is None
