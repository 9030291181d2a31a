#!/bin/sh
# Sees to it that there is a browser, and the driver through which a test uses it.
set -eu

command -v chromedriver >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 --quiet --yes "$@" >/dev/null; }
    get install --no-install-recommends chromium chromium-driver && exit 0
    get update && get install --no-install-recommends chromium chromium-driver && exit 0
fi
echo 'the tests of the HTML page need Chromium and its driver: apt-get install chromium chromium-driver' >&2
exit 1
