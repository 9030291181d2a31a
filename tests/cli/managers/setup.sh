#!/bin/sh
# Installs the hook managers that the tests run for real, from PyPI and npm, into the folder that it is given.
set -eu
. "$(dirname "$0")/../need.sh"
need python3 python3-venv
need npm npm
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pre-commit==4.7.0 prek==0.5.11
npm install --prefix node --ignore-scripts --no-audit --no-fund --silent husky@9.1.7 lint-staged@16.4.0 lefthook@2.2.2
