"""A service that is told to stop answers what it accepted."""

import threading

from support.raw import Raw, check
from support.service import Service
from support.api import Api

CLIENTS = 40


def test_no_check_is_lost_at_a_shutdown(stripe):
    """Each client checks without pause until it is told that an answer was the last."""
    with Service(stripe.base) as service:
        with Api(service.base) as api:
            _, session = api.customer()
        started = threading.Barrier(CLIENTS + 1)
        ends: list[str] = []

        def ask() -> None:
            with Raw(service.port) as wire:
                wire.send(check(session)).read()
                started.wait()
                while True:
                    answer = wire.send(check(session)).read()
                    if answer is None or answer.status != 200:
                        return ends.append(f"lost: {answer}")
                    if answer.headers.get("connection") == "close":
                        return ends.append("told")

        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        started.wait()
        service.stop()
        for client in clients:
            client.join(10)
        assert ends == ["told"] * CLIENTS
