#!/usr/bin/env bash
# A tree of 1,000 jars: CPU seconds of keyward and of `unzip -p`, in turn, so that the ratio counts and not the machine.
#
#   benches/archives.sh KEYWARD FOLDER_OF_JARS [TURNS]
#
# The jars (of Maven Central: `mvn dependency:copy-dependencies -DoutputDirectory=jars`) are linked until there are 1,000.
# 64 jars of guava, spring, jackson and the AWS SDK, 376 MB as 1,000: 4.81 s with a build of the
# release profile, 8.82 with unzip (0.54 to 0.55 in three turns).
set -euo pipefail

keyward=$(realpath "${1:?usage: archives.sh KEYWARD FOLDER_OF_JARS [TURNS]}")
jars=$(realpath "${2:?usage: archives.sh KEYWARD FOLDER_OF_JARS [TURNS]}")
turns=${3:-3}

tree=$(mktemp -d "$jars/../tree-XXXXXX")
trap 'rm -rf "$tree"' EXIT
count=0
while [ "$count" -lt 1000 ]; do
    for jar in "$jars"/*.jar; do
        [ "$count" -lt 1000 ] || break
        ln "$jar" "$tree/$count.jar"
        count=$((count + 1))
    done
done

TIMEFORMAT='%U %S'
cpu() { { time "$@" > /dev/null 2>&1; } 2>&1 | awk '{ printf "%.2f", $1 + $2 }'; }
unzip_all() { for jar in "$tree"/*; do unzip -p "$jar"; done; }

for _ in $(seq "$turns"); do
    theirs=$(cpu unzip_all)
    ours=$(cpu "$keyward" scan --no-ignore --exit-zero "$tree")
    echo "unzip -p $theirs s, keyward $ours s: $(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")"
done
