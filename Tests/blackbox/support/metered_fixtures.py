"""A service with the catalog of the tests about quotas, and customers of it.

A plugin: a test file takes the fixtures with `pytest_plugins = ["support.metered_fixtures"]`.
"""

from collections.abc import Iterator

import pytest

from . import metered_catalog, world
from .api import Api
from .metered import Metered
from .service import Service


class MeterService(Service):
    """A service that sells the catalog of these tests, after a restart as well."""

    def environment(self) -> dict[str, str]:
        plans = self.home / "plans"
        plans.mkdir(exist_ok=True)
        for name, text in metered_catalog.files().items():
            (plans / name).write_text(text)
        return super().environment() | {"USHER_PLANS_DIR": str(plans)}


def started(stripe) -> Iterator[Service]:
    if not world.BINARY.exists():
        pytest.skip(f"no service at {world.BINARY}")
    with MeterService(stripe.base) as service:
        yield service


@pytest.fixture(scope="session")
def meter_usher(stripe):
    """One service for all of these tests: they use accounts of their own and break nothing."""
    yield from started(stripe)


@pytest.fixture(scope="module")
def frail_usher(stripe):
    """A service that the tests of one file may break."""
    yield from started(stripe)


@pytest.fixture(scope="session")
def meter_second(meter_usher, stripe):
    """Another instance on the same database."""
    with Service(stripe.base, database_url=meter_usher.postgres_url()) as service:
        yield service


@pytest.fixture(scope="session")
def meters(meter_usher):
    with Api(meter_usher.base) as api:
        yield api


@pytest.fixture
def ada(meters):
    """A customer of the plan with everything, whose time the test moves."""
    return Metered(meters)


@pytest.fixture
def bob(meters):
    """The same in real time."""
    return Metered(meters, now=None)
