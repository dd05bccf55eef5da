// SPDX-License-Identifier: Apache-2.0
// Lucas and Kanade on blocks of 4x4 cells, over all pieces of time at once.
#include "engine/recon/motion_field.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {
constexpr std::size_t side = 4;  ///< cells along a block
}

MotionField::MotionField(PlaneShape shape, std::size_t maxPieces)
    : shape_(shape), still_(shape.width < 64 || shape.height < 64), times_(maxPieces),
      weights_(maxPieces) {
    if (still_)
        return;
    for (Level *level : {&coarse_, &fine_})
        level->pieces.resize(maxPieces);
    makeLevel(coarse_, 8);
    makeLevel(fine_, 4);
}

void MotionField::makeLevel(Level &level, std::size_t cell) const {
    level.width = shape_.width / 4 / (cell / 4);
    level.height = shape_.height / 4 / (cell / 4);
    level.blocksX = level.width / side;
    level.blocksY = level.height / side;
    level.pixelsPerCell = static_cast<float>(cell);
    for (std::vector<float> &piece : level.pieces)
        piece.resize((level.width + 1) * (level.height + 1));
    level.mean.resize(level.width * level.height);
    level.slope.resize(level.width * level.height);
    level.velocity.resize(level.blocksX * level.blocksY);
    level.smoothed.resize(level.velocity.size());
    level.sums.resize(level.velocity.size());
}

void MotionField::repeatEdge(std::vector<float> &cells, std::size_t width, std::size_t height) {
    for (std::size_t y = 0; y < height; ++y)
        cells[y * (width + 1) + width] = cells[y * (width + 1) + width - 1];
    std::copy_n(cells.end() - static_cast<std::ptrdiff_t>(2 * (width + 1)), width + 1,
                cells.end() - static_cast<std::ptrdiff_t>(width + 1));
}

void MotionField::add(const std::int16_t *rates, double time, std::size_t planes,
                      RateScratch &scratch) {
    if (still_)
        return;
    quarterPicture(rates, shape_, scratch, fine_.mean);
    add(fine_.mean, time, planes);
}

void MotionField::add(std::span<const float> cells, double time, std::size_t planes) {
    std::vector<float> &fine = fine_.pieces[count_];
    std::vector<float> &coarse = coarse_.pieces[count_];
    for (std::size_t y = 0; y < fine_.height; ++y)
        std::copy_n(cells.data() + y * fine_.width, fine_.width,
                    fine.data() + y * (fine_.width + 1));
    for (std::size_t y = 0; y < coarse_.height; ++y) {
        const float *upper = cells.data() + 2 * y * fine_.width;
        const float *lower = upper + fine_.width;
        float *out = coarse.data() + y * (coarse_.width + 1);
        for (std::size_t x = 0; x < coarse_.width; ++x)
            out[x] = (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) * 0.25F;
    }
    repeatEdge(fine, fine_.width, fine_.height);
    repeatEdge(coarse, coarse_.width, coarse_.height);
    times_[count_] = time;
    weights_[count_] = static_cast<double>(planes);
    ++count_;
}

/// Mean and slope over time of one block's cells, fetched along the velocity assumed so far.
void MotionField::fit(Level &level, double reach, std::size_t bx, std::size_t by) const {
    const Velocity v = level.velocity[by * level.blocksX + bx];
    float sum[side * side] = {};
    float moment[side * side] = {};
    double weight = 0;
    double first = 0;
    double second = 0;
    const std::size_t stride = level.width + 1;
    const auto right = static_cast<float>(level.width - side + 1);
    const auto bottom = static_cast<float>(level.height - side + 1);
    for (std::size_t i = 0; i < count_; ++i) {
        const auto time = static_cast<float>(times_[i]);
        const float x = v.x * time / level.pixelsPerCell + static_cast<float>(bx * side);
        const float y = v.y * time / level.pixelsPerCell + static_cast<float>(by * side);
        // What lies outside of the picture has no say.
        if (std::abs(times_[i] - times_[0]) > reach || !(x >= 0 && x < right) ||
            !(y >= 0 && y < bottom))
            continue;
        const auto left = static_cast<int>(x);
        const auto top = static_cast<int>(y);
        const float fx = x - static_cast<float>(left);
        const float fy = y - static_cast<float>(top);
        const auto share = static_cast<float>(weights_[i]);
        const float *from = level.pieces[i].data() + static_cast<std::size_t>(top) * stride +
                            static_cast<std::size_t>(left);
        float rows[side + 1][side];
        for (std::size_t cy = 0; cy <= side; ++cy, from += stride)
            for (std::size_t cx = 0; cx < side; ++cx)
                rows[cy][cx] = share * (from[cx] + fx * (from[cx + 1] - from[cx]));
        for (std::size_t cy = 0; cy < side; ++cy) {
            for (std::size_t cx = 0; cx < side; ++cx) {
                const float value = rows[cy][cx] + fy * (rows[cy + 1][cx] - rows[cy][cx]);
                sum[cy * side + cx] += value;
                moment[cy * side + cx] += time * value;
            }
        }
        weight += weights_[i];
        first += weights_[i] * times_[i];
        second += weights_[i] * times_[i] * times_[i];
    }
    const double centre = weight > 0 ? first / weight : 0;
    const double spread = second - centre * first;
    const auto toMean = static_cast<float>(weight > 0 ? 1 / weight : 0);
    const auto toSlope = static_cast<float>(spread > 1e-6 ? 1 / spread : 0);
    for (std::size_t cy = 0; cy < side; ++cy) {
        const std::size_t at = (by * side + cy) * level.width + bx * side;
        for (std::size_t cx = 0; cx < side; ++cx) {
            const std::size_t cell = cy * side + cx;
            level.mean[at + cx] = sum[cell] * toMean;
            level.slope[at + cx] =
                (moment[cell] - static_cast<float>(centre) * sum[cell]) * toSlope;
        }
    }
}

/// Fills the blocks' sums; returns the mean square of the gradient.
double MotionField::sumGradients(Level &level) {
    const std::size_t width = level.blocksX * side;
    const std::size_t height = level.blocksY * side;
    double energy = 0;
    const auto addCell = [&](std::size_t x, std::size_t y, Level::Sums &sums) {
        const float *here = level.mean.data() + y * level.width + x;
        const float *above = y > 0 ? here - level.width : here;
        const float *below = y + 1 < height ? here + level.width : here;
        const float gx = (here[x + 1 < width ? 1 : 0] - *(x > 0 ? here - 1 : here)) * 0.5F;
        const float gy = (*below - *above) * 0.5F;
        const float slope = level.slope[y * level.width + x];
        sums.xx += gx * gx;
        sums.xy += gx * gy;
        sums.yy += gy * gy;
        sums.x += gx * slope;
        sums.y += gy * slope;
    };
    for (std::size_t by = 0; by < level.blocksY; ++by) {
        for (std::size_t bx = 0; bx < level.blocksX; ++bx) {
            Level::Sums sums{};
            for (std::size_t y = by * side; y < (by + 1) * side; ++y)
                for (std::size_t x = bx * side; x < (bx + 1) * side; ++x)
                    addCell(x, y, sums);
            level.sums[by * level.blocksX + bx] = sums;
        }
    }
    for (const Level::Sums &sums : level.sums)
        energy += static_cast<double>(sums.xx) + static_cast<double>(sums.yy);
    return energy / static_cast<double>(width * height);
}

/// Solves for every block with its neighbours, then smooths the velocities.
void MotionField::correct(Level &level, double reach, double energy) {
    const auto columns = static_cast<std::ptrdiff_t>(level.blocksX);
    const auto rows = static_cast<std::ptrdiff_t>(level.blocksY);
    const double most = 1.5 / reach * static_cast<double>(level.pixelsPerCell);
    const auto around = [&](std::ptrdiff_t bx, std::ptrdiff_t by, auto use) {
        const std::ptrdiff_t ys[3] = {std::max<std::ptrdiff_t>(by - 1, 0), by,
                                      std::min(by + 1, rows - 1)};
        const std::ptrdiff_t xs[3] = {std::max<std::ptrdiff_t>(bx - 1, 0), bx,
                                      std::min(bx + 1, columns - 1)};
        for (std::size_t y = 0; y < 3; ++y)
            for (std::size_t x = 0; x < 3; ++x)
                use(static_cast<std::size_t>(ys[y] * columns + xs[x]),
                    (x == 1 ? 2.0F : 1.0F) * (y == 1 ? 2.0F : 1.0F) / 16.0F);
    };
    for (std::ptrdiff_t by = 0; by < rows; ++by) {
        for (std::ptrdiff_t bx = 0; bx < columns; ++bx) {
            double xx = 0.05 * 9 * side * side * energy + 1e-12;
            double yy = xx;
            double xy = 0;
            double x = 0;
            double y = 0;
            around(bx, by, [&](std::size_t block, float) {
                const Level::Sums &sums = level.sums[block];
                xx += static_cast<double>(sums.xx);
                xy += static_cast<double>(sums.xy);
                yy += static_cast<double>(sums.yy);
                x -= static_cast<double>(sums.x);
                y -= static_cast<double>(sums.y);
            });
            const double scale = static_cast<double>(level.pixelsPerCell) / (xx * yy - xy * xy);
            Velocity &v = level.velocity[static_cast<std::size_t>(by * columns + bx)];
            v.x += static_cast<float>(std::clamp((yy * x - xy * y) * scale, -most, most));
            v.y += static_cast<float>(std::clamp((xx * y - xy * x) * scale, -most, most));
        }
    }
    for (std::ptrdiff_t by = 0; by < rows; ++by) {
        for (std::ptrdiff_t bx = 0; bx < columns; ++bx) {
            Velocity mean;
            around(bx, by, [&](std::size_t block, float share) {
                mean.x += share * level.velocity[block].x;
                mean.y += share * level.velocity[block].y;
            });
            level.smoothed[static_cast<std::size_t>(by * columns + bx)] = mean;
        }
    }
    level.velocity.swap(level.smoothed);
}

void MotionField::refine(Level &level, double reach, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t by = 0; by < level.blocksY; ++by)
            for (std::size_t bx = 0; bx < level.blocksX; ++bx)
                fit(level, reach, bx, by);
        const double energy = sumGradients(level);
        correct(level, reach, energy);
    }
}

void MotionField::estimate(double reach, std::span<Velocity> blocks) {
    std::fill(blocks.begin(), blocks.end(), Velocity{});
    if (still_ || count_ < 2)
        return;
    std::fill(coarse_.velocity.begin(), coarse_.velocity.end(), Velocity{});
    refine(coarse_, reach, 3);
    for (std::size_t by = 0; by < fine_.blocksY; ++by)
        for (std::size_t bx = 0; bx < fine_.blocksX; ++bx)
            fine_.velocity[by * fine_.blocksX + bx] =
                coarse_.velocity[std::min(by / 2, coarse_.blocksY - 1) * coarse_.blocksX +
                                 std::min(bx / 2, coarse_.blocksX - 1)];
    refine(fine_, 1.7 * reach, 2);
    const std::size_t columns = blocksAlong(shape_.width);
    for (std::size_t block = 0; block < blocks.size(); ++block)
        blocks[block] =
            fine_.velocity[std::min(block / columns, fine_.blocksY - 1) * fine_.blocksX +
                           std::min(block % columns, fine_.blocksX - 1)];
}

}  // namespace fovea
