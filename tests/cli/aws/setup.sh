#!/bin/sh
# Installs moto, which plays AWS, and boto3, which looks at it from outside, from PyPI, into the folder that it is given.
set -eu
. "$(dirname "$0")/../need.sh"

need strace strace
cd "$1"
pypi 'moto[server]==5.2.5' boto3==1.44.5
