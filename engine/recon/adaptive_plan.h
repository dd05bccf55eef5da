// SPDX-License-Identifier: Apache-2.0
// Which planes and pieces of time the adaptive method takes, and how much they count.
#pragma once

#include "engine/recon/motion_field.h"
#include "engine/recon/reconstructor.h"

#include <array>
#include <vector>

namespace fovea {

/// What AdaptiveLevels decides without looking at pixels, and from the few numbers that are
/// measured in them. Threads: an instance belongs to one thread.
class AdaptivePlan {
public:
    static constexpr std::size_t mostPieces = 5;
    /// Pieces next to the shown plane that the others are compared with.
    static constexpr std::size_t mostNear = 3;
    /// Noise is measured at every 16th pixel of every 16th row.
    static constexpr std::size_t sampleStep = 16;

    struct Piece {
        std::uint16_t begin, end;  ///< in planes()
        std::size_t picture;       ///< its place among all pieces in the order of time
        double time;               ///< of its middle, planes after the middle of the shown one

        [[nodiscard]] std::size_t planes() const { return std::size_t{end} - begin; }
    };

    explicit AdaptivePlan(ReconMode mode);
    [[nodiscard]] static PlaneReach reachOf(ReconMode mode);

    /// Chooses planes and pieces; false when no plane is there.
    [[nodiscard]] bool cut(const PlaneWindow &window);
    /// Oldest first; lent until the next cut().
    [[nodiscard]] PlanePointers planes() const { return planes_; }
    /// Nearest to the shown plane first.
    [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }
    /// Of the pieces in the order of time: where they begin, and where the last one ends.
    [[nodiscard]] std::span<const std::uint16_t> bounds() const {
        return std::span(bounds_).first(pieces_.size() + 1);
    }
    /// MotionField::estimate() looks so far.
    [[nodiscard]] double motionReach() const { return mode_ == ReconMode::Causal ? 28 : 14; }
    /// Whether the motion is estimated from this piece, too.
    [[nodiscard]] bool movesWith(const Piece &piece) const;
    /// How far this piece is fetched from, block by block.
    static void shifts(const Piece &piece, std::span<const Velocity> velocities,
                       std::span<BlockShift> shifts);
    /// Of the pieces next to the shown plane, 2^-15.
    [[nodiscard]] std::span<const std::int16_t> shares() const {
        return std::span(shares_).first(std::min(pieces_.size(), mostNear));
    }
    /// By the deviations that were measured in the piece; none: it is as noisy as expected.
    [[nodiscard]] static MergeWeight weightOf(const Piece &piece, std::span<double> deviations);

private:
    void addPieces(std::ptrdiff_t begin, std::ptrdiff_t end, std::ptrdiff_t first,
                   std::ptrdiff_t last, double shown);
    void order();

    ReconMode mode_;
    std::vector<const std::uint64_t *> planes_;
    std::vector<Piece> pieces_;
    std::array<std::uint16_t, mostPieces + 1> bounds_{};
    std::array<std::int16_t, mostNear> shares_{};
};

}  // namespace fovea
