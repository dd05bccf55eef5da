// SPDX-License-Identifier: Apache-2.0
// The list of all measurements: the one place that says what a name means.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"
#include "engine/core/tile_pool.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fovea {

/// Works through some planes; returns how many.
using BenchPass = std::function<Result<std::uint64_t>()>;

/// One thing to measure. `prepare` makes the input and everything else that is not measured; the
/// pool outlives the pass.
struct BenchCase {
    std::string name;
    PlaneShape shape;
    double planeRateHz = 0;
    double spikeRate = 0;      ///< share of the pixels that fire in a plane
    double bytesPerPlane = 0;  ///< least that must be read and written, by counting
    std::string about;
    std::function<Result<BenchPass>(const BenchCase &, TilePool &)> prepare;
};

/// All cases whose name contains `filter`; the same input for everybody (seeded).
///
/// At 400x250 and 40 kHz, spike rate 0.29; names that end in _r05, _r25, _r50 have the rates 0.05,
/// 0.25 and 0.5; names that end in _1m are 1000x1000 at 20 kHz.
[[nodiscard]] std::vector<BenchCase> benchCases(const std::string &filter = {});

}  // namespace fovea
