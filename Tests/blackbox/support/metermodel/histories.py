"""Whole histories from their seeds, and the shortest one found that still shows a disagreement."""

import json
from dataclasses import dataclass
from random import Random

from ..api import Api
from ..model.arena import Wire
from .catalogs import files, variant
from .play import Play, shown
from .steps import Steps
from .terms import Sold
from .windows import DAY, stamp

# Neither comes near the database's time in a history: a seed gives the same one on any day.
STARTS = (1_262_304_000_000, 2_208_988_800_000)  # 2010-01-01 and 2040-01-01
ZONES = ("UTC", "UTC", "Europe/Berlin", "America/New_York")
VARIANTS = 8


class Arena:
    """The service, with all variants of the catalog in force at once."""

    def __init__(self, api: Api):
        self.api, self.wire = api, Wire(api.base)
        self.sold = {f"v{number}.": variant(number) for number in range(VARIANTS)}
        api.call("PUT", "/v1/catalog", {"files": files(self.sold)})

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_) -> None:
        self.wire.close()

    def start(self, seed: int) -> "Start":
        chance = Random(f"start of {seed}")
        prefix = f"v{seed % VARIANTS}."
        at = chance.choice(STARTS) + chance.randrange(4 * 365 * DAY)
        zone = chance.choice(ZONES)
        return Start(self.api, self.wire, seed, prefix, self.sold[prefix], at, zone)


@dataclass
class Start:
    """What has to be the same to play a history again, the steps apart."""

    api: Api
    wire: Wire
    seed: int
    prefix: str
    sold: Sold
    at: int
    zone: str

    def play(self, steps: Steps | None = None) -> Play:
        """An account that has had its opening; `steps` goes on from there."""
        made = Play(self.api, self.wire, self.prefix, self.sold, self.at, self.zone)
        made.set_up()
        steps = steps or Steps(Random(self.seed))
        for step in steps.opening(made.game):
            made.take(step)
        return made

    def again(self, steps: list[dict]) -> AssertionError | None:
        """The first disagreement, on an account of its own."""
        try:
            made = self.play()
            for step in steps:
                made.take(step)
            made.explain()
        except AssertionError as parted:
            return parted
        return None


def run(arena: Arena, seed: int, length: int) -> str | None:
    """Plays the history of a seed; a complaint with the shortest that parts."""
    start, steps, done = arena.start(seed), Steps(Random(seed)), []
    try:
        made = start.play(steps)
        for _ in range(length):
            done.append(step := steps.next(made.game))
            made.take(step)
        made.explain()
    except AssertionError as parted:
        return complaint(start, done, parted)
    return None


def complaint(start: Start, steps: list[dict], parted: AssertionError) -> str:
    least, why = shrink(start, steps, parted)
    opening = Steps(Random(start.seed)).opening(None)[0]
    lines = "\n".join(f"  {shown(step)}" for step in [opening, *least])
    text = json.dumps([opening, *least])
    named = [n for n in start.sold.kinds if f'"{n}"' in text or f" {n}" in str(why)]
    plans = start.sold.plans | start.sold.addons
    sold = "\n".join(
        f"  {plan} {name}: {lines[name]}"
        for plan, lines in plans.items()
        if f'"{plan}"' in text or plan == start.sold.default
        for name in named
        if name in lines
    )
    began = f"from {stamp(start.at)} in {start.zone} on"
    return f"{why}\n{began}, after one of each:\n{lines}\nof:\n{sold}"


def shrink(start: Start, steps: list[dict], parted: AssertionError, attempts: int = 60):
    """Drops steps while it still fails; bounded, as each attempt is a history of its own."""
    why, size = parted, max(1, len(steps) // 2)
    while attempts > 0 and size >= 1:
        at, shorter = 0, False
        while at < len(steps) and attempts > 0:
            fewer = steps[:at] + steps[at + size :]
            attempts -= 1
            if (again := start.again(fewer)) is not None:
                steps, why, shorter = fewer, again, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return steps, why
