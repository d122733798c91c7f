"""Waiting for a condition, with a bound; the only place that sleeps."""

import time


def eventually(condition, seconds: float, complaint=lambda: "it never came true", step=0.02):
    """The first truthy result of `condition`; fails with `complaint` after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > until:
            raise AssertionError(f"after {seconds} s: {complaint()}")
        time.sleep(step)
