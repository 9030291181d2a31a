#!/usr/bin/env bash
# Does the code that reaches AWS cost a scan anything? Start-up and one small file, with and without the feature, in turn.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-200}
profile=${2:-release}
cargo build --quiet --locked --profile "$profile"
cargo build --quiet --locked --profile "$profile" --no-default-features --target-dir target/without-aws
folder=$profile
[ "$profile" = dev ] && folder=debug
here=$(mktemp -d)
trap 'rm -r "$here"' EXIT
echo 'PORT=80' >"$here/a.env"

python3 - "$runs" "$here" "target/$folder/keyward" "target/without-aws/$folder/keyward" <<'PYTHON'
import statistics, subprocess, sys, time

runs, here, programs = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
times = {program: [] for program in programs}
for _ in range(runs):
    for program in programs:
        start = time.perf_counter()
        subprocess.run([program, "scan", "--quiet", here], check=True)
        times[program].append(time.perf_counter() - start)
with_aws, without = (times[program] for program in programs)
pairs = [a - b for a, b in zip(with_aws, without)]
print("with %.2f ms, without %.2f ms, difference (median of pairs) %.2f ms" % tuple(
    1000 * statistics.median(values) for values in (with_aws, without, pairs)))
PYTHON
