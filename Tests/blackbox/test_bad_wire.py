"""HTTP that no well-behaved client sends: refused, bounded, and nobody else has to wait."""

import json
import time

import pytest
from support import world
from support.raw import Raw, check, request
from support.waiting import eventually

BODY = json.dumps({"session": "ses_x", "feature": world.LOCKED}).encode()
MIB = 1 << 20


def refused(usher, raw: bytes, status: int, code: str | None = None, unread=False) -> None:
    """`unread`: hanging up on what is still being sent can overtake the answer."""
    with Raw(usher.port) as wire:
        answer = wire.send(raw).read()
        if answer is None and unread:
            return
        assert answer is not None, "hung up without an answer"
        assert answer.status == status, answer
        assert code in (None, answer.code)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("Host", "other"),), id="two Hosts"),
        pytest.param((("Content-Length", "7"),), id="two Content-Lengths"),
        pytest.param((("Transfer-Encoding", "chunked"),), id="length and chunks"),
        pytest.param((("X-Folded", "a\r\n b"),), id="folded header"),
        pytest.param((("Bad Name", "x"),), id="space in a name"),
        pytest.param((("X-Control", "a\0b"),), id="NUL in a value"),
    ],
)
def test_ambiguous_heads_are_refused_and_the_connection_closed(usher, headers):
    with Raw(usher.port) as wire:
        answer = wire.send(request(body=BODY, headers=headers) + check("ses_smuggled")).read()
        assert answer is None or answer.status == 400, answer
        while answer is not None:
            assert answer.status == 400, "a second request was read out of an ambiguous one"
            answer = wire.read()
        assert wire.is_closed()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01", id="TLS"),
        pytest.param(b"nonsense\r\n\r\n", id="no request line"),
        pytest.param(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", id="no such version"),
        pytest.param(request(headers=(("Content-Length", "-5"),), length=-1), id="length -5"),
    ],
)
def test_what_is_not_http_is_refused(usher, raw):
    with Raw(usher.port) as wire:
        answer = wire.send(raw).read()
        assert answer is None or 400 <= answer.status <= 505


def test_a_head_without_host_is_400(usher):
    refused(usher, b"GET /v1/accounts HTTP/1.1\r\n\r\n", 400)


def test_a_huge_head_is_431(usher):
    headers = (("X-Filler", "x" * 17_000),)
    refused(usher, request(body=BODY, headers=headers), 431, "headers_too_large")
    many = tuple((f"X-Filler-{n}", "x" * 100) for n in range(160))
    refused(usher, request(body=BODY, headers=many), 431, "headers_too_large")


def test_a_huge_body_is_413(usher):
    path = "/v1/catalog/diff"
    refused(usher, request(path, b"{}", length=50 * MIB), 413, "body_too_large")
    whole = json.dumps({"files": {"a.yaml": "x" * (MIB + 1)}}).encode()
    refused(usher, request(path, whole), 413, "body_too_large", unread=True)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    chunked = request(path, headers=(("Transfer-Encoding", "chunked"),), length=-1)
    refused(usher, chunked + chunk * 20 + b"0\r\n\r\n", 413, "body_too_large", unread=True)


def test_a_body_of_almost_the_limit_is_taken(usher):
    whole = json.dumps({"files": {"a.yaml": "#" * (MIB - 100)}}).encode()
    refused(usher, request("/v1/catalog/diff", whole), 422, "catalog_invalid")


def test_a_chunked_check_gets_the_same_answer(api, usher):
    _, session = api.customer()
    body = json.dumps({"session": session, "feature": world.LOCKED}).encode()
    head = request(headers=(("Transfer-Encoding", "chunked"),), length=-1)
    with Raw(usher.port) as wire:
        wire.send(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert json.loads(wire.read().body)["reason"] == "not_in_plan"
        # And the connection goes on.
        assert json.loads(wire.send(check(session)).read().body)["reason"] == "not_in_plan"


def test_pipelined_requests_are_answered_in_order(api, usher):
    _, session = api.customer()
    features = [row["feature"] for row in api.call("GET", "/v1/features")["items"]] * 5
    with Raw(usher.port) as wire:
        # A plain check, then something for the ordinary pipeline, then checks again.
        wire.send(b"".join(check(session, feature) for feature in features))
        wire.send(request("/v1/features", method="GET"))
        wire.send(b"".join(check(session, feature) for feature in features))
        for feature in features:
            assert json.loads(wire.read().body)["feature"] == feature
        assert b"items" in wire.read().body
        for feature in features:
            assert json.loads(wire.read().body)["feature"] == feature


def test_a_head_that_comes_byte_by_byte_is_understood(api, usher):
    _, session = api.customer()
    with Raw(usher.port) as wire:
        for byte in check(session):
            wire.send(bytes([byte]))
        assert json.loads(wire.read().body)["session"] == session


def test_half_open_clients_hold_up_nobody(api, usher):
    _, session = api.customer()
    whole = check(session)
    stuck = [Raw(usher.port).send(whole[: 20 + n]) for n in range(150)]
    try:
        start = time.monotonic()
        for _ in range(20):
            api.check(session)
        assert time.monotonic() - start < 2
        # One of them wakes up, and is still served.
        assert stuck[7].send(whole[27:]).read().status == 200
    finally:
        for wire in stuck:
            wire.socket.close()


def test_a_client_that_does_not_read_holds_up_nobody(api, usher):
    _, session = api.customer()
    with Raw(usher.port, timeout=0.5) as deaf:
        try:
            for _ in range(2_000):
                deaf.socket.sendall(check(session) * 10)
        except TimeoutError:
            pass  # the service stopped reading, as it should
        start = time.monotonic()
        api.check(session)
        assert time.monotonic() - start < 2


@pytest.mark.slow
def test_a_request_that_never_ends_is_cut_off(usher):
    """The whole request may take 30 s; a byte every second does not buy more."""
    with Raw(usher.port, timeout=1) as wire:
        wire.send(request(body=b"", length=1000))
        start = time.monotonic()

        def cut_off():
            wire.send(b" ")
            return wire.is_closed()

        eventually(cut_off, 45, step=0)
        assert 20 < time.monotonic() - start < 45
