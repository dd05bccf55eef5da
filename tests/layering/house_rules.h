// SPDX-License-Identifier: Apache-2.0
// Rules of form that every source file keeps: how it begins, how long it is, that it is tested.
#pragma once

#include "tests/layering/source_tree.h"

#include <set>

namespace fovea::test {

/// Lines that a file of the product may have; a longer one asks to be cut.
constexpr std::size_t maxFileLines = 400;

/// First line is the SPDX line, the second one says what the file is for.
[[nodiscard]] std::vector<Finding> checkFirstLines(const SourceTree &tree);

/// No file has more than `maxFileLines` lines, no line ends in blanks or holds a tab.
[[nodiscard]] std::vector<Finding> checkLines(const SourceTree &tree);

/// Every source file a/b/c.h or a/b/c.cpp has tests/a/b/c_test.cpp, except headers in `untested`,
/// which only declare interfaces. Entries of `untested` that no longer hold are found too.
[[nodiscard]] std::vector<Finding> checkTestFiles(const SourceTree &sources,
                                                  const std::set<std::string> &tests,
                                                  const std::set<std::string> &untested);

}  // namespace fovea::test
