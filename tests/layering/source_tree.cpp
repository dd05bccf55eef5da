// SPDX-License-Identifier: Apache-2.0
// Collecting source files.
#include "tests/layering/source_tree.h"

#include "tests/support/files.h"

#include <set>
#include <sstream>

namespace fovea::test {

namespace fs = std::filesystem;

std::string toString(const std::vector<Finding> &findings) {
    std::string text;
    for (const Finding &finding : findings)
        text += toString(finding) + "\n";
    return text;
}

SourceTree readSources(const fs::path &top, const std::vector<std::string> &folders) {
    static const std::set<std::string> kinds = {".h", ".hpp", ".cpp", ".cc",  ".cxx",
                                                ".c", ".cu",  ".cuh", ".inl", ".ipp"};
    SourceTree tree;
    for (const std::string &folder : folders) {
        if (!fs::is_directory(top / folder))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(top / folder)) {
            if (!entry.is_regular_file() || !kinds.contains(entry.path().extension().string()))
                continue;
            const auto bytes = readBytes(entry.path());
            tree[fs::relative(entry.path(), top).generic_string()] = {bytes.begin(), bytes.end()};
        }
    }
    return tree;
}

const std::vector<std::string> &productFolders() {
    static const std::vector<std::string> folders = {"app", "engine", "drivers", "datasets", "ui"};
    return folders;
}

std::vector<std::string> splitLines(const std::string &text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

}  // namespace fovea::test
