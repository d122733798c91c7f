"""Stripe's objects as its documentation has them, in the shape of `2025-03-31.basil` and later."""

import secrets

DAY = 86_400


def made_up(stem: str) -> str:
    return f"{stem}_{secrets.token_hex(8)}"


def customer(id: str, method: str | None = None) -> dict:
    """A customer; `method` is what its invoices are paid with."""
    return {
        "id": id,
        "object": "customer",
        "livemode": False,
        "default_source": None,
        "invoice_settings": {"default_payment_method": method, "footer": None},
    }


def deleted_customer(id: str) -> dict:
    return {"id": id, "object": "customer", "deleted": True}


def price(id: str, **fields) -> dict:
    made = {
        "id": id,
        "object": "price",
        "active": True,
        "lookup_key": None,
        "product": f"prod_of_{id}",
    }
    return made | fields


def item(price: dict, start: int, end: int, quantity: int = 1) -> dict:
    """An item of a subscription; its place in the list is its owner's business."""
    return {
        "id": made_up("si"),
        "object": "subscription_item",
        "quantity": quantity,
        "current_period_start": start,
        "current_period_end": end,
        "price": price,
    }


def subscription(customer: str, items: list[dict], now: int) -> dict:
    id = made_up("sub")
    return {
        "id": id,
        "object": "subscription",
        "customer": customer,
        "status": "active",
        "livemode": False,
        "created": now,
        "start_date": now - DAY,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "default_payment_method": None,
        "default_source": None,
        "ended_at": None,
        "trial_start": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "pause_collection": None,
        "schedule": None,
        "pending_update": None,
        "latest_invoice": None,
        "metadata": {},
        "items": [one | {"subscription": id} for one in items],
    }


def phase(items: dict[str, int], start: int, end: int) -> dict:
    """A phase of a schedule: quantities by price id."""
    rows = [{"price": id, "plan": id, "quantity": count} for id, count in items.items()]
    return {"start_date": start, "end_date": end, "items": rows, "trial_end": None}


def schedule(subscription: dict, phases: list[dict], end_behavior: str) -> dict:
    """A schedule in its first phase."""
    running = {name: phases[0][name] for name in ("start_date", "end_date")}
    return {
        "id": made_up("sub_sched"),
        "object": "subscription_schedule",
        "livemode": False,
        "status": "active",
        "customer": subscription["customer"],
        "subscription": subscription["id"],
        "released_subscription": None,
        "released_at": None,
        "current_phase": running,
        "end_behavior": end_behavior,
        "phases": phases,
    }


def trial(start: int, end: int, missing: str = "create_invoice", **fields) -> dict:
    """What a subscription has in a trial; `missing`: what follows without a payment method."""
    return {
        "status": "trialing",
        "trial_start": start,
        "trial_end": end,
        "trial_settings": {"end_behavior": {"missing_payment_method": missing}},
        **fields,
    }


def a_list(rows: list[dict], most: int, url: str) -> dict:
    """The first `most` entries, as Stripe answers with a list."""
    more = len(rows) > most
    return {"object": "list", "url": url, "data": rows[:most], "has_more": more}
