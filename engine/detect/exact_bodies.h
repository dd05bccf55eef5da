// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the exact attention chain: STP filter and neural field; see attention_bodies.h.
#pragma once

#include "engine/core/short_term_plasticity.h"
#include "engine/detect/attention_bodies.h"
#include "engine/detect/stp_rule.h"

namespace fovea::exact_bodies {

using attention_bodies::PlaneBatch;

/// StpFilter plane by plane: the same bits. Threads: pixels.
struct StpBody {
    static constexpr const char *name() { return "exact stp"; }

    PlaneBatch batch;
    PlasticityRule rule;
    float threshold;
    const float *kept;      ///< `factors` of R by interval, then as many of u
    std::uint32_t factors;  ///< the last ones are 0, as those of all longer intervals are
    float *R, *u, *gradient;
    std::uint32_t *silent;  ///< planes since the last spike, factors - 1 at most
    std::uint32_t *passed;  ///< bit t: the pixel's spike in plane t passes

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        float resources = R[pixel];
        float utilisation = u[pixel];
        float slope = gradient[pixel];
        std::uint32_t since = silent[pixel];
        std::uint32_t bits = 0;
        const std::uint32_t *word = batch.planes + pixel / 32;
        for (std::uint32_t t = 0; t < batch.count; ++t, word += batch.stride) {
            const float before = resources;
            const bool spike = ((*word >> (pixel % 32)) & 1U) != 0;
            since = lesser(since + 1, factors - 1);
            if (spike) {
                takeSpike(resources, utilisation, rule, kept[since], kept[factors + since]);
                since = 0;
            }
            const float d = takeChange(resources, before, slope);
            if (spike && passesStp(d, slope, threshold))
                bits |= 1U << t;
        }
        R[pixel] = resources;
        u[pixel] = utilisation;
        gradient[pixel] = slope;
        silent[pixel] = since;
        passed[pixel] = bits;
    }
};

/// Time passes without planes. Threads: pixels.
struct SkipBody {
    static constexpr const char *name() { return "exact skip"; }

    std::uint32_t *silent;
    std::uint32_t planes, most;  ///< both far from 2^31

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        silent[pixel] = lesser(silent[pixel] + planes, most);
    }
};

/// The state before the first plane. Threads: pixels.
struct ResetBody {
    static constexpr const char *name() { return "exact reset"; }

    float *R, *u, *gradient, *potential, *field;
    std::uint32_t *silent, *history;
    float u0;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        R[pixel] = 1;
        u[pixel] = u0;
        gradient[pixel] = potential[pixel] = field[pixel] = 0;
        silent[pixel] = history[pixel] = 0;
    }
};

/// Squares of the field, summed up in three steps: 16 sums a row, ... Threads: 16 * rows.
struct EnergyBody {
    static constexpr const char *name() { return "exact energy"; }
    static constexpr std::uint32_t lanes = 16;

    const float *field;
    double *sums;
    std::uint32_t width;

    FOVEA_BOTH void operator()(std::uint64_t thread) const {
        const float *row = field + thread / lanes * width;
        double sum = 0;
        for (auto x = static_cast<std::uint32_t>(thread % lanes); x < width; x += lanes) {
            const double positive = greater(row[x], 0.0F);
            sum += positive * positive;
        }
        sums[thread] = sum;
    }
};

/// ... their sum, ... Threads: rows.
struct RowEnergyBody {
    static constexpr const char *name() { return "exact row energy"; }

    const double *sums;
    double *energy;

    FOVEA_BOTH void operator()(std::uint64_t row) const {
        double sum = 0;
        for (std::uint32_t lane = 0; lane < EnergyBody::lanes; ++lane)
            sum += sums[row * EnergyBody::lanes + lane];
        energy[row] = sum;
    }
};

/// ... and what follows from the sum of all. Threads: 1.
struct ScaleBody {
    static constexpr const char *name() { return "exact scale"; }

    const double *energy;
    double *scale;
    std::uint32_t height;

    FOVEA_BOTH void operator()(std::uint64_t) const {
        double sum = 0;
        for (std::uint32_t row = 0; row < height; ++row)
            sum += energy[row];
        *scale = 1 / (1 + 0.01 * sum);
    }
};

/// The field's input: what it makes of itself, and what fired `ago` planes before the newest one.
/// Threads: pixels.
struct InputBody {
    static constexpr const char *name() { return "exact input"; }

    const float *field;
    const double *scale;
    const std::uint32_t *history;
    double *in;
    std::uint32_t ago;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const double positive = greater(field[pixel], 0.0F);
        in[pixel] = positive * positive * *scale + ((history[pixel] >> ago) & 1U);
    }
};

/// Sums along rows. Threads: pixels.
struct RowBody {
    static constexpr const char *name() { return "exact rows"; }

    const double *in;
    const double *weight;  ///< 2 * reach + 1 of them
    double *smooth, *box;
    std::uint32_t width, reach;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const auto x = static_cast<std::uint32_t>(pixel % width);
        const double *centre = in + pixel;
        double weighted = 0;
        double plain = 0;
        const std::uint32_t last = lesser(x + reach, width - 1);
        for (std::uint32_t at = x > reach ? x - reach : 0; at <= last; ++at) {
            const double value = *(centre - x + at);
            weighted += weight[at + reach - x] * value;
            plain += value;
        }
        smooth[pixel] = weighted;
        box[pixel] = plain;
    }
};

/// Sums along columns, and the field's step. Threads: pixels.
struct StepBody {
    static constexpr const char *name() { return "exact step"; }

    const double *smooth, *box, *weight;
    float *field;
    std::uint32_t width, height, reach;
    double corner;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        const auto y = static_cast<std::uint32_t>(pixel / width);
        double weighted = weight[reach] * smooth[pixel];
        double plain = box[pixel];
        for (std::uint32_t j = 1; j <= reach; ++j) {
            const std::uint64_t apart = std::uint64_t{j} * width;
            const bool up = j <= y;
            const bool down = y + j < height;
            weighted += weight[reach + j] *
                        ((up ? smooth[pixel - apart] : 0.0) + (down ? smooth[pixel + apart] : 0.0));
            plain += (up ? box[pixel - apart] : 0.0) + (down ? box[pixel + apart] : 0.0);
        }
        const double drive = (weighted - corner * plain) / (1 - corner);
        field[pixel] = static_cast<float>(field[pixel] + 0.5 * (drive - field[pixel]));
    }
};

}  // namespace fovea::exact_bodies
