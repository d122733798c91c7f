"""OpenFeature's Remote Evaluation Protocol 0.3.0, by its letter."""

import json

import pytest
from support import world
from support.flags import EVALUATE, Ofrep, flag, when

pytest_plugins = ["support.flag_fixtures"]


def body(context: dict) -> bytes:
    return json.dumps({"context": context}).encode()


# One flag


@pytest.mark.parametrize(
    "sent",
    [b"", b"{}", b'{"context":{}}', b'{"context":null}', b'{"context":[1]}', b'{"other":1}'],
)
def test_who_has_no_context_is_answered(flags, ofrep, sent):
    key = flags.make(default="on")
    for path in (key, key + "/"):
        answer = ofrep.post(path, sent)
        assert (answer.status_code, answer.json()["value"]) == (200, True)
    for path in (EVALUATE, EVALUATE + "/"):
        assert ofrep.http.post(path, content=sent).status_code == 200


def test_a_success_says_all_that_it_must(flags, ofrep):
    key = flags.make(flag(default="on", metadata={"owner": "checkout", "since": 2026}))
    answer = ofrep.ask(key)
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    whole = answer.json()
    assert whole["key"] == key
    assert (whole["value"], whole["variant"], whole["reason"]) == (True, "on", "STATIC")
    metadata = whole["metadata"]
    assert (metadata["owner"], metadata["since"], metadata["step"]) == ("checkout", 2026, "default")
    assert all(isinstance(value, str | int | float | bool) for value in metadata.values())


def test_the_configuration_version_rises_with_each_change(flags, ofrep):
    key, versions = flags.make(), []
    for default in ("on", "off", "on"):
        versions.append(ofrep.evaluate(key)["metadata"]["configVersion"])
        flags.put(key, flag(default=default))
    flags.kill(key)
    versions.append(ofrep.evaluate(key)["metadata"]["configVersion"])
    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    "sent", [b"{", b"nope", b"[]", b"1", b"null", b'{"context":{"a":1,"a":2}}', b"\xff", b"[" * 999]
)
def test_what_is_no_json_object_is_a_parse_error(flags, ofrep, sent):
    key = flags.make()
    for asked in (key, None):
        answer = ofrep.post(asked, sent)
        told = answer.json()
        assert (answer.status_code, told["errorCode"]) == (400, "PARSE_ERROR")
        assert told["errorDetails"]
        assert told.get("key") == asked


def test_a_targeting_key_that_is_no_text_is_a_bad_context(flags, ofrep):
    key = flags.make()
    for asked in (key, None):
        answer = ofrep.ask(asked, {"targetingKey": 7})
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_CONTEXT")
        assert answer.json()["errorDetails"]


@pytest.mark.parametrize("key", ["none", "not%20a%20key", "%C3%A9", "a" * 400, "slash%2Fkey"])
def test_an_unknown_flag_is_404(ofrep, key):
    answer = ofrep.ask(key)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")
    assert answer.json()["errorDetails"]


def test_a_context_that_is_huge_is_refused(flags, ofrep):
    key = flags.make()
    assert ofrep.ask(key, {"a": "x" * 60_000}).status_code == 200
    assert ofrep.ask(key, {"a": "x" * 70_000}).status_code == 413


def test_what_is_off_has_a_variant_and_no_value(flags, ofrep):
    disabled = flags.make(flag(default="on") | {"state": "DISABLED"})
    for answer in (ofrep.evaluate(disabled), ofrep.all()[disabled]):
        assert (answer["reason"], answer["variant"]) == ("DISABLED", "")
        assert "value" not in answer
    killed = flags.make(flag(default="on", usher={"off_variant": "off"}))
    flags.kill(killed)
    for answer in (ofrep.evaluate(killed), ofrep.all()[killed]):
        assert (answer["reason"], answer["variant"]) == ("DISABLED", "off")
        assert answer["value"] is False


def test_no_default_has_no_value(flags, ofrep):
    answer = ofrep.evaluate(flags.make(flag(default=None)))
    assert (answer["reason"], answer["variant"]) == ("DEFAULT", "")
    assert "value" not in answer


@pytest.mark.parametrize("value", [False, "", 0, {}, 0.5, "ключ", {"a": [None, {"b": 1}]}])
def test_a_value_is_sent_as_it_is_also_where_it_is_falsy(flags, ofrep, value):
    key = flags.make(flag({"a": value}, "a"))
    for answer in (ofrep.evaluate(key), ofrep.all()[key]):
        assert answer["value"] == value and type(answer["value"]) is type(value)


def test_a_float_flag_keeps_its_fraction(flags, ofrep):
    key = flags.make(flag({"a": 10, "b": 12.5, "c": 0}, "a"))
    assert b'"value":10.0' in ofrep.ask(key).content.replace(b" ", b"")
    whole = flags.make(flag({"a": 10, "b": 12}, "a"))
    assert b'"value":10,' in ofrep.ask(whole).content.replace(b"}", b",")


def test_a_rule_that_gives_no_variant_is_an_error_of_that_flag_alone(flags, ofrep):
    bad = flags.make(flag(targeting={"var": "choice"}))
    good = flags.make(default="on")
    context = {"choice": "neither"}
    answer = ofrep.ask(bad, context)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "GENERAL")
    assert answer.json()["key"] == bad and answer.json()["errorDetails"]
    every = ofrep.all(context)
    assert every[bad]["errorCode"] == "GENERAL" and every[bad]["errorDetails"]
    assert every[good]["value"] is True
    assert ofrep.value(bad, {"choice": "on"}) is True


def test_a_rule_that_never_ends_ends(flags, ofrep):
    doubled = {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}
    rule = {"reduce": [{"var": "l"}, doubled, "ab"]}
    key = flags.make(flag(**when({"==": [rule, "x"]})))
    answer = ofrep.ask(key, {"l": [1] * 1_000})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "GENERAL")


# All flags


def test_all_flags_are_sorted_and_the_answer_is_the_same_each_time(flags, ofrep):
    made = {flags.make() for _ in range(5)} | {flags.make(flag() | {"state": "DISABLED"})}
    first, again = ofrep.ask(None, {"a": 1}), ofrep.ask(None, {"a": 1})
    keys = [item["key"] for item in first.json()["flags"]]
    assert keys == sorted(keys) and made <= set(keys)
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert isinstance(first.json()["metadata"]["configVersion"], int)


@pytest.mark.parametrize("form", ['"{}"', "{}", 'W/"{}"', '"x", "{}"', 'W/"x",W/"{}"', "*"])
def test_what_the_client_has_is_not_sent_again(flags, ofrep, form):
    flags.make()
    tag = ofrep.ask(None).headers["etag"]
    assert tag.startswith('"') and tag.endswith('"')
    headers = {"If-None-Match": form.format(tag.strip('"'))}
    answer = ofrep.ask(None, headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag
    other = ofrep.ask(None, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_the_tag_covers_whatever_can_change_the_answer(api, flags, ofrep, second_ofrep):
    key = flags.make(flag({"a": {"x": 1}, "b": {"x": 2}}, "a", **when({"var": "beta"}, "b")))
    plan = flags.make(flag(**when({"==": [{"var": "plan"}, world.PRO]})))
    account, session = api.customer()
    context = {"targetingKey": session}
    tag = ofrep.ask(None, context).headers["etag"]
    seen = {tag}

    def moved(changed: dict, instance) -> None:
        answer = instance.ask(None, changed, headers={"If-None-Match": ", ".join(seen)})
        assert answer.status_code == 200
        seen.add(answer.headers["etag"])

    moved(context | {"beta": True}, ofrep)
    api.subscribe(account)  # the session's plan
    moved(context, second_ofrep)
    # The same variant with another value, which hashing names alone would miss.
    flags.put(key, flag({"a": {"x": 3}, "b": {"x": 2}}, "a", **when({"var": "beta"}, "b")))
    moved(context, second_ofrep)
    flags.kill(plan)
    moved(context, ofrep)
    assert ofrep.ask(None, context, headers={"If-None-Match": tag}).status_code == 200


def test_the_tag_outlives_what_changes_no_answer(api, flags, ofrep):
    flags.make()
    tag = ofrep.ask(None).headers["etag"]
    api.customer()
    api.call("POST", "/v1/keys", {"name": world.unique("k"), "scopes": ["check"]}, expect=(201,))
    assert ofrep.ask(None, headers={"If-None-Match": tag}).status_code == 304


# Who may ask


def test_the_key_comes_as_bearer_or_as_x_api_key(api, usher, flags):
    key = flags.make(default="on")
    body = {"name": world.unique("key"), "scopes": ["check"]}
    made = api.call("POST", "/v1/keys", body, expect=(201,))
    for headers in ({"Authorization": f"Bearer {made['key']}"}, {"X-API-Key": made["key"]}):
        with Ofrep(usher.base, headers) as caller:
            assert caller.value(key) is True
            assert caller.ask(None).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "uk_wrong"}, {"Authorization": "Bearer uk_wrong"}]
)
def test_who_has_no_key_is_401_whatever_the_body_says(usher, flags, headers):
    key = flags.make(default="on")
    with Ofrep(usher.base, headers) as nobody:
        for asked in (key, None, "none"):
            for sent in (b"", b"{", body({"session": "gone"}), body({"targetingKey": 1})):
                assert nobody.post(asked, sent).status_code == 401


def test_who_lacks_the_scope_is_403(api, usher, flags):
    key = flags.make(default="on")
    fields = {"name": world.unique("key"), "scopes": ["product"]}
    made = api.call("POST", "/v1/keys", fields, expect=(201,))
    with Ofrep(usher.base, {"X-API-Key": made["key"]}) as caller:
        for asked in (key, None):
            for sent in (b"", b"{"):
                assert caller.post(asked, sent).status_code == 403
        api.call("DELETE", f"/v1/keys/{made['id']}", expect=(204,))
        assert caller.ask(key).status_code == 401
