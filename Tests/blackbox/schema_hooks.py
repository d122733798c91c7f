"""Hooks for schemathesis: half of the generated names are of things that exist.

Without them nearly every generated call would end at a 404. The ids come from the environment, as
JSON: parameter or field name to a value that exists.
"""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["USHER_BLACKBOX_KNOWN"])
# What a path takes of one type only: a part of the path, and what is known below it.
KNOWN_BELOW = KNOWN.pop("below")


def _sometimes_known(values, known=KNOWN):
    if not isinstance(values, dict):
        return values
    # By a property of the generated value, not by chance: runs stay reproducible.
    return {
        name: known[name] if name in known and len(repr(value)) % 2 else value
        for name, value in values.items()
    }


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    path = context.operation.path
    below = [known for part, known in KNOWN_BELOW.items() if part in path]
    return _sometimes_known(path_parameters, KNOWN | (below[0] if below else {}))


@schemathesis.hook
def map_query(context, query):
    return _sometimes_known(query)


@schemathesis.hook
def map_body(context, body):
    return _sometimes_known(body)
