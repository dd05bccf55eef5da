# SPDX-License-Identifier: Apache-2.0
# What run.sh, test.sh and .ci/run share: the Debian packages, listed once, and how to build.
# Sourced by a POSIX shell from the top folder.

# To build and run the programs.
FOVEA_RUN_PACKAGES="g++ cmake ninja-build ccache mold pkg-config
libexpected-dev libfmt-dev libspdlog-dev libopencv-dev libyaml-cpp-dev nlohmann-json3-dev
libcli11-dev zlib1g-dev libpng-dev libzstd-dev libhdf5-dev libhwy-dev libboost-dev prometheus-cpp-dev libusb-1.0-0-dev
qt6-base-dev qt6-svg-dev qt6-qpa-plugins qt6-wayland fonts-dejavu-core"

# To build and run the tests.
FOVEA_TEST_PACKAGES="catch2 clang-format xz-utils umockdev libumockdev-dev hdf5-tools
libtorch-dev libgloo-dev libopenblas0-pthread"

# For the sanitizers and clang-tidy.
FOVEA_CI_PACKAGES="clang clang-tidy libclang-rt-14-dev"

# True when every given package is installed.
all_installed() {
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | head -n 1)
        [ "$state" = installed ] || return 1
    done
}

# Installs what is missing from the given list (one argument, words). Asks for a password only when
# not root; on a system without apt it prints the list and stops.
install_missing() {
    missing=
    if command -v dpkg-query >/dev/null 2>&1; then
        for package in $1; do
            all_installed "$package" || missing="$missing $package"
        done
        [ -n "$missing" ] || return 0
    else
        missing=$(echo $1)
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Fovea installs what it needs by itself on Debian 12 and its relatives only." >&2
        echo "Please install what these Debian packages hold, then build with" >&2
        echo "'cmake --preset release && cmake --build --preset release':" >&2
        printf '  %s\n' $missing >&2
        return 3
    fi
    as_root=
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Fovea needs packages that are not installed. As root, run:" >&2
            echo "  apt-get install --no-install-recommends$missing" >&2
            return 3
        fi
        as_root=sudo
        echo "Fovea needs some packages; your password may be asked for:"
        printf '  %s\n' $missing
    fi
    echo "Installing$missing"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
            install --no-install-recommends $missing </dev/null && return 0
    echo "Installing failed. Wanted were:$missing" >&2
    return 3
}

# configure PRESET [OPTION...]: quiet, unless it fails; says what was taken and why.
configure() {
    log=$(mktemp)
    if cmake --preset "$@" >"$log" 2>&1; then
        sed -n 's/^-- \(Fovea .*\|  .*: \(yes\|no\) (.*\)$/\1/p' "$log"
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}
