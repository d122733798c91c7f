"""What a consume says in its headers: what is left, and when there is more."""

import re

pytest_plugins = ["support.metered_fixtures"]


def header(response, name: str) -> list[tuple[str, dict]]:
    """The items of a structured list: name and parameters."""
    items = []
    for part in re.findall(r'"[^"]*"(?:;[a-z]+=\d+)*', response.headers[name]):
        item, *parameters = part.split(";")
        pairs = (p.split("=") for p in parameters)
        items.append((item.strip('"'), {key: int(value) for key, value in pairs}))
    return items


def test_the_headers_say_what_is_left_and_until_when(ada):
    answer = ada.try_consume("daily", 40)
    assert header(answer, "RateLimit-Policy") == [("daily", {"q": 100, "w": 86_400})]
    assert header(answer, "RateLimit") == [("daily", {"r": 60, "t": 43_200})]
    assert "retry-after" not in answer.headers
    denied = ada.try_consume("daily", 61)
    assert denied.status_code == 200
    assert int(denied.headers["retry-after"]) == 43_200


def test_a_wait_is_told_in_whole_seconds_rounded_up(ada):
    ada.at("2026-03-10T23:59:58.500Z")
    ada.consume("daily", 100)
    assert int(ada.try_consume("daily").headers["retry-after"]) == 2


def test_what_never_comes_back_has_no_window_and_no_retry(ada):
    answer = ada.try_consume("once", 10)
    assert header(answer, "RateLimit-Policy") == [("once", {"q": 10})]
    assert header(answer, "RateLimit") == [("once", {"r": 0})]
    assert "retry-after" not in ada.try_consume("once").headers


def test_more_than_there_ever_is_has_no_retry(ada):
    assert "retry-after" not in ada.try_consume("daily", 101).headers


def test_unlimited_has_no_headers(ada):
    answer = ada.try_consume("open")
    assert not {"ratelimit", "ratelimit-policy", "retry-after"} & set(answer.headers)


def test_several_features_are_one_list_in_the_headers(ada):
    body = {"features": [{"feature": "daily", "quantity": 1}, {"feature": "once", "quantity": 2}]}
    answer = ada.post("/v1/consume", body)
    assert header(answer, "RateLimit-Policy") == [
        ("daily", {"q": 100, "w": 86_400}),
        ("once", {"q": 10}),
    ]
    assert [(name, left["r"]) for name, left in header(answer, "RateLimit")] == [
        ("daily", 99),
        ("once", 8),
    ]
