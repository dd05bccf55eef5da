// SPDX-License-Identifier: Apache-2.0
// The entry of every test program without a window.
#include "tests/support/run_tests.h"

int main(int argc, char **argv) {
    return fovea::test::runTests(argc, argv);
}
