// SPDX-License-Identifier: Apache-2.0
// Matches truth and results of one frame after the other, remembering who was who.
#pragma once

#include "engine/quality/mot_evaluation.h"
#include "engine/track/assignment.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace fovea {

/// A frame's pairs of last time are kept as long as they overlap enough; the others are matched so
/// that the sum of 1 - IoU is least, among the largest number of pairs (as py-motmetrics).
///
/// Threads: an instance belongs to one thread.
class MotMatcher {
public:
    explicit MotMatcher(double minIou) : minIou_(minIou) {}

    /// Frames in rising order; identities are unique in a frame.
    void add(std::span<const MotBox> objects, std::span<const MotBox> predictions);

    [[nodiscard]] std::uint64_t matches() const { return matches_; }
    [[nodiscard]] std::uint64_t switches() const { return switches_; }
    [[nodiscard]] std::uint64_t fragmentations() const { return fragmentations_; }
    /// Sum of 1 - IoU over all matches.
    [[nodiscard]] double distances() const { return distances_; }
    /// Overlapping pairs under the one-to-one map of identities that has most of them.
    [[nodiscard]] std::uint64_t bestIdentityPairs() const;

private:
    struct Object {
        std::int64_t partner = 0;  ///< last matched identity
        bool matchedEver = false;
        bool matchedLast = false;  ///< in the last frame in which the object was
    };
    void fillOverlaps(std::span<const MotBox> objects, std::span<const MotBox> predictions);
    void keepPairs(std::span<const MotBox> objects, std::span<const MotBox> predictions);
    void matchRest(std::span<const MotBox> objects, std::span<const MotBox> predictions);
    void take(std::size_t object, std::size_t prediction, const MotBox &truth, std::int64_t id);

    double minIou_;
    std::uint64_t matches_ = 0, switches_ = 0, fragmentations_ = 0;
    double distances_ = 0;
    std::unordered_map<std::int64_t, Object> objects_;
    /// Frames in which a pair of identities overlaps enough.
    std::unordered_map<std::int64_t, std::unordered_map<std::int64_t, std::uint64_t>> together_;
    std::vector<double> overlaps_, costs_;
    std::vector<std::size_t> objectPartner_, freeObjects_, freePredictions_;
    std::vector<char> predictionTaken_;
    AssignmentSolver solver_;
};

}  // namespace fovea
