"""All flags as one document: out in Usher's words and in flagd's, and in again."""

import pytest
from support.api import Api
from support.flags import Flags, Ofrep, flag, when

# Replacing means all flags, so these tests have a service to themselves.


@pytest.fixture
def flags(own_api):
    own_api.call("POST", "/v1/flagset", {"document": EMPTY, "replace": True})
    return Flags(own_api)


@pytest.fixture
def ofrep(own_usher):
    with Ofrep(own_usher.base) as client:
        yield client


EMPTY = {"flags": {}}
DOCUMENT = {
    "metadata": {"set": "shop", "revision": 12},
    "$evaluators": {"paid": {"in": [{"var": "plan"}, ["pro", "team"]]}},
    "flags": {
        "checkout": flag(**when({"$ref": "paid"}), metadata={"owner": "me"}),
        "price": flag({"low": 10, "high": 12.5}, "low"),
        "beta": flag(
            **when({"usher_segment": "testers"}),
            usher={"prerequisites": [{"flag": "checkout", "variant": "on"}]},
        ),
    },
    "usher": {"segments": {"testers": {"users": ["ada"], "rule": {"var": "tester"}}}},
}


def take_in(api: Api, document, expect=(200,), **fields):
    return api.call("POST", "/v1/flagset", {"document": document, **fields}, expect=expect)


def test_what_was_taken_in_comes_out_again(own_api, flags, ofrep):
    told = take_in(own_api, DOCUMENT, reason="launch")
    assert (told["applied"], told["added"]) == (True, ["beta", "checkout", "price"])
    assert (told["changed"], told["removed"], told["shared_changed"]) == ([], [], True)
    assert own_api.call("GET", "/v1/flagset") == DOCUMENT
    assert flags.versions("beta")[0]["reason"] == "launch"
    answers = ofrep.all({"plan": "pro", "tester": True})
    assert [answers[k]["value"] for k in ("checkout", "price", "beta")] == [True, 10.0, True]
    assert (
        answers["checkout"]["metadata"] | {"set": "shop", "owner": "me"}
        == (answers["checkout"]["metadata"])
    )
    again = take_in(own_api, DOCUMENT, replace=True)
    assert (again["added"], again["changed"], again["removed"]) == ([], [], [])
    assert again["shared_changed"] is False
    assert flags.get("beta")["version"] == 1


def test_flags_as_a_list_are_taken_in_too(own_api, flags):
    take_in(own_api, {"flags": [flag() | {"key": "one"}, flag(default="on") | {"key": "two"}]})
    assert set(own_api.call("GET", "/v1/flagset")["flags"]) == {"one", "two"}
    assert flags.get("two")["definition"] == flag(default="on")


def test_flagds_export_says_what_it_leaves_out_and_comes_in_again(own_api, flags, ofrep):
    take_in(own_api, DOCUMENT)
    told = own_api.call("GET", "/v1/flagset", params={"format": "flagd"})
    assert told["left_out"] == [
        "usher.segments.testers",
        "flags.beta.usher.prerequisites",
        "flags.beta.targeting",
    ]
    assert "usher" not in told["document"]
    assert all("usher" not in one for one in told["document"]["flags"].values())
    plain = {k: v for k, v in told["document"]["flags"].items() if k != "beta"}
    take_in(own_api, told["document"] | {"flags": plain}, replace=True)
    assert ofrep.value("checkout", {"plan": "team"}) is True
    assert ofrep.value("price") == 10.0


def test_others_stay_unless_it_is_the_whole(own_api, flags, ofrep):
    kept = flags.make(default="on")
    told = take_in(own_api, {"flags": {"new": flag()}})
    assert (told["added"], told["removed"]) == (["new"], [])
    assert ofrep.value(kept) is True
    told = take_in(own_api, {"flags": {"new": flag(default="on")}}, replace=True)
    assert (told["changed"], told["removed"]) == (["new"], [kept])
    assert list(ofrep.all()) == ["new"]
    assert flags.versions(kept)[0]["definition"] is None


def test_a_dry_run_tells_and_changes_nothing(own_api, flags):
    kept = flags.make(default="on")
    before = own_api.call("GET", "/v1/flagset")
    told = take_in(own_api, DOCUMENT, replace=True, dry_run=True)
    assert (told["applied"], len(told["added"]), told["removed"]) == (False, 3, [kept])
    assert own_api.call("GET", "/v1/flagset") == before


def test_a_kill_outlives_an_import(own_api, flags, ofrep):
    take_in(own_api, {"flags": {"checkout": flag(default="on")}})
    flags.kill("checkout")
    take_in(own_api, {"flags": {"checkout": flag(default="off")}}, replace=True)
    assert ofrep.evaluate("checkout")["metadata"]["step"] == "killed"


def chain(length: int) -> dict:
    """Named rules, each within the next: deeper than any of them is by itself."""
    rules = {f"r{n}": {"!": {"!": {"!": {"$ref": f"r{n + 1}"}}}} for n in range(length)}
    return {"$evaluators": rules | {f"r{length}": True}, "flags": {"f": flag()}}


WAITS = {"prerequisites": [{"flag": "b", "variant": "on"}]}
FAULTS = {
    "ring of prerequisites": (
        {
            "flags": {
                "a": flag(usher=WAITS),
                "b": flag(usher={"prerequisites": [{"flag": "a", "variant": "on"}]}),
            }
        },
        "flags.a.usher.prerequisites",
    ),
    "prerequisite of nothing": ({"flags": {"a": flag(usher=WAITS)}}, "flags.a.usher.prerequisites"),
    "ring of rules": (
        {"$evaluators": {"x": {"!": {"$ref": "y"}}, "y": {"!": {"$ref": "x"}}}, "flags": {}},
        "$evaluators",
    ),
    "rules too deep in each other": (chain(30), "$evaluators"),
    "segment of nothing": (
        {"flags": {}, "usher": {"segments": {"s": {"rule": {"usher_segment": "t"}}}}},
        "usher.segments.s.rule",
    ),
    "a fault in one flag": ({"flags": {"good": flag(), "bad": flag(default="x")}}, "flags.bad"),
    "nested metadata": ({"flags": {}, "metadata": {"a": []}}, "metadata.a"),
    "flags that are none": ({"flags": 1}, "flags"),
}


@pytest.mark.parametrize(("document", "path"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("dry_run", [False, True], ids=["for real", "dry"])
def test_a_document_with_a_fault_changes_nothing(own_api, flags, document, path, dry_run):
    flags.make()
    before = own_api.call("GET", "/v1/flagset")
    body = {"document": document, "replace": True, "dry_run": dry_run}
    answer = own_api.send("POST", "/v1/flagset", body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "flag_invalid"), told
    assert any(p["path"].startswith(path) for p in told["problems"]), told["problems"]
    assert own_api.call("GET", "/v1/flagset") == before


def test_a_format_that_is_none_is_refused(own_api, flags):
    answer = own_api.send("GET", "/v1/flagset", params={"format": "yaml"})
    assert (answer.status_code, answer.json()["field"]) == (400, "format")


def test_what_is_no_document_is_refused(own_api, flags):
    for body in ({}, {"document": EMPTY, "colour": 1}, {"document": EMPTY, "replace": "yes"}):
        assert own_api.send("POST", "/v1/flagset", body).status_code == 400
    for document in (1, [], None, "x"):
        answer = own_api.send("POST", "/v1/flagset", {"document": document})
        assert answer.status_code in (400, 422)
