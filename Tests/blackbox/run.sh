#!/bin/sh
# Runs the black-box tests against the real binary. Arguments go to pytest, for example
#   Tests/blackbox/run.sh -k story
#
#   USHER_BIN              the service (default .build/debug/usher)
#   USHER_BLACKBOX_VENV    where the Python packages live (default .venv in the repository's root)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${USHER_BLACKBOX_VENV:-$root/.venv}
export USHER_BIN="${USHER_BIN:-$root/.build/debug/usher}"

[ -x "$USHER_BIN" ] || { echo "no service at $USHER_BIN: build it, or set USHER_BIN" >&2; exit 2; }

# The stamp is a copy of the requirements, so that an edited list installs anew.
if ! cmp -s "$here/requirements.txt" "$venv/requirements.installed"; then
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.installed"
fi

cd "$here"
exec "$venv/bin/python" -B -m pytest "$@"
