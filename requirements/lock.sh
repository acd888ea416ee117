#!/bin/sh
# Compiles requirements/*.in to hashed *.txt, all from one solution (dev and package hold everything), so that they never
# disagree.
set -eu
cd "$(dirname "$0")"
compile() { uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' "$@"; }
solution=$(mktemp)
trap 'rm -f "$solution"' EXIT
[ -f dev.txt ] && cat dev.txt package.txt | grep -E '^[a-z0-9].*==' | sort -u | sed 's/ *\\$//' >"$solution"   # keep what is pinned unless UPGRADE is set
compile dev.in package.in --output-file "$solution" ${UPGRADE:+--upgrade} >/dev/null
for set in base worker client embedded dev package; do
    compile "$set.in" --constraint "$solution" --generate-hashes --no-annotate >"$set.txt"
done
