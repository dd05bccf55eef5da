// SPDX-License-Identifier: Apache-2.0
// How well boxes with classes and scores agree with the truth: average precision.
#pragma once

#include "engine/core/detection.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace fovea {

/// A box of one frame; the score is not looked at in the truth.
struct ScoredBox {
    std::uint64_t frame = 0;
    Box box;
    int label = 0;
    float score = 1;
};

struct PrecisionScore {
    struct Class {
        double precision = 0;       ///< average precision: area below precision over recall
        std::uint64_t objects = 0;  ///< of the truth
        std::uint64_t found = 0;    ///< of them, whatever the score
        std::uint64_t wrong = 0;    ///< found boxes that are none, or are told twice
    };
    std::map<int, Class> classes;  ///< those of the truth and of what was found
    double mean = 0;               ///< over the classes of the truth: mAP
};

/// Average precision as the PASCAL VOC development kit counts it since 2010: found boxes by falling
/// score, each takes the box of the truth of its frame and class that it overlaps most and counts
/// as wrong when that is less than `minIou` or already taken; precision is made to fall only, and
/// summed over all steps of recall. Rows in any order; of equal scores the earlier row counts
/// first.
[[nodiscard]] PrecisionScore evaluatePrecision(std::span<const ScoredBox> truth,
                                               std::span<const ScoredBox> found,
                                               double minIou = 0.5);

}  // namespace fovea
