// SPDX-License-Identifier: Apache-2.0
// Blocks in order; a plane is found by walking the few gaps of the block that spans it.
#include "engine/recon/plane_history.h"

#include <algorithm>

namespace fovea {

namespace {

/// Writes the planes of `block` that lie in [first, first + out.size()) to their places in `out`.
void fillFrom(const SpikeBlock &block, std::uint64_t first, std::span<const std::uint64_t *> out) {
    const std::uint64_t last = first + out.size();
    // Runs of stored planes between gaps: [index, next) has the numbers [number, ...).
    std::uint32_t index = 0;
    std::uint64_t number = block.firstPlane();
    const auto run = [&](std::uint32_t next) {
        const std::uint64_t from = std::max(number, first);
        const std::uint64_t to = std::min(number + (next - index), last);
        for (std::uint64_t plane = from; plane < to; ++plane)
            out[plane - first] = block.plane(index + static_cast<std::uint32_t>(plane - number));
        number += next - index;
        index = next;
    };
    for (const Gap &gap : block.gaps()) {
        run(gap.beforeIndex);
        number += gap.planes;
    }
    run(block.planeCount());
}

}  // namespace

void PlaneHistory::push(SpikeBlockPtr block) {
    if (block == nullptr || block->empty())
        return;
    if (!blocks_.empty() &&
        (blocks_.back()->epoch() != block->epoch() || blocks_.back()->shape() != block->shape() ||
         block->firstPlane() < end()))
        clear();
    blocks_.push_back(std::move(block));
    const std::uint64_t last = end();
    const std::uint64_t oldest = last - std::min(last, wanted_);
    while (blocks_.size() > 1 && blocks_.front()->endPlane() <= oldest)
        blocks_.pop_front();
    joinSmall();
}

/// As a binary counter adds: two neighbours are joined when they are about as large, so that a
/// plane is copied only as often as the logarithm of how many go into one block.
void PlaneHistory::joinSmall() {
    const std::uint64_t most = wanted_ / 8;
    while (blocks_.size() > 1) {
        const SpikeBlock &older = *blocks_[blocks_.size() - 2];
        const SpikeBlock &newer = *blocks_.back();
        const std::uint64_t planes = std::uint64_t{older.planeCount()} + newer.planeCount();
        if (planes > most || older.planeCount() > 2 * newer.planeCount())
            return;
        auto both = std::make_shared<SpikeBlock>(newer.shape(), static_cast<std::uint32_t>(planes));
        both->begin(older.firstPlane(), newer.planeRateHz(), newer.epoch());
        both->append(older);
        both->appendGap(newer.firstPlane() - both->endPlane(), DropReason::Link);
        both->append(newer);
        blocks_.pop_back();
        blocks_.back() = std::move(both);
    }
}

std::uint64_t PlaneHistory::begin() const {
    return blocks_.empty() ? 0 : blocks_.front()->firstPlane();
}

std::uint64_t PlaneHistory::end() const {
    return blocks_.empty() ? 0 : blocks_.back()->endPlane();
}

PlanePointers PlaneHistory::planes(std::uint64_t first, std::uint64_t last) {
    pointers_.assign(static_cast<std::size_t>(last > first ? last - first : 0), nullptr);
    for (const SpikeBlockPtr &block : blocks_)
        if (block->firstPlane() < last && block->endPlane() > first)
            fillFrom(*block, first, pointers_);
    return pointers_;
}

PlaneWindow PlaneHistory::around(std::uint64_t key, PlaneReach reach) {
    const std::uint64_t before = std::min<std::uint64_t>(key, reach.before);
    return {planes(key - before, key + 1 + reach.after), static_cast<std::size_t>(before), key};
}

}  // namespace fovea
