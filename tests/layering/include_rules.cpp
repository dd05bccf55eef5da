// SPDX-License-Identifier: Apache-2.0
// Reads `#include` lines and holds them against the layers.
#include "tests/layering/include_rules.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <set>

namespace fovea::test {

namespace fs = std::filesystem;

namespace {

struct Include {
    std::size_t line = 0;
    std::string name;  ///< without quotes or brackets; empty when it is a macro
};

// The line without what is in comments; `inComment` carries a block comment to the next line.
std::string withoutComments(const std::string &line, bool &inComment) {
    std::string code;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string two = line.substr(i, 2);
        if (inComment) {
            if (two == "*/") {
                inComment = false;
                ++i;
            }
        } else if (two == "//") {
            break;
        } else if (two == "/*" && code.find_first_of("\"<") == std::string::npos) {
            inComment = true;
            ++i;
        } else {
            code += line[i];
        }
    }
    return code;
}

std::vector<Include> includesOf(const std::string &text) {
    static const std::regex directive(R"(^\s*#\s*include\s*(?:["<]([^">]+)[">]|(\w+)).*)");
    std::vector<Include> includes;
    bool inComment = false;
    std::size_t number = 0;
    for (const std::string &line : splitLines(text)) {
        ++number;
        const std::string code = withoutComments(line, inComment);
        std::smatch match;
        if (std::regex_match(code, match, directive))
            includes.push_back({number, match[1].str()});
    }
    return includes;
}

// "engine/core", "drivers/usb", "app/fovea-gui", "app", "datasets", "ui".
std::string moduleOf(const std::string &path) {
    const auto first = path.find('/');
    const std::string top = path.substr(0, first);
    if (first == std::string::npos || top == "datasets" || top == "ui")
        return top;
    const auto second = path.find('/', first + 1);
    return second == std::string::npos ? top : path.substr(0, second);
}

bool startsWith(const std::string &text, std::string_view start) {
    return text.rfind(start, 0) == 0;
}

// The file of ours that an include means, if any.
std::optional<std::string> resolve(const SourceTree &tree, const std::string &from,
                                   const std::string &name) {
    const std::string beside =
        (fs::path(from).parent_path() / name).lexically_normal().generic_string();
    for (const std::string &path : {beside, fs::path(name).lexically_normal().generic_string()})
        if (tree.contains(path))
            return path;
    for (const std::string &folder : productFolders())
        if (startsWith(name, folder + "/"))
            return name;  // ours by its name, even when the file is gone
    return std::nullopt;
}

struct Library {
    std::string name;
    std::regex headers;
    std::string allowed;  ///< in words
    std::function<bool(const std::string &path)> mayUse;
};

const std::vector<Library> &libraries() {
    static const std::vector<Library> all = {
        {"Qt", std::regex(R"(Q[A-Z]\w*(\.h)?|Qt\w+/.*|q(t|[a-z])\w+\.h)"), "ui and app/fovea-gui",
         [](const std::string &path) {
             return startsWith(path, "ui/") || startsWith(path, "app/fovea-gui/");
         }},
        {"libusb", std::regex(R"((.*/)?(libusb|usb|ftd3xx)\.h)"), "drivers/usb",
         [](const std::string &path) { return startsWith(path, "drivers/usb/"); }},
        {"CUDA",
         std::regex(R"((cuda|cublas|cufft|curand|cusparse|cudnn|nvrtc|nvml|npp)\w*\.h|)"
                    R"((thrust|cub|cuda|cooperative_groups)/.*|cooperative_groups\.h|)"
                    R"((device_launch_parameters|vector_types)\.h)"),
         "*.cu files of the engine's parts (not core, not pipeline)",
         [](const std::string &path) {
             const auto kind = fs::path(path).extension();
             return startsWith(path, "engine/") && !startsWith(path, "engine/core/") &&
                    !startsWith(path, "engine/pipeline/") && (kind == ".cu" || kind == ".cuh");
         }},
        {"libtorch", std::regex(R"((torch|ATen|c10)/.*)"), "engine/train and app/fovea-train",
         [](const std::string &path) {
             return startsWith(path, "engine/train/") || startsWith(path, "app/fovea-train/");
         }},
    };
    return all;
}

// Why `from` may not include `to`, both files of ours; empty when it may.
std::string reasonAgainst(const std::string &from, const std::string &to) {
    const std::string here = moduleOf(from);
    const std::string there = moduleOf(to);
    if (here == there)
        return {};
    const std::string stem = fs::path(to).stem().string();
    if (stem.size() > 5 && stem.substr(stem.size() - 5) == "_impl")
        return "an _impl header belongs to its own folder only";
    const bool core = there == "engine/core";
    if (here == "engine/core")
        return "engine/core includes nothing else of ours";
    if (here == "engine/pipeline")
        return startsWith(there, "engine/") ? "" : "engine/pipeline includes the engine only";
    if (startsWith(here, "engine/")) {
        if (there == "engine/pipeline")
            return "only ui and app include engine/pipeline";
        return startsWith(there, "engine/") ? "" : "the engine includes the engine only";
    }
    if (here == "datasets")
        return core ? "" : "datasets includes engine/core only";
    if (startsWith(here, "drivers/"))
        return core || there == "datasets" ? "" : "a driver includes engine/core and datasets only";
    if (here == "ui")
        return startsWith(there, "engine/") ? "" : "ui includes the engine only";
    if (there == "ui" && here != "app/fovea-gui")
        return "only app/fovea-gui includes ui";
    return {};
}

using Graph = std::map<std::string, std::map<std::string, Finding>>;

// Depth first; a folder met again while it is still being visited closes a circle.
void findCircles(const Graph &graph, const std::string &node, std::vector<std::string> &trail,
                 std::set<std::string> &done, std::vector<Finding> &findings) {
    if (done.contains(node))
        return;
    trail.push_back(node);
    const auto edges = graph.find(node);
    if (edges != graph.end())
        for (const auto &[next, where] : edges->second) {
            const auto start = std::find(trail.begin(), trail.end(), next);
            if (start == trail.end()) {
                findCircles(graph, next, trail, done, findings);
                continue;
            }
            std::string circle;
            for (auto step = start; step != trail.end(); ++step)
                circle += *step + " -> ";
            findings.push_back({where.path, where.line, "closes the circle " + circle + next});
        }
    trail.pop_back();
    done.insert(node);
}

}  // namespace

std::vector<Finding> checkIncludes(const SourceTree &tree) {
    std::vector<Finding> findings;
    Graph graph;
    for (const auto &[path, text] : tree)
        for (const Include &include : includesOf(text)) {
            if (include.name.empty()) {
                findings.push_back({path, include.line, "an include is a name, not a macro"});
                continue;
            }
            if (const auto ours = resolve(tree, path, include.name)) {
                const std::string reason = reasonAgainst(path, *ours);
                if (!reason.empty())
                    findings.push_back({path, include.line, include.name + ": " + reason});
                if (moduleOf(path) != moduleOf(*ours))
                    graph[moduleOf(path)].try_emplace(moduleOf(*ours),
                                                      Finding{path, include.line, {}});
                continue;
            }
            for (const Library &library : libraries())
                if (std::regex_match(include.name, library.headers) && !library.mayUse(path))
                    findings.push_back({path, include.line,
                                        include.name + ": " + library.name +
                                            " is allowed only in " + library.allowed});
        }
    std::set<std::string> done;
    std::vector<std::string> trail;
    for (const auto &[node, edges] : graph)
        findCircles(graph, node, trail, done, findings);
    return findings;
}

}  // namespace fovea::test
