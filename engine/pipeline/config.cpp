// SPDX-License-Identifier: Apache-2.0
// YAML text and environment to configuration and back, by the table of settings.
#include "engine/pipeline/config.h"

#include "engine/core/text.h"
#include "engine/pipeline/config_fields.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <unistd.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

namespace fovea {

namespace {

constexpr std::size_t maxTextBytes = std::size_t{1} << 20U;
constexpr std::size_t maxDepth = 16;

std::string place(const std::string &name, const YAML::Mark &mark) {
    if (mark.is_null())
        return name;
    return fmt::format("{}:{}:{}", name, mark.line + 1, mark.column + 1);
}

// What a person wrote, short enough for a message.
std::string found(const YAML::Node &node) {
    if (node.IsNull())
        return "nothing";
    if (node.IsSequence()) {
        std::string items;
        for (const YAML::Node &item : node) {
            if (items.size() > 60)
                break;
            items += fmt::format("{}{}", items.empty() ? "" : ", ",
                                 item.IsScalar() ? item.Scalar() : "...");
        }
        return fmt::format("[{}]", items.substr(0, 80));
    }
    if (node.IsMap())
        return "a group of keys";
    std::string text = node.Scalar().substr(0, 60);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
    return fmt::format("'{}'", text);
}

Result<void> readField(const ConfigField &field, const YAML::Node &node, const std::string &where) {
    const std::string allowed = field.read(node);
    if (allowed.empty())
        return {};
    return fail(ErrorCode::Usage, "{}: {}.{}: found {}; allowed: {}", where, field.section,
                field.key, found(node), allowed);
}

// `group` is "" or a section with its dot.
tl::unexpected<Error> unknownKey(const std::string &where, const std::string &group,
                                 const std::string &key, const std::vector<std::string> &known) {
    const std::string nearest = nearestName(key, known);
    return fail(ErrorCode::Usage, "{}: unknown key '{}{}'{}; allowed: {}", where, group,
                key.substr(0, 60),
                nearest.empty() ? std::string() : fmt::format(", nearest is '{}'", nearest),
                fmt::join(known, ", "));
}

Result<void> readSection(const std::string &section, const YAML::Node &node,
                         const std::vector<ConfigField> &fields, const std::string &name) {
    if (node.IsNull())
        return {};
    if (!node.IsMap())
        return fail(ErrorCode::Usage, "{}: {}: found {}; allowed: keys with values",
                    place(name, node.Mark()), section, found(node));
    std::vector<std::string> known;
    for (const ConfigField &field : fields)
        if (field.section == section)
            known.emplace_back(field.key);
    std::set<std::string> seen;
    for (const auto &entry : node) {
        const std::string where = place(name, entry.first.Mark());
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const ConfigField &f) {
            return f.section == section && f.key == key;
        });
        if (field == fields.end())
            return unknownKey(where, section + ".", key, known);
        if (!seen.insert(key).second)
            return fail(ErrorCode::Usage, "{}: {}.{} stands twice", where, section, key);
        if (Result<void> read = readField(*field, entry.second, place(name, entry.second.Mark()));
            !read)
            return read;
    }
    return {};
}

std::vector<std::string> sectionNames(const std::vector<ConfigField> &fields) {
    std::vector<std::string> names;
    for (const ConfigField &field : fields)
        if (names.empty() || names.back() != field.section)
            names.emplace_back(field.section);
    return names;
}

std::string inCapitals(std::string_view text) {
    std::string capitals(text);
    std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return capitals;
}

// yaml-cpp descends once a level, so depth is bounded before it sees the text.
Result<void> checkText(std::string_view yaml, const std::string &name) {
    if (yaml.size() > maxTextBytes)
        return fail(ErrorCode::Usage, "{}: {} bytes; a configuration has at most {}", name,
                    yaml.size(), maxTextBytes);
    std::size_t flow = 0;
    std::size_t indent = 0;
    bool lineStart = true;
    std::size_t run = 0;  // dashes, questions and colons open a level each within one line
    for (const char c : yaml) {
        flow += static_cast<std::size_t>(c == '[' || c == '{');
        flow -= static_cast<std::size_t>((c == ']' || c == '}') && flow > 0);
        if (c == '\n') {
            lineStart = true;
            indent = 0;
            run = 0;
        } else if (lineStart && c == ' ') {
            ++indent;
        } else if (lineStart && (c == '-' || c == '?')) {
            ++run;
        } else {
            lineStart = false;
        }
        if (flow > maxDepth || run > maxDepth || indent > 8 * maxDepth || c == '\0')
            return fail(ErrorCode::Usage,
                        "{}: nested deeper than {} levels, or not text; a configuration has "
                        "sections, keys and values",
                        name, maxDepth);
    }
    return {};
}

/// Notes where documents begin.
class DocumentStarts final : public YAML::EventHandler {
public:
    YAML::Mark last;
    void OnDocumentStart(const YAML::Mark &mark) override { last = mark; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark &, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark &, const std::string &, YAML::anchor_t,
                  const std::string &) override {}
    void OnSequenceStart(const YAML::Mark &, const std::string &, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark &, const std::string &, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

/// Where a second document begins. Not all of them are read: a comma outside of brackets makes
/// yaml-cpp give empty documents without end.
std::optional<YAML::Mark> secondDocument(const std::string &text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStarts starts;
    if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts))
        return std::nullopt;
    return starts.last;
}

}  // namespace

Result<Config> parseConfig(std::string_view yaml, const std::string &name) {
    if (Result<void> text = checkText(yaml, name); !text)
        return failed(text);
    Config config;
    const std::vector<ConfigField> fields = fieldsOf(config);
    try {
        const std::string text(yaml);
        if (const auto second = secondDocument(text))
            return fail(ErrorCode::Usage, "{}: found at least 2 YAML documents; allowed: one",
                        place(name, *second));
        const YAML::Node root = YAML::Load(text);
        if (root.IsNull())
            return config;
        if (!root.IsMap())
            return fail(ErrorCode::Usage, "{}: found {}; allowed: the sections {}",
                        place(name, root.Mark()), found(root),
                        fmt::join(sectionNames(fields), ", "));
        std::set<std::string> seen;
        for (const auto &entry : root) {
            const std::string where = place(name, entry.first.Mark());
            const std::string section = entry.first.IsScalar() ? entry.first.Scalar() : "?";
            const std::vector<std::string> known = sectionNames(fields);
            if (std::find(known.begin(), known.end(), section) == known.end())
                return unknownKey(where, "", section, known);
            if (!seen.insert(section).second)
                return fail(ErrorCode::Usage, "{}: {} stands twice", where, section);
            if (Result<void> read = readSection(section, entry.second, fields, name); !read)
                return failed(read);
        }
    } catch (const YAML::Exception &error) {
        return fail(ErrorCode::Usage, "{}: {}", place(name, error.mark), error.msg);
    }
    return config;
}

Result<Config> loadConfig(const std::filesystem::path &path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return fail(ErrorCode::Usage, "{}: {}", path.string(),
                    std::filesystem::exists(path, error) ? "not a file" : "there is no such file");
    if (const auto size = std::filesystem::file_size(path, error); !error && size > maxTextBytes)
        return fail(ErrorCode::Usage, "{}: {} bytes; a configuration has at most {}", path.string(),
                    size, maxTextBytes);
    std::ifstream in(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in && !in.eof())
        return fail(ErrorCode::Usage, "{}: cannot be read", path.string());
    return parseConfig(text, path.string());
}

Result<void> setField(Config &config, std::string_view name, std::string_view value,
                      std::string_view origin) {
    const std::vector<ConfigField> fields = fieldsOf(config);
    std::vector<std::string> known;
    for (const ConfigField &field : fields) {
        known.push_back(fmt::format("{}.{}", field.section, field.key));
        if (known.back() != name)
            continue;
        if (Result<void> checked = checkText(value, std::string(origin)); !checked)
            return checked;
        try {
            // Only lists are YAML here: a path may hold any sign.
            const std::string text(value);
            const YAML::Node node = text.starts_with('[') ? YAML::Load(text) : YAML::Node(text);
            return readField(field, node, std::string(origin));
        } catch (const YAML::Exception &error) {
            return fail(ErrorCode::Usage, "{}: {}: {}", origin, name, error.msg);
        }
    }
    return unknownKey(std::string(origin), "", std::string(name), known);
}

Result<void> applyEnvironment(Config &config) {
    std::map<std::string, std::string> fieldOf;  // by variable
    std::set<std::string> groups;                // FOVEA_SOURCE_
    for (const ConfigField &field : fieldsOf(config)) {
        const std::string group = fmt::format("FOVEA_{}_", inCapitals(field.section));
        groups.insert(group);
        fieldOf[group + inCapitals(field.key)] = fmt::format("{}.{}", field.section, field.key);
    }
    for (char **entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string variable(text.substr(0, text.find('=')));
        const auto ours = [&](const std::string &group) { return variable.starts_with(group); };
        if (std::none_of(groups.begin(), groups.end(), ours))
            continue;
        const auto field = fieldOf.find(variable);
        if (field == fieldOf.end()) {
            std::vector<std::string> known;
            for (const auto &[name, unused] : fieldOf)
                known.push_back(name);
            return fail(ErrorCode::Usage, "{}: unknown environment variable, nearest is {}",
                        variable, nearestName(variable, known));
        }
        if (Result<void> set =
                setField(config, field->second,
                         text.substr(std::min(text.size(), variable.size() + 1)), variable);
            !set)
            return set;
    }
    return {};
}

namespace {

std::string write(const Config &config, bool comments) {
    Config copy = config;
    std::string text;
    std::string_view section;
    for (const ConfigField &field : fieldsOf(copy)) {
        if (field.section != section) {
            section = field.section;
            text += fmt::format("{}{}:\n", text.empty() || !comments ? "" : "\n", section);
        }
        if (comments)
            text += fmt::format("  # {}\n", field.help);
        text += fmt::format("  {}: {}\n", field.key, field.write());
    }
    return text;
}

}  // namespace

std::string toYaml(const Config &config) {
    return write(config, false);
}

std::string commentedYaml(const Config &config) {
    return write(config, true);
}

}  // namespace fovea
