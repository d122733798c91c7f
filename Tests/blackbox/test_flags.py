"""Definitions of flags: written, versioned, reverted, killed, restored."""

from support import world
from support.api import Api
from support.flags import ON_OFF, flag

pytest_plugins = ["support.flag_fixtures"]


def test_a_flag_is_made_read_listed_and_deleted(api, flags, ofrep):
    key = world.unique("flag")
    definition = flag(default="on", metadata={"owner": "checkout"}, usher={"tags": ["new"]})
    answer = flags.try_put(key, definition)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.json()["definition"] == definition
    assert flags.get(key) == answer.json()
    assert [f for f in api.pages("/v1/flags", limit=3) if f["key"] == key] == [answer.json()]
    assert ofrep.value(key) is True
    api.call("DELETE", f"/v1/flags/{key}", {"reason": "done"}, expect=(204,))
    assert ofrep.ask(key).json()["errorCode"] == "FLAG_NOT_FOUND"
    assert api.send("GET", f"/v1/flags/{key}").json()["code"] == "unknown_flag"
    last = flags.versions(key)[0]
    assert (last["version"], last["definition"], last["reason"]) == (2, None, "done")


def test_the_same_definition_again_is_no_new_version(flags):
    key = flags.make(flag())
    assert flags.put(key, flag())["version"] == 1
    assert flags.put(key, flag(default="on"))["version"] == 2


def test_every_definition_is_kept_with_who_and_why(flags):
    key = world.unique("flag")
    for default, reason in (("off", "first"), ("on", "launch")):
        flags.put(key, flag(default=default), params={"reason": reason})
    versions = flags.versions(key)
    assert [(v["version"], v["reason"]) for v in versions] == [(2, "launch"), (1, "first")]
    assert [v["definition"]["defaultVariant"] for v in versions] == ["on", "off"]
    assert all(v["author"] for v in versions)


def test_a_revert_is_a_new_version_and_in_force(flags, ofrep):
    key = flags.make(default="on")
    flags.put(key, flag(default="off"))
    assert ofrep.value(key) is False
    assert flags.revert(key, 1)["version"] == 3
    assert ofrep.value(key) is True
    assert flags.versions(key)[0]["reason"] == "revert to version 1"


def test_a_revert_to_no_version_is_refused(api, flags):
    key = flags.make()
    for version in (2, 99):
        answer = api.send("POST", f"/v1/flags/{key}/revert", {"version": version})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_flag_version")
    for body in ({}, {"version": 0}, {"version": "1"}, {"version": 1, "colour": 1}):
        assert api.send("POST", f"/v1/flags/{key}/revert", body).status_code == 400


def test_a_revert_is_checked_against_what_is_there_now(api, flags):
    base = flags.make()
    waits = flag(usher={"prerequisites": [{"flag": base, "variant": "on"}]})
    key = flags.make(waits)
    flags.put(key, flag())
    api.call("DELETE", f"/v1/flags/{base}", expect=(204,))
    answer = api.send("POST", f"/v1/flags/{key}/revert", {"version": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "flag_invalid")
    assert flags.get(key)["version"] == 2


def test_a_revert_brings_a_deleted_flag_back(api, flags, ofrep):
    key = flags.make(default="on")
    api.call("DELETE", f"/v1/flags/{key}", expect=(204,))
    assert flags.revert(key, 1)["version"] == 3
    assert ofrep.value(key) is True


def test_a_kill_is_in_force_on_every_instance(flags, ofrep, second_ofrep):
    key = flags.make(flag(default="on", usher={"off_variant": "off"}))
    plain = flags.make(default="on")
    for instance in (second_ofrep, ofrep):
        assert instance.value(key) is True
    assert flags.kill(key)["killed_at"] is not None
    flags.kill(plain)
    for instance in (second_ofrep, ofrep):
        killed = instance.evaluate(key)
        assert (killed["value"], killed["reason"]) == (False, "DISABLED")
        assert killed["metadata"]["step"] == "killed"
        assert instance.all()[key]["value"] is False
        # No off variant: no value, which means the code's own default.
        assert "value" not in instance.evaluate(plain)
    assert flags.restore(key)["killed_at"] is None
    for instance in (second_ofrep, ofrep):
        assert instance.value(key) is True


def test_a_kill_outlives_new_definitions_and_is_no_version(flags, ofrep):
    key = flags.make(default="on")
    at = flags.kill(key)["killed_at"]
    assert flags.kill(key)["killed_at"] == at
    assert flags.put(key, flag({"on": True}, "on"))["killed_at"] == at
    assert ofrep.evaluate(key)["reason"] == "DISABLED"
    assert flags.restore(key)["version"] == 2
    assert flags.restore(key)["killed_at"] is None
    assert ofrep.value(key) is True


def test_a_kill_stands_over_targets_and_rollouts(api, flags, ofrep):
    everybody = [{"at": "2026-01-01T00:00:00Z", "percent": 100}]
    usher = {
        "targets": [{"variant": "on", "users": ["ada"]}],
        "rollout": {"variant": "on", "steps": everybody},
    }
    key = flags.make(flag(usher=usher))
    _, session = api.customer()
    for context in ({"session": session}, {"targetingKey": "u"}):
        assert ofrep.value(key, context) is True
    flags.kill(key)
    for context in ({"session": session}, {"targetingKey": "u"}):
        assert "value" not in ofrep.evaluate(key, context)


def test_a_prerequisite_that_is_killed_turns_off_what_waits_for_it(flags, ofrep):
    base = flags.make(default="on")
    wait = {"prerequisites": [{"flag": base, "variant": "on"}], "off_variant": "off"}
    key = flags.make(flag(default="on", usher=wait))
    assert ofrep.value(key) is True
    flags.kill(base)
    off = ofrep.evaluate(key)
    assert (off["value"], off["metadata"]["prerequisite"]) == (False, base)


def test_a_write_on_an_older_version_is_refused(api, flags):
    key = flags.make()
    seen = api.send("GET", f"/v1/flags/{key}").headers["etag"]
    for tag in (seen, f"W/{seen}"):
        flags.put(key, flag(), headers={"If-Match": tag})
    flags.put(key, flag(default="on"), headers={"If-Match": seen})
    for method, body in (("PUT", flag()), ("DELETE", None)):
        answer = api.send(method, f"/v1/flags/{key}", body, headers={"If-Match": seen})
        assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")
    assert flags.get(key)["definition"]["defaultVariant"] == "on"
    answer = flags.try_put(key, flag(), headers={"If-None-Match": "*"})
    assert answer.status_code == 412
    answer = flags.try_put(key, flag(), headers={"If-Match": "seven"})
    assert (answer.status_code, answer.json()["field"]) == (400, "If-Match")
    none = world.unique("none")
    assert flags.try_put(none, flag(), headers={"If-Match": '"1"'}).status_code == 412
    assert flags.try_put(none, flag(), headers={"If-None-Match": "*"}).status_code == 201


def test_a_flag_that_others_wait_for_cannot_go(api, flags):
    base = flags.make()
    key = flags.make(flag(usher={"prerequisites": [{"flag": base, "variant": "on"}]}))
    answer = api.send("DELETE", f"/v1/flags/{base}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert key in answer.json()["detail"]


def test_flags_need_the_scope_product_and_evaluation_check(api, usher, flags):
    body = {"name": world.unique("key"), "scopes": ["check"]}
    made = api.call("POST", "/v1/keys", body, expect=(201,))
    key = flags.make()
    calls = [
        ("GET", "/v1/flags", None),
        ("PUT", f"/v1/flags/{key}", flag(ON_OFF, "on")),
        ("POST", f"/v1/flags/{key}/kill", {"reason": "x"}),
        ("POST", "/v1/flagset", {"document": {"flags": {}}}),
    ]
    with Api(usher.base, key=made["key"]) as caller:
        for method, path, body in calls:
            answer = caller.send(method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert flags.get(key)["version"] == 1
