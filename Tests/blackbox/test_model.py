"""Random histories against a model of the rules: the same decision and reason at every step.

A history is made from its seed: plan changes, trials, grants, pauses, seats, catalog changes and a
test clock that is moved by hand. After each step every feature of every session is compared with
`support.model`, and what will change next; every few steps the batch, the list and the explanation
with each other.

    USHER_MODEL_SEED=123 Tests/blackbox/run.sh test_model.py      plays one history
    USHER_MODEL_SEEDS=2000 Tests/blackbox/run.sh test_model.py    plays that many
"""

import os

import pytest
from support.api import Api
from support.model import histories
from support.model.arena import Arena

SEEDS = int(os.environ.get("USHER_MODEL_SEEDS", "40"))
ONE = os.environ.get("USHER_MODEL_SEED")
STEPS = 40


@pytest.fixture(scope="module")
def arena(own_usher):
    with Api(own_usher.base) as api, Arena(api) as arena:
        yield arena


@pytest.mark.slow
def test_the_service_decides_as_the_model_does(arena):
    seeds = [int(ONE)] if ONE else range(1, SEEDS + 1)
    # Those that change their catalog go last: until then the others find theirs in force.
    for seed in sorted(seeds, key=arena.owns_catalog):
        complaint = histories.run(arena, seed, STEPS)
        if complaint is not None:
            replay = f"USHER_MODEL_SEED={seed} Tests/blackbox/run.sh test_model.py"
            pytest.fail(f"{complaint}\nreplay: {replay}", pytrace=False)
