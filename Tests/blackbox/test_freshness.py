"""The promise, as a property: no check answers from before its own arrival.

200 clients check without pause over two instances, while each account is upgraded, canceled by
webhook, blocked, and its sessions revoked, through either instance. Every check and every change is
stamped by one monotonic clock and judged by `support.history`. USHER_BLACKBOX_SEED picks another
interleaving, USHER_BLACKBOX_SECONDS a longer run.
"""

import asyncio
import json
import os
import random
import time
from dataclasses import dataclass, field

from support import raw, signing
from support.history import Check, Register, backward
from support.wire import Wire

CLIENTS = 200
ACCOUNTS = 10
SECONDS = float(os.environ.get("USHER_BLACKBOX_SECONDS", "20"))
SEED = int(os.environ.get("USHER_BLACKBOX_SEED", "20251124"))


@dataclass
class Device:
    id: str
    register: Register = field(default_factory=lambda: Register(first="open"))
    checks: list[Check] = field(default_factory=list)


@dataclass
class Customer:
    account: str
    at_stripe: str
    subscription: str
    register: Register
    devices: list[Device]
    checks: list[Check] = field(default_factory=list)


def prepare(api, stripe) -> Customer:
    at_stripe = stripe.customer()
    account, session = api.customer("fresh", billing={"stripe": at_stripe})
    bought = stripe.subscription(at_stripe, status="canceled", ended_at=int(time.time()))
    # Whether anything opened before is known: Stripe's word, applied, is the first state.
    answer = api.webhook(signing.snapshot("customer.subscription.updated", bought))
    assert answer.json()["status"] == "applied"
    assert api.check(session)["allowed"] is False
    return Customer(account, at_stripe, bought["id"], Register(first=False), [Device(session)])


async def check_without_pause(port: int, customers, chance, until: float) -> None:
    async with Wire(port) as wire:
        while time.monotonic() < until:
            customer = chance.choice(customers)
            device = chance.choice(customer.devices[-2:])
            start = time.monotonic()
            status, decision = await wire.ask(raw.check(device.id))
            end = time.monotonic()
            assert status == 200, decision
            record(customer, device, start, end, decision)


def record(customer: Customer, device: Device, start: float, end: float, decision: dict) -> None:
    revoked = decision["reason"] == "session_revoked"
    device.checks.append(Check(start, end, "revoked" if revoked else "open"))
    if not revoked:
        check = Check(start, end, decision["allowed"], decision["revision"])
        customer.checks.append(check)


async def change_without_end(ports, customer: Customer, stripe, chance, until: float) -> None:
    """One writer an account; each change goes through an instance picked by chance."""
    async with Wire(ports[0]) as first, Wire(ports[1]) as second:
        turn = 0
        while time.monotonic() < until:
            wire = chance.choice((first, second))
            turn += 1
            if turn % 4 == 0:
                await replace_device(wire, customer)
            elif turn % 4 == 2:
                await set_blocked(wire, customer, blocked=True)
                await set_blocked(chance.choice((first, second)), customer, blocked=False)
            else:
                await bill(wire, customer, stripe)
            await asyncio.sleep(chance.random() * 0.02)


async def bill(wire: Wire, customer: Customer, stripe) -> None:
    """Stripe changes its mind and says so; acknowledged by 200 `applied`."""
    opening = stripe.get(customer.subscription)["status"] != "active"
    ended = None if opening else int(time.time())
    sent = time.monotonic()
    fields = {"status": "active" if opening else "canceled", "ended_at": ended}
    thing = stripe.change(customer.subscription, **fields)
    event = json.dumps(signing.snapshot("customer.subscription.updated", thing)).encode()
    headers = (("Stripe-Signature", signing.sign(event)),)
    status, answer = await wire.ask(raw.request("/webhooks/stripe", event, headers=headers))
    assert status in (200, 202), answer
    while status == 202:  # slow machine: acknowledged only once a sync says that it is in force
        body = {"source": "stripe", "subscription": customer.subscription, "wait_ms": 5000}
        _, answer = await wire.ask(raw.request("/v1/sync", json.dumps(body).encode()))
        status = 200 if answer["status"] in ("applied", "unchanged") else 202
    customer.register.change(sent, time.monotonic(), opening)


async def set_blocked(wire: Wire, customer: Customer, blocked: bool) -> None:
    path = f"/v1/accounts/{customer.account}/block"
    body = b'{"reason":"freshness"}' if blocked else b""
    states = [customer.register.first, *customer.register.answers]
    sent = time.monotonic()
    method = "POST" if blocked else "DELETE"
    status, answer = await wire.ask(raw.request(path, body, method=method))
    assert status == 200, answer
    # Released, it is what it was before the block.
    customer.register.change(sent, time.monotonic(), False if blocked else states[-2])


async def replace_device(wire: Wire, customer: Customer) -> None:
    body = json.dumps({"account": customer.account, "user": "ada"}).encode()
    status, made = await wire.ask(raw.request("/v1/sessions", body))
    assert status == 201, made
    old = customer.devices[-1]
    customer.devices.append(Device(made["session"]))
    sent = time.monotonic()
    request = raw.request(f"/v1/sessions/{old.id}", method="DELETE")
    status, answer = await wire.ask(request)
    assert status == 200, answer
    old.register.change(sent, time.monotonic(), "revoked")


async def storm(ports, customers, stripe, chance) -> None:
    until = time.monotonic() + SECONDS

    def fresh() -> random.Random:
        return random.Random(chance.random())

    async with asyncio.TaskGroup() as group:
        for client in range(CLIENTS):
            port = ports[client % 2]
            group.create_task(check_without_pause(port, customers, fresh(), until))
        for customer in customers:
            group.create_task(change_without_end(ports, customer, stripe, fresh(), until))


def test_no_check_answers_from_before_its_own_arrival(usher, second, api, stripe):
    customers = [prepare(api, stripe) for _ in range(ACCOUNTS)]
    asyncio.run(storm((usher.port, second.port), customers, stripe, random.Random(SEED)))

    checks = sum(len(c.checks) for c in customers)
    changes = sum(len(c.register.answers) for c in customers)
    revoked = sum(len(c.devices) - 1 for c in customers)
    print(f"\nseed {SEED}: {checks} checks, {changes} changes, {revoked} revocations")
    for customer in customers:
        assert customer.register.wrong(customer.checks) == [], customer.account
        assert backward(customer.checks) == [], customer.account
        for device in customer.devices:
            assert device.register.wrong(device.checks) == [], device.id
    # Judged last: a stale answer is the worse news.
    assert checks > 1_000 and changes > 5 * ACCOUNTS and revoked >= ACCOUNTS, "too little happened"
