// SPDX-License-Identifier: Apache-2.0
// A history of blocks and the runs of pictures that it is good for.
#include "engine/recon/picture_stream.h"

#include <algorithm>

namespace fovea {

PictureStream::PictureStream(std::unique_ptr<Reconstructor> reconstructor, const PicturePlan &plan)
    : reconstructor_(std::move(reconstructor)), plan_(plan), reach_(reconstructor_->reach()),
      pictures_(reconstructor_->shape(), reconstructor_->runLength(plan.hop)), next_(plan.first) {
    auto *rate = dynamic_cast<RateReconstructor *>(reconstructor_.get());
    const std::uint64_t window = std::uint64_t{reach_.before} + 1 + reach_.after;
    constexpr std::uint64_t mostOpen = 4;
    if (rate != nullptr && rate->counts(plan.hop) && plan.hop >= window / mostOpen)
        counting_ = rate;
}

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
    if (counting_ != nullptr) {
        history_.setPlanes(0);
        history_.push(block);
        return count(*block, pool, take);
    }
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

Result<void> PictureStream::count(const SpikeBlock &block, TilePool &pool, const Take &take) {
    for (; next_ < plan_.end && next_ < block.endPlane() + reach_.before; next_ += plan_.hop) {
        if (unused_.empty())
            unused_.push_back(std::make_unique<SpikeCounter>(
                reconstructor_->shape(), std::size_t{reach_.before} + 1 + reach_.after));
        open_.push_back({next_, std::move(unused_.back())});
        unused_.pop_back();
        open_.back().counter->clear();
    }
    for (Window &window : open_) {
        const std::uint64_t first = window.key - std::min<std::uint64_t>(window.key, reach_.before);
        const std::uint64_t from = std::max(first, block.firstPlane());
        const std::uint64_t to = std::min(window.key + reach_.after + 1, block.endPlane());
        if (from < to)
            window.counter->add(history_.planes(from, to), pool);
    }
    while (!open_.empty() && open_.front().key + reach_.after < block.endPlane())
        if (auto shown = showOldest(pool, take); !shown)
            return shown;
    return {};
}

Result<void> PictureStream::showOldest(TilePool &pool, const Take &take) {
    Window window = std::move(open_.front());
    open_.pop_front();
    counting_->show(*window.counter, pictures_[0], pool);
    unused_.push_back(std::move(window.counter));
    return take(window.key, std::as_const(pictures_)[0]);
}

Result<void> PictureStream::finish(TilePool &pool, const Take &take) {
    while (!open_.empty())
        if (auto shown = showOldest(pool, take); !shown)
            return shown;
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
