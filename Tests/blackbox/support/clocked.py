"""A customer with a test clock, so that time is in the test's hand."""

from . import world
from .api import Api


class Customer:
    """An account with one signed-in user, and a clock that stands until it is moved."""

    def __init__(self, api: Api, now: str = "2026-03-01T12:00:00.000Z", **fields):
        self.api = api
        self.account = world.unique("trap")
        self.path = f"/v1/accounts/{self.account}"
        api.account(self.account, **fields)
        self.at(now)
        self.session = api.session(self.account, ttl_seconds=31_536_000)

    def at(self, now: str) -> "Customer":
        self.api.call("PUT", f"{self.path}/clock", {"now": now})
        return self

    def subscribe(self, plan: str = world.PRO, id: str = "main", **fields) -> dict:
        return self.api.subscribe(self.account, plan, id, **fields)

    def subscription(self, id: str = "main") -> dict:
        return self.api.call("GET", f"{self.path}/subscriptions/{id}")

    def act(self, action: str, id: str = "main", **body) -> dict:
        return self.api.call("POST", f"{self.path}/subscriptions/{id}/{action}", body)

    def refused(self, method: str, path: str, body: dict | None = None) -> tuple[int, str, str]:
        """The status, code and field of a call that must not be taken."""
        answer = self.api.send(method, f"{self.path}/{path}", body)
        assert answer.status_code in range(400, 500), answer.text
        problem = answer.json()
        return answer.status_code, problem["code"], problem.get("field")

    def grant(self, feature: str, effect: str = "allow", **body) -> str:
        body = {"feature": feature, "effect": effect, "reason": "a trap", **body}
        return self.api.call("POST", f"{self.path}/grants", body, expect=(201,))["grant"]

    def end(self, grant: str) -> dict:
        return self.api.call("DELETE", f"{self.path}/grants/{grant}")

    def level(self, feature: str, **body) -> dict:
        return self.api.call("PUT", f"{self.path}/levels/{feature}", body)

    def check(self, feature: str = world.LOCKED) -> dict:
        return self.api.check(self.session, feature)

    def answer(self, feature: str = world.LOCKED) -> tuple[bool, str]:
        return self.api.answer(self.session, feature)
