// SPDX-License-Identifier: Apache-2.0
// The "attention" method in real time: batches of planes, the field only where boxes are asked for.
#pragma once

#include "engine/cuda/backend.h"
#include "engine/detect/attention_chain.h"

#include <vector>

namespace fovea {

/// See Detector. AttentionDetector's chain with two differences: a frame comes about 1,000 times a
/// second (every 32 planes at 40 kHz) instead of at every plane, and the neural field, which
/// forgets half of its potential at each plane, takes only the last `fieldPlanes` planes before a
/// frame, and its recurrent input r is renewed with every second one. STP filter and LIF layer take
/// every plane (see BatchFilter for their bounds).
///
/// The chain itself runs on the CPU or, where `backend` has a device, there, with the same frames;
/// when that fails, the CPU does the block again and goes on.
///
/// Threads: an instance belongs to one thread; tiles go to the pool, if any.
class FastAttention final : public Detector {
public:
    /// `pool` and `backend`, if any, outlive this.
    FastAttention(const AttentionSettings &settings, PlaneShape shape, double planeRateHz,
                  TilePool *pool = nullptr, Backend *backend = nullptr);

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

    void takeBlock(const SpikeBlock &block, const DetectionHandler &emit);

    /// How far the stream is; everything else is in the chain.
    struct Progress {
        std::vector<const std::uint64_t *> pending;  ///< planes of the batch that is not full yet
        std::uint64_t next = 0;
        std::uint64_t seen = 0;  ///< planes that the filter took
        std::size_t fresh = 0;   ///< planes that the layer took since the last frame
        bool started = false;
    };

    AttentionSettings settings_;
    PlaneShape shape_;
    TilePool *pool_;
    Backend *backend_;
    std::uint32_t step_;  ///< power of two, at most BatchFilter::maxPlanes
    std::unique_ptr<AttentionChain> chain_;
    std::vector<std::vector<std::uint64_t>> kept_;  ///< pending planes' copies from block to block
    Progress now_, before_;                         ///< before_: the present block
};

}  // namespace fovea
