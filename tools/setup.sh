#!/bin/sh
# Make .venv ready for what is named: run, test, bench or prompts. Silent when there is nothing to do.
#
# System packages are named before they are installed, and installed only as root or with sudo that asks
# for no password; otherwise the command to run is printed and the exit code is 2.
set -eu
purpose=${1:?run, test, bench or prompts}
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
        then
            command -v "$name"
            return
        fi
    done
}

has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

has_headers() {
    "$1" -c 'import os, sysconfig, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' 2>/dev/null
}

has_opus() { "$1" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("opus"))'; }

needed=""
need() { needed="$needed $1"; }

python=$(find_python)
if [ ! -x .venv/bin/python ]; then
    if [ -z "$python" ]; then
        need python3
        need python3-venv
    elif ! has_venv "$python"; then
        need python3-venv
    fi
fi
optional=""
if [ "$purpose" != bench ] || [ ! -x .venv/bin/python ]; then
    command -v cc >/dev/null 2>&1 || optional="$optional gcc libc6-dev"
    if [ -n "$python" ] && ! has_headers "$python"; then optional="$optional python3-dev"; fi
fi
if [ -n "$python" ] && ! has_opus "$python"; then
    if [ "$purpose" = test ]; then need libopus0; else optional="$optional libopus0"; fi
fi
if [ "$purpose" = test ] || [ "$purpose" = bench ]; then
    command -v sipp >/dev/null 2>&1 || need sip-tester
    command -v openssl >/dev/null 2>&1 || need openssl
fi
if [ "$purpose" = bench ]; then
    command -v kamailio >/dev/null 2>&1 || [ -x /usr/sbin/kamailio ] || need kamailio
    command -v rtpengine >/dev/null 2>&1 || need rtpengine-daemon
fi

install() {
    # shellcheck disable=SC2086 # a list of package names
    if [ "$(id -u)" = 0 ]; then
        say "installing system packages:$*"
        apt-get update -qq >/dev/null 2>&1 || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $* >&2
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        say "installing system packages with sudo:$*"
        sudo -n apt-get update -qq >/dev/null 2>&1 || true
        sudo -n env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $* >&2
    else
        return 1
    fi
}

if [ -n "$needed" ] && ! install "$needed"; then
    say "system packages are missing; install them, then try again:"
    say "    sudo apt-get install$needed"
    exit 2
fi
if [ -n "$optional" ] && ! install "$optional"; then
    say "without$optional everything works: without a compiler more slowly, without libopus0 no Opus"
fi

python=$(find_python)
if [ -z "$python" ]; then
    say "Python 3.11, 3.12 or 3.13 is needed; set PYTHON to where one is"
    exit 2
fi

# The hot packages run from source until they have been compiled from what is there now.
compile_core() {
    if [ "$purpose" = test ] || [ -n "${DAIHYO_PURE:-}" ] || ! command -v cc >/dev/null 2>&1 ||
        .venv/bin/python -c 'import switch, sys; sys.exit(not switch.IS_COMPILED)' 2>/dev/null
    then
        return
    fi
    say "compiling the hot packages (a minute); DAIHYO_PURE=source does without"
    if ! .venv/bin/python setup.py -q compile >.venv/compiled.log 2>&1; then
        say "they could not be compiled (.venv/compiled.log): everything works, more slowly"
    fi
}

stamp=".venv/.ready-$purpose"
fingerprint=$(cat pyproject.toml setup.py tools/setup.sh switch/sip/_scan.pyx \
    switch/transport/_batch.pyx media/_relay.pyx 2>/dev/null | cksum)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$fingerprint" ]; then
    compile_core
    exit 0
fi

if [ ! -x .venv/bin/python ]; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi
case $purpose in
run) extra="" ;;
test) extra="[dev,interop]" ;;
bench) extra="[dev,interop,bench]" ;;
prompts) extra="[speech]" ;;
esac
say "installing Python packages for '$purpose' (a minute or two)"
.venv/bin/python -m pip install -qq --disable-pip-version-check "setuptools>=77" "Cython>=3.1" \
    "mypy[mypyc]==2.4.1"
.venv/bin/python -m pip install -qq --disable-pip-version-check \
    --no-build-isolation --editable ".$extra"
if ! .venv/bin/python setup.py -q build_ext --inplace >.venv/native.log 2>&1; then
    say "the native parts could not be built (.venv/native.log): everything works, more slowly"
fi
compile_core
printf '%s\n' "$fingerprint" >"$stamp"
