"""What our own Stripe knows: its customers, subscriptions and schedules, and how it shows them."""

import json
import threading
import time

from . import stripe_shapes as shapes
from . import world

# What may stand in `expand[]`, by the resource; anything else is a 400, as at Stripe.
EXPANDABLE = {"subscriptions": {"customer"}, "subscription_schedules": {"phases.items.price"}}
# How many items a subscription shows by itself; the others are in a list of their own.
ITEMS_INLINE = 10


def problem(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": message}}).encode()


class Books:
    def __init__(self):
        self.lock = threading.Lock()
        self.customers: dict[str, dict] = {}
        self.prices: dict[str, dict] = {}
        # Each with its items as a plain list; what is shown is a page of them.
        self.subscriptions: dict[str, dict] = {}
        self.schedules: dict[str, dict] = {}

    def customer(self, id: str | None = None, method: str | None = None) -> str:
        id = id or shapes.made_up("cus")
        with self.lock:
            self.customers[id] = shapes.customer(id, method)
        return id

    def change_customer(self, id: str, **fields) -> dict:
        with self.lock:
            self.customers[id] |= fields
            return _copy(self.customers[id])

    def delete_customer(self, id: str, at: int | None = None) -> None:
        """The customer is gone, and with it its subscriptions end."""
        with self.lock:
            self.customers[id] = shapes.deleted_customer(id)
            owned = [key for key, row in self.subscriptions.items() if row["customer"] == id]
        for subscription in owned:
            self.cancel(subscription, at)

    def price(self, id: str, **fields) -> dict:
        with self.lock:
            return self.prices.setdefault(id, shapes.price(id, **fields))

    def subscription(
        self,
        customer: str,
        price: str = world.PRO_PRICE,
        quantity: int = 1,
        at: int | None = None,
        **fields,
    ) -> dict:
        """Makes a subscription of one item, a day into a month's period at `at`, or now."""
        now = int(time.time()) if at is None else at
        start, end = now - shapes.DAY, now + 29 * shapes.DAY
        item = shapes.item(self.price(price), start, end, quantity)
        made = shapes.subscription(customer, [item], now) | fields
        with self.lock:
            self.subscriptions[made["id"]] = made
        return self.get(made["id"])

    def change(self, id: str, **fields) -> dict:
        with self.lock:
            self.subscriptions[id] |= fields
        return self.get(id)

    def cancel(self, id: str, at: int | None = None) -> dict:
        now = int(time.time()) if at is None else at
        return self.change(id, status="canceled", canceled_at=now, ended_at=now)

    def add_item(self, id: str, price: str, quantity: int = 1) -> dict:
        """Puts a further item at the end, in the period of the first."""
        known = self.price(price)
        with self.lock:
            items = self.subscriptions[id]["items"]
            start, end = (items[0][f"current_period_{word}"] for word in ("start", "end"))
            item = shapes.item(known, start, end, quantity) | {"subscription": id}
            self.subscriptions[id]["items"] = [*items, item]
        return self.get(id)

    def remove_item(self, id: str, price: str) -> dict:
        with self.lock:
            items = self.subscriptions[id]["items"]
            kept = [item for item in items if item["price"]["id"] != price]
            self.subscriptions[id]["items"] = kept
        return self.get(id)

    def change_item(self, id: str, index: int = 0, **fields) -> dict:
        if "price" in fields:
            fields["price"] = self.price(fields["price"])
        with self.lock:
            items = self.subscriptions[id]["items"]
            items[index] = items[index] | fields
        return self.get(id)

    def plan_ahead(
        self,
        id: str,
        *ahead: tuple[int, dict[str, int]],
        until: int,
        end_behavior: str = "release",
    ) -> dict:
        """Gives a subscription a schedule: what it consists of now, and from each instant on."""
        owner = self.get(id)
        items = owner["items"]["data"]
        present = {item["price"]["id"]: item["quantity"] for item in items}
        turns = [(items[0]["current_period_start"], present), *ahead]
        ends = [start for start, _ in ahead] + [until]
        phases = [shapes.phase(has, start, end) for (start, has), end in zip(turns, ends)]
        for _, has in ahead:
            for price in has:
                self.price(price)
        made = shapes.schedule(owner, phases, end_behavior)
        with self.lock:
            self.schedules[made["id"]] = made
            self.subscriptions[id]["schedule"] = made["id"]
        return _copy(made)

    def release(self, id: str) -> dict:
        """Lets a schedule's subscription go on as it is."""
        with self.lock:
            owner = self.schedules[id]["subscription"]
            self.subscriptions[owner]["schedule"] = None
            self.schedules[id] |= {
                "status": "released",
                "current_phase": None,
                "subscription": None,
                "released_subscription": owner,
            }
            return _copy(self.schedules[id])

    def get(self, id: str) -> dict:
        with self.lock:
            return self._shown(self.subscriptions[id], expand=set())

    # What is answered

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        """The truth about a path."""
        words = path.strip("/").split("/")
        expand = set(query.get("expand[]", []))
        if unknown := expand - EXPANDABLE.get(words[1] if len(words) == 3 else "", set()):
            return 400, problem("invalid_request_error", f"cannot be expanded: {sorted(unknown)}")
        with self.lock:
            if words == ["v1", "subscriptions"]:
                return 200, self._listing(path, query)
            if words == ["v1", "subscription_items"]:
                return 200, self._items(path, query)
            found = self._found(words, expand)
        if found is None:
            return 404, problem("invalid_request_error", f"No such object: {words[-1]}")
        return 200, json.dumps(found).encode()

    def _found(self, words: list[str], expand: set[str]) -> dict | None:
        match words:
            case ["v1", "customers", id]:
                return self.customers.get(id)
            case ["v1", "subscriptions", id] if id in self.subscriptions:
                return self._shown(self.subscriptions[id], expand)
            case ["v1", "subscription_schedules", id] if id in self.schedules:
                return self._scheduled(self.schedules[id], expand)
        return None

    def _shown(self, row: dict, expand: set[str]) -> dict:
        url = f"/v1/subscription_items?subscription={row['id']}"
        shown = _copy(row) | {"items": shapes.a_list(_copy(row["items"]), ITEMS_INLINE, url)}
        if "customer" in expand:
            shown["customer"] = _copy(self.customers[row["customer"]])
        return shown

    def _scheduled(self, row: dict, expand: set[str]) -> dict:
        shown = _copy(row)
        if "phases.items.price" in expand:
            for item in [item for phase in shown["phases"] for item in phase["items"]]:
                item["price"] = _copy(self.prices[item["price"]])
        return shown

    def _listing(self, path: str, query: dict[str, list[str]]) -> bytes:
        rows = list(self.subscriptions.values())
        if customer := query.get("customer"):
            rows = [row for row in rows if row["customer"] == customer[0]]
        if query.get("status") != ["all"]:
            rows = [row for row in rows if row["status"] != "canceled"]
        rows = [self._shown(row, expand=set()) for row in rows]
        return _page(rows, path, query)

    def _items(self, path: str, query: dict[str, list[str]]) -> bytes:
        owner = self.subscriptions[query["subscription"][0]]
        return _page(owner["items"], path, query)


def _copy(thing: dict | list):
    return json.loads(json.dumps(thing))


def _page(rows: list[dict], path: str, query: dict[str, list[str]]) -> bytes:
    if after := query.get("starting_after"):
        rows = rows[[row["id"] for row in rows].index(after[0]) + 1 :]
    most = int(query.get("limit", ["10"])[0])
    return json.dumps(shapes.a_list(rows, most, path)).encode()
