#!/bin/sh
# Installs the hook managers that the tests run for real, from PyPI and npm, into the folder that it is given.
set -eu
. "$(dirname "$0")/../need.sh"

cd "$1"
pypi pre-commit==4.7.0 prek==0.5.11
npm_packages husky@9.1.7 lint-staged@16.4.0 lefthook@2.2.2
