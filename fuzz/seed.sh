#!/usr/bin/env bash
# Fills the corpora from real files: fuzz/seed.sh FOLDER [FILES]
#
# Takes FILES files (1000 unless said) of at most 64 KiB from FOLDER, evenly over its list. The `text` target gets them as
# they are. `encodings` reads values from the first bytes of an input, so there random bytes stand before a part of each file.
# Containers have a corpus for each format: `archives/zip` and so on, of the containers that FOLDER has (wheels, jars, documents) and
# of a part of each other file. Databases, images, pickles, compiled modules and classes are made by their own tools.
# Where FOLDER is a git repository, with a work tree or bare, `history` gets small packs of slices of its history.
# Nothing of this is committed.
set -euo pipefail

folder=${1:?usage: seed.sh FOLDER [FILES]}
files=${2:-1000}
corpus=$(cd "$(dirname "$0")" && pwd)/corpus
mkdir -p "$corpus"/{text,encodings,history,sqlite,strings/{pickle,pyc,class},archives/{zip,tar,gzip,bzip2,xz,zstd,zlib,image}}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
list=$scratch/list
find "$folder" -name .git -prune -o -type f -size -65k -print | LC_ALL=C sort > "$list"
step=$(( ($(wc -l < "$list") + files - 1) / files ))

# Files of the same content become one seed.
awk -v step="$((step > 0 ? step : 1))" 'NR % step == 0' "$list" | while IFS= read -r file; do
    name=$(sha1sum < "$file" | cut -c 1-40)
    cp -- "$file" "$corpus/text/$name"
    # What is a container, or a part of a file made into ones of each kind that there is a tool for.
    if [ "$(head -c 2 -- "$file")" = PK ]; then cp -- "$file" "$corpus/archives/zip/$name"; fi
    head -c 2048 -- "$file" > "$scratch/part"
    for tool in gzip bzip2 xz zstd; do
        if command -v "$tool" > /dev/null; then "$tool" -c < "$scratch/part" > "$corpus/archives/$tool/$name"; fi
    done
    python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))' \
        < "$scratch/part" > "$corpus/archives/zlib/$name"
    tar -C "$scratch" -cf "$corpus/archives/tar/$name" part
    tar -C "$scratch" -czf "$corpus/archives/gzip/$name.tgz" part
    { head -c 64 /dev/urandom; head -c 1024 -- "$file"; } > "$corpus/encodings/$name"
done

# The first byte of an input says what follows: see src/history/input.rs.
keep() {
    cp -- "$1" "$corpus/history/$(sha1sum < "$1" | cut -c 1-40)"
}

in_repository() {
    # Whoever owns it: nothing of it is run.
    git -c safe.directory='*' --git-dir="$repository" "$@"
}

# A pack of at most OBJECTS objects, none above BYTES, that a dozen commits brought: slice COMMIT OBJECTS BYTES.
slice() {
    { printf '\001'
      in_repository rev-list --objects --filter="blob:limit=$3" "$1~12..$1" | head -n "$2" |
          in_repository pack-objects --stdout --delta-base-offset -q
    } > "$scratch/pack"
    if [ "$(wc -c < "$scratch/pack")" -lt $((256 * 1024)) ]; then keep "$scratch/pack"; fi
}

# Nothing where FOLDER only lies in a repository.
repository=
for candidate in "$folder/.git" "$folder"; do
    if [ -d "$candidate/objects" ] && [ -e "$candidate/HEAD" ]; then repository=$candidate; break; fi
done
if [ -n "$repository" ]; then
    commits=$(in_repository rev-list --first-parent --count HEAD)
    for turn in $(seq 0 39); do
        commit=$(in_repository rev-list --first-parent -n 1 --skip $((turn * commits / 45)) HEAD)
        slice "$commit" 20 2k || true
        slice "$commit" 40 8k || true
    done
fi

# The small language: a blob, one built upon it that puts words between copies, one upon that by name; two that are built
# upon each other and one upon nothing; trees; a delta as it is and two that say they make too much; an entry that is
# none and one that says it is too large.
blob='\022\007a\360 = \361\n'
fits='\034\000\013\202\000\000\014\002\363\364 \300\000\000'
named='\035\001\006\001\360\n\300\000\000'
ring='\035\004\000\035\003\000\005\377\003\001\001\001'
trees='\021\003\376\377\377\034\000\012\001\377\376\300\000\000\201\040\000\020'
raw='\002\006abcdef\004\000\014\006\006\220\002\221\002\002\001-\221\005\001'
claims='\004\001\006\006\377\377\377\177\0\034\000\000\007\003\200\200\001\142\006\365\366\365\365\365\365\200\177\034\000\000'
# And a tree of deltas whose objects are large: upon each, another and one more.
tall='\122\007\360 \361\n\365 \n\377\034\000\010\000\371\300\000\000\300\005\000\034\001\005\000\361\300\001\000'
for _ in 1 2 3 4 5 6 7; do
    tall+='\034\001\010\000\371\300\000\000\300\005\000\034\002\005\000\361\300\001\000'
done
small() {
    printf "\\$1$2\\021\\002\\003" > "$scratch/entries"
    keep "$scratch/entries"
}
for how in 000 010 020 042 044 050 100; do small "$how" "$blob$fits$named$ring$trees$raw$claims"; done
small 000 "$tall"
small 200 "$tall"

# What is made by its own tools; every Python that there is compiles modules.
python3 "$(dirname "$0")/seed_binaries.py" "$corpus"

find "$corpus" -mindepth 1 -type d | LC_ALL=C sort | while IFS= read -r folder; do
    count=$(find "$folder" -maxdepth 1 -type f | wc -l)
    if [ "$count" -gt 0 ]; then echo "${folder#"$corpus"/}: $count inputs"; fi
done
