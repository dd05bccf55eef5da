// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the stability method and of TFSTP: a pixel a thread.
#pragma once

#include "engine/core/short_term_plasticity.h"
#include "engine/cuda/both.h"
#include "engine/recon/stability_rule.h"

namespace fovea::level_bodies {

/// Planes one after the other; threads of a warp read the same word.
struct PackedPlanes {
    const std::uint32_t *words;
    std::uint32_t stride;  ///< from plane to plane, in words of 32 bits

    [[nodiscard]] FOVEA_BOTH std::uint32_t spike(std::uint32_t plane, std::uint64_t pixel) const {
        return (words[std::uint64_t{plane} * stride + pixel / 32] >> (pixel % 32)) & 1U;
    }
};

/// StabilityLevels of a pixel from `back` planes, the shown one last, and `ahead` more (in the
/// causal mode none). Threads: pixels.
struct StabilityBody {
    static constexpr const char *name() { return "stability"; }

    PackedPlanes planes;
    std::uint16_t *levels;
    std::uint32_t back, ahead;
    bool looksAhead;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        using stability::halfPlanes;
        // Bit i: i planes before the shown one; so many planes before those, or after it.
        std::uint64_t first = 0;
        std::uint64_t second = 0;
        for (std::uint32_t i = 0; i < lesser(back, halfPlanes); ++i)
            first |= std::uint64_t{planes.spike(back - 1 - i, pixel)} << i;
        if (looksAhead) {
            for (std::uint32_t i = 0; i < ahead; ++i)
                second |= std::uint64_t{planes.spike(back + i, pixel)} << i;
            levels[pixel] = stability::centred({first, 0}, {second, 0}, back, ahead);
        } else {
            for (std::uint32_t i = halfPlanes; i < back; ++i)
                second |= std::uint64_t{planes.spike(back - 1 - i, pixel)} << (i - halfPlanes);
            levels[pixel] = stability::causal({first, second}, back);
        }
    }
};

/// PlasticityReconstructor's synapses through `count` planes, 64 at most, spike by spike.
/// Threads: pixels.
struct FollowBody {
    static constexpr const char *name() { return "tfstp"; }
    static constexpr std::uint32_t mostPlanes = 64;

    PackedPlanes planes;
    std::uint64_t lost;     ///< bit i: plane i was
    std::uint32_t count;    ///< planes
    std::uint32_t time;     ///< of the first one
    std::uint32_t begun;    ///< where no spike is known yet; 0: nowhere
    bool fresh;             ///< these planes are the first ones: there is no state yet
    const float *kept;      ///< `factors` of R by interval, then as many of u
    std::uint32_t factors;  ///< the last one is of all longer intervals
    PlasticityRule rule;
    float *R, *u;
    std::uint32_t *last;

    FOVEA_BOTH void operator()(std::uint64_t pixel) const {
        float resources = fresh ? 1 : R[pixel];
        float utilisation = fresh ? rule.u0 : u[pixel];
        std::uint32_t before = fresh ? begun : last[pixel];
        for (std::uint32_t i = 0; i < count; ++i) {
            if (((lost >> i) & 1U) != 0)
                before = 0;
            else if (planes.spike(i, pixel) != 0) {
                if (before != 0) {
                    const std::uint32_t interval = lesser(time + i - before, factors - 1);
                    takeSpike(resources, utilisation, rule, kept[interval],
                              kept[factors + interval]);
                }
                before = time + i;
            }
        }
        R[pixel] = resources;
        u[pixel] = utilisation;
        last[pixel] = before;
    }
};

}  // namespace fovea::level_bodies
