#!/bin/sh
# Installs what knows the schemas of the files of CIs, from PyPI, into the folder that it is given.
set -eu

if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    [ "$(id -u)" = 0 ] && apt-get install --quiet --yes python3-venv >/dev/null || {
        echo 'the tests of files for CIs need python3: apt-get install python3-venv' >&2
        exit 1
    }
fi
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check check-jsonschema==0.39.0
