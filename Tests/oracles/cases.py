"""Makes flags and contexts at random, from a seed, and writes them as JSON lines."""
import json
import random
import sys

TEXTS = ["", "a", "ab", "abc", "pro", "team", "ünï", "ключ", "鍵", "é", "0", "1", "5", "1.5",
         " 7 ", "-3", "1e2", "1.2.3", "v2", "1.0.0-rc.1", "user@example.com", "true", "null"]
NUMBERS = [0, 1, -1, 2, 5, 10, 100, -7, 0.5, -0.5, 1.0, 2.0, 10.0, 1.25, 0.1, 1e6, 123456789,
           2147483647, 2147483648, 4294967296]
NAMES = ["plan", "seats", "email", "beta", "tags", "nested", "version", "ключ", "missing"]
PATHS = NAMES + ["nested.a", "nested.b.c", "tags.0", "tags.1", "tags.length", "email.length",
                 "nested..a", "tags.01", "tags.-1", "email.0", "targetingKey", "$flagd.flagKey",
                 "$flagd.nothing", "plan.x"]
VERSIONS = ["1.2.3", "v1.2.3", "V2", "1", "1.2", "2.0.0", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-alpha",
            "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0+build", "2.0.0.0", "01.0.0", "x", "", "1.2.3-",
            "1.0.0-01", "1.0.0-rc.1+b.2", 1, 1.2, 2.0, True, None, "1.2.3-rc..1", "10.0.0", "1.x"]
SIGNS = ["=", "!=", "<", "<=", ">", ">=", "^", "~", "=="]


class Maker:
    def __init__(self, random):
        self.r = random

    def pick(self, values):
        return self.r.choice(values)

    def scalar(self):
        return self.pick([lambda: self.pick(TEXTS), lambda: self.pick(NUMBERS),
                          lambda: self.pick([True, False, None])])()

    def value(self, depth=2):
        if depth and self.r.random() < 0.2:
            return [self.value(depth - 1) for _ in range(self.r.randrange(4))]
        if depth and self.r.random() < 0.05:
            return {self.pick(NAMES): self.value(depth - 1)
                    for _ in range(self.pick([0, 2, 3]))}
        return self.scalar()

    def context(self):
        context = {}
        for name in NAMES[:-1]:
            if self.r.random() < 0.6:
                context[name] = self.value()
        if self.r.random() < 0.6:
            context["tags"] = [self.scalar() for _ in range(self.r.randrange(4))]
        if self.r.random() < 0.5:
            context["nested"] = {"a": self.scalar(), "b": {"c": self.scalar()}}
        if self.r.random() < 0.5:
            context["version"] = self.pick(VERSIONS)
        return context

    def key(self):
        if self.r.random() < 0.1:
            return None
        if self.r.random() < 0.05:
            return ""
        return self.pick(["user-%d" % self.r.randrange(10**6), "ünïcode-%d" % self.r.randrange(999),
                          "ключ-鍵-%d" % self.r.randrange(999), "acct_%d" % self.r.randrange(99)])

    def var(self):
        if self.r.random() < 0.15:
            return {"var": [self.pick(PATHS), self.value(1)]}
        if self.r.random() < 0.03:
            return {"var": self.pick(["", None, [], 0, 1.0])}
        if self.r.random() < 0.03:
            return {"var": {"cat": ["nes", "ted"]}}
        return {"var": self.pick(PATHS)}

    def item_var(self):
        return {"var": self.pick(["", "a", "length", "0", "accumulator", "current", 0, "b.c"])}

    def rule(self, depth, leaf=None):
        leaf = leaf or self.var
        if depth <= 0 or self.r.random() < 0.1:
            return leaf() if self.r.random() < 0.6 else self.value(1)
        sub = lambda: self.rule(depth - 1, leaf)
        op = self.pick(["if", "==", "===", "!=", "!==", "!", "!!", "or", "and", ">", ">=", "<", "<=",
                        "max", "min", "+", "-", "*", "/", "%", "map", "filter", "reduce", "all",
                        "none", "some", "merge", "in", "cat", "substr", "starts_with", "ends_with",
                        "sem_ver", "missing", "missing_some", "fractional", "list"])
        if op == "list":
            return [sub() for _ in range(self.r.randrange(4))]
        if op in ("map", "filter", "all", "none", "some"):
            return {op: [self.items(depth), self.rule(depth - 1, self.item_var)]}
        if op == "reduce":
            return {op: [self.items(depth), self.rule(depth - 1, self.item_var), self.scalar()]}
        if op == "missing":
            return {op: [self.pick(PATHS) for _ in range(self.r.randrange(4))]}
        if op == "missing_some":
            return {op: [self.pick([0, 1, 2]), [self.pick(PATHS) for _ in range(3)]]}
        if op == "sem_ver":
            side = lambda: self.pick(VERSIONS) if self.r.random() < 0.6 else {"var": "version"}
            return {op: [side(), self.pick(SIGNS), side()][: self.pick([3, 3, 3, 3, 2])]}
        if op == "fractional":
            return self.fractional()
        if op in ("starts_with", "ends_with", "in") and self.r.random() < 0.5:
            return {op: [self.pick(TEXTS), leaf()]}
        count = {"!": 1, "!!": 1, "-": self.pick([1, 2]), "<": self.pick([2, 3]),
                 "<=": self.pick([2, 3]), "substr": self.pick([2, 3])}.get(op)
        if count is None:
            many = op in ("if", "or", "and", "max", "min", "+", "*", "merge", "cat")
            count = self.r.randrange(1, 5) if many else 2
        if self.r.random() < 0.04:
            count = self.r.randrange(4)
        arguments = [sub() for _ in range(count)]
        if len(arguments) == 1 and not isinstance(arguments[0], list) and self.r.random() < 0.5:
            return {op: arguments[0]}
        return {op: arguments}

    def items(self, depth):
        return self.pick([{"var": "tags"}, [self.scalar() for _ in range(3)],
                          [{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": 1}], {"var": "missing"},
                          {"merge": [{"var": "tags"}, self.scalar()]}])

    def weight(self):
        return self.pick([0, 1, 10, 25, 50, 50, 100, 9000, 1000, 50, 33, -5, 2**31 - 1, 1.5, 10.0,
                          "5", None, True, {"*": [2, 5]}, {"-": [5, 10]}, {"var": "seats"},
                          {"+": ["5"]}]) if self.r.random() < 0.25 else self.r.randrange(1, 101)

    def arm(self):
        variant = self.pick(["a", "b", "c", True, 1, None]) if self.r.random() < 0.1 else \
            self.pick(["a", "b", "c"])
        if self.r.random() < 0.03:
            return self.pick([[], ["a", 1, 2], "a", None, {"var": "plan"}])
        if self.r.random() < 0.1:
            return [variant]
        if self.r.random() < 0.05:
            return [{"if": [self.rule(1), "a", "b"]}, self.weight()]
        return [variant, self.weight()]

    def fractional(self):
        arms = [self.arm() for _ in range(self.r.randrange(1, 5))]
        if self.r.random() < 0.5:
            unit = self.pick([{"var": "email"}, {"var": "seats"}, {"var": "plan"}, {"var": "missing"},
                              {"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, {"var": "beta"},
                              {"var": "nested"}, {"var": "tags"}, "fixed", 7, 7.0, 0.1, None])
            arms = [unit] + arms
        return {"fractional": arms}

    def flag(self, evaluators):
        variants = self.pick([
            {"a": "A", "b": "B", "c": "C"}, {"a": 1, "b": 2, "c": 3}, {"a": 1.0, "b": 2.5, "c": 10.0},
            {"a": {"x": [1]}, "b": {}, "c": {"y": None}}, {"true": True, "false": False, "a": True},
            {"a": "A", "true": "T", "1": "one", "1.0": "float", "false": ""},
        ])
        flag = {"state": "ENABLED" if self.r.random() < 0.97 else "DISABLED", "variants": variants}
        if self.r.random() < 0.8:
            flag["defaultVariant"] = self.pick(list(variants)) if self.r.random() < 0.97 else "zzz"
        elif self.r.random() < 0.5:
            flag["defaultVariant"] = None
        kind = self.r.random()
        if kind < 0.04:
            return flag
        if kind < 0.4:
            rule = self.fractional()
        elif kind < 0.75:
            results = lambda: self.pick(list(variants) + [None, None, True, "zzz"]) \
                if self.r.random() < 0.8 else self.fractional()
            rule = {"if": [self.rule(3), results(), self.rule(2), results(), results()]}
        else:
            rule = self.rule(4)
            if not isinstance(rule, dict) or len(rule) != 1:
                rule = {"if": [rule, "a", "b"]}
        if evaluators and self.r.random() < 0.8:
            rule = {"if": [{"$ref": self.pick(list(evaluators) + ["unknown"] * (kind < 0.06))},
                           rule, "a"]}
        flag["targeting"] = rule
        return flag

    def case(self):
        evaluators = {}
        if self.r.random() < 0.15:
            evaluators = {"one": self.rule(2), "two": {"and": [{"$ref": "one"}, self.rule(1)]}}
            if self.r.random() < 0.5:
                evaluators = dict(reversed(evaluators.items()))
        document = {"flags": {"flag": self.flag(evaluators)}}
        if evaluators:
            document["$evaluators"] = evaluators
        return {"document": document, "context": self.context(), "key": self.key()}


def main(seed, count, path):
    with open(path, "w", encoding="utf-8") as out:
        for index in range(count):
            case = Maker(random.Random("%s/%d" % (seed, index))).case()
            out.write(json.dumps(case, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
