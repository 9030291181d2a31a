#!/bin/sh
# Builds the referee, real gitleaks as a Go module, in the folder that it is given. An older Go fetches the one that it needs.
set -eu
. "$(dirname "$0")/../need.sh"

need go golang-go
cd "$(dirname "$0")/referee"
go build -o "$1/referee" .
