"""A client of the API in the tests' words. Every answer is held against docs/openapi.yaml."""

import json

import httpx

from . import contract, signing, world


class Api:
    def __init__(self, base: str, key: str | None = world.ADMIN_KEY):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.base = base
        self.http = httpx.Client(base_url=base, headers=headers, timeout=15)

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_) -> None:
        self.http.close()

    def send(self, method: str, path: str, body=None, **options) -> httpx.Response:
        if body is not None:
            options["json"] = body
        response = self.http.request(method, path, **options)
        contract.hold(response)
        return response

    def call(self, method: str, path: str, body=None, expect=(200, 201), **options):
        """The JSON of a call that must succeed."""
        response = self.send(method, path, body, **options)
        assert response.status_code in expect, f"{method} {path}: {response.text}"
        return response.json() if response.content else None

    def pages(self, path: str, **query) -> list[dict]:
        """Every item of a paged list."""
        items, cursor = [], None
        while True:
            params = query | ({"cursor": cursor} if cursor else {})
            page = self.call("GET", path, params=params)
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    # Accounts, subscriptions, sessions

    def account(self, account: str, **fields) -> dict:
        return self.call("PUT", f"/v1/accounts/{account}", fields)

    def subscribe(self, account: str, plan: str = world.PRO, id: str = "main", **fields) -> dict:
        path = f"/v1/accounts/{account}/subscriptions/{id}"
        return self.call("PUT", path, {"plan": plan, **fields})

    def subscriptions(self, account: str) -> list[dict]:
        return self.pages(f"/v1/accounts/{account}/subscriptions")

    def session(self, account: str, user: str = "ada", **fields) -> str:
        body = {"account": account, "user": user, **fields}
        return self.call("POST", "/v1/sessions", body, expect=(201,))["session"]

    def customer(self, stem: str = "acme", **fields) -> tuple[str, str]:
        """A new account and a session of it."""
        account = world.unique(stem)
        self.account(account, **fields)
        return account, self.session(account)

    # Checks

    def check(self, session: str, feature: str = world.LOCKED) -> dict:
        return self.call("POST", "/v1/check", {"session": session, "feature": feature})

    def answer(self, session: str, feature: str = world.LOCKED) -> tuple[bool, str]:
        decision = self.check(session, feature)
        return decision["allowed"], decision["reason"]

    # Billing

    def webhook(self, event: dict, **options) -> httpx.Response:
        """Delivers an event as Stripe would: signed, without an API key."""
        raw = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signing.sign(raw, **options),
        }
        url = f"{self.base}/webhooks/stripe"
        response = httpx.post(url, content=raw, headers=headers, timeout=15)
        contract.hold(response)
        return response

    def event(self, event_id: str) -> dict:
        """The inbox's item for one of the provider's events."""
        found = [e for e in self.pages("/v1/webhooks/events") if e["event"] == event_id]
        assert len(found) == 1, f"{len(found)} items of {event_id}"
        return found[0]

    # Audit

    def changes(self, account: str) -> list[dict]:
        return self.pages(f"/v1/accounts/{account}/changes", limit=200)

    def verify(self, account: str | None = None) -> dict:
        return self.call("GET", "/v1/audit/verify", params={"account": account} if account else {})
