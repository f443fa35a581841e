#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tools/setup and .ci/run, with stand-ins for dpkg-query, apt-get, id and make. TAP on stdout.

set -u
cd "$(dirname "$0")/../.." || exit 1
tree=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
export PATH=$scratch/bin:$PATH HERE=$scratch
number=0 failed=0

# stand_in NAME <<text: a command of that name
stand_in()
{
    { echo '#!/bin/bash'; cat; } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# expect TEXT STATUS PATTERN COMMAND…: the exit status, and the whole output as a pattern
expect()
{
    local text=$1 status=$2 pattern=$3 output
    shift 3
    output=$("$@" 2>&1)
    local code=$?
    number=$((number + 1))
    # shellcheck disable=SC2053 # a pattern
    if [[ $code == "$status" && $output == $pattern ]]; then
        echo "ok $number - $text"
    else
        echo "not ok $number - $text"
        printf '%s\n' "exit status $code:" "$output" "expected $status:" "$pattern" | sed 's/^/# /'
        failed=1
    fi
}

stand_in dpkg-query <<'END'
grep -qx "${*: -1}" "$HERE/installed" && echo installed
END
stand_in apt-get <<'END'
echo "apt-get $*" >>"$HERE/log"
[ "$1" != "${APT_FAILS:-}" ] || { echo "E: no network"; exit 100; }
END
stand_in id <<'END'
echo "${USER_ID:-0}"
END

printf '%s\n' gcc libc6-dev meson ninja-build pkg-config >"$scratch/installed"
expect 'quiet when nothing is missing' 0 '' tools/setup build
expect 'apt-get was left alone' 1 '' test -e "$scratch/log"

expect 'says what it installs and why' 0 \
    'ferry: to build and run the tour, installing: libcurl4-openssl-dev libsqlite3-dev' \
    tools/setup tour
expect 'one update, one installation' 0 'apt-get update
apt-get install -y --no-install-recommends libcurl4-openssl-dev libsqlite3-dev' cat "$scratch/log"

USER_ID=1000 expect 'without root, the line to type' 1 \
    'ferry: to build and run the tour, type: sudo apt-get install *libcurl4-openssl-dev *' \
    tools/setup tour
APT_FAILS=install expect 'a failure shows the output of apt-get' 1 \
    '*installing:*E: no network*apt-get failed*' tools/setup tour
expect 'an unknown purpose shows the purposes' 2 '*build*tour*check*' tools/setup nothing

# .ci/run: its last line and its exit status, whatever make check does
mkdir -p "$scratch/tree/.ci" "$scratch/tree/build"
cp "$tree/.ci/run" "$scratch/tree/.ci/run"
stand_in make <<'END'
[ -z "${SAYS:-}" ] || echo "$SAYS" >"$FERRY_SUMMARY"
read -r -t 1 line && echo "stdin is there"
echo "CI=$CI"
exit "${STATUS:-0}"
END
unset CI
SAYS='7 passed, 0 failed' expect 'CI: all passed' 0 'CI=true
7 passed, 0 failed' "$scratch/tree/.ci/run"
SAYS='7 passed, 1 failed' STATUS=2 expect 'CI: one failed' 1 '*
7 passed, 1 failed' "$scratch/tree/.ci/run"
SAYS='7 passed, 1 failed' expect 'CI: one failed, make says nothing of it' 1 '*
7 passed, 1 failed' "$scratch/tree/.ci/run"
SAYS='0 passed, 0 failed' expect 'CI: nothing ran' 1 '*
0 passed, 0 failed' "$scratch/tree/.ci/run"
STATUS=2 expect 'CI: make check broke off' 1 '*
0 passed, 1 failed' "$scratch/tree/.ci/run"

echo "1..$number"
exit "$failed"
