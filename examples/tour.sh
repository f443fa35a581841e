#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The tour: thirteen programs in order, each with what it shows and the file to open.
#
#     examples/tour.sh [BUILD]              BUILD: the build folder, build/release by default
#
#     URLS="http://… http://…"   real pages instead of the tour's own server (but in step 8)
#     DIR=/some/folder           the folder of steps 6 and 7
#     TOUR_FAST=1                a server that hardly delays, for the tests
#
# The tour's server is a child of this script, on loopback, and ends with it. Exit code: 0, or 1
# when a step failed; the last line names it.

set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:-$here/../build/release}/examples
folder=${DIR:-/usr/include/linux}
[[ -n ${DIR:-} || -d $folder ]] || folder=$here
failed=()

bold='' plain=''
if [[ -t 1 ]]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

finish()
{
    if [[ -n ${server:-} ]]; then
        kill "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    if [[ -n ${scratch:-} ]]; then
        rm -rf "$scratch"
    fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NUMBER TITLE PROGRAM ARGUMENT...; the explanation comes on stdin
step()
{
    number=$1 program=$3
    printf '\n%s%s. %s%s   (examples/%s.c)\n\n' "$bold" "$number" "$2" "$plain" "$program"
    sed 's/^ */  /'
    echo
    shift 3
    run_program "$@"
}

# another SENTENCE ARGUMENT...: the step's program once more
another()
{
    printf '\n  %s\n\n' "$1"
    shift
    run_program "$@"
}

run_program()
{
    local code
    "$bin/$program" "$@" </dev/null
    code=$?
    if ((code != 0)); then
        echo "tour: step $number ($program) failed with exit code $code" >&2
        failed["$number"]="$number ($program)"
    fi
}

if [[ ! -x $bin/13-queue ]]; then
    echo "tour: no programs in $bin: run 'make tour', which builds them" >&2
    exit 1
fi
scratch=$(mktemp -d) || exit 1

coproc SERVER { exec "$bin/tour-server" --parent $$; }
server=$SERVER_PID
if ! read -r base <&"${SERVER[0]}"; then
    echo "tour: the tour's server did not start" >&2
    exit 1
fi
slow=0.6 delays=(0.5 0.2 0.4 0.1 0.3)
if [[ -n ${TOUR_FAST:-} ]]; then
    slow=0.25 delays=(0.05 0.02 0.04 0.01 0.03)
fi

read -r -d "" -a many <<<"${URLS:-}"
if ((${#many[@]} > 0)); then
    one=${many[0]}
    often=$one late=$one
    ten=()
    for ((i = 0; i < 10; i++)); do
        ten+=("${many[i % ${#many[@]}]}")
    done
    echo "The tour fetches: ${many[*]}"
else
    one=$base/delay/$slow/5000
    often=$base/delay/${delays[3]}/700
    late=$base/delay/$slow/9000
    for ((i = 0; i < 15; i++)); do
        many+=("$base/delay/${delays[i % 5]}/$((1000 * (i + 1)))")
    done
    ten=("${many[@]:0:10}")
    echo "The tour's own server answers at $base, with a delay."
fi

step 1 'A blocking fetch freezes the ticker' 01-freeze "$one" <<'END'
    A ticker ticks ten times a second on the event loop. After three ticks somebody fetches a page
    with a blocking function. Nothing else runs until it is there: look at the gap in the ticks.
END

step 2 'The same fetch on a worker: it keeps ticking' 02-to-thread "$one" <<'END'
    One line differs: ferry_to_thread(fetch_url, url, &page). The fetch runs on a worker, its task
    waits for the result, and the loop goes on. Look at the ticks above the bar.
END

step 3 'Many pages with ferry_gather' 03-gather "${many[@]}" <<'END'
    A task per page; ferry_gather waits for all and gives the results in the order of the tasks.
    The default executor runs as many calls at once as CPUs + 4 (at most 32).
END

step 4 'Ten pages, five workers' 04-executor "${ten[@]}" <<'END'
    An executor is a limit with a queue. All ten tasks start together, but never more than five
    fetches run at once: look at "at most 5 at once".
END

step 5 'Several arguments of several types' 05-arguments "$often" <<'END'
    Pointers, integers, a double, a struct by value in and another one out, variable arguments:
    the call is written as C writes calls, and the compiler checks it as it checks calls.
END

step 6 'All files of a folder at once' 06-folder "$folder" <<'END'
    scandir, open, read and close on workers, a task per file. On a fast disk this gains little;
    on a slow one the waits overlap. Either way the loop never touches the disk.
END

step 7 'A database through an executor of its own' 07-database "$scratch/lines.db" "$folder" <<'END'
    The lines of the same files become rows of an SQLite file, in one call. Then four questions
    are asked at once, on at most four workers, while the loop keeps ticking.
END

old=() size=0
for i in 2 2 3 3 3; do
    old+=("$base/delay/${delays[i]}/$((1000 * ++size))")
done
step 8 'A legacy module, moved step by step' 08-legacy before "${old[@]}" <<'END'
    common/web.h is an old, blocking module, and this is how its callers have always called it: one
    page after another, on the only thread. (These pages are the tour's: it can't speak https.)
END
another 'Its callers moved, by changing three names. Where no loop runs yet, all is as it was:' \
    halfway "${old[@]:3}"
another 'As tasks. The module may run two calls at once: two slow pages, and the quick ones wait.' \
    bridged "${old[@]}"
another 'web_wait gone native: the loop watches the sockets, and quick pages come at once.' \
    native "${old[@]}"

step 9 'Increments under a lock' 09-lock 100 <<'END'
    A hundred tasks read a counter, wait for something, and write it back plus one. Without a lock
    they all read 0. With ferry_lock they go one by one, and so do the calls on the workers with
    ferry_threadsafe_lock: look at "at most 1 at once", and keep what you do under a lock short.
END

step 10 'The life of an executor' 10-lifecycle "$often" "$late" <<'END'
    One that FERRY_WITH_EXECUTOR keeps; one whose shutdown stops waiting after 0.1 s and says what
    still runs; and one that is forgotten: in debug mode, ferry says so, and where it was made.
END

step 11 'At most three at a time, by a semaphore' 11-semaphore "${ten[@]}" <<'END'
    A permit is held for a fetch and a pause after it. Those who wait for one hold no worker: look
    at "at most 3 at once", and at the gaps, which an executor's limit would not make.
END

step 12 'Time limits, cancellation, and cleaning up' 12-timeout "$often" "$late" <<'END'
    A limit of 0.2 s runs out, and the page comes later. A session (dots) is cancelled: to log out
    it waits for the server, which a cancelled task does no more, unless it is in FERRY_SHIELD.
END

step 13 'A producer and three consumers' 13-queue "${many[@]}" <<'END'
    The queue has room for four: after seven puts (dots) the producer waits until a consumer is done
    with a page. At the end join waits for the last page, and shutdown sends the consumers home.
END

echo
if ((${#failed[@]} > 0)); then
    list=$(printf ', %s' "${failed[@]}")
    echo "tour: ${#failed[@]} of $number steps failed: ${list:2}" >&2
    exit 1
fi
echo "That was the tour. Each step is one file in examples/, made to be copied."
