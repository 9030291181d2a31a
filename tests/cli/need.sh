# Sourced by the scripts that install what tests need: `need COMMAND PACKAGE...` sees to it that there is a command, from
# Debian's packages if it must.

get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 --quiet --yes "$@" >/dev/null; }

need() {
    command=$1
    shift
    command -v "$command" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        get install --no-install-recommends "$@" && return
        get update && get install --no-install-recommends "$@" && return
    fi
    echo "the tests need $command: apt-get install $*" >&2
    exit 1
}
