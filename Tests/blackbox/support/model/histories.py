"""Whole histories from their seeds, and the shortest one that still shows a disagreement."""

import json
from dataclasses import asdict, dataclass
from random import Random

from .arena import Arena
from .calls import Catalog, stamp
from .catalogs import accounts
from .play import Play
from .state import Account
from .steps import Steps


def shown(step: dict) -> str:
    """A step for people: with times that can be read."""
    text = json.dumps(step, default=asdict)
    times = {str(v): stamp(v) for v in _integers(step) if v > 10**12}
    for number, time in times.items():
        text = text.replace(number, f'"{time}"')
    return text


def _integers(node):
    if isinstance(node, dict):
        for child in node.values():
            yield from _integers(child)
    elif isinstance(node, int):
        yield node


@dataclass
class History:
    """What has to be the same to play it again, the steps apart."""

    arena: Arena
    catalog: Catalog
    customers: dict[str, Account]

    def play(self, steps: list[dict]) -> AssertionError | None:
        """The first disagreement, on accounts of its own."""
        made = Play(self.arena, self.catalog, self.customers)
        try:
            made.set_up()
            for step in steps:
                made.take(step)
            made.judge.agree(made.world)
        except AssertionError as parted:
            return parted
        return None


def run(arena: Arena, seed: int, length: int) -> str | None:
    """Plays the history of a seed; a complaint with the shortest history found that parts."""
    chance = Random(seed)
    history = History(arena, arena.catalog(seed), accounts(chance))
    made = Play(arena, history.catalog, history.customers)
    steps, done = Steps(chance, owns_catalog=history.catalog.is_own), []
    try:
        made.set_up()
        for step in steps.opening(made.world):
            done.append(step)
            made.take(step)
        for number in range(length):
            done.append(step := steps.next(made.world))
            made.take(step)
            if number % 8 == 7:
                made.judge.agree(made.world)
    except AssertionError as parted:
        return complaint(history, done, parted)
    return None


def complaint(history: History, steps: list[dict], parted: AssertionError) -> str:
    least, why = shrink(history, steps, parted)
    began = history.catalog.world
    lines = "\n".join(f"  {shown(step)}" for step in least)
    plans = {s for step in least for s in _plans(step) if s in began.plans} | {"free"}
    sold = "\n".join(f"  {n}: {began.plans[n]}" for n in sorted(plans))
    start = stamp(next(iter(history.customers.values())).now)
    return f"{why}\nafter, from {start} on:\n{lines}\nof:\n{sold}"


def _plans(node):
    if isinstance(node, dict):
        for child in node.values():
            yield from _plans(child)
    elif isinstance(node, str):
        yield node


def shrink(history: History, steps: list[dict], parted: AssertionError, attempts: int = 80):
    """Drops steps while it still fails; bounded, as each attempt is a history of its own."""
    why, size = parted, max(1, len(steps) // 2)
    while attempts > 0 and size >= 1:
        start, shorter = 0, False
        while start < len(steps) and attempts > 0:
            fewer = steps[:start] + steps[start + size :]
            attempts -= 1
            if (again := history.play(fewer)) is not None:
                steps, why, shorter = fewer, again, True
            else:
                start += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return steps, why
