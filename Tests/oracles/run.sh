#!/bin/sh
# Compares the evaluation of flags with flagd's own evaluators: 1.0.0 buckets as flagd/2, 2.0.0 as
# flagd/3. Wants an up-to-date debug build of the tests.
#
#   Tests/oracles/run.sh [CASES [SEED]]      default 25000 cases for each, seed 1
#
#   USHER_ORACLE_HOME    where the environments and cases live (default .build/oracles)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
home=${USHER_ORACLE_HOME:-$root/.build/oracles}
count=${1:-25000}
seed=${2:-1}
mkdir -p "$home"

files=
for version in 1.0.0 2.0.0; do
    venv=$home/$version
    if ! [ -e "$venv/installed" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check \
            "openfeature-flagd-core==$version"
        touch "$venv/installed"
    fi
    bucketing=flagd/3
    [ "$version" = 2.0.0 ] || bucketing=flagd/2
    "$venv/bin/python" "$here/cases.py" "$seed/$version" "$count" "$home/cases-$version.jsonl"
    "$venv/bin/python" "$here/ask.py" "$bucketing" \
        <"$home/cases-$version.jsonl" >"$home/answers-$version.jsonl"
    files=$files:$home/answers-$version.jsonl
done

cd "$root"
USHER_ORACLE_CASES=${files#:} exec swift test --skip-build --filter 'beside the oracles'
