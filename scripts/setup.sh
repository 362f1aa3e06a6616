#!/bin/sh
# Make .venv (or $VENV) and install a hashed lock into it: uv through pip, plain pip where uv fails.
set -u
VENV=${VENV:-.venv}

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

make_venv() {
    python=$(find_python)
    if [ -z "$python" ]; then
        say "recon needs Python 3.11 or newer and found none; install one (for example from python.org) and try again."
        exit 2
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "$python has no venv module; install it (Debian and Ubuntu: apt install python3-venv) and try again."
        exit 2
    fi
    "$python" -m venv "$VENV" || { say "The virtual environment $VENV could not be made; see above."; exit 2; }
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check uv 2>/dev/null ||
        say "uv could not be installed; going on with pip, which takes longer."
    touch "$VENV/uv"
}

install() {
    if [ -x "$VENV/bin/uv" ] && "$VENV/bin/uv" pip sync --quiet --require-hashes --compile-bytecode --python "$VENV/bin/python" "$1"; then
        return
    fi
    say "Installing with pip; this takes about a minute."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$1" || {
        say "The packages could not be installed; check the connection to your package index and try again."
        exit 2
    }
}

case "$1" in
    venv) make_venv ;;
    install) install "$2" ;;
esac
