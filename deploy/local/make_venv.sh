#!/bin/sh
# Makes the virtual environment $2 with the interpreter $1, or says in one sentence why it cannot.
set -eu
python=$1 venv=$2
here=$(dirname "$0")

command -v "$python" >/dev/null 2>&1 || {
    echo "There is no $python here: install Python 3.11 or newer, or name yours: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "DinDin needs Python 3.11 or newer and $python is $("$python" -V 2>&1): install one and name it: make PYTHON=python3.12 ..." >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    sh "$here/system_packages.sh" install "python$version-venv"
fi
echo "Making $venv with $("$python" -V) ..."
"$python" -m venv --clear "$venv"
