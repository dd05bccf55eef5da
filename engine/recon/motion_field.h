// SPDX-License-Identifier: Apache-2.0
// How the picture moves, block by block, from rates of consecutive pieces of time.
#pragma once

#include "engine/recon/rate_picture.h"

#include <span>
#include <vector>

namespace fovea {

/// A velocity in pixels per plane.
struct Velocity {
    float x = 0;
    float y = 0;
};

/// One constant velocity for each block of blockSide x blockSide pixels.
///
/// Lucas and Kanade (IJCAI 1981) over all pieces at once: fetched along the velocity assumed so
/// far, every piece shows the same picture; where it does not, the cells change linearly with the
/// time t of the piece, by -t * gradient * (velocity - assumed). That slope is fitted over all
/// pieces, and gradient and slope are summed over 3x3 blocks. Two resolutions (cells of 8 and of 4
/// pixels), at which the noise of single pixels no longer matters. The multi-frame fit is ours.
///
/// Threads: one at a time. Nothing is allocated after construction.
class MotionField {
public:
    MotionField(PlaneShape shape, std::size_t maxPieces);

    /// Forgets the pieces.
    void clear() { count_ = 0; }
    /// A piece of `planes` planes around `time` (planes after the shown one). `rates` as
    /// segmentRates() gives them.
    void add(const std::int16_t *rates, double time, std::size_t planes, RateScratch &scratch);
    /// The same from means of 4x4 pixels, as quarterPicture() gives them.
    void add(std::span<const float> cells, double time, std::size_t planes);
    /// false: the picture is too small, every velocity is zero.
    [[nodiscard]] bool measures() const { return !still_; }
    /// The velocity of every block of the picture, row by row; zero where the picture is below 64
    /// pixels in width or height or where it has no structure. `reach`: how many planes away from
    /// the first piece a piece may be at the coarse resolution; twice that at the fine one.
    void estimate(double reach, std::span<Velocity> blocks);

private:
    struct Level {
        std::size_t width = 0, height = 0, blocksX = 0, blocksY = 0;
        float pixelsPerCell = 1;
        std::vector<std::vector<float>> pieces;  ///< rows of width + 1, one more row
        std::vector<float> mean, slope;          ///< rows of width
        std::vector<Velocity> velocity, smoothed;
        struct Sums {
            float xx, xy, yy, x, y;
        };
        std::vector<Sums> sums;
    };

    void makeLevel(Level &level, std::size_t cell) const;
    static void repeatEdge(std::vector<float> &cells, std::size_t width, std::size_t height);
    void refine(Level &level, double reach, int rounds);
    void fit(Level &level, double reach, std::size_t bx, std::size_t by) const;
    static double sumGradients(Level &level);
    static void correct(Level &level, double reach, double energy);

    PlaneShape shape_;
    bool still_;  ///< too small to tell
    Level coarse_, fine_;
    std::vector<double> times_, weights_;
    std::size_t count_ = 0;
};

}  // namespace fovea
