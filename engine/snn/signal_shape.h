// SPDX-License-Identifier: Apache-2.0
// The shape of what flows between two layers: without batch and without time.
#pragma once

#include "engine/core/error.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace fovea {

/// Sides of a signal, outermost first, C order: (N), (channels, length) or (channels, height,
/// width). The first side counts channels. Every side is at least 1; `maxElements` bounds the
/// product, so sums and products of sizes of checked shapes stay within 64 bits.
struct SignalShape {
    static constexpr std::size_t maxRank = 4;
    static constexpr std::uint64_t maxElements = std::uint64_t{1} << 28;

    std::array<std::uint32_t, maxRank> sides{};
    std::uint32_t rank = 0;

    /// Checks rank (1 to 4), sides and number of elements; InvalidArgument otherwise.
    [[nodiscard]] static Result<SignalShape> make(std::span<const std::int64_t> sides);
    /// For shapes written in code, known to be valid.
    [[nodiscard]] static SignalShape of(std::initializer_list<std::uint32_t> sides);

    [[nodiscard]] std::size_t elements() const;
    [[nodiscard]] std::size_t channels() const { return sides[0]; }
    /// Elements of one channel.
    [[nodiscard]] std::size_t channelElements() const { return elements() / channels(); }
    [[nodiscard]] std::span<const std::uint32_t> values() const { return {sides.data(), rank}; }

    friend bool operator==(const SignalShape &, const SignalShape &) = default;
};

/// "(2, 8, 8)"
[[nodiscard]] std::string toString(const SignalShape &shape);

}  // namespace fovea
