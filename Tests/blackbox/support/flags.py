"""Flags in the tests' words: their definitions, and OpenFeature's protocol by hand."""

import httpx

from . import world

EVALUATE = "/ofrep/v1/evaluate/flags"
ON_OFF = {"on": True, "off": False}


def flag(variants: dict | None = None, default: str | None = "off", **fields) -> dict:
    """A definition: a boolean flag that is off, where nothing else is said."""
    whole = {"state": "ENABLED", "variants": variants or ON_OFF, **fields}
    return whole if default is None else whole | {"defaultVariant": default}


def when(condition: dict, variant: str = "on") -> dict:
    """Targeting that gives a variant where a condition holds."""
    return {"targeting": {"if": [condition, variant, None]}}


class Flags:
    """The calls that change flags, through one instance."""

    def __init__(self, api):
        self.api = api

    def make(self, definition: dict | None = None, **fields) -> str:
        """A flag with a key of its own."""
        key = world.unique("flag")
        self.put(key, definition or flag(**fields))
        return key

    def put(self, key: str, definition: dict, **options) -> dict:
        return self.api.call("PUT", f"/v1/flags/{key}", definition, **options)

    def try_put(self, key: str, definition, **options) -> httpx.Response:
        return self.api.send("PUT", f"/v1/flags/{key}", definition, **options)

    def get(self, key: str) -> dict:
        return self.api.call("GET", f"/v1/flags/{key}")

    def kill(self, key: str, reason: str = "it burns") -> dict:
        return self.api.call("POST", f"/v1/flags/{key}/kill", {"reason": reason})

    def restore(self, key: str) -> dict:
        return self.api.call("DELETE", f"/v1/flags/{key}/kill")

    def revert(self, key: str, version: int) -> dict:
        return self.api.call("POST", f"/v1/flags/{key}/revert", {"version": version})

    def versions(self, key: str) -> list[dict]:
        return self.api.pages(f"/v1/flags/{key}/versions")


class Ofrep:
    """OpenFeature's Remote Evaluation Protocol, one request at a time."""

    def __init__(self, base: str, headers: dict | None = None):
        allowed = {"Authorization": f"Bearer {world.ADMIN_KEY}"}
        headers = allowed if headers is None else headers
        self.http = httpx.Client(base_url=base, headers=headers, timeout=15)

    def __enter__(self) -> "Ofrep":
        return self

    def __exit__(self, *_) -> None:
        self.http.close()

    def post(self, key: str | None = None, body: bytes | None = None, **options) -> httpx.Response:
        path = EVALUATE if key is None else f"{EVALUATE}/{key}"
        return self.http.post(path, content=body, **options)

    def ask(self, key: str | None, context: dict | None = None, **options) -> httpx.Response:
        path = EVALUATE if key is None else f"{EVALUATE}/{key}"
        return self.http.post(path, json={"context": context or {}}, **options)

    def evaluate(self, key: str, context: dict | None = None) -> dict:
        """The answer for one flag, which must have one."""
        answer = self.ask(key, context)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def value(self, key: str, context: dict | None = None):
        return self.evaluate(key, context)["value"]

    def all(self, context: dict | None = None) -> dict[str, dict]:
        answer = self.ask(None, context)
        assert answer.status_code == 200, answer.text
        return {item["key"]: item for item in answer.json()["flags"]}
