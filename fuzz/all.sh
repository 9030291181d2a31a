#!/usr/bin/env bash
# Fuzzes every format that keyward opens, one after the other: fuzz/all.sh MINUTES [FORMAT...]
#
# The corpora come from fuzz/seed.sh. A crash ends the run of its format and leaves its input in fuzz/artifacts.
set -uo pipefail

minutes=${1:?usage: all.sh MINUTES [FORMAT...]}
shift
cd "$(dirname "$0")" || exit
[ $# -gt 0 ] || set -- archives/{zip,tar,gzip,bzip2,xz,zstd,zlib,image} sqlite strings/{pickle,pyc,class}
target=${FUZZ_TARGET_DIR:-$PWD/target}
# Built once: the sources may change while this runs.
cargo +nightly fuzz build --fuzz-dir . --target-dir "$target" || exit
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
cp "$target"/*/release/{archives,sqlite,strings} "$built"
status=0
for corpus in "$@"; do
    mkdir -p "artifacts/$corpus"
    seeds=$(find "corpus/$corpus" -type f | wc -l)
    "$built/${corpus%%/*}" "corpus/$corpus" -artifact_prefix="artifacts/$corpus/" -max_total_time=$((minutes * 60)) \
        -rss_limit_mb=2048 -timeout=20 -max_len=65536 -print_final_stats=1 > "$built/log" 2>&1 || status=1
    stats=$(sed -n 's/^stat::\([a-z_]*\): *\([0-9]*\)/\1 \2/p' "$built/log" | paste -sd, -)
    echo "$corpus: $seeds seeds; ${stats:-no figures}; crashes $(grep -cE 'ERROR: (libFuzzer|AddressSanitizer)' "$built/log")"
    grep -E 'panicked|ERROR: |Test unit written' "$built/log"
done
exit $status
