"""Flags that are changed by many at once, by hand in the database, or while the service is down."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support import world
from support.api import Api
from support.flags import Flags, Ofrep, flag, when

pytest_plugins = ["support.flag_fixtures"]

WRITERS = 16


def together(calls) -> list:
    """The answers of calls that are all made at once, each on a thread of its own."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


def test_of_many_who_saw_the_same_version_one_writes(usher, second, flags, ofrep):
    key = flags.make()
    seen = {"If-Match": '"1"'}
    variants = {f"v{n}": n for n in range(WRITERS)}

    def write(number: int):
        with Api((usher, second)[number % 2].base) as api:
            definition = flag(variants, f"v{number}")
            return number, Flags(api).try_put(key, definition, headers=seen).status_code

    answers = together([lambda n=n: write(n) for n in range(WRITERS)])
    winners = [number for number, status in answers if status == 200]
    assert len(winners) == 1
    assert {status for _, status in answers} == {200, 412}
    assert [v["version"] for v in flags.versions(key)] == [2, 1]
    assert ofrep.value(key) == winners[0]


def test_many_makers_of_one_flag_make_it_once(usher, second, flags):
    key = world.unique("flag")

    def make(number: int) -> int:
        with Api((usher, second)[number % 2].base) as api:
            headers = {"If-None-Match": "*"}
            return Flags(api).try_put(key, flag(), headers=headers).status_code

    statuses = together([lambda n=n: make(n) for n in range(WRITERS)])
    assert sorted(statuses) == [201] + [412] * (WRITERS - 1)


def test_two_halves_of_a_ring_are_not_both_written(usher, second, flags):
    for _ in range(10):
        pair = flags.make(), flags.make()

        def wait(mine: int, pair=pair) -> int:
            usher_part = {"prerequisites": [{"flag": pair[1 - mine], "variant": "on"}]}
            with Api((usher, second)[mine].base) as api:
                return Flags(api).try_put(pair[mine], flag(usher=usher_part)).status_code

        assert sorted(together([lambda: wait(0), lambda: wait(1)])) == [200, 422]


def test_a_flag_is_killed_by_hand_in_the_database(usher, flags, ofrep, second_ofrep):
    key = flags.make(flag(default="on", usher={"off_variant": "off"}))
    usher.psql(f"update flag set killed_at = now() where flag_id = '{key}'")
    for instance in (second_ofrep, ofrep):
        assert instance.value(key) is False
    usher.psql(f"update flag set killed_at = null where flag_id = '{key}'")
    for instance in (second_ofrep, ofrep):
        assert instance.value(key) is True


def test_a_definition_typed_by_hand_is_in_force_and_kept(usher, flags, ofrep):
    key = flags.make(default="on")
    usher.psql(
        "update flag set definition = jsonb_set(definition, '{defaultVariant}', '\"off\"')"
        f" where flag_id = '{key}'"
    )
    assert ofrep.value(key) is False
    assert flags.versions(key)[0]["author"].startswith("database:")
    assert flags.revert(key, 1)["version"] == 3
    assert ofrep.value(key) is True


@pytest.mark.parametrize(
    "broken", ["{}", '{"state": 1}', '{"state": "ENABLED", "variants": {"a": 1, "b": "x"}}']
)
def test_a_definition_that_is_broken_by_hand_spoils_no_other(usher, api, flags, ofrep, broken):
    key, good = flags.make(default="on"), flags.make(default="on")
    usher.psql(f"update flag set definition = '{broken}' where flag_id = '{key}'")
    answer = ofrep.ask(key)
    assert answer.status_code in (400, 404)
    assert answer.json()["errorCode"] in ("GENERAL", "PARSE_ERROR", "FLAG_NOT_FOUND")
    assert ofrep.all()[good]["value"] is True
    assert flags.put(good, flag(default="off"))["version"] == 2
    assert ofrep.value(good) is False
    assert flags.kill(key)["killed_at"] is not None
    flags.restore(key)
    assert flags.revert(key, 1)["version"] == 3
    assert ofrep.value(key) is True


def test_versions_are_never_rewritten(usher, flags):
    key = flags.make()
    for statement in (
        f"update flag_version set author = 'nobody' where flag_id = '{key}'",
        f"delete from flag_version where flag_id = '{key}'",
    ):
        with pytest.raises(Exception, match="ERROR"):
            usher.psql(statement)
    assert len(flags.versions(key)) == 1


def test_a_kill_outlives_the_service(own_usher):
    with Api(own_usher.base) as api:
        flags = Flags(api)
        key = flags.make(flag(default="on", usher={"off_variant": "off"}))
        plan = flags.make(flag(**when({"==": [{"var": "plan"}, world.PRO]})))
        flags.kill(key)
    own_usher.kill()
    own_usher.start()
    with Ofrep(own_usher.base) as ofrep:
        assert ofrep.evaluate(key)["metadata"]["step"] == "killed"
        assert ofrep.value(key) is False
        assert ofrep.value(plan, {"plan": world.PRO}) is True


def test_what_there_is_not_cannot_be_killed(api):
    path = f"/v1/flags/{world.unique('none')}/kill"
    for method in ("POST", "DELETE"):
        answer = api.send(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_flag")
