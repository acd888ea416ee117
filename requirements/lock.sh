#!/bin/sh
# Compiles requirements/*.in to hashed *.txt, all from one solution (dev holds everything), so that they never disagree.
set -eu
cd "$(dirname "$0")"
compile() { uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' "$@"; }
solution=$(mktemp)
trap 'rm -f "$solution"' EXIT
[ -f dev.txt ] && grep -E '^[a-z0-9].*==' dev.txt | sed 's/ *\\$//' >"$solution"   # keep what is pinned unless UPGRADE is set
compile dev.in --output-file "$solution" ${UPGRADE:+--upgrade} >/dev/null
for set in base worker client embedded dev; do
    compile "$set.in" --constraint "$solution" --generate-hashes --no-annotate >"$set.txt"
done
