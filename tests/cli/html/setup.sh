#!/bin/sh
# Sees to it that there is a browser, and the driver through which a test uses it.
set -eu
. "$(dirname "$0")/../need.sh"

need chromedriver chromium chromium-driver
