// SPDX-License-Identifier: Apache-2.0
// Numbers and names for people: reading theirs, writing ours.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

/// All of `text` as one number, read without the locale; nothing when it is not one, or when it is
/// beyond the limits of the type.
template <class Number> [[nodiscard]] std::optional<Number> parseNumber(std::string_view text) {
    Number value{};
    const char *end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && at == end ? std::optional(value) : std::nullopt;
}

/// The candidate that looks most like `text`, by the number of single-character edits; empty when
/// none is near.
[[nodiscard]] std::string nearestName(std::string_view text, std::span<const std::string> names);

/// "12.5 GB": three digits and the unit that fits.
[[nodiscard]] std::string byteText(double bytes);

}  // namespace fovea
