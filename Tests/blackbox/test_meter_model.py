"""Random histories against a model of the meters: the same balances at every step.

A history is made from its seed: consuming, reserving, settling, refunds, corrections, top-ups,
voids, changes of plan, add-ons, leases and a test clock that is moved by hand. After each step
every meter is compared with `support.metermodel`, and at the end the ledger: it explains each unit.

    USHER_MODEL_SEED=123 Tests/blackbox/run.sh test_meter_model.py      plays one history
    USHER_MODEL_SEEDS=500 Tests/blackbox/run.sh test_meter_model.py     plays that many
"""

import os

import pytest
from support.api import Api
from support.metermodel import histories

SEEDS = int(os.environ.get("USHER_MODEL_SEEDS", "16"))
ONE = os.environ.get("USHER_MODEL_SEED")
STEPS = 50


@pytest.fixture(scope="module")
def arena(own_usher):
    with Api(own_usher.base) as api, histories.Arena(api) as arena:
        yield arena


@pytest.mark.slow
def test_the_service_counts_as_the_model_does(arena):
    for seed in [int(ONE)] if ONE else range(1, SEEDS + 1):
        complaint = histories.run(arena, seed, STEPS)
        if complaint is not None:
            replay = f"USHER_MODEL_SEED={seed} Tests/blackbox/run.sh test_meter_model.py"
            pytest.fail(f"{complaint}\nreplay: {replay}", pytrace=False)
