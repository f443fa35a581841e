#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make install into a scratch folder; then a program outside the tree finds ferry through pkg-config
# and runs, linked with libferry.so and with libferry.a, in C and in C++. make uninstall takes all
# away again. What CMake and Meson find is using.py's. TAP on stdout.

set -u
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
number=0 failed=0

# check TEXT COMMAND…: one TAP line; the command's output when it fails
check()
{
    local text=$1
    shift
    number=$((number + 1))
    if "$@" >"$scratch/output" 2>&1; then
        echo "ok $number - $text"
    else
        echo "not ok $number - $text"
        sed 's/^/# /' "$scratch/output"
        failed=1
    fi
}

same()
{
    diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

cat >"$scratch/program.c" <<'END'
#include <ferry/ferry.h>
#include <stdio.h>
#include <string.h>

static int twice(int number)
{
    return 2 * number;
}

static int async_main(int number)
{
    int half = 0, called = 0;
    FERRY_WITH_EXECUTOR(executor, .name = "outside", .max_workers = 1) {
        ferry_task *task = ferry_create_task(twice, 5);
        half = ferry_await(int, task);
        FERRY_TIMEOUT(60) {
            called = ferry_run_in_executor(executor, twice, number - half);
        }
    } else {
        return 1;
    }
    printf("%d\n", called + ferry_to_thread(twice, half));
    return ferry_sleep(0);
}

int main(void)
{
    return ferry_run(async_main, 21);
}
END
cp "$scratch/program.c" "$scratch/program.cpp"

check 'make install' make install PREFIX=/usr DESTDIR="$root"
folder=$(find "$root/usr" -name ferry.pc -printf '%h\n')
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$folder
library=${folder%/pkgconfig}

check 'every public header is installed' \
    same "$(cd include/ferry && ls)" "$(cd "$root/usr/include/ferry" && ls)"
check 'libferry.a, libferry.so and its soname' \
    test -f "$library/libferry.a" -a -L "$library/libferry.so" -a -e "$library/libferry.so.0"
version=$(pkg-config --modversion ferry)
check 'nothing else' same \
    "$(printf 'LIB/%s\n' cmake/ferry/ferryConfig.cmake cmake/ferry/ferryConfigVersion.cmake \
        libferry.a "libferry.so.$version" pkgconfig/ferry.pc)" \
    "$(cd "$root" && find . -type f ! -path './usr/include/ferry/*' ! -path '*/man/*' |
        sed "s|.${library#"$root"}|LIB|" | sort)"

has_page()
{
    man -M "$root/usr/share/man" -w "$@"
}
check 'man pages: a function, a by-name, a macro, a subject, the whole' \
    has_page ferry_await ferry_call_at FERRY_TIMEOUT ferry_scope ferry

build()
{
    # shellcheck disable=SC2046 # pkg-config prints words
    "$@" $(pkg-config --cflags ferry) -Wall -Wextra -Werror
}
check 'C, shared' build gcc -o "$scratch/shared" "$scratch/program.c" $(pkg-config --libs ferry)
check 'C++, shared' build g++ -o "$scratch/shared++" "$scratch/program.cpp" \
    $(pkg-config --libs ferry)
check 'C, static' build gcc -static -o "$scratch/static" "$scratch/program.c" \
    $(pkg-config --static --libs ferry)
check 'the shared one needs libferry.so.0' \
    grep -q 'NEEDED.*libferry\.so\.0' <(objdump -p "$scratch/shared")
export LD_LIBRARY_PATH=$library
for program in shared shared++ static; do
    check "$program runs" same "$("$scratch/$program" 2>&1)" 42
done

# dlopen: the library's static TLS is small enough to come late, and nothing in it is undefined.
cat >"$scratch/late.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words)
{
    void *library = count > 1 ? dlopen(words[1], RTLD_NOW) : NULL;
    if (!library)
        puts(dlerror());
    return !library;
}
END
check 'a program for dlopen' gcc -o "$scratch/late" "$scratch/late.c"
check 'libferry.so comes by dlopen, all symbols bound' "$scratch/late" "$library/libferry.so.0"

check 'make uninstall' make uninstall
check 'nothing is left' same '' "$(find "$scratch" -path "$root/*" ! -type d)"

echo "1..$number"
exit "$failed"
