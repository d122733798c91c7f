"""Usage told afterwards, as CloudEvents: it happened, so it counts; once, and in its own period."""

import json

import pytest
from support import world
from support.metered import Metered, problem

pytest_plugins = ["support.metered_fixtures"]


def statuses(told: dict) -> list[str]:
    return [item["status"] for item in told["items"]]


def test_a_batch_is_counted(ada):
    told = ada.tell(ada.event("calls"), ada.event("calls", quantity=5), ada.event("daily"))
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (3, 0, 0)
    assert [(item["index"], item["status"]) for item in told["items"]] == [
        (0, "accepted"),
        (1, "accepted"),
        (2, "accepted"),
    ]
    assert (ada.used("calls"), ada.used("daily")) == (6, 1)


@pytest.mark.parametrize(
    "media",
    ["application/json", "application/cloudevents-batch+json", "application/cloudevents+json"],
)
def test_by_any_of_its_media_types_one_or_many(ada, media):
    one = ada.event("calls", quantity=4)
    body = one if media == "application/cloudevents+json" else [one]
    headers = {"Content-Type": media}
    answer = ada.api.send("POST", "/v1/usage", content=json.dumps(body).encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 1
    assert ada.used("calls") == 4


def test_one_object_is_a_batch_of_one(ada):
    told = ada.api.call("POST", "/v1/usage", ada.event("calls", quantity=4), expect=(200,))
    assert told["accepted"] == 1
    assert ada.used("calls") == 4


def test_an_event_counts_once_however_often_it_comes(ada):
    event = ada.event("calls", quantity=5)
    assert statuses(ada.tell(event)) == ["accepted"]
    told = ada.tell(event, ada.event("calls"), event)
    assert statuses(told) == ["duplicate", "accepted", "duplicate"]
    assert (told["accepted"], told["duplicates"]) == (1, 2)
    assert ada.used("calls") == 6


def test_twice_in_one_batch_counts_once(ada):
    event = ada.event("calls", quantity=5)
    assert statuses(ada.tell(event, event)) == ["accepted", "duplicate"]
    assert ada.used("calls") == 5


def test_an_id_is_unique_within_its_source(ada):
    first, second = (ada.event("calls", id="same") | {"source": s} for s in ("/a", "/b"))
    assert statuses(ada.tell(first, second, first)) == ["accepted", "accepted", "duplicate"]
    assert ada.used("calls") == 2


def test_accounts_do_not_share_ids(meters, ada):
    other = Metered(meters)
    assert statuses(ada.tell(ada.event("calls", id="same"), other.event("calls", id="same"))) == [
        "accepted",
        "accepted",
    ]
    assert (ada.used("calls"), other.used("calls")) == (1, 1)


def test_what_happened_counts_over_any_limit(ada):
    ada.consume("once", 8)
    assert statuses(ada.tell(ada.event("once", quantity=5))) == ["accepted"]
    meter = ada.meter("once")
    assert (meter["used"], meter["remaining"], meter["over"]) == (13, 0, 3)
    assert ada.check("once")["reason"] == "quota_exhausted"


def test_what_happened_counts_without_an_entitlement(meters):
    nobody = Metered(meters, plan=None)
    assert statuses(nobody.tell(nobody.event("calls", quantity=3))) == ["accepted"]
    assert [entry["units"] for entry in nobody.ledger("calls")] == [3]


def test_an_event_draws_on_the_pool(ada):
    ada.tell(ada.event("image", quantity=3))
    assert (ada.used("image"), ada.used("ai_credits")) == (3, 30)


def test_an_event_names_the_user(ada):
    ada.tell(ada.event("shared", quantity=3, user="bo"), ada.event("shared", session=ada.session))
    assert ada.used("shared") == 4
    assert ada.used("shared", user="bo") == 3
    assert ada.used("shared", user="ada") == 1


# Time


def test_a_late_event_counts_in_its_own_period(ada):
    ada.at("2026-03-10T20:00:00.000Z").consume("daily", 50)
    ada.at("2026-03-11T08:00:00.000Z").consume("daily", 10)
    late = ada.event("daily", quantity=7, time="2026-03-10T21:00:00Z")
    assert statuses(ada.tell(late)) == ["accepted"]
    assert ada.counted("daily") == (10, 90, 0, 0)
    entries = {e["reference"]: e for e in ada.ledger("daily")}
    entry = next(e for e in entries.values() if e["units"] == 7)
    assert entry["at"] == "2026-03-10T21:00:00.000Z"
    query = {"feature": "daily", "window": "day"}
    query |= {"from": "2026-03-10T00:00:00Z", "to": "2026-03-12T00:00:00Z"}
    history = ada.api.call("GET", f"{ada.path}/usage", params=query)
    assert [item["units"] for item in history["items"]] == [57, 10]


def test_a_late_event_of_this_period_counts_now(ada):
    ada.at("2026-03-11T08:00:00.000Z").consume("daily", 10)
    ada.tell(ada.event("daily", quantity=7, time="2026-03-11T00:00:00Z"))
    assert ada.used("daily") == 17
    ada.tell(ada.event("daily", quantity=7, time="2026-03-10T23:59:59.999Z"))
    assert ada.used("daily") == 17


def test_late_use_shrinks_what_rolled_over(ada):
    ada.consume("rolling", 150)
    ada.at("2026-04-10T12:00:00.000Z")
    assert ada.meter("rolling")["remaining"] == 250
    ada.consume("rolling", 1)
    late = ada.event("rolling", quantity=20, time="2026-04-10T11:00:00Z")
    assert statuses(ada.tell(late)) == ["accepted"]
    meter = ada.meter("rolling")
    assert (meter["used"], meter["remaining"], meter["over"]) == (1, 229, 0)


def test_an_event_that_is_too_old_is_refused_unless_receipt_counts(ada):
    ada.at("2026-03-20T12:00:00.000Z")
    inside = ada.event("calls", time="2026-03-19T12:00:00Z")
    outside = ada.event("calls", quantity=4, time="2026-03-19T11:59:59.999Z")
    told = ada.tell(inside, outside)
    assert statuses(told) == ["accepted", "rejected"]
    refusal = told["items"][1]
    assert (refusal["code"], refusal["field"]) == ("event_too_old", "time")
    assert refusal["remedy"]
    assert ada.used("calls") == 1
    assert statuses(ada.tell(outside, late="receive")) == ["accepted"]
    assert ada.used("calls") == 5
    assert ada.ledger("calls")[-1]["at"] == "2026-03-20T12:00:00.000Z"


@pytest.mark.parametrize(
    ("time", "status"),
    [
        ("2026-03-10T12:05:00Z", "accepted"),
        ("2026-03-10T12:05:00.001Z", "rejected"),
        ("2099-01-01T00:00:00Z", "rejected"),
    ],
)
def test_the_future_is_five_minutes(ada, time, status):
    told = ada.tell(ada.event("calls", time=time))
    assert statuses(told) == [status]
    assert ada.used("calls") == (1 if status == "accepted" else 0)
    if status == "rejected":
        assert told["items"][0]["code"] == "event_in_future"


def test_a_time_may_have_an_offset_and_microseconds(ada):
    ada.tell(ada.event("calls", time="2026-03-10T13:00:00.000000+01:00"))
    assert ada.used("calls") == 1


# What makes no sense


BAD = [
    ("no id", {"id": None}, "id"),
    ("empty id", {"id": ""}, "id"),
    ("no source", {"source": None}, "source"),
    ("another version", {"specversion": "0.3"}, "specversion"),
    ("no version", {"specversion": None}, "specversion"),
    ("no type", {"type": None}, "type"),
    ("unknown feature", {"type": "nope"}, "type"),
    ("a boolean", {"type": "sso"}, "type"),
    ("no subject", {"subject": None}, "subject"),
    ("unknown account", {"subject": "nobody-at-all"}, "subject"),
    ("time no time", {"time": "yesterday"}, "time"),
    ("time without zone", {"time": "2026-03-10T12:00:00"}, "time"),
    ("ancient", {"time": "0001-01-01T00:00:00Z"}, "time"),
    ("data no object", {"data": [1]}, "data"),
    ("quantity 0", {"data": {"quantity": 0}}, "data.quantity"),
    ("quantity below 0", {"data": {"quantity": -1}}, "data.quantity"),
    ("half", {"data": {"quantity": 0.5}}, "data.quantity"),
    ("too much", {"data": {"quantity": 10**15 + 1}}, "data.quantity"),
    ("far too much", {"data": {"quantity": 10**30}}, "data.quantity"),
    ("user no name", {"data": {"user": "ä"}}, "data.user"),
]


def broken(event: dict, change: dict) -> dict:
    return {key: value for key, value in (event | change).items() if value is not None}


def test_bad_ones_are_reported_by_index_and_the_good_ones_are_taken(ada):
    """Every kind of fault in one batch, good events between them."""
    events = []
    for _, change, _ in BAD:
        events += [ada.event("calls"), broken(ada.event("calls"), change)]
    events += [7, None, "event", []]
    told = ada.tell(*events)
    assert len(told["items"]) == len(events)
    assert [item["index"] for item in told["items"]] == list(range(len(events)))
    assert statuses(told) == ["accepted", "rejected"] * len(BAD) + ["rejected"] * 4
    assert (told["accepted"], told["rejected"]) == (len(BAD), len(BAD) + 4)
    assert ada.used("calls") == len(BAD)
    for (name, _, field), item in zip(BAD, told["items"][1::2], strict=False):
        assert (item["field"], bool(item["code"]), bool(item["remedy"])) == (field, True, True), (
            name
        )


def test_a_refused_event_may_be_sent_again_mended(ada):
    event = ada.event("calls", quantity=0)
    assert statuses(ada.tell(event)) == ["rejected"]
    assert statuses(ada.tell(event | {"data": {"quantity": 2}})) == ["accepted"]
    assert ada.used("calls") == 2


def test_a_thousand_events_are_one_batch_and_no_more(ada):
    events = [ada.event("calls") for _ in range(1_000)]
    told = ada.tell(*events)
    assert told["accepted"] == 1_000
    assert (ada.used("calls"), ada.meter("calls")["over"]) == (1_000, 500)
    too_many = [*events, ada.event("calls")]
    answer = ada.api.send("POST", "/v1/usage", too_many)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("batch_too_large", "invalid_field")
    assert ada.used("calls") == 1_000


def test_an_empty_batch_and_no_batch_at_all(ada):
    problem(ada.api.send("POST", "/v1/usage", []), 400, "invalid_field")
    for raw in (b"", b"{", b"7", b'"x"'):
        headers = {"Content-Type": "application/json"}
        answer = ada.api.send("POST", "/v1/usage", content=raw, headers=headers)
        assert answer.status_code == 400, answer.text
    headers = {"Content-Type": "text/plain"}
    answer = ada.api.send("POST", "/v1/usage", content=b"[]", headers=headers)
    problem(answer, 415, "unsupported_media_type")


def test_an_unknown_word_for_late_is_refused(ada):
    answer = ada.api.send("POST", "/v1/usage", [ada.event("calls")], params={"late": "maybe"})
    problem(answer, 400, "invalid_field", "late")
    assert ada.used("calls") == 0


def test_one_batch_may_be_about_many_accounts(meters, ada):
    others = [Metered(meters) for _ in range(5)]
    events = [c.event("calls", quantity=n + 1) for n, c in enumerate([ada, *others])]
    ada.tell(*events, ada.event("calls", subject=world.unique("nobody")))
    assert [c.used("calls") for c in (ada, *others)] == [1, 2, 3, 4, 5, 6]
