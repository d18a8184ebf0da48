#!/usr/bin/env bash
# Installs what a build and a local stack need and what is missing here: Redis, PostgreSQL 14 or
# newer, a C compiler and make, and Node with npm for the web app; as `install.sh tests` also what only the tests
# need: nginx, PgBouncer, Prometheus, faketime, Chromium with a font, and pyarrow, Schemathesis and kubernetes-validate in a Python
# environment of its own under target/. Starts no service, enables none, touches none that is there already.
set -euo pipefail

readonly PURPOSE=${1:-stack}
readonly OLDEST_POSTGRES=14
readonly OLDEST_NODE=20.19
readonly PYTHON=${CARGO_TARGET_DIR:-$(dirname "${BASH_SOURCE[0]}")/../target}/python
readonly PYARROW=26.0.1
readonly SCHEMATHESIS=4.32.5
readonly KUBERNETES_VALIDATE=1.37.0
readonly POLICY=/usr/sbin/policy-rc.d
readonly NO_CLUSTER=/etc/postgresql-common/createcluster.d/zz-pollster-install.conf

say() { printf '%s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

# Debian keeps the server's programs out of PATH, a folder for each major version.
has_postgres() {
    local bin major
    for bin in /usr/lib/postgresql/*/bin; do
        major=${bin#/usr/lib/postgresql/}
        major=${major%%/*}
        [[ $major =~ ^[0-9]+$ && $major -ge $OLDEST_POSTGRES && -x $bin/postgres ]] && return 0
    done
    has postgres && has initdb && has psql
}

# Debian's python3 comes without what makes environments.
has_venv() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_python_packages() {
    [[ -x $PYTHON/bin/python ]] &&
        "$PYTHON/bin/python" -c 'import pyarrow, schemathesis, kubernetes_validate' 2>/dev/null
}

has_node() { "$(dirname "${BASH_SOURCE[0]}")/has-node.sh"; }
has_font() { [[ -n $(find /usr/share/fonts /usr/local/share/fonts -name '*.[ot]tf' -print -quit 2>/dev/null) ]]; }

# Debian keeps these where only root looks.
has_nginx() { has nginx || [[ -x /usr/sbin/nginx ]]; }
has_pgbouncer() { has pgbouncer || [[ -x /usr/sbin/pgbouncer ]]; }
has_prometheus() { has prometheus && has promtool; }

# A library that programs are started with; Debian has a folder for each architecture.
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }

missing_packages() {
    has redis-server || echo redis-server
    has_postgres || echo postgresql
    if ! has cc; then echo gcc libc6-dev; fi
    has make || echo make
    if [[ $PURPOSE == tests ]]; then
        has_nginx || echo nginx
        has_pgbouncer || echo pgbouncer
        has_prometheus || echo prometheus
        has_faketime || echo faketime
        has_venv || has_python_packages || echo python3-venv
    fi
}

clean_up() {
    local file
    for file in "${made[@]}"; do as_root rm -f "$file"; done
}

# apt starts what it installs, unless this file says no. One that is there stays: it is the owner's.
forbid_service_starts() {
    [[ -e $POLICY ]] && return
    made+=("$POLICY")
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
}

# PostgreSQL's package makes a cluster that starts with the machine. Nobody asked for one.
forbid_main_cluster() {
    made+=("$NO_CLUSTER")
    as_root mkdir -p "${NO_CLUSTER%/*}"
    echo 'create_main_cluster = false' | as_root tee "$NO_CLUSTER" >/dev/null
}

# Only ever called for services whose package was not here before.
disable_service() {
    has systemctl && as_root systemctl disable --quiet "$1.service" >/dev/null 2>&1 || true
    has update-rc.d && as_root update-rc.d "$1" disable >/dev/null 2>&1 || true
}

service_is_known() { [[ -e /etc/init.d/$1 || -e /lib/systemd/system/$1.service ]]; }

install_packages() {
    local service fresh=()
    for service in redis-server postgresql nginx pgbouncer prometheus; do
        [[ " $* " == *" $service "* ]] && ! service_is_known "$service" && fresh+=("$service")
    done
    made=()
    trap clean_up EXIT
    forbid_service_starts
    [[ " ${fresh[*]} " == *" postgresql "* ]] && forbid_main_cluster
    apt_install "$@"
    for service in "${fresh[@]}"; do disable_service "$service"; done
}

# A machine's package lists may be absent or name versions that are gone: refresh, then try again.
apt_install() {
    local install=(env DEBIAN_FRONTEND=noninteractive
        apt-get install --yes --quiet --no-install-recommends "$@")
    local log
    log=$(mktemp)
    if ! as_root "${install[@]}" >"$log" 2>&1; then
        say "Refreshing the package lists ..."
        if ! as_root apt-get update --quiet >"$log" 2>&1 || ! as_root "${install[@]}" >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            rm -f "$log"
            say "apt-get could not install: $*. Install them by hand, then run this again."
            exit 1
        fi
    fi
    rm -f "$log"
}

# Not among the system's own Python packages, which are the system's to look after (PEP 668).
install_python_packages() {
    has_python_packages && return
    say "Installing pyarrow, Schemathesis and kubernetes-validate into $PYTHON ..."
    if ! python3 -m venv --clear "$PYTHON" ||
        ! "$PYTHON/bin/pip" install --quiet --disable-pip-version-check \
            "pyarrow==$PYARROW" "schemathesis==$SCHEMATHESIS" \
            "kubernetes-validate==$KUBERNETES_VALIDATE"; then
        rm -rf "$PYTHON"
        say "They could not be installed: the tests that use them are skipped."
    fi
}

may_install() { has apt-get && { [[ $EUID -eq 0 ]] || has sudo; }; }

# Whether the version of Node that apt would install is new enough.
offers_node() {
    local candidate
    candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: //p')
    [[ $candidate == [0-9]* ]] && dpkg --compare-versions "$candidate" ge "$OLDEST_NODE"
}

# Everything else works without it: that it can't be had ends nothing. An older one is its owner's to replace.
install_node() {
    has_node && return
    if has node && has npm; then
        say "The web app is left out: Node $(node --version) is here, and it takes $OLDEST_NODE or newer."
        return
    fi
    if may_install && ! apt-cache show nodejs >/dev/null 2>&1; then
        as_root apt-get update --quiet >/dev/null 2>&1 || true
    fi
    if may_install && offers_node; then
        say "Installing nodejs npm ..."
        (apt_install nodejs npm) || true
    fi
    has_node || say "The web app is left out: it takes Node $OLDEST_NODE or newer with npm, and apt has none here."
}

# What tests the web app, where that is built.
install_browser() {
    local packages=()
    has_node || return 0
    has chromium || packages+=(chromium)
    has_font || packages+=(fonts-dejavu-core)
    [[ ${#packages[@]} -eq 0 ]] && return
    if may_install; then
        say "Installing ${packages[*]} ..."
        (apt_install "${packages[@]}") && return
    fi
    say "Missing here: ${packages[*]} (Debian's names). The browser tests fail without them."
}

install_missing() {
    local packages
    read -r -d '' -a packages < <(missing_packages; printf '\0')
    [[ ${#packages[@]} -eq 0 ]] && return
    if ! has apt-get; then
        say "Missing here: ${packages[*]} (Debian's names)."
        say "Install them with this system's package manager: Redis 7 or newer as redis-server,"
        say "PostgreSQL $OLDEST_POSTGRES or newer with initdb, postgres and psql in PATH, a C compiler, make;"
        say "for the tests nginx, pgbouncer, prometheus, faketime and python3 with venv."
        exit 1
    fi
    if [[ $EUID -ne 0 ]] && ! has sudo; then
        say "Missing here: ${packages[*]}. Run this as root, or install sudo."
        exit 1
    fi
    say "Installing ${packages[*]}, without starting any service ..."
    install_packages "${packages[@]}"
    read -r -d '' -a packages < <(missing_packages; printf '\0')
    if [[ ${#packages[@]} -ne 0 ]]; then
        say "Still missing after the installation: ${packages[*]}."
        say "This system's own versions may be too old: PostgreSQL $OLDEST_POSTGRES or newer is needed."
        exit 1
    fi
}

main() {
    if [[ $PURPOSE != stack && $PURPOSE != tests ]]; then
        say "usage: docker/install.sh [stack|tests]"
        exit 2
    fi
    install_missing
    install_node
    if [[ $PURPOSE == tests ]]; then
        install_browser
        install_python_packages
    fi
}

main "$@"
