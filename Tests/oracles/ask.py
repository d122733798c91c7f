"""Answers cases with openfeature-flagd-core; run in the environment of one of its versions.

Where Usher differs on purpose, the oracle is asked a second time with one rule mended, and the
case says which. The rules are those of docs/flags-differences.md.
"""
import copy
import json
import logging
import math
import sys

from json_logic import builtins
from openfeature.contrib.tools.flagd.core import FlagdCore
import openfeature.contrib.tools.flagd.core.targeting.targeting  # noqa: F401, found below
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

logging.disable(logging.CRITICAL)
targeting = sys.modules["openfeature.contrib.tools.flagd.core.targeting.targeting"]
PLAIN = dict(targeting.OPERATORS)


def answer(case):
    core = FlagdCore()
    core.set_flags(copy.deepcopy(case["document"]))
    context = EvaluationContext(case["key"], copy.deepcopy(case["context"]))
    try:
        details = core._resolve("flag", None, context)
    except OpenFeatureError as error:
        return {"error": error.error_code.value}
    return {"value": details.value, "variant": details.variant or "",
            "reason": getattr(details.reason, "value", details.reason)}


# MARK: the rules

def strict(a, b):
    """Equal content; true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return isinstance(a, bool) and isinstance(b, bool) and a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(strict, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(strict(a[key], b[key]) for key in a)
    return a == b


def member(data=None, needle=None, haystack=None, *_):
    if isinstance(haystack, list):
        return any(strict(item, needle) for item in haystack)
    return builtins.op_in(data, needle, haystack)


def equal(data=None, a=None, b=None, *_):
    if isinstance(a, (list, dict)) and isinstance(b, (list, dict)):
        return False
    return builtins.op_equals(data, a, b)


def divide(data=None, a=None, b=None, *_):
    a, b = float(builtins.to_number(a)), float(builtins.to_number(b))
    if b == 0:
        sign = math.copysign(1, b) * a
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, sign)
    return a / b


def remainder(data=None, a=None, b=None, *_):
    a, b = builtins.to_number(a), builtins.to_number(b)
    if b == 0 or math.isinf(a):
        return math.nan
    return a % b


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return TO_STRING(value)


def item_split(data, *args):
    """Within a list the item is all there is; an item without attributes has no targeting key."""
    return PLAIN["fractional"](data if isinstance(data, dict) else {}, *args)


TO_NUMBER, TO_STRING = builtins.to_number, builtins.to_string
RULES = {
    "strict-truths": {
        "===": lambda data=None, a=None, b=None, *_: strict(a, b),
        "!==": lambda data=None, a=None, b=None, *_: not strict(a, b),
        "in": member,
    },
    "lists-are-never-equal": {
        "==": equal, "!=": lambda data=None, a=None, b=None, *_: not equal(data, a, b),
    },
    "division-by-zero": {"/": divide, "%": remainder},
    "truths-as-text": {"text": text},
    "split-within-a-list": {"fractional": item_split},
    "whole-references": {"inline": True},
}


def inlined(logic, evaluators, depth=0):
    if depth > 20:
        raise RecursionError
    if isinstance(logic, list):
        return [inlined(item, evaluators, depth) for item in logic]
    if isinstance(logic, dict):
        if list(logic) == ["$ref"] and logic["$ref"] in evaluators:
            return inlined(evaluators[logic["$ref"]], evaluators, depth + 1)
        return {key: inlined(item, evaluators, depth) for key, item in logic.items()}
    return logic


def mended(case, names):
    operators = dict(PLAIN)
    builtins.to_string = TO_STRING
    for name in names:
        for op, replacement in RULES[name].items():
            if op == "text":
                builtins.to_string = replacement
            elif op == "inline":
                case = copy.deepcopy(case)
                evaluators = case["document"].pop("$evaluators", {})
                flag = case["document"]["flags"]["flag"]
                if "targeting" in flag:
                    flag["targeting"] = inlined(flag["targeting"], evaluators)
            else:
                operators[op] = replacement
    targeting.OPERATORS = operators
    try:
        return answer(case)
    except Exception as error:  # the oracle stops at what it did not foresee
        return {"crash": type(error).__name__}
    finally:
        targeting.OPERATORS = PLAIN
        builtins.to_string = TO_STRING


def main():
    for line in sys.stdin:
        case = json.loads(line)
        plain, all_mended = mended(case, []), mended(case, list(RULES))
        if plain != all_mended:
            # The rules that it takes: those without which the answer is another.
            needed = [name for name in RULES
                      if mended(case, [other for other in RULES if other != name]) != all_mended]
            case["rule"], case["oracle"] = " + ".join(needed) or "any of several", plain
        if "crash" in all_mended:
            case["rule"] = "crash " + all_mended["crash"]
        case["answer"] = all_mended
        # Told after the oracle has answered, which knows no such key.
        case["document"]["flags"]["flag"]["usher"] = {"bucketing": sys.argv[1]}
        print(json.dumps(case, ensure_ascii=False))


if __name__ == "__main__":
    main()
