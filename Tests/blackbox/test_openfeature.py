"""OpenFeature's own client against the service, as an app would use it."""

import pytest
from openfeature import api as openfeature
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from support import world
from support.flags import flag, when

pytest_plugins = ["support.flag_fixtures"]

LIMITS = {"seats": 3, "names": ["a", "b"], "deep": {"er": None}}


def connect(base: str, headers: dict):
    domain = world.unique("app")
    provider = OFREPProvider(base, headers_factory=lambda: headers, timeout=10.0)
    openfeature.set_provider(provider, domain)
    return openfeature.get_client(domain)


@pytest.fixture(scope="module")
def client(usher):
    yield connect(usher.base, {"Authorization": f"Bearer {world.ADMIN_KEY}"})
    openfeature.clear_providers()


TYPES = {
    "boolean": ("get_boolean_details", False, True),
    "string": ("get_string_details", "code", "served"),
    "empty string": ("get_string_details", "code", ""),
    "integer": ("get_integer_details", 1, 7),
    "zero": ("get_integer_details", 1, 0),
    "float": ("get_float_details", 0.5, 10.0),
    "object": ("get_object_details", {}, LIMITS),
    "empty object": ("get_object_details", {"code": 1}, {}),
}


@pytest.mark.parametrize(("call", "default", "value"), TYPES.values(), ids=TYPES)
def test_a_value_arrives_in_its_type(client, flags, call, default, value):
    # The other arm decides that a flag is of floats, when it is: 10 alone is a whole number.
    variants = {"a": value} | ({"b": 2.5} if isinstance(value, float) else {})
    key = flags.make(flag(variants, "a", metadata={"owner": "checkout"}))
    details = getattr(client, call)(key, default)
    assert details.error_code is None, details.error_message
    assert details.value == value and type(details.value) is type(value)
    assert (details.variant, details.reason) == ("a", "STATIC")
    assert details.flag_metadata["owner"] == "checkout"


def test_a_missing_flag_gives_the_code_default(client):
    details = client.get_boolean_details(world.unique("none"), True)
    assert (details.value, details.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)


@pytest.mark.parametrize("code_default", [True, False])
def test_a_disabled_flag_gives_the_code_default_and_no_error(client, flags, code_default):
    key = flags.make(flag(default="on") | {"state": "DISABLED"})
    details = client.get_boolean_details(key, code_default)
    assert (details.value, details.reason) == (code_default, "DISABLED")
    assert details.error_code is None


@pytest.mark.parametrize("code_default", [True, False])
def test_a_flag_without_a_default_leaves_it_to_the_code(client, flags, code_default):
    targeting = when({"==": [{"var": "tier"}, "gold"]})
    key = flags.make(flag(default=None, **targeting))
    details = client.get_boolean_details(key, code_default)
    assert (details.value, details.reason) == (code_default, "DEFAULT")
    assert details.error_code is None
    gold = EvaluationContext("user-1", {"tier": "gold"})
    details = client.get_boolean_details(key, False, gold)
    assert (details.value, details.reason) == (True, "TARGETING_MATCH")


def test_another_type_than_the_flag_has_is_a_mismatch(client, flags):
    key = flags.make(default="on")
    details = client.get_string_details(key, "code")
    assert (details.value, details.error_code) == ("code", ErrorCode.TYPE_MISMATCH)


def test_a_rollout_without_a_targeting_key_says_so(client, flags):
    steps = [{"at": "2026-01-01T00:00:00Z", "percent": 50}]
    key = flags.make(flag(usher={"rollout": {"variant": "on", "steps": steps}}))
    details = client.get_boolean_details(key, False)
    assert details.error_code == ErrorCode.TARGETING_KEY_MISSING
    some = {client.get_boolean_value(key, False, EvaluationContext(f"user-{n}")) for n in range(40)}
    assert some == {True, False}


def test_a_session_that_is_not_known_is_a_bad_context(client, flags):
    key = flags.make(default="on")
    details = client.get_boolean_details(key, False, EvaluationContext("u", {"session": "gone"}))
    assert (details.value, details.error_code) == (False, ErrorCode.INVALID_CONTEXT)


def test_a_session_as_targeting_key_brings_its_plan(client, flags, api):
    key = flags.make(flag(**when({"==": [{"var": "plan"}, world.PRO]})))
    account, session = api.customer()
    # Claimed by the caller, and not believed.
    context = EvaluationContext(session, {"plan": "enterprise"})
    assert client.get_boolean_value(key, False, context) is False
    api.subscribe(account)
    assert client.get_boolean_value(key, False, context) is True


def test_a_kill_reaches_the_client_at_its_next_evaluation(client, flags):
    key = flags.make(flag(default="on", usher={"off_variant": "off"}))
    assert client.get_boolean_value(key, False) is True
    flags.kill(key)
    details = client.get_boolean_details(key, True)
    assert (details.value, details.reason) == (False, "DISABLED")
    flags.restore(key)
    assert client.get_boolean_value(key, False) is True


def test_the_key_may_come_as_x_api_key_and_must_come(usher, flags):
    key = flags.make(default="on")
    allowed = connect(usher.base, {"X-API-Key": world.ADMIN_KEY})
    assert allowed.get_boolean_value(key, False) is True
    refused = connect(usher.base, {}).get_boolean_details(key, False)
    assert (refused.value, refused.reason) == (False, "ERROR")
    assert refused.error_code is not None
