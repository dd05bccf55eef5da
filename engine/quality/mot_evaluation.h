// SPDX-License-Identifier: Apache-2.0
// How well tracks agree with the truth: CLEAR-MOT and identity measures.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/error.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// One box of one identity in one frame (for spikes: plane).
struct MotBox {
    std::uint64_t frame = 0;
    std::int64_t id = 0;
    Box box;
    /// Column 7 of a MOTChallenge truth: rows with 0 are not to be found (distractors, ignored
    /// regions) and are left out, as py-motmetrics' loadtxt with min_confidence 1 does. Not looked
    /// at in results.
    float confidence = 1;
};

struct MotSettings {
    double minIou = 0.5;      ///< a pair with less overlap is no match
    std::uint64_t every = 1;  ///< judge only frames that this divides
};

/// CLEAR-MOT (Bernardin and Stiefelhagen 2008) and identity measures (Ristani et al. 2016), counted
/// as py-motmetrics does. Ratios without a denominator are 0 (MOTA: 0 when there is no truth and
/// nothing was found).
struct MotScore {
    std::uint64_t frames = 0;          ///< frames with truth or results that were judged
    std::uint64_t objects = 0;         ///< boxes of the truth
    std::uint64_t predictions = 0;     ///< boxes of the result
    std::uint64_t matches = 0;         ///< pairs, switches included
    std::uint64_t misses = 0;          ///< objects - matches
    std::uint64_t falsePositives = 0;  ///< predictions - matches
    std::uint64_t switches = 0;        ///< matches with another identity than the object's last one
    std::uint64_t fragmentations = 0;  ///< times an object was found again after it was lost
    std::uint64_t idTruePositives = 0;  ///< pairs under the best one-to-one map of identities
    std::uint64_t trackStep = 1;        ///< all frames of the tracks lie on a grid of this step
    double mota = 0;                    ///< 1 - (misses + falsePositives + switches) / objects
    double motp = 0;                    ///< mean of 1 - IoU over matches: 0 is best
    double recall = 0;
    double precision = 0;
    double idf1 = 0;
    double idRecall = 0;
    double idPrecision = 0;
};

/// Rows in any order. Error InvalidArgument when an identity occurs twice in a frame or a box is
/// not finite.
[[nodiscard]] Result<MotScore> evaluateMot(std::span<const MotBox> truth,
                                           std::span<const MotBox> tracks,
                                           const MotSettings &settings = {});

}  // namespace fovea
