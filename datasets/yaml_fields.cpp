// SPDX-License-Identifier: Apache-2.0
// Turns yaml-cpp's nodes and exceptions into values and messages.
#include "datasets/yaml_fields.h"

#include "engine/core/text.h"

#include <algorithm>
#include <initializer_list>

namespace fovea {

namespace {

// What stands in the file, short enough for a message.
std::string shown(const YAML::Node &node) {
    if (node.IsSequence())
        return "a list";
    if (node.IsMap())
        return "a map";
    if (!node.IsScalar())
        return "nothing";
    const std::string &text = node.Scalar();
    return fmt::format("'{}'", text.size() > 60 ? text.substr(0, 60) + "..." : text);
}

}  // namespace

Result<YamlFields> YamlFields::parse(std::string file, const std::string &text) {
    YamlFields fields;
    fields.file_ = std::move(file);
    try {
        const YAML::Node root = YAML::Load(text);
        if (!root.IsMap())
            return fail(ErrorCode::BadFile, "{}:1: found {}, expected 'name: value' lines",
                        fields.file_, shown(root));
        for (const auto &entry : root) {
            const int line = entry.first.Mark().line + 1;
            if (!entry.first.IsScalar())
                return fail(ErrorCode::BadFile, "{}:{}: found {} as a name, expected a word",
                            fields.file_, line, shown(entry.first));
            const std::string &name = entry.first.Scalar();
            if (!fields.fields_.emplace(name, Field{line, entry.second}).second)
                return fail(ErrorCode::BadFile, "{}:{}: {}: found a second time, expected once",
                            fields.file_, line, name);
        }
    } catch (const YAML::Exception &error) {
        return fail(ErrorCode::BadFile, "{}:{}: not readable as YAML: {}", fields.file_,
                    error.mark.line + 1, error.msg);
    } catch (const std::exception &error) {
        return fail(ErrorCode::BadFile, "{}: not readable as YAML: {}", fields.file_, error.what());
    }
    return fields;
}

const YamlFields::Field *YamlFields::find(std::string_view name) const {
    const auto at = fields_.find(name);
    return at == fields_.end() ? nullptr : &at->second;
}

bool YamlFields::has(std::string_view name) const {
    return find(name) != nullptr;
}

void YamlFields::refuseAt(int line, std::string_view name, std::string_view found,
                          std::string_view expected) {
    if (result_)
        result_ = fail(ErrorCode::BadFile, "{}:{}: {}: found {}, expected {}", file_, line, name,
                       found, expected);
}

void YamlFields::refuse(std::string_view name, std::string_view expected) {
    if (const Field *field = find(name))
        refuseAt(field->line, name, shown(field->value), expected);
}

void YamlFields::allowOnly(std::span<const std::string_view> names) {
    for (const auto &[name, field] : fields_) {
        if (names.empty() || std::find(names.begin(), names.end(), name) != names.end())
            continue;
        const std::string_view asked = std::string_view(name).substr(0, 60);
        const std::string nearest =
            nearestName(asked, std::vector<std::string>(names.begin(), names.end()));
        if (result_)
            result_ =
                fail(ErrorCode::BadFile, "{}:{}: {}: unknown field, {}", file_, field.line, asked,
                     nearest.empty() ? fmt::format("known are {}", fmt::join(names, ", "))
                                     : fmt::format("the nearest is {}", nearest));
        return;
    }
}

void YamlFields::require(std::string_view name) {
    if (find(name) == nullptr && result_)
        result_ = fail(ErrorCode::BadFile, "{}: {}: missing, expected the field", file_, name);
}

const YamlFields::Field *YamlFields::scalar(std::string_view name, std::string_view expected) {
    const Field *field = result_ ? find(name) : nullptr;
    if (field == nullptr || field->value.IsScalar())
        return field;
    refuseAt(field->line, name, shown(field->value), expected);
    return nullptr;
}

void YamlFields::text(std::string_view name, std::string &value) {
    if (const Field *field = scalar(name, "a text"))
        value = field->value.Scalar();
}

void YamlFields::boolean(std::string_view name, bool &value) {
    constexpr std::string_view expected = "true or false";
    const Field *field = scalar(name, expected);
    if (field == nullptr)
        return;
    const std::string &found = field->value.Scalar();
    const auto isOne = [&](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), found) != words.end();
    };
    const bool yes = isOne({"true", "True", "TRUE", "yes"});
    if (!yes && !isOne({"false", "False", "FALSE", "no"}))
        refuse(name, expected);
    value = yes;
}

void YamlFields::whole(std::string_view name, std::uint64_t low, std::uint64_t high,
                       std::uint64_t &value) {
    const std::string expected = fmt::format("a whole number from {} to {}", low, high);
    const Field *field = scalar(name, expected);
    if (field == nullptr)
        return;
    const auto found = parseNumber<std::uint64_t>(field->value.Scalar());
    if (found && *found >= low && *found <= high)
        value = *found;
    else
        refuse(name, expected);
}

void YamlFields::number(std::string_view name, double low, double high, double &value) {
    const std::string expected = fmt::format("a number above {} up to {}", low, high);
    const Field *field = scalar(name, expected);
    if (field == nullptr)
        return;
    const auto found = parseNumber<double>(field->value.Scalar());
    if (found && *found > low && *found <= high)
        value = *found;
    else
        refuse(name, expected);
}

void YamlFields::list(std::string_view name, std::vector<std::string> &values) {
    const Field *field = result_ ? find(name) : nullptr;
    if (field == nullptr)
        return;
    values.clear();
    if (field->value.IsScalar())
        values.push_back(field->value.Scalar());
    else if (!field->value.IsSequence())
        return refuse(name, "a list");
    for (const auto &item : field->value) {
        if (!item.IsScalar())
            return refuseAt(item.Mark().line + 1, name, shown(item),
                            "words or numbers in the list");
        values.push_back(item.Scalar());
    }
}

void YamlFields::map(std::string_view name, std::map<std::string, std::string> &values) {
    const Field *field = result_ ? find(name) : nullptr;
    if (field == nullptr)
        return;
    values.clear();
    if (!field->value.IsMap())
        return refuse(name, "'name: value' entries");
    for (const auto &entry : field->value) {
        if (!entry.first.IsScalar() || !entry.second.IsScalar())
            return refuseAt(entry.first.Mark().line + 1, name, shown(entry.second),
                            "one word or number for each name");
        values[entry.first.Scalar()] = entry.second.Scalar();
    }
}

}  // namespace fovea
