"""Fixtures: one service for most tests, a second instance on its database, a Stripe of our own."""

import pytest
from support import world
from support.api import Api
from support.fake_stripe import FakeStripe
from support.service import Service


def pytest_collection_modifyitems(items):
    """A test that needs a service is skipped loudly where there is none to run."""
    if world.BINARY.exists():
        return
    for item in items:
        if {"usher", "own_usher", "peer_usher"} & set(item.fixturenames):
            item.add_marker(pytest.mark.skip(reason=f"no service at {world.BINARY}"))


@pytest.fixture(scope="session")
def stripe():
    with FakeStripe() as fake:
        yield fake


@pytest.fixture(scope="session")
def usher(stripe):
    with Service(stripe.base) as service:
        yield service


@pytest.fixture(scope="session")
def second(usher, stripe):
    """Another instance on the same database."""
    with Service(stripe.base, database_url=usher.postgres_url()) as service:
        yield service


@pytest.fixture(scope="session")
def api(usher):
    with Api(usher.base) as client:
        yield client


@pytest.fixture(scope="module")
def own_usher(stripe):
    """A service that the tests of one file may break."""
    with Service(stripe.base) as service:
        yield service


@pytest.fixture
def own_api(own_usher):
    # A client a test: connections to a service that was killed are of no use to the next.
    with Api(own_usher.base) as client:
        yield client
