#!/usr/bin/env bash
# Fills the corpora from real files: fuzz/seed.sh FOLDER [FILES]
#
# Takes FILES files (1000 unless said) of at most 64 KiB from FOLDER, evenly over its list. The `text` target gets them as
# they are. `encodings` reads values from the first bytes of an input, so there random bytes stand before a part of each file.
# Nothing of this is committed.
set -euo pipefail

folder=${1:?usage: seed.sh FOLDER [FILES]}
files=${2:-1000}
corpus=$(cd "$(dirname "$0")" && pwd)/corpus
mkdir -p "$corpus/text" "$corpus/encodings"

list=$(mktemp)
trap 'rm -f "$list"' EXIT
find "$folder" -name .git -prune -o -type f -size -65k -print | LC_ALL=C sort > "$list"
step=$(( ($(wc -l < "$list") + files - 1) / files ))

# Files of the same content become one seed.
awk -v step="$((step > 0 ? step : 1))" 'NR % step == 0' "$list" | while IFS= read -r file; do
    name=$(sha1sum < "$file" | cut -c 1-40)
    cp -- "$file" "$corpus/text/$name"
    { head -c 64 /dev/urandom; head -c 1024 -- "$file"; } > "$corpus/encodings/$name"
done
echo "text: $(find "$corpus/text" -type f | wc -l) inputs, encodings: $(find "$corpus/encodings" -type f | wc -l)"
