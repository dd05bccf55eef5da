// SPDX-License-Identifier: Apache-2.0
// The checks of form.
#include "tests/layering/house_rules.h"

#include <regex>

namespace fovea::test {

namespace fs = std::filesystem;

std::vector<Finding> checkFirstLines(const SourceTree &tree) {
    static const std::regex purpose(R"(// (?!SPDX)\S.*\w.*)");
    std::vector<Finding> findings;
    for (const auto &[path, text] : tree) {
        const auto lines = splitLines(text);
        if (lines.empty() || lines[0] != "// SPDX-License-Identifier: Apache-2.0")
            findings.push_back({path, 1, "expected // SPDX-License-Identifier: Apache-2.0"});
        if (lines.size() < 2 || !std::regex_match(lines[1], purpose))
            findings.push_back({path, 2, "expected a comment that says what the file is for"});
    }
    return findings;
}

std::vector<Finding> checkLines(const SourceTree &tree) {
    std::vector<Finding> findings;
    for (const auto &[path, text] : tree) {
        const auto lines = splitLines(text);
        if (lines.size() > maxFileLines)
            findings.push_back(
                {path, lines.size(),
                 fmt::format("{} lines, allowed are {}: cut it", lines.size(), maxFileLines)});
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i].find_first_of("\t\r") != std::string::npos ||
                (!lines[i].empty() && lines[i].back() == ' '))
                findings.push_back({path, i + 1, "tab, carriage return or blank at the end"});
        if (!text.empty() && text.back() != '\n')
            findings.push_back({path, lines.size(), "no line end at the end of the file"});
    }
    return findings;
}

std::vector<Finding> checkTestFiles(const SourceTree &sources, const std::set<std::string> &tests,
                                    const std::set<std::string> &untested) {
    std::vector<Finding> findings;
    for (const auto &[path, text] : sources) {
        const fs::path file(path);
        const std::string test =
            (fs::path("tests") / file.parent_path() / (file.stem().string() + "_test.cpp"))
                .generic_string();
        const bool tested = tests.contains(test);
        if (untested.contains(path)) {
            if (tested)
                findings.push_back({path, 1, "is listed as untested, but " + test + " is there"});
        } else if (!tested) {
            findings.push_back({path, 1, test + " is missing"});
        }
    }
    for (const std::string &path : untested)
        if (!sources.contains(path))
            findings.push_back({path, 1, "is listed as untested, but is not there"});
    return findings;
}

}  // namespace fovea::test
