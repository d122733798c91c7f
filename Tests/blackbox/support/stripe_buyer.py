"""A customer of ours that buys at Stripe: what it does there, what we hear, what it then has."""

from datetime import UTC, datetime, timedelta

from . import stripe_shapes as shapes
from . import world
from .api import Api
from .clocked import Customer
from .fake_stripe import FakeStripe
from .signing import snapshot, thin

# More of the sample catalog in plans/: features, and the prices of its plans and add-ons.
SEATS, LEVEL, SUPPORT = "seats", "storage", "priority_support"
SEAT_PRICE = "price_enterprise_seat_yearly"
PACK_PRICE = "price_extra_calls_monthly"
SUPPORT_PRICE = "price_priority_support_monthly"

# Answers: whether it is allowed, and why.
OPEN = (True, "plan")
ADDON = (True, "addon")
TRIAL = (True, "trial")
GRACE = (True, "past_due_grace")
ENDED = (False, "subscription_ended")
PAUSED = (False, "subscription_paused")
UNPAID = (False, "payment_failed")
TRIAL_OVER = (False, "trial_ended")
NOTHING = (False, "not_in_plan")

_FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def day(count: float, seconds: float = 0) -> str:
    """An instant that many days and seconds after the first day, as our API writes it."""
    at = _FIRST_DAY + timedelta(days=count, seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(count: float) -> int:
    """The same as Stripe writes it."""
    return int((_FIRST_DAY + timedelta(days=count)).timestamp())


def just_before(count: float) -> str:
    return day(count, -0.001)


class Buyer(Customer):
    """An account with a clock of its own, linked to a customer at Stripe."""

    def __init__(self, api: Api, stripe: FakeStripe, method: str | None = None):
        self.stripe = stripe
        self.customer = stripe.customer(method=method)
        super().__init__(api, day(0), billing={"stripe": self.customer})

    def buy(self, price: str = world.PRO_PRICE, quantity: int = 1, **fields) -> str:
        """Subscribes at Stripe on the first day, and hears of it; the subscription's id."""
        self.first = self.stripe.subscription(self.customer, price, quantity, stamp(0), **fields)
        self.bought = self.first["id"]
        self.hear("customer.subscription.created")
        return self.bought

    def hear(self, kind: str = "customer.subscription.updated", thing: dict | None = None) -> None:
        """Takes in an event. About the subscription it says what was on the first day: old news."""
        self.take(snapshot(kind, thing or self.first))

    def hear_thin(self, kind: str, thing: str, of: str = "subscription") -> None:
        self.take(thin(kind, thing, of))

    def take(self, event: dict, expected: tuple[int, str] = (200, "applied")) -> dict:
        answer = self.api.webhook(event)
        assert (answer.status_code, answer.json()["status"]) == expected, answer.text
        return event

    def change(self, **fields) -> None:
        """Something changes at Stripe, and we hear that something did."""
        self.stripe.change(self.bought, **fields)
        self.hear()

    def invoice(self, **fields) -> dict:
        """An invoice of the subscription, as events carry it."""
        parent = {"subscription_details": {"subscription": self.bought}}
        made = {"id": shapes.made_up("in"), "object": "invoice", "customer": self.customer}
        return made | {"parent": parent} | fields

    def held(self) -> list[dict]:
        return self.api.subscriptions(self.account)

    def effective(self) -> tuple[str, int, str]:
        found = self.subscription(self.bought)["effective"]
        return found["plan"], found["quantity"], found["access"]

    def limit(self, feature: str) -> int | str | None:
        return self.check(feature)["limit"]
