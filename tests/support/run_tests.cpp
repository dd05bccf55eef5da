// SPDX-License-Identifier: Apache-2.0
// The one place where Catch2 itself is compiled.
#define CATCH_CONFIG_RUNNER
#include "tests/support/run_tests.h"

#include <catch2/catch.hpp>

int fovea::test::runTests(int argc, char **argv) {
    return Catch::Session().run(argc, argv);
}
