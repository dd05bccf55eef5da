// SPDX-License-Identifier: Apache-2.0
// The fast attention chain as FastAttention drives it: STP filter, LIF layer, field, boxes.
#pragma once

#include "engine/detect/batch_filter.h"
#include "engine/detect/box_fitter.h"
#include "engine/detect/detector.h"
#include "engine/detect/fast_field.h"

#include <vector>

namespace fovea {

/// Everything that a chain carries from plane to plane; one value a pixel, row by row.
struct AttentionState {
    std::vector<float> deficit, drive, gradient, before;  ///< of the STP filter, see StpState
    std::vector<float> potential;                         ///< of the LIF layer
    std::vector<float> field;
    std::vector<std::uint32_t> history;  ///< bit i: the neuron fired i planes ago
};

/// Threads: one at a time.
class AttentionChain {
public:
    static constexpr std::size_t fieldPlanes = 6;      ///< that the field takes before a frame
    static constexpr std::size_t planesPerUpdate = 2;  ///< of the field, see FastField::update()

    AttentionChain() = default;
    AttentionChain(const AttentionChain &) = delete;
    AttentionChain &operator=(const AttentionChain &) = delete;
    virtual ~AttentionChain() = default;

    virtual void reset() = 0;
    /// The STP filter takes the planes (BatchFilter::maxPlanes or fewer, none null); with `fire`
    /// the LIF layer takes what passes.
    virtual void take(PlanePointers planes, bool fire) = 0;
    virtual void skip(std::uint64_t planes) = 0;
    /// The field takes the newest `planes` (fieldPlanes or fewer) planes of what fired; the frame
    /// of the step that ends before plane `end` is emitted now or later.
    virtual void finishStep(std::uint64_t end, std::size_t planes,
                            const DetectionHandler &emit) = 0;
    /// Emits what is still under way. After an error the chain is of no use any more, but state()
    /// is what it was after the last finishBlock() or reset() without an error.
    [[nodiscard]] virtual Result<void> finishBlock(const DetectionHandler &emit) = 0;
    [[nodiscard]] virtual AttentionState state() const = 0;
};

/// The chain on the CPU.
class CpuAttention final : public AttentionChain {
public:
    CpuAttention(const AttentionSettings &settings, PlaneShape shape, TilePool *pool);

    void reset() override;
    void take(PlanePointers planes, bool fire) override;
    void skip(std::uint64_t planes) override { filter_.skip(planes); }
    void finishStep(std::uint64_t end, std::size_t planes, const DetectionHandler &emit) override;
    [[nodiscard]] Result<void> finishBlock(const DetectionHandler &) override { return {}; }
    [[nodiscard]] AttentionState state() const override;
    /// Goes on from there.
    void setState(const AttentionState &state);

private:
    AttentionSettings settings_;
    PlaneShape shape_;
    BatchFilter filter_;
    FastField field_;
    BoxFitter fitter_;
};

}  // namespace fovea
