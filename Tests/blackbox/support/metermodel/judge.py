"""Holds what the service says of an account against the model."""

from collections import Counter

from ..api import Api
from ..model.arena import Wire, same
from .game import Game
from .meter import INFINITE
from .windows import stamp

PEOPLE = {"s1": "ada", "s2": "ada", "s3": "bo"}  # who has which session


class Judge:
    """One account, as it is known to both."""

    api: Api
    wire: Wire
    path: str
    game: Game
    sessions: dict[str, str]
    ids: dict[str, str]

    def compare(self) -> None:
        """Every meter of the account, and what the checks say of the others."""
        for feature in self.game.sold.kinds:
            if self.game.is_quota(feature):
                path = f"{self.path}/meters/{self.out(feature)}"
                self._hold(feature, self.wire.ask("GET", path))
        names = list(self.game.sold.kinds)
        body = {"session": self.sessions["s1"], "features": [self.out(name) for name in names]}
        answers = self.wire.ask("POST", "/v1/check/batch", body)["decisions"]
        for name, answer in zip(names, answers, strict=True):
            self._hold_check(name, answer)

    def _hold(self, feature: str, shown: dict) -> None:
        game = self.game
        meter, terms = game.seen(("", feature)), game.terms(("", feature))
        buckets = meter.buckets(terms)
        endless = any(bucket.left >= INFINITE for bucket in buckets)
        wanted = {"used": meter.used, "held": meter.held, "over": meter.over}
        left = sum(bucket.left for bucket in buckets)
        wanted["remaining"] = "unlimited" if endless else meter.remaining(terms)
        limit = max(0, meter.used + meter.held + left - meter.over)
        wanted["limit"] = "unlimited" if endless else limit
        wanted["resets_at"] = stamp(meter.period[1] if meter.period else None)
        for name, value in wanted.items():
            same(f"{name} of {feature}", shown[name], value)
        slots = [
            (b.slot, b.kind, b.left, stamp(b.lost_at)) for b in buckets if 0 < b.left < INFINITE
        ]
        same(f"the slots of {feature}", self._slots(shown), _short(slots))

    def _slots(self, shown: dict) -> list[tuple]:
        labels = {id: label for label, id in self.ids.items()}
        found = []
        for slot in shown["slots"]:
            if isinstance(slot["left"], int) and slot["left"] > 0:
                name = labels.get(slot["slot"], slot["slot"])
                found.append((name, slot["kind"], slot["left"], slot["lost_at"]))
        return _short(found)

    def _hold_check(self, feature: str, answer: dict) -> None:
        game, who = self.game, (PEOPLE["s1"], "s1")
        line, kind = game.sold.line(game.who, feature), game.sold.kinds[feature]
        if kind.type == "concurrency":
            room = game.leases.room(feature, line, game.who.now, *who)
            reason = "concurrency_reached"
        else:
            room = 1 if game.fits([(feature, 1)], who) else 0
            reason = "rate_limited" if kind.type == "rate" else "quota_exhausted"
        same(f"a check of {feature}", answer["allowed"], room > 0)
        if not answer["allowed"]:
            same(f"the reason of {feature}", answer["reason"], reason)
        if game.is_sliding(feature) or kind.type == "rate":
            same(f"remaining of {feature}", answer["remaining"], game._other_room(feature, who))
        if kind.type == "rate":
            same(f"limit of {feature}", answer["limit"], line.limit)
        if kind.type == "concurrency":
            used = sum(lease.count for lease in game.leases.live(feature, game.who.now))
            same(f"used of {feature}", answer["used"], used)

    def explain(self) -> None:
        """The ledger accounts for every unit, and says which bucket it came from."""
        for feature in self.game.sold.kinds:
            if not self.game.is_quota(feature):
                continue
            path = f"{self.path}/ledger"
            entries = self.api.pages(path, feature=self.out(feature), limit=200)
            mine = [entry for entry in entries if entry["subject"] in ("", None)]
            total = sum(entry["units"] for entry in mine)
            same(f"the ledger of {feature}", total, self.game.total["", feature])
            self._hold_parts(feature, mine)

    def _hold_parts(self, feature: str, entries: list[dict]) -> None:
        labels = {id: label for label, id in self.ids.items()}
        found: dict[str, Counter] = {}
        for entry in entries:
            reference = labels.get(entry["reference"], entry["reference"])
            if entry["kind"] not in ("consume", "record", "settle") or not entry["units"]:
                continue
            parts = Counter()
            for part in entry["parts"]:
                parts[_named(labels.get(part["slot"], part["slot"]))] += part["units"]
            same(f"the parts of {reference}", sum(parts.values()), entry["units"])
            found.setdefault(reference, Counter()).update(parts)
        for (name, reference), parts in self.game.parts.items():
            if name == feature and reference in found:
                wanted = Counter()
                for slot, count in parts.items():
                    wanted[_named(slot)] += count
                same(f"what {reference} burnt of {feature}", +found[reference], +wanted)


def _named(slot: str) -> str:
    """What rolled over has names of its own in the service and in the model."""
    return "rolled" if "rolled" in slot else slot


def _short(slots: list[tuple]) -> list[tuple]:
    """Without names for what rolled over, and what is lost at the same instant as one."""
    found: dict[tuple, int] = {}
    for slot, kind, left, lost_at in slots:
        key = _named(slot), kind, lost_at
        found[key] = found.get(key, 0) + left
    return [(*key, left) for key, left in found.items()]
