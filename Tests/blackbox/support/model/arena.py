"""The service that histories are played on, with the catalog that is in force there."""

import http.client
import json
from random import Random
from urllib.parse import urlsplit

from .. import world
from ..api import Api
from .calls import Catalog
from .catalogs import catalog


class Parted(AssertionError):
    """The model and the service do not agree, or the service does not with itself."""


def same(what: str, got, wanted) -> None:
    if got != wanted:
        raise Parted(f"{what} is {got!r}, by the model {wanted!r}")


class Wire:
    """One connection that is kept, for the many reads."""

    def __init__(self, base: str):
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=15)
        self.headers = {"Authorization": f"Bearer {world.ADMIN_KEY}"}
        self.headers["Content-Type"] = "application/json"

    def close(self) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        sent = None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, sent, self.headers)
        answer = self.connection.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            raise Parted(f"{method} {path} {body} is {answer.status}: {content}")
        return content


class Arena:
    """The service under test. One catalog is in force at a time; few are made, as all are kept."""

    GROUP = 10  # seeds of one catalog
    OWN = 4  # every so many seeds, a history with a catalog that it changes

    def __init__(self, api: Api):
        self.api = api
        self.wire = Wire(api.base)
        self.shared: dict[int, Catalog] = {}
        self.in_force: Catalog | None = None

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_) -> None:
        self.wire.close()

    def owns_catalog(self, seed: int) -> bool:
        return seed % self.OWN == 0

    def catalog(self, seed: int) -> Catalog:
        if self.owns_catalog(seed):
            return Catalog(catalog(Random(f"catalog of {seed}")), is_own=True)
        group = seed // self.GROUP
        if group not in self.shared:
            made = catalog(Random(f"catalog of group {group}"))
            self.shared[group] = Catalog(made, is_own=False)
        return self.shared[group]

    def enforce(self, catalog: Catalog, files: dict[str, str]) -> None:
        if self.in_force is not catalog:
            self.api.call("PUT", "/v1/catalog", {"files": files})
            self.in_force = catalog
