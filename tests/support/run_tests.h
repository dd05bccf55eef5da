// SPDX-License-Identifier: Apache-2.0
// Catch2 behind one function, so that it is compiled once for all test programs.
#pragma once

namespace fovea::test {

/// Runs the tests that the arguments ask for; gives the program's exit status.
int runTests(int argc, char **argv);

}  // namespace fovea::test
