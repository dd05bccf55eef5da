// SPDX-License-Identifier: Apache-2.0
// The project's own source files as text, for the checks that read them.
#pragma once

#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

namespace fovea::test {

/// A breach of a house rule: where, and what is allowed instead.
struct Finding {
    std::string path;  ///< from the project's top folder
    std::size_t line = 0;
    std::string message;
};

[[nodiscard]] inline std::string toString(const Finding &finding) {
    return fmt::format("{}:{}: {}", finding.path, finding.line, finding.message);
}

/// All findings, one a line: what a failed check prints.
[[nodiscard]] std::string toString(const std::vector<Finding> &findings);

/// Path from the top folder -> content.
using SourceTree = std::map<std::string, std::string>;

/// Reads all C++ and CUDA files below `folders` of `top`.
[[nodiscard]] SourceTree readSources(const std::filesystem::path &top,
                                     const std::vector<std::string> &folders);

/// The folders that hold the product: app, engine, drivers, datasets, ui.
[[nodiscard]] const std::vector<std::string> &productFolders();

[[nodiscard]] std::vector<std::string> splitLines(const std::string &text);

}  // namespace fovea::test
