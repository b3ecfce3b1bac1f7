#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build-outside.sh SDK OUT [OVERLAY]
#
# Builds both templates of the SDK as an author would: copied out of the repository, with nothing but the SDK's folder
# and without a network. Leaves OUT/libgreeter.so and OUT/echo.so. OVERLAY is a folder laid over the copied Swift
# template first. Exit code 77: this machine lets nobody cut the network.

set -eu

sdk=$1
out=$2
overlay=${3:-}

if unshare -n true 2>/dev/null; then
    offline='unshare -n'
elif unshare -rn true 2>/dev/null; then
    offline='unshare -rn'
else
    echo 'unshare -n is not permitted here' >&2
    exit 77
fi

# A name space of its own has the loopback interface only.
if [ "$($offline grep -c : /proc/self/net/dev)" != 1 ]; then
    echo 'the network is still there' >&2
    exit 1
fi

mkdir -p "$out"
rm -rf "$out/swift" "$out/c"
cp -R "$sdk/Templates/swift-agent" "$out/swift"
cp -R "$sdk/Templates/c-agent" "$out/c"
rm -rf "$out/swift/.build"
if [ -n "$overlay" ]; then cp -R "$overlay/." "$out/swift/"; fi

$offline make --no-print-directory -C "$out/c" CORRAL_SDK="$sdk" echo.so
cp "$out/c/echo.so" "$out/echo.so"

CORRAL_SDK="$sdk" $offline swift build -c release --package-path "$out/swift" --scratch-path "$out/build"
cp "$out/build/release/libgreeter.so" "$out/libgreeter.so"
