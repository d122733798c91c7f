"""docs/openapi.yaml cannot lie: it is valid, it is served, and schemathesis finds no gap."""

import json
import os
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import validate
from support import contract, world
from support.api import Api

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SEED = os.environ.get("USHER_BLACKBOX_SEED", "20251124")
EXAMPLES = os.environ.get("USHER_BLACKBOX_EXAMPLES", "50")

FLAG = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on"]},
    "usher": {"rollout": {"variant": "on", "steps": [{"at": "2026-01-01T00:00:00Z", "percent": 50}]}},
}


def objects(schema):
    """Every schema in a schema, itself included."""
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from objects(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from objects(child)


def test_the_document_is_valid():
    validate(contract.document())


def test_every_object_with_fields_says_which_and_no_others():
    for schema in objects(contract.document()["components"]["schemas"]):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            # Events and contexts bring attributes of their own.
            takes_others = bool({"specversion", "targetingKey"} & set(schema["properties"]))
            assert schema.get("additionalProperties") is takes_others, schema
            assert set(schema.get("required", [])) <= set(schema["properties"])


def test_the_document_is_what_is_served(own_usher):
    with Api(own_usher.base, key=None) as nobody:
        assert nobody.call("GET", "/openapi.json") == contract.document()
        assert nobody.call("GET", "/healthz") == {"status": "ok"}
        assert nobody.call("GET", "/readyz") == {"status": "ready"}
        metrics = nobody.send("GET", "/metrics")
        assert metrics.status_code == 200
        assert "# TYPE " in metrics.text


def known(api: Api, stripe) -> dict:
    """Things that exist, by the name that the contract has for them."""
    customer = stripe.customer()
    account, session = api.customer("contract", billing={"stripe": customer})
    api.subscribe(account)
    grant = api.call(
        "POST",
        f"/v1/accounts/{account}/grants",
        {"feature": world.LOCKED, "effect": "allow", "reason": "contract"},
        expect=(201,),
    )
    credit = api.call(
        "POST",
        f"/v1/accounts/{account}/credits",
        {"feature": world.METERED, "amount": 500, "pending": True, "reason": "contract"},
        expect=(201,),
    )
    api.call("PUT", f"/v1/accounts/{account}/seats/seats/ada", expect=(201,))
    api.call("PUT", "/v1/flags/contract", FLAG, expect=(201,))
    key = api.call("POST", "/v1/keys", {"name": "contract", "scopes": ["check"]}, expect=(201,))
    return {
        "account": account,
        "session": session,
        "subscription": "main",
        "user": "ada",
        "feature": world.METERED,
        "features": [world.LOCKED, world.METERED, "nope"],
        "plan": world.PRO,
        "source": "stripe",
        "grant": grant["grant"],
        "credit": credit["credit"],
        "key": key["id"],
        "customer": customer,
        "flag": "contract",
        "version": 1,
        "document": {"flags": {"contract": FLAG}},
        "below": {
            "/seats/": {"feature": "seats"},
            "/levels/": {"feature": "storage"},
            "/ofrep/": {"key": "contract"},
        },
    }


def test_schemathesis_finds_no_lie(own_usher, stripe, tmp_path):
    with Api(own_usher.base) as api:
        names = known(api, stripe)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", str(world.OPENAPI),
        "--url", own_usher.base,
        "--header", f"Authorization: Bearer {world.ADMIN_KEY}",
        "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", EXAMPLES,
        "--seed", SEED,
        "--generation-database", "none",
        "--continue-on-failure",
        "--request-timeout", "10",
        "--warnings", "off",
        "--no-color",
    ]  # fmt: skip
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "schema_hooks",
        "USHER_BLACKBOX_KNOWN": json.dumps(names),
        "PYTHONPATH": str(world.ROOT / "Tests/blackbox"),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # The end of it has the summary; a gap of the contract is told there with a curl to repeat it.
    report = done.stdout[-12_000:] + done.stderr[-2_000:]
    assert done.returncode == 0, f"schemathesis:\n{report}\n{own_usher.tail(10)}"
    with Api(own_usher.base) as api:
        assert api.verify()["verified"] is True
