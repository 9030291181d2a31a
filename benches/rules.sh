#!/usr/bin/env bash
# What five hundred rules cost, here and with gitleaks: benches/rules.sh GITLEAKS_TOML REPOSITORY [RULES]
#
# Takes gitleaks' own rules, over and over under new names until there are RULES (500 unless said), writes them as a config for
# each of the two, and scans a checked-out tree of REPOSITORY and its history with both. Prints the CPU seconds of each; ratios
# of one run are what counts. KEYWARD and GITLEAKS name the binaries (from the PATH unless said). REPOSITORY must be whole:
# gitleaks stops at the first object that is missing.
set -euo pipefail

toml=${1:?usage: rules.sh GITLEAKS_TOML REPOSITORY [RULES]}
repository=$(realpath "${2:?usage: rules.sh GITLEAKS_TOML REPOSITORY [RULES]}")
rules=${3:-500}
keyward=${KEYWARD:-keyward} gitleaks=${GITLEAKS:-gitleaks}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 - "$toml" "$rules" "$scratch" <<'PYTHON'
import json, sys, tomllib
rules = [r for r in tomllib.load(open(sys.argv[1], "rb"))["rules"] if "regex" in r]
count, out = int(sys.argv[2]), sys.argv[3]
quote = json.dumps
def texts(values): return "[" + ", ".join(quote(v) for v in values) + "]"
ours, theirs = [], ["title = \"bench\""]
for n in range(count):
    rule, again = rules[n % len(rules)], n // len(rules)
    id = rule["id"] + (f"-{again + 1}" if again else "")
    ours += ["[[rule]]", f"id = {quote(id)}", f"regex = {quote(rule['regex'])}"]
    theirs += ["[[rules]]", f"id = {quote(id)}", f"description = {quote(id)}", f"regex = {quote(rule['regex'])}"]
    for key, name in (("keywords", "keywords"), ("entropy", "entropy")):
        if key in rule:
            value = texts(rule[key]) if key == "keywords" else rule[key]
            ours.append(f"{name} = {value}"); theirs.append(f"{key} = {value}")
    if rule.get("secretGroup"):
        ours.append(f"secret-group = {rule['secretGroup']}"); theirs.append(f"secretGroup = {rule['secretGroup']}")
    if "path" in rule:
        ours.append(f"paths = {texts([rule['path']])}"); theirs.append(f"path = {quote(rule['path'])}")
open(f"{out}/keyward.toml", "w").write("\n".join(ours) + "\n")
open(f"{out}/gitleaks-{count}.toml", "w").write("\n".join(theirs) + "\n")
PYTHON
git clone --quiet --shared "$repository" "$scratch/tree"

seconds() {
    local name=$1
    shift
    TIMEFORMAT='%U %S'
    # Findings are no failure here; an error shows in the seconds.
    { time "$@" >/dev/null 2>&1 || true; } 2>&1 | awk -v name="$name" '{ printf "%-24s %8.2f s of CPU\n", name, $1 + $2 }'
}

seconds "tree, keyward alone" "$keyward" scan --isolated "$scratch/tree"
seconds "tree, keyward" "$keyward" scan --config "$scratch/keyward.toml" "$scratch/tree"
seconds "tree, gitleaks" "$gitleaks" dir --no-banner --config "$scratch/gitleaks-$rules.toml" "$scratch/tree"
seconds "history, keyward alone" "$keyward" scan --isolated --history "$repository"
seconds "history, keyward" "$keyward" scan --config "$scratch/keyward.toml" --history "$repository"
seconds "history, gitleaks" "$gitleaks" git --no-banner --config "$scratch/gitleaks-$rules.toml" --log-opts=--all "$repository"
