#!/bin/sh
# Fetches nginx for the tests into .venv/bin, out of Debian's or Ubuntu's package, of which nothing else is kept: installed,
# the package would at once serve a page of its own at port 80 of this machine. Without it, these tests are skipped.
set -eu
cd "$(dirname "$0")/../.."

! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1 || exit 0
[ ! -x .venv/bin/nginx ] || exit 0
command -v apt-get >/dev/null 2>&1 || {
    echo "nginx is not here: install it, or go without the tests that run it." >&2
    exit 1
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As root, apt downloads under a name of its own, which has to get in.
chmod 755 "$folder"
# Newer distributions have the program in `nginx`, others in what that stands for.
download() { (cd "$folder" && apt-get download -qq nginx && { apt-get download -qq nginx-core || true; }) >"$folder/said" 2>&1; }
# A machine that has never asked has no list of packages.
download || { [ "$(id -u)" = 0 ] && apt-get update -qq >>"$folder/said" 2>&1 && download; } || {
    cat "$folder/said" >&2
    echo "apt-get could not download nginx: see its words above; \`apt-get update\` may help." >&2
    exit 1
}
for package in "$folder"/nginx*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/sbin/nginx >"$folder/program" 2>/dev/null && break
done
chmod 755 "$folder/program"
"$folder/program" -v >"$folder/said" 2>&1 || {
    cat "$folder/said" >&2
    echo "The nginx of this distribution needs libraries that are not here: install the package nginx." >&2
    exit 1
}
mkdir -p .venv/bin
mv "$folder/program" .venv/bin/nginx
