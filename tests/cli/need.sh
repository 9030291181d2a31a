# Sourced by the scripts that install what tests need: `need COMMAND PACKAGE...` sees to it that there is a command, from
# Debian's packages if it must; `pypi` and `npm_packages` install into the working directory.

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

pypi() {
    need python3 python3-venv
    [ -d python ] || python3 -m venv python
    python/bin/pip install --quiet --disable-pip-version-check "$@"
}

npm_packages() {
    need npm npm
    npm install --prefix node --ignore-scripts --no-audit --no-fund --silent "$@"
}
