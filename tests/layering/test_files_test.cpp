// SPDX-License-Identifier: Apache-2.0
// Every source file of engine, drivers and datasets has a test file.
#include "tests/layering/house_rules.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea::test;

namespace {

std::set<std::string> pathsOf(const SourceTree &tree) {
    std::set<std::string> paths;
    for (const auto &[path, text] : tree)
        paths.insert(path);
    return paths;
}

// The lines of a list, without empty ones and comments.
std::set<std::string> readList(const std::string &path) {
    const auto bytes = readBytes(path);
    std::set<std::string> paths;
    for (const std::string &line : splitLines({bytes.begin(), bytes.end()}))
        if (!line.empty() && line.front() != '#')
            paths.insert(line);
    return paths;
}

}  // namespace

TEST_CASE("every source file has its test file", "[layering]") {
    const SourceTree sources = readSources(FOVEA_SOURCE_DIR, {"engine", "drivers", "datasets"});
    REQUIRE(sources.size() > 10);
    const auto tests = pathsOf(readSources(FOVEA_SOURCE_DIR, {"tests"}));
    const auto untested = readList(FOVEA_SOURCE_DIR "/tests/layering/interface_headers.txt");
    for (const std::string &path : untested) {
        INFO(path << " is no header: only headers that declare an interface go without a test");
        CHECK(path.substr(path.find_last_of('.')) == ".h");
    }
    const auto findings = checkTestFiles(sources, tests, untested);
    INFO(toString(findings));
    CHECK(findings.empty());
}

TEST_CASE("every test file is in a folder that ctest runs", "[layering]") {
    const auto folders = readList(FOVEA_TEST_FOLDERS);
    REQUIRE_FALSE(folders.empty());
    for (const auto &[path, text] : readSources(FOVEA_SOURCE_DIR, {"tests"})) {
        if (path.size() < 9 || path.substr(path.size() - 9) != "_test.cpp")
            continue;
        INFO(path << " never runs: tests/CMakeLists.txt names its folder nowhere");
        CHECK(folders.contains(path.substr(0, path.find_last_of('/'))));
    }
}

TEST_CASE("a missing test file is found", "[layering]") {
    const SourceTree sources = {{"engine/core/a.h", ""}, {"engine/core/a.cpp", ""}};
    CHECK(checkTestFiles(sources, {"tests/engine/core/a_test.cpp"}, {}).empty());
    CHECK(checkTestFiles(sources, {"tests/engine/core/b_test.cpp"}, {}).size() == 2);
    CHECK(checkTestFiles(sources, {"tests/engine/a_test.cpp"}, {}).size() == 2);
    CHECK(checkTestFiles(sources, {}, {"engine/core/a.h"}).size() == 1);
}

TEST_CASE("a stale entry in the list of interface headers is found", "[layering]") {
    const SourceTree sources = {{"engine/core/a.h", ""}};
    CHECK(checkTestFiles(sources, {}, {"engine/core/a.h"}).empty());
    CHECK(checkTestFiles(sources, {"tests/engine/core/a_test.cpp"}, {"engine/core/a.h"}).size() ==
          1);
    CHECK(checkTestFiles(sources, {}, {"engine/core/a.h", "engine/core/gone.h"}).size() == 1);
}
