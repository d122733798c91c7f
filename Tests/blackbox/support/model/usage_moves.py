"""What calls about seats and levels do to a `World`."""

from .rules import entitled, used
from .state import UNLIMITED, Account, Decision, Refused, World


def room(world: World, account: Account, feature: str) -> float:
    """How many seats or units the account may have in use, whoever asks."""
    at, kind = account.now, world.features[feature]
    mine = [g for g in account.grants.values() if g.feature == feature and g.is_for(None)]
    denied = any(g.stops(at, world.database) for g in mine)
    found = entitled(world, account, feature, None, at)
    if denied or kind.disabled or account.is_blocked(at) or isinstance(found, Decision):
        return 0
    lenient = kind.overage and found.source[0] != "grant"
    return float("inf") if lenient or found.amount == UNLIMITED else found.amount


def assign(world: World, account: Account, step: dict) -> None:
    feature, user = step["feature"], step["user"]
    users = account.seats.setdefault(feature, set())
    if user in users:
        return
    if len(users) >= room(world, account, feature):
        raise Refused("limit_reached")
    users.add(user)


def release(world: World, account: Account, step: dict) -> None:
    users = account.seats.get(step["feature"], set())
    if step["user"] not in users:
        raise Refused("no_seat")
    users.remove(step["user"])


def swap(world: World, account: Account, step: dict) -> None:
    users = account.seats.get(step["feature"], set())
    if step["from"] not in users:
        raise Refused("no_seat")
    if step["to"] in users:
        raise Refused("conflict")
    users.remove(step["from"])
    users.add(step["to"])


def level(world: World, account: Account, step: dict) -> None:
    feature = step["feature"]
    before = used(world, account, feature)
    value = step["value"] if "value" in step else before + step["add"]
    if value < 0:
        raise Refused("below_zero" if "add" in step else "invalid_field")
    if value > before and value > room(world, account, feature):
        raise Refused("limit_reached")
    account.levels[feature] = value
