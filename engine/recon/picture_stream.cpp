// SPDX-License-Identifier: Apache-2.0
// A history of blocks and the runs of pictures that it is good for.
#include "engine/recon/picture_stream.h"

#include <algorithm>

namespace fovea {

PictureStream::PictureStream(std::unique_ptr<Reconstructor> reconstructor, const PicturePlan &plan)
    : reconstructor_(std::move(reconstructor)), plan_(plan), reach_(reconstructor_->reach()),
      pictures_(reconstructor_->shape(), reconstructor_->runLength(plan.hop)), next_(plan.first) {}

std::uint64_t PictureStream::begin() const {
    return plan_.first - std::min<std::uint64_t>(plan_.first, reach_.before);
}

std::uint64_t PictureStream::end() const {
    if (plan_.end <= plan_.first)
        return begin();
    const std::uint64_t last = plan_.first + (plan_.end - 1 - plan_.first) / plan_.hop * plan_.hop;
    return last + reach_.after + 1;
}

Result<void> PictureStream::push(SpikeBlockPtr block, TilePool &pool, const Take &take) {
    if (block == nullptr || block->empty())
        return {};
    // All that the pictures still to come want.
    const std::uint64_t oldest = next_ - std::min<std::uint64_t>(next_, reach_.before);
    history_.setPlanes(block->endPlane() - std::min(block->endPlane(), oldest));
    history_.push(std::move(block));
    const std::uint64_t there =
        history_.end() - std::min<std::uint64_t>(history_.end(), reach_.after);
    const std::uint64_t last = std::min(there, plan_.end);
    while (next_ < last) {
        const std::uint64_t ready = (last - 1 - next_) / plan_.hop + 1;
        const auto count = std::min<std::uint64_t>(ready, pictures_.count());
        if (auto made = make(static_cast<std::size_t>(count), pool, take); !made)
            return made;
    }
    return {};
}

Result<void> PictureStream::finish(TilePool &pool, const Take &take) {
    while (next_ < plan_.end) {
        const std::uint64_t left = (plan_.end - 1 - next_) / plan_.hop + 1;
        const auto count = std::min<std::uint64_t>(left, pictures_.count());
        if (auto made = make(static_cast<std::size_t>(count), pool, take); !made)
            return made;
    }
    return {};
}

Result<void> PictureStream::make(std::size_t count, TilePool &pool, const Take &take) {
    const std::uint64_t before = std::min<std::uint64_t>(next_, reach_.before);
    const std::uint64_t last = next_ + (count - 1) * plan_.hop;
    const PlanePointers planes = history_.planes(next_ - before, last + reach_.after + 1);
    const PictureRun run{{planes, static_cast<std::size_t>(before), next_},
                         static_cast<std::size_t>(plan_.hop),
                         count};
    if (auto made = reconstructor_->reconstruct(run, pictures_, pool); !made)
        return made;
    for (std::size_t i = 0; i < count; ++i) {
        if (auto taken = take(next_, std::as_const(pictures_)[i]); !taken)
            return taken;
        next_ += plan_.hop;
    }
    return {};
}

}  // namespace fovea
