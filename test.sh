#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the tests of the release build: installs what is missing (Debian 12), builds, tests.
# Arguments go to ctest: ./test.sh -R layering
set -eu
cd "$(dirname "$0")"
. .ci/common.sh
install_missing "$FOVEA_RUN_PACKAGES $FOVEA_TEST_PACKAGES"
configure release -DBUILD_TESTING=ON
cmake --build --preset release
ctest --preset release "$@"
