// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the attention chain: STP filter, LIF layer, neural field, mask of the boxes.
#pragma once

#include "engine/cuda/both.h"

namespace fovea::attention_bodies {

/// Up to 32 planes in a row.
struct PlaneBatch {
    const std::uint32_t *planes;
    std::uint32_t stride;  ///< from plane to plane, in words of 32 bits
    std::uint32_t count;
};

/// The rule and its factors of n planes, as batch_kernels::StpFactors has them: 32 each of
/// exp(-n / D), exp(-n / F), 2^-n.
struct StpRule {
    const float *factors;
    float u0, f, threshold;

    [[nodiscard]] FOVEA_BOTH float deficit(std::uint32_t planes) const { return factors[planes]; }
    [[nodiscard]] FOVEA_BOTH float drive(std::uint32_t planes) const {
        return factors[32 + planes];
    }
    [[nodiscard]] FOVEA_BOTH float half(std::uint32_t planes) const { return factors[64 + planes]; }
};

/// batch_kernels::stpBatch, operation by operation: the same bits. Threads: pixels.
struct StpBody {
    static constexpr const char *name() { return "stp"; }

    PlaneBatch batch;
    StpRule rule;
    float *deficit, *drive, *gradient, *before;
    std::uint32_t *passed;  ///< bit t: the pixel's spike in plane t passes

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        State s{deficit[pixel], drive[pixel], gradient[pixel], before[pixel], 0, 0};
        std::uint32_t waiting = 0;
        const std::uint32_t *word = batch.planes + pixel / 32;
        for (std::uint32_t t = 0; t < batch.count; ++t)
            waiting |= ((word[std::uint64_t{t} * batch.stride] >> (pixel % 32)) & 1U) << t;
        for (; waiting != 0; waiting &= waiting - 1)
            spike(s, lowestBit(waiting));
        // To the plane after the last one, in two factors: 32 is beyond the table.
        const std::uint32_t rest = batch.count - 1 - s.at;
        deficit[pixel] = s.deficit * rule.deficit(rest) * rule.deficit(1);
        drive[pixel] = s.drive * rule.drive(rest) * rule.drive(1);
        gradient[pixel] = s.gradient * (rule.half(batch.count - 1) * rule.half(1));
        before[pixel] = s.before;
        passed[pixel] = s.passed;
    }

private:
    struct State {
        float deficit, drive;
        float gradient;  ///< times 2^t, so that it stays while time passes
        float before;
        std::uint32_t at, passed;
    };
    FOVEA_BOTH void spike(State &s, std::uint32_t plane) const {
        const std::uint32_t n = plane - s.at;
        const float deficitNow = s.deficit * rule.deficit(n);
        const float driveNow = s.drive * rule.drive(n);
        const auto power = static_cast<float>(1U << plane);
        const float R = 1 - deficitNow;
        const float change = deficitNow - s.before;
        const float d = change < 0 ? -change : change;
        s.gradient = s.gradient + 0.5F * (d / R) * power;
        // d (sqrt(g) + 1) >= threshold, without the root.
        const float missing = greater(rule.threshold - d, 0.0F);
        if (s.gradient * (d * d) >= missing * missing * power)
            s.passed |= 1U << plane;
        const float unused = (1 - rule.u0) - driveNow;
        s.deficit = 1 - R * unused;
        s.drive = driveNow + rule.f * unused;
        s.before = deficitNow;
        s.at = plane;
    }
};

/// Time passes without planes. Threads: pixels.
struct SkipBody {
    static constexpr const char *name() { return "skip"; }

    float *deficit, *drive;
    float byDeficit, byDrive;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        deficit[pixel] *= byDeficit;
        drive[pixel] *= byDrive;
    }
};

/// The state before the first plane. Threads: pixels.
struct ResetBody {
    static constexpr const char *name() { return "reset"; }

    float *deficit, *drive, *gradient, *before, *potential, *field;
    std::uint32_t *history;
    float firstDeficit, firstDrive;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        deficit[pixel] = firstDeficit;
        drive[pixel] = firstDrive;
        gradient[pixel] = before[pixel] = potential[pixel] = field[pixel] = 0;
        history[pixel] = 0;
    }
};

/// LifLayer with a square of 3x3, plane by plane. Threads: pixels.
struct LifBody {
    static constexpr const char *name() { return "lif"; }

    const std::uint32_t *passed;
    float *potential;
    std::uint32_t *history;  ///< bit i: fired i planes ago
    std::uint32_t width, height, planes;
    float weight, leak, least, threshold, keep;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const auto x = static_cast<std::uint32_t>(pixel % width);
        const auto y = static_cast<std::uint32_t>(pixel / width);
        // Number of spikes in the square, bit-sliced over the planes.
        std::uint32_t sum[4] = {};
        for (std::uint32_t row = y == 0 ? 0 : y - 1; row <= y + 1 && row < height; ++row)
            for (std::uint32_t column = x == 0 ? 0 : x - 1; column <= x + 1 && column < width;
                 ++column) {
                std::uint32_t carry = passed[std::uint64_t{row} * width + column];
                for (int level = 0; level < 4; ++level) {
                    const std::uint32_t old = sum[level];
                    sum[level] = old ^ carry;
                    carry &= old;
                }
            }
        const std::uint32_t own = passed[pixel];
        float V = potential[pixel];
        std::uint32_t fired = history[pixel];
        for (std::uint32_t t = 0; t < planes; ++t) {
            std::uint32_t spikes = 0;
            for (int level = 0; level < 4; ++level)
                spikes |= ((sum[level] >> t) & 1U) << level;
            const float rested = V - (((own >> t) & 1U) != 0 ? 0 : leak);
            V = greater(rested + weight * static_cast<float>(spikes), least);
            const bool fires = V >= threshold;
            fired = (fired << 1) | (fires ? 1U : 0U);
            if (fires)
                V *= keep;
        }
        potential[pixel] = V;
        history[pixel] = fired;
    }
};

/// field_kernels::energy in its order of summation, in three steps: 16 sums a row, ...
/// Threads: 16 * rows.
struct EnergyBody {
    static constexpr const char *name() { return "energy"; }
    static constexpr std::uint32_t lanes = 16;

    const float *field;
    float *sums;
    std::uint32_t width;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const float *row = field + thread / lanes * width;
        float sum = 0;
        for (auto x = static_cast<std::uint32_t>(thread % lanes); x < width; x += lanes) {
            const float positive = greater(row[x], 0.0F);
            sum = sum + positive * positive;
        }
        sums[thread] = sum;
    }
};

/// ... their sum, ... Threads: rows.
struct RowEnergyBody {
    static constexpr const char *name() { return "row energy"; }

    const float *sums;
    float *energy;

    FOVEA_BOTH void operator()(std::uint64_t row) const {
        float sum = 0;
        for (std::uint32_t lane = 0; lane < EnergyBody::lanes; ++lane)
            sum += sums[row * EnergyBody::lanes + lane];
        energy[row] = sum;
    }
};

/// ... and what follows from the sum of all. Threads: 1.
struct ScaleBody {
    static constexpr const char *name() { return "scale"; }

    const float *energy;
    float *scale;
    std::uint32_t height;
    float keep;

    FOVEA_BOTH void operator()(std::uint64_t) const {
        double sum = 0;
        for (std::uint32_t row = 0; row < height; ++row)
            sum += static_cast<double>(energy[row]);
        *scale = static_cast<float>(static_cast<double>(1 - keep) / (1 + 0.01 * sum));
    }
};

/// The field's input: what it makes of itself, and the spikes of `planes` planes of which the
/// newest is `ago` planes old. Threads: pixels.
struct RelaxBody {
    static constexpr const char *name() { return "relax"; }

    const float *field;
    const float *scale;
    const std::uint32_t *history;
    float *in;
    std::uint32_t ago, planes;
    float least;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const float positive = greater(field[pixel], 0.0F);
        const float value = positive * positive * *scale;
        float sum = value >= least ? value : 0.0F;
        float weight = 1;
        for (std::uint32_t i = 0; i < planes; ++i) {
            weight /= 2;
            if (((history[pixel] >> (ago + i)) & 1U) != 0)
                sum += weight;
        }
        in[pixel] = sum;
    }
};

/// Sums along rows. Threads: pixels.
struct SmoothBody {
    static constexpr const char *name() { return "smooth"; }

    const float *in;
    const float *weight;  ///< by distance, reach + 1 of them
    float *smooth, *box;
    std::uint32_t width, reach;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const auto x = static_cast<std::uint32_t>(pixel % width);
        float plain = in[pixel];
        float weighted = plain * weight[0];
        for (std::uint32_t j = 1; j <= reach; ++j) {
            const float left = x >= j ? in[pixel - j] : 0.0F;
            const float right = j < width - x ? in[pixel + j] : 0.0F;
            const float both = left + right;
            plain = plain + both;
            weighted = weighted + both * weight[j];
        }
        smooth[pixel] = weighted;
        box[pixel] = plain;
    }
};

/// Sums along columns, and the field's step. Threads: width * ceil(height / rowsPerTile); each goes
/// down its column's part of a tile, as field_kernels::stepRows does.
struct StepBody {
    static constexpr const char *name() { return "step"; }
    static constexpr std::uint32_t rowsPerTile = 32;

    const float *smooth, *box, *weight;
    float *field;
    std::uint32_t width, height, reach;
    float keep, byGauss, byBox;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const auto x = static_cast<std::uint32_t>(thread % width);
        const auto first = static_cast<std::uint32_t>(thread / width) * rowsPerTile;
        const std::uint32_t last = lesser(first + rowsPerTile, height);
        float boxes = 0;
        for (std::uint32_t y = first > reach ? first - reach : 0; y < lesser(height, first + reach);
             ++y)
            boxes += at(box, y, x);
        for (std::uint32_t y = first; y < last; ++y) {
            if (y + reach < height)
                boxes += at(box, y + reach, x);
            float sum = weight[0] * at(smooth, y, x);
            for (std::uint32_t j = 1; j <= reach; ++j) {
                const float above = j <= y ? at(smooth, y - j, x) : 0.0F;
                const float below = y + j < height ? at(smooth, y + j, x) : 0.0F;
                sum = sum + weight[j] * (above + below);
            }
            const float drive = sum * byGauss - boxes * byBox;
            float &U = field[std::uint64_t{y} * width + x];
            U = U * keep + drive;
            if (y >= reach)
                boxes -= at(box, y - reach, x);
        }
    }

private:
    [[nodiscard]] FOVEA_BOTH float at(const float *rows, std::uint32_t y, std::uint32_t x) const {
        return rows[std::uint64_t{y} * width + x];
    }
};

/// Whether the field is above the threshold in 7 pixels of a row; outside counts as above.
/// Threads: pixels.
struct MaskBody {
    static constexpr const char *name() { return "mask"; }
    static constexpr std::uint32_t reach = 3;

    const float *field;
    std::uint8_t *above;
    std::uint32_t width;
    float threshold;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const auto x = static_cast<std::uint32_t>(pixel % width);
        const std::uint32_t first = x > reach ? x - reach : 0;
        const std::uint32_t last = lesser(x + reach, width - 1);
        bool all = true;
        for (std::uint32_t at = first; at <= last; ++at)
            all = all && field[pixel - x + at] > threshold;
        above[pixel] = all ? 1 : 0;
    }
};

/// The same over 7 rows, and what fired in one of the `recentPlanes` planes of which the newest is
/// `ago` planes old, as planes. Threads: words of 32 pixels.
struct ErodeBody {
    static constexpr const char *name() { return "erode"; }

    const std::uint8_t *above;
    const std::uint32_t *history;
    std::uint32_t *eroded, *recent;
    std::uint32_t width, height, ago, recentPlanes;

    FOVEA_BOTH void operator()(std::uint64_t word) const {
        const std::uint64_t pixels = std::uint64_t{width} * height;
        std::uint32_t bits = 0;
        std::uint32_t fired = 0;
        for (std::uint32_t i = 0; i < 32 && word * 32 + i < pixels; ++i) {
            const std::uint64_t pixel = word * 32 + i;
            const auto x = static_cast<std::uint32_t>(pixel % width);
            const auto y = static_cast<std::uint32_t>(pixel / width);
            if (((history[pixel] >> ago) & ((1U << recentPlanes) - 1)) != 0)
                fired |= 1U << i;
            bool all = true;
            const std::uint32_t last = lesser(y + MaskBody::reach, height - 1);
            for (std::uint32_t row = y > MaskBody::reach ? y - MaskBody::reach : 0; row <= last;
                 ++row)
                all = all && above[std::uint64_t{row} * width + x] != 0;
            if (all)
                bits |= 1U << i;
        }
        eroded[word] = bits;
        recent[word] = fired;
    }
};

}  // namespace fovea::attention_bodies
