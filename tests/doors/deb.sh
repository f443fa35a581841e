#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make deb: lintian accepts the packages, and the same tree gives the same bytes. Then they are
# installed by dpkg on top of this machine, used by pkg-config, CMake and Meson without being told
# where, and taken away again: in a mount namespace of its own whose root is an overlay that keeps
# all changes in memory. Where that can't be (no root, no overlays) this part is skipped, and says
# so. TAP on stdout.

set -u
cd "$(dirname "$0")/../.." || exit 1
tree=$PWD
mkdir -p build
scratch=$(mktemp -d "$tree/build/deb-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
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

check 'make deb' make deb
check 'the packages' diff <(cd build/deb && ls -- *.deb | cut -d_ -f1 | sort) \
    <(printf '%s\n' libferry-dev libferry0 libferry0-dbgsym | sort)
check 'the tree is as it was' test ! -e debian/files -a ! -e debian/libferry0
check 'lintian has no errors, no warnings' \
    lintian --allow-root --profile debian --fail-on error,warning build/deb/*.changes
TZ=Asia/Tokyo LC_ALL=C.UTF-8 check 'once more, elsewhere' tools/deb "$scratch/elsewhere"
for package in build/deb/*.deb build/deb/*.orig.tar.xz build/deb/*.debian.tar.xz; do
    check "the same bytes: ${package##*/}" cmp "$package" "$scratch/elsewhere/${package##*/}"
done
dpkg-deb --extract build/deb/libferry0_*.deb "$scratch/unpacked"
check 'relocations are read-only, symbols bound at once' \
    grep -q 'FLAGS.*BIND_NOW' <(readelf -d "$scratch"/unpacked/usr/lib/*/libferry.so.0)

# throw_away NUMBER COMMAND…: with a root that forgets; the tree is there as it is
throw_away()
{
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --propagation private bash -ec '
        layers=$1 tree=$2
        shift 2
        mkdir "$layers"
        mount -t tmpfs none "$layers"
        mkdir "$layers"/{upper,work,root}
        mount -t overlay overlay "$layers/root" \
            -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work"
        for folder in /proc /dev "$tree"; do
            mkdir -p "$layers/root$folder"
            mount --rbind "$folder" "$layers/root$folder"
        done
        exec chroot "$layers/root" "$@"' -- "$scratch/layers$1" "$tree" "${@:2}"
}

# In there; $1 is the tree.
cat >"$scratch/use" <<'END'
traces() { dpkg-query --show; find /usr /etc -name '*ferry*' ! -path "$1/*"; ldconfig -p; }
cd "$1"
export DEBIAN_FRONTEND=noninteractive
before=$(traces "$1")
dpkg --install build/deb/libferry0_*.deb build/deb/libferry-dev_*.deb
dpkg --verify libferry0 libferry-dev
tests/doors/using.py --system
dpkg --purge libferry-dev libferry0
diff <(echo "$before") <(traces "$1")
END

if throw_away 1 true 2>"$scratch/why"; then
    before=$(dpkg-query --show 'libferry*' 2>&1)
    check 'installed by dpkg, used, taken away' throw_away 2 bash -e "$scratch/use" "$tree"
    check 'this machine did not notice' test "$before" = "$(dpkg-query --show 'libferry*' 2>&1)"
else
    number=$((number + 1))
    echo "ok $number - installed by dpkg, used, taken away # SKIP $(tail -n 1 "$scratch/why")"
fi

echo "1..$number"
exit "$failed"
