#!/bin/sh
# Fetches promtool, which tries Prometheus' rules, into .venv/bin: out of Debian's or Ubuntu's package `prometheus`
# (19 MB to download), of which nothing else is kept. Installed, the package would also start a server.
set -eu
cd "$(dirname "$0")/../.."

! command -v promtool >/dev/null 2>&1 || exit 0
[ ! -x .venv/bin/promtool ] || exit 0
command -v apt-get >/dev/null 2>&1 || {
    echo "promtool is not here: install what your distribution calls prometheus, then try again." >&2
    exit 1
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As root, apt downloads under a name of its own, which has to get in.
chmod 755 "$folder"
download() { (cd "$folder" && apt-get download -qq prometheus) >"$folder/said" 2>&1; }
# A machine that has never asked has no list of packages.
download || { [ "$(id -u)" = 0 ] && apt-get update -qq >>"$folder/said" 2>&1 && download; } || {
    cat "$folder/said" >&2
    echo "apt-get could not download prometheus: see its words above; \`apt-get update\` may help." >&2
    exit 1
}
mkdir -p .venv/bin
dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -xO ./usr/bin/promtool >"$folder/promtool"
chmod 755 "$folder/promtool"
mv "$folder/promtool" .venv/bin/promtool
