#!/bin/sh
# Installs the hook managers that the tests run for real, from PyPI and npm, into the folder that it is given.
set -eu

need() {
    command -v "$1" >/dev/null && return
    [ "$(id -u)" = 0 ] && apt-get install -o DPkg::Lock::Timeout=300 --quiet --yes "$2" >/dev/null && return
    echo "the tests of hook managers need $1: apt-get install $2" >&2
    exit 1
}

need python3 python3-venv
need npm npm
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pre-commit==4.7.0 prek==0.5.11
npm install --prefix node --ignore-scripts --no-audit --no-fund --silent husky@9.1.7 lint-staged@16.4.0 lefthook@2.2.2
