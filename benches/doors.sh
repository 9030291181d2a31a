#!/bin/sh
# What each door costs beside gitleaks and Kingfisher: CPU milliseconds (user and system), medians, in turn.
#
#     benches/doors.sh [FOLDER]      needs python3; gitleaks and kingfisher on the PATH, if wanted
#
# The repositories are made in FOLDER (default: a temporary one) and are small but for the third.
set -eu

cargo build --release --quiet
keyward="$PWD/target/release/keyward"
folder=${1:-$(mktemp -d)}
cd "$folder"
export GIT_CONFIG_GLOBAL=/dev/null

new() {
    rm -rf "$1" && git init --quiet --initial-branch=main "$1" && cd "$1"
    git config user.name Author && git config user.email author@example.org
    echo hello > README && git add . && git commit --quiet --message first
}

fill() { # FOLDERS FILES: files of 200 lines, or so
    for i in $(seq "$1"); do
        mkdir -p "d$i"
        for j in $(seq "$2"); do seq "$((i * j))" "$((i * j + 200))" > "d$i/f$j"; done
    done
}

time_of() { # NAME COMMAND
    python3 - "$1" "$2" "${input:-/dev/null}" <<'END'
import os, shlex, statistics, subprocess, sys
name, command, given = sys.argv[1:]
def run():
    with open(given) as stdin:
        child = subprocess.Popen(shlex.split(command), stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    used = os.wait4(child.pid, 0)[2]
    return 1000 * (used.ru_utime + used.ru_stime)
times = [run() for _ in range(23)][3:]
print(f"{name:<12}{statistics.median(times):8.1f} ms")
END
}

compare() { # TITLE KEYWARD GITLEAKS KINGFISHER
    echo "$1"
    time_of keyward "$2"
    if command -v gitleaks >/dev/null; then time_of gitleaks "$3"; fi
    if command -v kingfisher >/dev/null; then time_of Kingfisher "$4"; fi
}

staged_peers="gitleaks git --pre-commit --staged --redact --no-banner ."
kingfisher="kingfisher scan . -n --no-update-check --quiet"

(new small && echo 'hello world' > one && git add one
compare 'one staged file' "$keyward hook run pre-commit" "$staged_peers" "$kingfisher --staged"
git rev-parse HEAD > message
compare 'a message' "$keyward hook run commit-msg message" "gitleaks stdin --no-banner" "$kingfisher message")

(new thousand && fill 20 50 && git add .
compare '1,000 staged files' "$keyward hook run pre-commit" "$staged_peers" "$kingfisher --staged")

(new large && for i in $(seq 100); do
    mkdir "d$i" && (cd "d$i" && seq 1000 | split -l 1 -a 3 -d - f)
done
git add . && git commit --quiet --message many && echo 'hello world' > one && git add one
compare 'one staged file, 100,000 tracked' "$keyward hook run pre-commit" "$staged_peers" "$kingfisher --staged")

(new push && fill 20 20 && git add . && git commit --quiet --message base && rm -rf ../remote.git && git init --quiet --bare ../remote.git
git remote add origin ../remote.git && git push --quiet origin main
for i in $(seq 100); do
    f=$((i % 20 + 1)) && seq "$i" 300 > "d$f/f$f" && git commit --quiet --all --message "change $i"
done
printf 'refs/heads/main %s refs/heads/main %s\n' "$(git rev-parse HEAD)" "$(git rev-parse origin/main)" > pushed
input=pushed
compare 'a push of 100 commits' "$keyward hook run pre-push origin ../remote.git" \
    "gitleaks git --no-banner --log-opts=origin/main..HEAD ." "$kingfisher --since-commit origin/main")
