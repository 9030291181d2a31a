#!/bin/sh
# Installs what knows the schemas of the files of CIs, from PyPI, into the folder that it is given.
set -eu
. "$(dirname "$0")/../need.sh"

need python3 python3-venv
cd "$1"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check check-jsonschema==0.39.0
