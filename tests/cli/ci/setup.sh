#!/bin/sh
# Installs what knows the schemas of the files of CIs, from PyPI, into the folder that it is given.
set -eu
. "$(dirname "$0")/../need.sh"

cd "$1"
pypi check-jsonschema==0.39.0
