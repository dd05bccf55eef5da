// SPDX-License-Identifier: Apache-2.0
// The CPU's chain and its state.
#include "engine/detect/attention_chain.h"

#include <algorithm>
#include <array>

namespace fovea {

CpuAttention::CpuAttention(const AttentionSettings &settings, PlaneShape shape, TilePool *pool)
    : settings_(settings), shape_(shape), filter_({}, {}, shape, pool),
      field_(settings.attentionSize, shape, pool), fitter_(shape) {}

void CpuAttention::reset() {
    filter_.reset();
    field_.reset();
    fitter_.reset();
}

void CpuAttention::take(PlanePointers planes, bool fire) {
    filter_.filter(planes);
    if (!fire)
        return;
    filter_.fire();
    std::array<std::uint64_t *, BoxFitter::memoryPlanes> newest{};
    const std::size_t count = std::min(planes.size(), newest.size());
    for (std::size_t i = 0; i < count; ++i)
        newest[i] = fitter_.push();
    filter_.fired(planes.size() - count, std::span(newest).first(count));
}

void CpuAttention::finishStep(std::uint64_t end, std::size_t count, const DetectionHandler &emit) {
    std::array<const std::uint64_t *, fieldPlanes> planes{};
    for (std::size_t i = 0; i < count; ++i)
        planes[i] = fitter_.fired(count - 1 - i);
    for (std::size_t i = 0; i < count; i += planesPerUpdate)
        field_.update(std::span(planes).subspan(i, std::min(planesPerUpdate, count - i)));
    emit({end - 1, BoxFitter::age, fitter_.detections(field_.boxes(), settings_.fitBoxes), {}});
}

AttentionState CpuAttention::state() const {
    AttentionState state;
    filter_.copyState(state.deficit, state.drive, state.gradient, state.before, state.potential);
    state.history.resize(shape_.pixels());
    for (std::size_t p = 0; p < shape_.pixels(); ++p) {
        state.field.push_back(field_.potential(p / shape_.width, p % shape_.width));
        for (std::size_t ago = 0; ago < BoxFitter::memoryPlanes; ++ago)
            state.history[p] |= (testBit(fitter_.fired(ago), p) ? 1U : 0U) << ago;
    }
    return state;
}

void CpuAttention::setState(const AttentionState &state) {
    filter_.setState(state.deficit, state.drive, state.gradient, state.before, state.potential);
    field_.setPotential(state.field);
    for (std::size_t ago = BoxFitter::memoryPlanes; ago-- > 0;) {
        std::uint64_t *plane = fitter_.push();
        std::fill_n(plane, shape_.wordStride(), std::uint64_t{0});
        for (std::size_t p = 0; p < shape_.pixels(); ++p)
            if (((state.history[p] >> ago) & 1U) != 0)
                setBit(plane, p);
    }
}

}  // namespace fovea
