"""Fixtures of the tests about flags; a file of tests names this as a plugin."""

import pytest
from support.flags import Flags, Ofrep


@pytest.fixture(scope="session")
def flags(api) -> Flags:
    return Flags(api)


@pytest.fixture(scope="session")
def ofrep(usher):
    with Ofrep(usher.base) as client:
        yield client


@pytest.fixture(scope="session")
def second_ofrep(second):
    """The protocol at another instance on the same database."""
    with Ofrep(second.base) as client:
        yield client
