"""A customer of the catalog of the tests about quotas."""

from . import metered_catalog, world
from .api import Api

NOW = "2026-03-10T12:00:00.000Z"
YEAR = 31_536_000


def sell(api: Api, **plans: dict) -> None:
    api.call("PUT", "/v1/catalog", {"files": metered_catalog.files(**plans)})


class Metered:
    """An account with one signed-in user, a plan, and (unless `now` is None) a test clock."""

    def __init__(
        self, api: Api, plan: str | None = "kit", now: str | None = NOW, user="ada", **fields
    ):
        self.api = api
        self.account = world.unique("meter")
        self.path = f"/v1/accounts/{self.account}"
        api.account(self.account, **fields)
        if now is not None:
            self.at(now)
        if plan is not None:
            self.subscribe(
                plan, **({} if now is None else {"starts_at": now, "period_anchor": now})
            )
        self.session = api.session(self.account, user=user, ttl_seconds=YEAR)

    def sign_in(self, user: str) -> str:
        return self.api.session(self.account, user=user, ttl_seconds=YEAR)

    def at(self, now: str) -> "Metered":
        self.api.call("PUT", f"{self.path}/clock", {"now": now})
        return self

    def later(self, **spans) -> "Metered":
        """Moves the test clock: `later(seconds=1)`, `later(hours=2)`, `later(days=3)`."""
        units = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
        seconds = sum(units[name] * count for name, count in spans.items())
        self.api.call("PUT", f"{self.path}/clock", {"advance_seconds": seconds})
        return self

    def subscribe(self, plan: str, id: str = "main", **fields) -> dict:
        return self.api.subscribe(self.account, plan, id, **fields)

    # What is asked

    def who(self, body: dict) -> dict:
        """By the session, unless the call says by whom."""
        return {} if {"session", "account"} & set(body) else {"session": self.session}

    def post(self, path: str, body: dict, **options):
        """An answer of any status."""
        return self.api.send("POST", path, self.who(body) | body, **options)

    def consume(self, feature: str, quantity: int = 1, **body) -> dict:
        body = {"feature": feature, "quantity": quantity, **body}
        return self.api.call("POST", "/v1/consume", self.who(body) | body, expect=(200,))

    def try_consume(self, feature: str, quantity=1, headers=None, **body):
        body = {"feature": feature, "quantity": quantity, **body}
        return self.post("/v1/consume", body, headers=headers)

    def together(self, *items: tuple[str, int], **body) -> dict:
        listed = [{"feature": feature, "quantity": quantity} for feature, quantity in items]
        body = {"features": listed, **body}
        return self.api.call("POST", "/v1/consume", self.who(body) | body, expect=(200,))

    def check(self, feature: str, session: str | None = None) -> dict:
        return self.api.check(session or self.session, feature)

    def meter(self, feature: str, **query) -> dict:
        return self.api.call("GET", f"{self.path}/meters/{feature}", params=query)

    def counted(self, feature: str, **query) -> tuple:
        """used, remaining, over and held."""
        meter = self.meter(feature, **query)
        return tuple(meter[key] for key in ("used", "remaining", "over", "held"))

    def used(self, feature: str, **query) -> int:
        return self.meter(feature, **query)["used"]

    def slots(self, feature: str) -> list[tuple[str, str, int]]:
        return [(s["slot"], s["kind"], s["left"]) for s in self.meter(feature)["slots"]]

    def ledger(self, feature: str, **query) -> list[dict]:
        """The entries of a feature, oldest first."""
        return self.api.pages(f"{self.path}/ledger", feature=feature, **query)[::-1]

    # What is corrected

    def refund(self, feature: str, quantity: int, reason: str = "a test", **body):
        body = {"feature": feature, "quantity": quantity, "reason": reason, **body}
        return self.post("/v1/refunds", body)

    def adjust(self, feature: str, reason: str = "a test", **body):
        body = {"account": self.account, "feature": feature, "reason": reason, **body}
        return self.api.send("POST", "/v1/adjustments", body)

    # Credits

    def credit(self, feature: str, amount: int, **body) -> dict:
        body = {"feature": feature, "amount": amount, "reason": "a test", **body}
        return self.api.call("POST", f"{self.path}/credits", body, expect=(201,))

    def void(self, credit: str) -> dict:
        return self.api.call("DELETE", f"{self.path}/credits/{credit}")

    # Reservations and leases

    def reserve(self, feature: str, quantity: int = 1, expect=(201,), **body) -> dict:
        body = {"feature": feature, "quantity": quantity, **body}
        return self.api.call("POST", "/v1/reservations", self.who(body) | body, expect=expect)

    def settle(self, reservation: str, quantity: int):
        path = f"/v1/reservations/{reservation}/settle"
        return self.api.send("POST", path, {"quantity": quantity})

    def release(self, reservation: str):
        return self.api.send("DELETE", f"/v1/reservations/{reservation}")

    def lease(self, feature: str, expect=(201,), **body) -> dict:
        body = {"feature": feature, **body}
        return self.api.call("POST", "/v1/leases", self.who(body) | body, expect=expect)

    # Events

    def event(self, type: str, id: str | None = None, quantity: int | None = None, **more) -> dict:
        data = {} if quantity is None else {"quantity": quantity}
        data |= {name: more.pop(name) for name in ("user", "session") if name in more}
        made = {
            "specversion": "1.0",
            "id": id or world.unique("evt"),
            "source": "/tests",
            "type": type,
            "subject": self.account,
        }
        return made | ({"data": data} if data else {}) | more

    def tell(self, *events: dict, **query) -> dict:
        """Sends one batch, and gives back what became of it."""
        return self.api.call("POST", "/v1/usage", list(events), expect=(200,), params=query)


def problem(response, status: int, code: str, field: str | None = None) -> dict:
    """Asserts that a call was refused in this way."""
    assert response.status_code == status, response.text
    content = response.json()
    assert content["code"] == code, content
    if field is not None:
        assert content["field"] == field, content
    return content
