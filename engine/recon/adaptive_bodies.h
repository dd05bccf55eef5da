// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the adaptive method: the vector loops' integers, a pixel a thread. What comes
// before them is in segment_bodies.h.
#pragma once

#include "engine/cuda/both.h"
#include "engine/recon/rate_rule.h"
#include "engine/recon/segment_bodies.h"

namespace fovea::adaptive_bodies {

using rates::clampInt;
using rates::mulFixed15;
using rates::mulHigh;

/// Rows of pictures without margins: what lies outside is the nearest edge.
struct PictureSize {
    std::int32_t width, height;

    [[nodiscard]] FOVEA_BOTH std::uint64_t pixels() const {
        return static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
    }
    [[nodiscard]] FOVEA_BOTH std::uint64_t at(std::int32_t x, std::int32_t y) const {
        return static_cast<std::uint64_t>(clampInt(y, 0, height - 1)) *
                   static_cast<std::uint64_t>(width) +
               static_cast<std::uint64_t>(clampInt(x, 0, width - 1));
    }
    [[nodiscard]] FOVEA_BOTH std::int32_t x(std::uint64_t pixel) const {
        return static_cast<std::int32_t>(pixel % static_cast<std::uint64_t>(width));
    }
    [[nodiscard]] FOVEA_BOTH std::int32_t y(std::uint64_t pixel) const {
        return static_cast<std::int32_t>(pixel / static_cast<std::uint64_t>(width));
    }
};
FOVEA_BOTH constexpr std::int32_t distance(std::int32_t a, std::int32_t b) {
    return a < b ? b - a : a - b;
}
/// A sum of values that are not negative, in 16 bits.
FOVEA_BOTH constexpr std::uint16_t saturated(std::int32_t sum) {
    return static_cast<std::uint16_t>(lesser(sum, std::int32_t{65535}));
}

/// quarterPicture() of all pieces. Threads: cells of all pieces.
struct QuarterBody {
    static constexpr const char *name() { return "quarters"; }

    const std::int16_t *rates;
    std::uint64_t stride;
    PictureSize size;
    float *cells;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto columns = static_cast<std::uint32_t>(size.width / 4);
        const std::uint64_t perPiece =
            std::uint64_t{columns} * static_cast<std::uint32_t>(size.height / 4);
        const auto x = static_cast<std::int32_t>(thread % perPiece % columns);
        const auto y = static_cast<std::int32_t>(thread % perPiece / columns);
        const std::int16_t *from = rates + thread / perPiece * stride + size.at(4 * x, 4 * y);
        std::int32_t sum = 0;
        for (std::int32_t i = 0; i < 4; ++i) {
            const std::int32_t upper = (from[i] + from[i + size.width] + 1) / 2;
            const std::int32_t lower =
                (from[i + 2 * size.width] + from[i + 3 * size.width] + 1) / 2;
            sum += (upper + lower + 1) / 2;
        }
        cells[thread] = static_cast<float>(sum) * (1.0F / 65536);
    }
};

/// alignBlocks() of all pieces, nearest to the shown plane first. Threads: pixels of all pieces.
struct AlignBody {
    static constexpr const char *name() { return "align"; }
    static constexpr std::int32_t blockSide = 16;

    const std::int16_t *rates;
    std::uint64_t stride;
    std::uint32_t pictureOf[mostPieces];  ///< of `rates`, by piece
    const std::int32_t *shifts;           ///< x, y of all blocks of piece 0, ... in pixels / 64
    const std::int16_t *weights;          ///< CubicTable
    PictureSize size;
    std::int16_t *aligned;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::uint64_t pixels = size.pixels();
        const auto piece = static_cast<std::uint32_t>(thread / pixels);
        const std::int32_t x = size.x(thread % pixels);
        const std::int32_t y = size.y(thread % pixels);
        const std::int32_t blocksX = (size.width + blockSide - 1) / blockSide;
        const std::int32_t blocksY = (size.height + blockSide - 1) / blockSide;
        const std::int32_t block = y / blockSide * blocksX + x / blockSide;
        const std::int32_t *shift =
            shifts + 2 * (std::uint64_t{piece} * static_cast<std::uint32_t>(blocksX * blocksY) +
                          static_cast<std::uint32_t>(block));
        std::uint32_t picture = 0;
        FOVEA_UNROLL
        for (std::uint32_t i = 0; i < mostPieces; ++i)
            picture = i == piece ? pictureOf[i] : picture;
        const std::int16_t *from = rates + picture * stride;
        const std::int32_t left = x + (shift[0] >> 6) - 1;
        const std::int32_t top = y + (shift[1] >> 6) - 1;
        const std::int16_t *byX = weights + 4 * (shift[0] & 63);
        const std::int16_t *byY = weights + 4 * (shift[1] & 63);
        std::int32_t sum = 0;
        std::int16_t middle = 0;
        for (std::int32_t row = 0; row < 4; ++row) {
            std::int16_t between = from[size.at(left + 1, top + row)];
            if ((shift[0] & 63) != 0) {
                std::int32_t across = 0;
                for (std::int32_t tap = 0; tap < 4; ++tap)
                    across += mulFixed15(from[size.at(left + tap, top + row)], byX[tap]);
                between = static_cast<std::int16_t>(across);
            }
            if (row == 1)
                middle = between;
            sum += mulFixed15(between, byY[row]);
        }
        aligned[thread] = (shift[1] & 63) != 0 ? static_cast<std::int16_t>(sum) : middle;
    }
};

/// makeReference(). Threads: pixels.
struct ReferenceBody {
    static constexpr const char *name() { return "reference"; }

    const std::int16_t *aligned;
    std::uint64_t pixels;
    std::uint32_t pictures;
    std::int32_t shares[3];
    std::int16_t *reference;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        std::int32_t sum = 0;
        FOVEA_UNROLL
        for (std::uint32_t i = 0; i < 3; ++i)
            if (i < pictures)
                sum += mulFixed15(aligned[i * pixels + pixel], shares[i]);
        reference[pixel] = greater(static_cast<std::int16_t>(sum), static_cast<std::int16_t>(0));
    }
};

/// What deviationAt() divides, at every `step`th pixel of every `step`th row, for all pictures but
/// the first. Threads: samples of those pictures.
struct DeviationBody {
    static constexpr const char *name() { return "deviations"; }

    const std::int16_t *aligned, *reference;
    PictureSize size;
    std::int32_t step;
    std::uint32_t columns, rows;  ///< of samples
    std::int32_t *sums;           ///< how far apart, mean

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::uint64_t samples = std::uint64_t{columns} * rows;
        const std::int16_t *one = aligned + (thread / samples + 1) * size.pixels();
        const auto x = static_cast<std::int32_t>(thread % samples % columns) * step + step / 2;
        const auto y = static_cast<std::int32_t>(thread % samples / columns) * step + step / 2;
        std::int32_t apart = 0;
        std::int32_t mean = 0;
        for (std::int32_t dy = -1; dy <= 1; ++dy)
            for (std::int32_t dx = -1; dx <= 1; ++dx) {
                const std::uint64_t at = size.at(x + dx, y + dy);
                apart += distance(one[at], reference[at]);
                mean += greater<std::int32_t>(reference[at], 0);
            }
        sums[2 * thread] = apart;
        sums[2 * thread + 1] = mean;
    }
};

/// MergeWeight of a piece.
struct PieceWeight {
    std::int32_t whole, limit, shift, scale;
};

/// mergeAligned() after makeReference(). Threads: pixels.
struct MergeBody {
    static constexpr const char *name() { return "merge"; }

    const std::int16_t *aligned, *reference;
    PictureSize size;
    std::uint32_t pictures;
    PieceWeight weights[mostPieces];
    std::int16_t *merged;
    std::uint16_t *trust;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const std::int32_t x = size.x(pixel);
        const std::int32_t y = size.y(pixel);
        std::uint64_t around[9];
        std::int32_t near[9];
        std::int32_t quarters = 0;
        FOVEA_UNROLL
        for (std::int32_t i = 0; i < 9; ++i) {
            around[i] = size.at(x + i % 3 - 1, y + i / 3 - 1);
            near[i] = reference[around[i]];
            quarters += near[i] >> 2;
        }
        const std::uint16_t inverse = invert(saturated(quarters));
        const std::int32_t old = reference[pixel];
        auto value = mulFixed15(short16(aligned[pixel] - old), weights[0].whole);
        auto whole = static_cast<std::uint16_t>(weights[0].whole);
        FOVEA_UNROLL
        for (std::uint32_t i = 1; i < mostPieces; ++i)
            if (i < pictures) {
                const std::int16_t *one = aligned + i * size.pixels();
                const PieceWeight &weight = weights[i];
                std::int32_t sum = 0;
                FOVEA_UNROLL
                for (std::int32_t k = 0; k < 9; ++k)
                    sum += distance(one[around[k]], near[k]);
                const std::int32_t apart = mulHigh(saturated(sum), inverse);
                const std::int32_t agreed =
                    lesser(weight.limit, greater(2 * weight.limit - apart, std::int32_t{0}));
                const std::int32_t share = mulFixed15(agreed << weight.shift, weight.scale);
                value = short16(value + mulFixed15(short16(one[pixel] - old), share));
                whole = static_cast<std::uint16_t>(whole + share);
            }
        const float change = static_cast<float>(value) * 32768.0F / static_cast<float>(whole);
        merged[pixel] = static_cast<std::int16_t>(clampInt(old + nearestInt(change), 0, 32767));
        trust[pixel] =
            static_cast<std::uint16_t>(lesser<std::uint32_t>(mulHigh(inverse, whole), 2047) << 5);
    }

private:
    [[nodiscard]] FOVEA_BOTH static std::int16_t short16(std::int32_t value) {
        return static_cast<std::int16_t>(value);
    }
    /// 2^22 / mean of 3x3: 2^22 * 9 / 4 over a sum of quarters.
    [[nodiscard]] FOVEA_BOTH static std::uint16_t invert(std::uint16_t quarters) {
        const float quotient = 9437184.0F / greater(static_cast<float>(quarters), 144.0F);
        return static_cast<std::uint16_t>(lesser(quotient, 65535.0F));
    }
};

/// What measureNoise() makes of patches: absolute sums, and the trust in their middle.
/// Threads: patches.
struct PatchBody {
    static constexpr const char *name() { return "noise patches"; }
    static constexpr std::int32_t side = 8;  ///< patches begin two sides apart

    const std::int16_t *merged;
    const std::uint16_t *trust;
    PictureSize size;
    std::uint32_t columns;  ///< of patches
    std::int32_t *sums;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const std::int32_t left = 2 * side * static_cast<std::int32_t>(thread % columns);
        const std::int32_t top = 2 * side * static_cast<std::int32_t>(thread / columns);
        std::int32_t sum = 0;
        for (std::int32_t x = left; x < left + side; ++x) {
            std::int32_t above = across(x, top - 1);
            std::int32_t here = across(x, top);
            for (std::int32_t y = top; y < top + side; ++y) {
                const std::int32_t below = across(x, y + 1);
                sum += distance(above + below, 2 * here);
                above = here;
                here = below;
            }
        }
        sums[2 * thread] = sum;
        sums[2 * thread + 1] = trust[size.at(left + side / 2, top + side / 2)];
    }

private:
    /// Second difference along the row.
    [[nodiscard]] FOVEA_BOTH std::int32_t across(std::int32_t x, std::int32_t y) const {
        return merged[size.at(x + 1, y)] - 2 * merged[size.at(x, y)] + merged[size.at(x - 1, y)];
    }
};

/// smooth(). Threads: pixels.
struct SmoothBody {
    static constexpr const char *name() { return "smooth levels"; }

    const std::int16_t *merged;
    const std::uint16_t *trust;
    PictureSize size;
    std::uint16_t strictness;
    std::uint16_t *levels;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const std::int32_t x = size.x(pixel);
        const std::int32_t y = size.y(pixel);
        std::int32_t near[5][5];
        FOVEA_UNROLL
        for (std::int32_t i = 0; i < 25; ++i)
            near[i / 5][i % 5] = merged[size.at(x + i % 5 - 2, y + i / 5 - 2)];
        const std::uint16_t strict = mulHigh(trust[pixel], strictness);
        Sum sum{0, 0};
        // Saturated sums are taken in this order.
        add<-1, 0>(near, strict, sum);
        add<1, 0>(near, strict, sum);
        add<0, -1>(near, strict, sum);
        add<0, 1>(near, strict, sum);
        add<-1, -1>(near, strict, sum);
        add<1, -1>(near, strict, sum);
        add<-1, 1>(near, strict, sum);
        add<1, 1>(near, strict, sum);
        const float change =
            static_cast<float>(sum.value) * 64.0F / (static_cast<float>(sum.weight) + 64.0F);
        const std::int32_t level = nearestInt((static_cast<float>(near[2][2]) + change) * 4.0F);
        levels[pixel] = static_cast<std::uint16_t>(clampInt(level, 0, 65535));
    }

private:
    struct Sum {
        std::int32_t value, weight;
    };
    /// Adds the neighbour at (dx, dy).
    template <std::int32_t dx, std::int32_t dy>
    FOVEA_BOTH static void add(const std::int32_t (&near)[5][5], std::uint16_t strict, Sum &sum) {
        std::int32_t boxes = 0;
        FOVEA_UNROLL
        for (std::int32_t i = 0; i < 9; ++i)
            boxes += distance(near[i / 3 + 1 + dy][i % 3 + 1 + dx], near[i / 3 + 1][i % 3 + 1]);
        const std::int32_t apart = mulHigh(saturated(boxes), strict);
        const std::int32_t alike = lesser(std::int32_t{64}, greater(102 - apart, std::int32_t{0}));
        const std::int32_t share = lesser(alike << 9, std::int32_t{32767});
        const std::int16_t part = mulFixed15(near[2 + dy][2 + dx] - near[2][2], share);
        sum.value = clampInt(sum.value + part, -32768, 32767);
        sum.weight += alike;
    }
};

}  // namespace fovea::adaptive_bodies
