// SPDX-License-Identifier: Apache-2.0
// Pictures of rates with room around them, and the loops of the adaptive method on them.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/core/plane_shape.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// A picture of rates (fullRate = a spike at every plane) with a margin of rows and columns, so
/// that neighbours may be read and whole vectors written without looking where the edge is.
class RatePicture {
public:
    static constexpr std::size_t marginRows = 4;
    static constexpr std::size_t marginColumns = 64;

    explicit RatePicture(PlaneShape shape)
        : shape_(shape), stride_((shape.width + 63) / 64 * 64 + 2 * marginColumns),
          values_(stride_ * (shape.height + 2 * marginRows)) {}

    [[nodiscard]] PlaneShape shape() const { return shape_; }
    [[nodiscard]] std::size_t stride() const { return stride_; }
    /// Column 0 of row y, -marginRows to height + marginRows - 1.
    [[nodiscard]] std::int16_t *row(std::ptrdiff_t y) { return values_.data() + offset(y); }
    [[nodiscard]] const std::int16_t *row(std::ptrdiff_t y) const {
        return values_.data() + offset(y);
    }
    /// Repeats the edges into the margin, `margin` rows and columns far.
    void extend(std::size_t margin);

private:
    [[nodiscard]] std::size_t offset(std::ptrdiff_t y) const {
        return static_cast<std::size_t>(y + std::ptrdiff_t{marginRows}) * stride_ + marginColumns;
    }

    PlaneShape shape_;
    std::size_t stride_;
    AlignedVector<std::int16_t> values_;
};

/// Working memory of the loops below, for pictures of one width: they allocate nothing.
class RateScratch {
public:
    /// Most pictures that are merged at once.
    static constexpr std::size_t mostPictures = 8;

    explicit RateScratch(PlaneShape shape)
        : stride_((shape.width + 63) / 64 * 64 + 2 * margin), values_(stride_ * lines) {}
    /// Column 0 of a line, which has 64 columns more on either side.
    [[nodiscard]] std::uint16_t *row(std::size_t line) {
        return values_.data() + line * stride_ + margin;
    }

private:
    static constexpr std::size_t lines = 3 + 4 * mostPictures;
    static constexpr std::size_t margin = 64;
    std::size_t stride_;
    AlignedVector<std::uint16_t> values_;
};

/// Side of the squares that move as one.
constexpr std::size_t blockSide = 16;
[[nodiscard]] constexpr std::size_t blocksAlong(std::size_t pixels) {
    return (pixels + blockSide - 1) / blockSide;
}

/// How far a block is to be fetched from, in pixels / 64.
struct BlockShift {
    std::int32_t x = 0;
    std::int32_t y = 0;
};

/// out(p) = rates(p + shift of the block of p), by cubic interpolation (Catmull and Rom); places
/// outside of the picture are its nearest edge. `rates` is row by row without padding, `shifts`
/// block by block, rows of blocksAlong(width).
void alignBlocks(const std::int16_t *rates, std::span<const BlockShift> shifts, RatePicture &out);

/// Means of 4x4 pixels as numbers of 0 to 1; what is left at the right and lower edge is not used.
void quarterPicture(const std::int16_t *rates, PlaneShape shape, RateScratch &scratch,
                    std::span<float> cells);

/// What one aligned picture may add, see mergeAligned().
struct MergeWeight {
    std::int16_t whole = 0;   ///< its weight in 2^-15 where it agrees
    std::uint16_t limit = 0;  ///< deviation up to which it agrees, twice that: weight 0
    int shift = 0;            ///< limit << shift is 2^13 to 2^14
    std::int16_t scale = 0;   ///< whole * 2^15 / (limit << shift)
};
/// `planes` = length of the picture's piece, at most 31, all together at most 127; `noise` = how
/// much more than the phases' error it is expected to deviate, 1 or more.
[[nodiscard]] MergeWeight mergeWeight(std::size_t planes, double noise);
/// The deviation that mergeAligned() compares with `limit`, in units of limit / 282 * planes, of
/// the 3x3 pixels around (x, y).
[[nodiscard]] double deviationAt(const RatePicture &aligned, const RatePicture &reference,
                                 std::size_t x, std::size_t y);
/// Of the sums of 3x3 pixels: how far apart they are, and the reference.
[[nodiscard]] double deviationOf(int apart, int sum);

/// Rows [first, last) of reference = mean of the first pictures by `shares` (2^-15, together 1),
/// with one column more on either side. All pictures are extended by 2.
void makeReference(std::span<const RatePicture *const> pictures,
                   std::span<const std::int16_t> shares, std::ptrdiff_t first, std::ptrdiff_t last,
                   RatePicture &reference);

/// The mean of the aligned pictures (mostPictures or fewer), each weighted by its length and by how
/// well 3x3 pixels around p agree with the reference; pictures[0] always counts in full.
/// trust(p) = 2^22 / (9 * 2.2 * expected deviation of the result): what smooth() compares with, row
/// by row in rows of `merged.stride()`.
/// All pictures are extended by 2, `merged` by 4 afterwards; `reference` is made on the way.
void mergeAligned(std::span<const RatePicture *const> pictures,
                  std::span<const MergeWeight> weights, std::span<const std::int16_t> shares,
                  RateScratch &scratch, RatePicture &reference, RatePicture &merged,
                  std::span<std::uint16_t> trust);

/// How many times stronger the noise of `merged` is than `trust` expects: from second differences
/// in the flattest tenth of the picture; 1 to 10.
[[nodiscard]] double measureNoise(const RatePicture &merged, std::span<const std::uint16_t> trust);
/// The same of patches: of a patch by the sum of its absolute second differences along rows and
/// columns and the trust in its middle, and of the picture.
[[nodiscard]] double patchNoise(int sum, std::uint16_t trust);
[[nodiscard]] double noiseOf(std::span<double> patches);

/// levels(p) = 4 * mean of p and its 8 neighbours, each neighbour as far as the 3x3 pixels
/// around it are those around p but for noise; at most 65535. `levels` has pixels() values.
void smooth(const RatePicture &merged, std::span<const std::uint16_t> trust, double noise,
            RateScratch &scratch, std::span<std::uint16_t> levels);

}  // namespace fovea
