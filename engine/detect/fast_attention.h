// SPDX-License-Identifier: Apache-2.0
// The "attention" method in real time: batches of planes, the field only where boxes are asked for.
#pragma once

#include "engine/detect/batch_filter.h"
#include "engine/detect/box_fitter.h"
#include "engine/detect/detector.h"
#include "engine/detect/fast_field.h"

#include <vector>

namespace fovea {

/// See Detector. AttentionDetector's chain with two differences: a frame comes about 1,000 times a
/// second (every 32 planes at 40 kHz) instead of at every plane, and the neural field, which
/// forgets half of its potential at each plane, takes only the last `fieldPlanes` planes before a
/// frame, and its recurrent input r is renewed with every second one. STP filter and LIF layer take
/// every plane (see BatchFilter for their bounds).
///
/// Threads: an instance belongs to one thread; tiles go to the pool, if any.
class FastAttention final : public Detector {
public:
    static constexpr std::size_t fieldPlanes = 6;
    static constexpr std::size_t planesPerUpdate = 2;  ///< of the field, see FastField::update()

    FastAttention(const AttentionSettings &settings, PlaneShape shape, double planeRateHz,
                  TilePool *pool = nullptr);

    [[nodiscard]] std::string_view name() const override { return "attention"; }
    [[nodiscard]] std::uint32_t step() const override { return step_; }
    [[nodiscard]] std::uint32_t warmUpPlanes() const override {
        return static_cast<std::uint32_t>(settings_.calibrationPlanes) + step_;
    }
    void reset() override;
    [[nodiscard]] Result<void> process(const SpikeBlock &block,
                                       const DetectionHandler &emit) override;

private:
    void takePlane(const std::uint64_t *plane, const DetectionHandler &emit);
    void skipTo(std::uint64_t number, const DetectionHandler &emit);
    void finishBatch();
    void finishStep(std::uint64_t end, const DetectionHandler &emit);
    void keepPending();

    AttentionSettings settings_;
    PlaneShape shape_;
    std::uint32_t step_;  ///< power of two, at most BatchFilter::maxPlanes
    BatchFilter filter_;
    FastField field_;
    BoxFitter fitter_;
    std::vector<const std::uint64_t *> pending_;    ///< planes of the batch that is not full yet
    std::vector<std::vector<std::uint64_t>> kept_;  ///< their copies from block to block
    std::uint64_t next_ = 0;
    std::uint64_t seen_ = 0;  ///< planes that the filter took
    std::size_t fresh_ = 0;   ///< planes that the layer took since the last frame
    bool started_ = false;
};

}  // namespace fovea
