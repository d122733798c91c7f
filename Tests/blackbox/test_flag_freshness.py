"""The promise, for flags: no evaluation answers from before its own arrival, least of all a kill.

200 clients evaluate without pause over two instances, one flag or all of them, while each flag is
killed, restored, defined anew and reverted, through either instance. Every evaluation and every
change is stamped by one monotonic clock and judged by `support.history`. USHER_BLACKBOX_SEED picks
another interleaving, USHER_BLACKBOX_SECONDS a longer run.
"""

import asyncio
import json
import os
import random
import time
from dataclasses import dataclass, field

from support import raw
from support.flags import EVALUATE, flag
from support.history import Check, Register, backward
from support.wire import Wire

pytest_plugins = ["support.flag_fixtures"]

CLIENTS = 200
FLAGS = 10
SECONDS = float(os.environ.get("USHER_BLACKBOX_SECONDS", "15"))
SEED = int(os.environ.get("USHER_BLACKBOX_SEED", "20251124"))
BULK = 0.02  # of the evaluations ask for all flags
VALUES = {"off": "off", "a": "a", "b": "b"}


def definition(default: str) -> dict:
    return flag(VALUES, default, usher={"off_variant": "off"})


@dataclass
class Watched:
    """A flag with one writer, and what was seen of it."""

    key: str
    default: str = "a"
    version: int = 1
    register: Register = field(default_factory=lambda: Register(first="a"))
    checks: list[Check] = field(default_factory=list)
    kills: int = 0


async def evaluate_without_pause(port: int, watched, chance, until: float) -> None:
    one = {w.key: raw.request(f"{EVALUATE}/{w.key}", b'{"context":{}}') for w in watched}
    every = raw.request(EVALUATE, b"")
    by_key = {w.key: w for w in watched}
    async with Wire(port) as wire:
        while time.monotonic() < until:
            picked = chance.choice(watched)
            is_bulk = chance.random() < BULK
            start = time.monotonic()
            status, answer = await wire.ask(every if is_bulk else one[picked.key])
            end = time.monotonic()
            assert status == 200, answer
            revision = answer["metadata"]["configVersion"]
            for item in answer["flags"] if is_bulk else [answer]:
                if seen := by_key.get(item["key"]):
                    seen.checks.append(Check(start, end, item["value"], revision))


async def change_without_end(ports, watched: Watched, chance, until: float) -> None:
    """Mostly kills and restores; between them, other definitions and reverts."""
    async with Wire(ports[0]) as first, Wire(ports[1]) as second:
        wires = (first, second)
        while time.monotonic() < until:
            await kill(chance.choice(wires), watched)
            await asyncio.sleep(chance.random() * 0.02)
            await restore(chance.choice(wires), watched)
            await asyncio.sleep(chance.random() * 0.02)
            await define(chance.choice(wires), watched, chance.random() < 0.5)


async def change(wire: Wire, watched: Watched, request: bytes, answer: str) -> dict:
    sent = time.monotonic()
    status, body = await wire.ask(request)
    assert status == 200, body
    watched.register.change(sent, time.monotonic(), answer)
    return body


async def kill(wire: Wire, watched: Watched) -> None:
    path = f"/v1/flags/{watched.key}/kill"
    await change(wire, watched, raw.request(path, b'{"reason":"storm"}'), "off")
    watched.kills += 1


async def restore(wire: Wire, watched: Watched) -> None:
    path = f"/v1/flags/{watched.key}/kill"
    await change(wire, watched, raw.request(path, method="DELETE"), watched.default)


async def define(wire: Wire, watched: Watched, reverts: bool) -> None:
    """The other arm as default: written anew, or by going back to the version before."""
    watched.default = "b" if watched.default == "a" else "a"
    path = f"/v1/flags/{watched.key}"
    if reverts and watched.version > 1:
        body = json.dumps({"version": watched.version - 1}).encode()
        request = raw.request(path + "/revert", body)
    else:
        body = json.dumps(definition(watched.default)).encode()
        request = raw.request(path, body, method="PUT")
    answer = await change(wire, watched, request, watched.default)
    watched.version = answer["version"]


async def storm(ports, watched, chance) -> None:
    until = time.monotonic() + SECONDS

    def fresh() -> random.Random:
        return random.Random(chance.random())

    async with asyncio.TaskGroup() as group:
        for client in range(CLIENTS):
            port = ports[client % 2]
            group.create_task(evaluate_without_pause(port, watched, fresh(), until))
        for one in watched:
            group.create_task(change_without_end(ports, one, fresh(), until))


def test_no_evaluation_answers_from_before_its_own_arrival(usher, second, flags):
    watched = [Watched(flags.make(definition("a"))) for _ in range(FLAGS)]
    asyncio.run(storm((usher.port, second.port), watched, random.Random(SEED)))

    checks = sum(len(w.checks) for w in watched)
    changes = sum(len(w.register.answers) for w in watched)
    kills = sum(w.kills for w in watched)
    print(f"\nseed {SEED}: {checks} answers, {changes} changes, {kills} of them kills")
    for one in watched:
        assert one.register.wrong(one.checks) == [], one.key
        assert backward(one.checks) == [], one.key
    # Judged last: a stale answer is the worse news.
    assert checks > 1_000 and kills > 5 * FLAGS, "too little happened"
