"""docs/openapi.yaml as a judge: every answer that a test sees is held against it."""

import re
from functools import cache

import yaml
from jsonschema import Draft202012Validator

from . import world

METHODS = ("get", "put", "post", "delete")


@cache
def document() -> dict:
    return yaml.safe_load(world.OPENAPI.read_text())


def operations():
    """Every (method, path template, operation) of the contract."""
    for template, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), template, item[method]


@cache
def _patterns():
    # Literal segments before parameters, as a router would have it.
    rows = sorted(document()["paths"], key=lambda template: template.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", t) + "$"), t) for t in rows]


def find(method: str, path: str) -> dict | None:
    for pattern, template in _patterns():
        if pattern.match(path):
            return document()["paths"][template].get(method.lower())
    return None


def _resolved(node: dict) -> dict:
    while "$ref" in node:
        target = document()
        for word in node["$ref"].removeprefix("#/").split("/"):
            target = target[word]
        node = target
    return node


def _validator(schema: dict) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document()["components"]})


def hold(response) -> None:
    """Asserts that an `httpx.Response` is one that the contract promises."""
    request = response.request
    name = f"{request.method} {request.url.path} → {response.status_code}"
    media = response.headers.get("content-type", "").split(";")[0]
    # OpenFeature's protocol has a form of its own for what is wrong with a flag.
    is_ofrep = request.url.path.startswith("/ofrep/") and media == "application/json"
    if response.status_code >= 400 and not is_ofrep:
        assert media == "application/problem+json", f"{name} is {media!r}: {response.text[:300]}"
        problem = response.json()
        assert problem["status"] == response.status_code, name
        assert problem["type"].endswith(problem["code"]), name
    operation = find(request.method, request.url.path)
    if operation is None or response.status_code == 405:
        return
    status = str(response.status_code)
    assert status in operation["responses"], f"{name} is not in the contract: {response.text[:300]}"
    promised = _resolved(operation["responses"][status])
    for header, rule in promised.get("headers", {}).items():
        if _resolved(rule).get("required"):
            assert header in response.headers, f"{name} lacks {header}"
    if "content" not in promised:
        assert not response.content, f"{name} has a body"
        return
    assert media in promised["content"], f"{name} is {media!r}"
    if media.endswith("json"):
        errors = _validator(promised["content"][media]["schema"]).iter_errors(response.json())
        faults = [f"{error.json_path}: {error.message[:200]}" for error in errors]
        assert not faults, f"{name}: " + "; ".join(faults)
