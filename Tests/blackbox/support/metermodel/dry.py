"""A history on the model alone, to see that it keeps its own word."""

from .play import Play
from .terms import Credit

NOBODY = (None, None)


class Dry(Play):
    """A history on the model alone."""

    def set_up(self) -> None:
        self.sessions = {name: name for name in self.game.sessions}

    def take(self, step: dict) -> None:
        if self.can(step):
            self.dry(step)

    def dry(self, step: dict) -> None:
        game, name = self.game, step.get("name")
        match step["do"]:
            case "consume":
                game.consume(step["items"], self.subject(step["who"]), step["mode"], step["key"])
            case "record":
                given = step["feature"], step["count"], (step["user"], None), step["event"]
                game.record(*given)
            case "reserve":
                who = self.subject(step["who"])
                game.reserve(name, step["feature"], step["count"], step["seconds"], who)
            case "settle":
                self.refusal(game.settle, name, step["count"])
            case "release":
                self.refusal(game.release, name)
            case "refund":
                who = game.calls[step["key"]][0]["who"] if step["key"] else NOBODY
                self.refusal(game.refund, step["feature"], step["count"], who, step["key"])
            case "adjust":
                self.refusal(game.adjust, step["feature"], step["used"], step["add"], "adjust")
            case "credit":
                made = Credit(name, step["feature"], step["amount"], step["start"], step["end"])
                made.priority, made.every = step["priority"], step["every"]
                made.rollover = tuple(step["rollover"]) if step["rollover"] else None
                game.credit(made)
                self.ids[name] = name
            case "void":
                game.void(name)
            case "plan":
                game.plan(step["plan"])
            case "addon":
                game.addon(step["sub"], step["plan"], step["quantity"])
            case "drop_addon":
                game.drop_addon(step["sub"])
            case "clock":
                game.clock(step["to"])
