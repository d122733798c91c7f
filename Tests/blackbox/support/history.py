"""Judges a history of concurrent checks against acknowledged changes. Pure.

A `Register` has one writer: each change was sent at one moment and acknowledged at a later one, by
the same monotonic clock that stamps the checks. In between either answer is right. A check is right
when its answer is that of some change in force during it: none older than the last change that was
acknowledged before the check began, none that was sent only after the check had ended.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    start: float
    end: float
    answer: object
    revision: int | None = None


@dataclass
class Register:
    """The answers that are right over time; the first holds from the beginning."""

    first: object
    sent: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)

    def change(self, sent: float, acknowledged: float, answer: object) -> None:
        assert not self.acknowledged or self.acknowledged[-1] <= sent <= acknowledged
        self.sent.append(sent)
        self.acknowledged.append(acknowledged)
        self.answers.append(answer)

    def allowed(self, start: float, end: float) -> list[object]:
        """Every answer that a check of this span may give."""
        states = [self.first, *self.answers]
        oldest = bisect_right(self.acknowledged, start)
        newest = bisect_left(self.sent, end)
        return states[oldest : newest + 1]

    def wrong(self, checks: list[Check]) -> list[Check]:
        return [c for c in checks if c.answer not in self.allowed(c.start, c.end)]


def backward(checks: list[Check]) -> list[tuple[Check, Check]]:
    """Pairs where the later check, begun after the earlier had ended, saw an older revision."""
    ended = sorted((c for c in checks if c.revision is not None), key=lambda c: c.end)
    found, newest, next_ended = [], None, 0
    for check in sorted((c for c in checks if c.revision is not None), key=lambda c: c.start):
        while next_ended < len(ended) and ended[next_ended].end < check.start:
            if newest is None or ended[next_ended].revision > newest.revision:
                newest = ended[next_ended]
            next_ended += 1
        if newest is not None and check.revision < newest.revision:
            found.append((newest, check))
    return found
