"""Definitions of flags that are refused: with every fault, its path and what to do."""

import pytest
from support import contract, world
from support.flags import flag, when

pytest_plugins = ["support.flag_fixtures"]


def nested(depth: int) -> dict:
    rule = True
    for _ in range(depth):
        rule = {"!": [rule]}
    return {"if": [rule, "on", None]}


def rollout(**fields) -> dict:
    step = {"at": "2026-01-01T00:00:00Z", "percent": 50} | fields
    return {"usher": {"rollout": {"variant": "on", "steps": [step]}}}


FAULTS = {
    "unknown default": (flag(default="of"), "defaultVariant"),
    "unknown variant": (flag(targeting={"if": [True, "no"]}), "targeting.if[1]"),
    "mixed types": (flag({"on": True, "off": "no"}), "variants"),
    "an array": (flag({"off": [1]}), "variants.off"),
    "beyond 2^53": (flag({"off": 9007199254740992}), "variants.off"),
    "no variants": (flag() | {"variants": {}}, "variants"),
    "strange state": (flag() | {"state": "ON"}, "state"),
    "unknown key": (flag() | {"colour": 1}, "colour"),
    "nested metadata": (flag(metadata={"a": {}}), "metadata.a"),
    "unknown operator": (flag(targeting={"iff": [1]}), "targeting.iff"),
    "too few arguments": (flag(**when({"==": [1]})), "targeting.if[0].=="),
    "two operators": (flag(**when({"==": [1, 1], "!": 1})), "targeting.if[0]"),
    "no rule": (flag(targeting=[1]), "targeting"),
    "negative weight": (
        flag(targeting={"fractional": [["on", -1], ["off", 1]]}),
        "targeting.fractional[0][1]",
    ),
    "fraction of a weight": (
        flag(targeting={"fractional": [["on", 0.5], ["off", 1]]}),
        "targeting.fractional[0][1]",
    ),
    "weights past 2^31-1": (
        flag(targeting={"fractional": [["on", 2147483647], ["off", 1]]}),
        "targeting.fractional",
    ),
    "unknown reference": (flag(**when({"$ref": "none"})), "targeting.if[0].$ref"),
    "unknown segment": (flag(**when({"usher_segment": "none"})), "targeting.if[0].usher_segment"),
    "over 100 %": (flag(**rollout(percent=101)), "usher.rollout.steps[0].percent"),
    "under 0 %": (flag(**rollout(percent=-1)), "usher.rollout.steps[0].percent"),
    "no time": (flag(**rollout(at="soon")), "usher.rollout.steps[0].at"),
    "bucketing of old": (flag(usher={"bucketing": "flagd/1"}), "usher.bucketing"),
}


@pytest.mark.parametrize(("definition", "path"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_refused_with_its_path(api, flags, definition, path):
    key = world.unique("flag")
    answer = flags.try_put(key, definition)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "flag_invalid"), body
    paths = [problem["path"] for problem in body["problems"]]
    assert any(found.startswith(f"flags.{key}.{path}") for found in paths), paths
    assert all(problem["message"] and problem["remedy"] for problem in body["problems"])
    assert api.send("GET", f"/v1/flags/{key}").status_code == 404


def test_what_is_nested_too_deep_is_refused_before_it_is_read(flags):
    answer = flags.try_put(world.unique("flag"), flag(targeting=nested(200)))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert "nested deeper" in answer.json()["detail"]


def test_all_faults_are_told_at_once(flags):
    definition = flag({"on": True, "off": "no"}, "of") | {"state": "ON", "colour": 1}
    problems = flags.try_put(world.unique("flag"), definition).json()["problems"]
    assert len(problems) >= 3


def test_a_ring_of_prerequisites_is_refused(flags):
    first = flags.make()
    second = flags.make(flag(usher={"prerequisites": [{"flag": first, "variant": "on"}]}))
    ring = flag(usher={"prerequisites": [{"flag": second, "variant": "on"}]})
    answer = flags.try_put(first, ring)
    assert (answer.status_code, answer.json()["code"]) == (422, "flag_invalid")
    assert any("prerequisites" in problem["path"] for problem in answer.json()["problems"])
    assert flags.get(first)["version"] == 1


def test_what_cannot_change_does_not(flags):
    key = flags.make()
    moved = flags.try_put(key, flag(usher={"salt": "other"})).json()
    assert moved["problems"][0]["path"] == f"flags.{key}.usher.salt"
    rebucketed = flags.try_put(key, flag(usher={"bucketing": "flagd/2"})).json()
    assert rebucketed["problems"][0]["path"] == f"flags.{key}.usher.bucketing"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"\xff"])
def test_what_is_no_definition_is_refused(api, body):
    path = f"/v1/flags/{world.unique('flag')}"
    headers = {"Content-Type": "application/json"}
    answer = api.http.put(path, content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    contract.hold(answer)


@pytest.mark.parametrize(
    "definition",
    [
        flag({"a": "x\0"}, "a"),
        flag({"a\0": 1}, "a\0"),
        flag(**when({"==": [{"var": "a\0"}, 1]})),
        flag(metadata={"owner": "\0"}),
    ],
    ids=["value", "name", "rule", "metadata"],
)
def test_a_text_that_cannot_be_kept_is_refused(api, flags, definition):
    answer = flags.try_put(world.unique("flag"), definition)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_field")
    document = {"flags": {world.unique("flag"): definition}}
    answer = api.send("POST", "/v1/flagset", {"document": document, "dry_run": True})
    assert (answer.status_code, answer.json()["field"]) == (400, "document")


@pytest.mark.parametrize("reason", ["", "a\0b", "x" * 1_025])
def test_a_reason_that_is_none_is_refused(flags, reason):
    key = flags.make()
    answer = flags.try_put(key, flag(default="on"), params={"reason": reason})
    assert (answer.status_code, answer.json()["field"]) == (400, "reason")
    assert flags.get(key)["version"] == 1


@pytest.mark.parametrize("key", ["a%20b", "a%2Fb", "%C3%A9", "a" * 129, "%00"])
def test_what_is_no_key_is_refused(flags, key):
    assert flags.try_put(key, flag()).status_code in (400, 404, 422)
