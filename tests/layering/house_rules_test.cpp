// SPDX-License-Identifier: Apache-2.0
// The rules of form hold in this source tree, and every seeded breach is found.
#include "tests/layering/house_rules.h"

#include <catch2/catch.hpp>

using namespace fovea::test;

namespace {

const std::string head = "// SPDX-License-Identifier: Apache-2.0\n// What it is for.\n";

void checkNone(const std::vector<Finding> &findings) {
    INFO(toString(findings));
    CHECK(findings.empty());
}

}  // namespace

TEST_CASE("every file of this tree begins with licence and purpose", "[layering]") {
    const SourceTree tree =
        readSources(FOVEA_SOURCE_DIR, {"app", "engine", "drivers", "datasets", "ui", "tests"});
    REQUIRE(tree.size() > 20);
    checkNone(checkFirstLines(tree));
}

TEST_CASE("no file of the product is too long", "[layering]") {
    checkNone(checkLines(readSources(FOVEA_SOURCE_DIR, productFolders())));
}

TEST_CASE("a wrong beginning is found", "[layering]") {
    CHECK(checkFirstLines({{"a.h", head}}).empty());
    CHECK(checkFirstLines({{"a.h", ""}}).size() == 2);
    CHECK(checkFirstLines({{"a.h", "// SPDX-License-Identifier: MIT\n// Purpose.\n"}}).size() == 1);
    CHECK(checkFirstLines({{"a.h", "\n" + head}}).size() == 2);
    CHECK(checkFirstLines({{"a.h", "// SPDX-License-Identifier: Apache-2.0\n\n"}}).size() == 1);
    CHECK(checkFirstLines({{"a.h", "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n"}})
              .size() == 1);
}

TEST_CASE("a file that is too long or has stray blanks is found", "[layering]") {
    std::string text = head;
    for (std::size_t i = 2; i < maxFileLines; ++i)
        text += "int x;\n";
    CHECK(checkLines({{"a.h", text}}).empty());
    CHECK(checkLines({{"a.h", text + "int x;\n"}}).size() == 1);
    CHECK(checkLines({{"a.h", head + "int x; \n"}}).size() == 1);
    CHECK(checkLines({{"a.h", head + "\tint x;\n"}}).size() == 1);
    CHECK(checkLines({{"a.h", head + "int x;\r\n"}}).size() == 1);
    CHECK(checkLines({{"a.h", head + "int x;"}}).size() == 1);
}
