// SPDX-License-Identifier: Apache-2.0
// How each kind of value is read from YAML and written.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/core/text.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace fovea::codec {

/// Reads a value of one kind and writes it; holds the value by reference.
struct Codec {
    std::function<std::string(const YAML::Node &)> read;  ///< as in ConfigField
    std::function<std::string()> write;
};

inline std::string inQuotes(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

/// A number of the range.
template <class T> Codec number(T &value, T low, T high) {
    const std::string allowed = std::is_floating_point_v<T>
                                    ? fmt::format("a number from {} to {}", low, high)
                                    : fmt::format("a whole number from {} to {}", low, high);
    return {[&value, low, high, allowed](const YAML::Node &node) -> std::string {
                const std::optional<T> parsed =
                    node.IsScalar() ? parseNumber<T>(node.Scalar()) : std::nullopt;
                // Written so that NaN is refused too.
                if (!parsed || !(*parsed >= low && *parsed <= high))
                    return allowed;
                value = *parsed;
                return {};
            },
            [&value] { return fmt::format("{}", value); }};
}

/// An odd whole number.
inline Codec oddNumber(std::uint32_t &value, std::uint32_t low, std::uint32_t high) {
    return {[&value, low, high](const YAML::Node &node) -> std::string {
                std::uint32_t parsed = 0;
                if (!number(parsed, low, high).read(node).empty() || parsed % 2 == 0)
                    return fmt::format("an odd number from {} to {}", low, high);
                value = parsed;
                return {};
            },
            [&value] { return fmt::format("{}", value); }};
}

inline Codec boolean(bool &value) {
    return {[&value](const YAML::Node &node) -> std::string {
                if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false"))
                    return "true or false";
                value = node.Scalar() == "true";
                return {};
            },
            [&value] { return value ? "true" : "false"; }};
}

inline Codec text(std::string &value) {
    return {[&value](const YAML::Node &node) -> std::string {
                if (node.IsNull())
                    value.clear();
                else if (node.IsScalar())
                    value = node.Scalar();
                else
                    return "a text";
                return {};
            },
            [&value] { return inQuotes(value); }};
}

/// One of some names.
inline Codec choice(std::string &value, std::vector<std::string> names) {
    const std::string allowed = fmt::format("one of {}", fmt::join(names, ", "));
    return {[&value, names = std::move(names), allowed](const YAML::Node &node) -> std::string {
                if (!node.IsScalar() ||
                    std::find(names.begin(), names.end(), node.Scalar()) == names.end())
                    return allowed;
                value = node.Scalar();
                return {};
            },
            [&value] { return value; }};
}

/// An enumeration through its toString() and parse function.
template <class E>
Codec enumeration(E &value, Result<E> (*parse)(std::string_view), std::string allowed) {
    return {[&value, parse, allowed = std::move(allowed)](const YAML::Node &node) -> std::string {
                if (!node.IsScalar())
                    return allowed;
                const Result<E> parsed = parse(node.Scalar());
                if (!parsed)
                    return allowed;
                value = *parsed;
                return {};
            },
            [&value] { return std::string(toString(value)); }};
}

/// "auto" or what `inner` reads into a value of its own.
template <class T, class MakeInner> Codec automatic(std::optional<T> &value, MakeInner makeInner) {
    return {[&value, makeInner](const YAML::Node &node) -> std::string {
                if (node.IsScalar() && node.Scalar() == "auto") {
                    value.reset();
                    return {};
                }
                T parsed{};
                if (std::string allowed = makeInner(parsed).read(node); !allowed.empty())
                    return "auto, or " + allowed;
                value = parsed;
                return {};
            },
            [&value, makeInner]() -> std::string {
                if (!value)
                    return "auto";
                T copy = *value;
                return makeInner(copy).write();
            }};
}

inline Codec shape(PlaneShape &value) {
    return {[&value](const YAML::Node &node) -> std::string {
                const auto parsed =
                    parsePlaneShape(node.IsScalar() ? node.Scalar() : std::string());
                if (!parsed)
                    return fmt::format("WIDTHxHEIGHT, each 1 to {}", PlaneShape::maxSide);
                value = *parsed;
                return {};
            },
            [&value] { return toString(value); }};
}

constexpr std::size_t maxListItems = 64;

/// A list whose items are texts.
template <class T>
Codec list(std::vector<T> &value, std::string allowed,
           std::function<bool(const std::string &, T &)> parse,
           std::function<std::string(const T &)> format) {
    return {[&value, allowed = std::move(allowed), parse](const YAML::Node &node) -> std::string {
                std::vector<T> items;
                if (!node.IsNull() && (!node.IsSequence() || node.size() > maxListItems))
                    return allowed;
                for (const YAML::Node &item : node) {
                    T parsed{};
                    if (!item.IsScalar() || !parse(item.Scalar(), parsed))
                        return allowed;
                    items.push_back(std::move(parsed));
                }
                value = std::move(items);
                return {};
            },
            [&value, format] {
                std::vector<std::string> texts;
                for (const T &item : value)
                    texts.push_back(inQuotes(format(item)));
                return fmt::format("[{}]", fmt::join(texts, ", "));
            }};
}

}  // namespace fovea::codec
