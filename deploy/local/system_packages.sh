#!/bin/sh
# Sees to the few system packages that pip cannot bring: installs them as root (or with sudo that asks no password),
# else names the exact command and fails.
#
#   system_packages.sh servers            what the embedded MongoDB is linked with
#   system_packages.sh client             what the client's window needs
#   system_packages.sh test               both, a virtual display, a browser, and nginx (its program alone)
#   system_packages.sh install NAME ...   these Debian packages
set -eu
cd "$(dirname "$0")/../.."

# library or command : Debian or Ubuntu package
servers="libcurl.so.4:libcurl4 libcrypto.so.3:libssl3"
client="libGL.so.1:libgl1 libmtdev.so.1:libmtdev1"
display="Xvfb:xvfb xdotool:xdotool"
browser="chromium:chromium chromedriver:chromium-driver"
browser_on_ubuntu="chromium-browser:chromium-browser chromedriver:chromium-chromedriver"

has() {
    case $1 in
    *.so.*) .venv/bin/python -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing_of() {
    for pair in "$@"; do
        has "${pair%%:*}" || printf '%s ' "${pair#*:}"
    done
}

# With a MongoDB of one's own the embedded one's libraries do not matter.
servers_wanted() {
    if [ -n "${MONGODB_URI:-}" ] || grep -qs '^ *MONGODB_URI=.' .env; then return; fi
    if [ "$(uname -m)" = x86_64 ]; then echo "$servers"; fi
}

browser_wanted() {
    if grep -qs '^ID=ubuntu' /etc/os-release; then echo "$browser_on_ubuntu"; else echo "$browser"; fi
}

[ "$(uname -s)" = Linux ] || exit 0
# The lists are split into words on purpose.
# shellcheck disable=SC2046,SC2086
case ${1:-} in
servers) missing=$(missing_of $(servers_wanted)) ;;
client) missing=$(missing_of $client) ;;
test)
    missing=$(missing_of $(servers_wanted) $client $display $(browser_wanted))
    sh deploy/nginx/fetch.sh || echo "The tests that run nginx will be skipped." >&2
    ;;
install)
    shift
    missing="$* "
    ;;
*)
    echo "usage: $0 servers|client|test|install NAME ..." >&2
    exit 2
    ;;
esac
missing=${missing% }
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 || {
    echo "System packages are missing: install what your distribution calls $missing, then try again." >&2
    exit 1
}
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "System packages are missing: run \`sudo apt-get install --no-install-recommends $missing\`, then try again." >&2
    exit 1
fi
echo "Installing system packages: $missing ..."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
{ $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $missing; } >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    echo "apt-get could not install $missing: see its words above." >&2
    exit 1
}
