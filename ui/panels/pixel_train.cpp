// SPDX-License-Identifier: Apache-2.0
// The spikes of one pixel over the newest planes.
#include "ui/panels/pixel_train.h"

#include <algorithm>

namespace fovea {

void PixelTrain::setPixel(std::uint32_t x, std::uint32_t y) {
    if (x == x_ && y == y_)
        return;
    x_ = x;
    y_ = y;
    clear();
}

void PixelTrain::clear() {
    states_.clear();
    end_ = 0;
}

void PixelTrain::append(PixelState state, std::uint64_t count) {
    count = std::min<std::uint64_t>(count, maxPlanes);
    states_.insert(states_.end(), static_cast<std::size_t>(count), state);
}

void PixelTrain::take(const SpikeBlock &block) {
    const PlaneShape shape = block.shape();
    if (x_ >= shape.width || y_ >= shape.height)
        return;
    if (block.epoch() == epoch_ && block.firstPlane() < end_ && block.endPlane() == end_ &&
        !states_.empty())
        return;  // the same block again
    if (block.epoch() != epoch_ || block.firstPlane() != end_)
        states_.clear();
    epoch_ = block.epoch();
    const std::size_t bit = std::size_t{y_} * shape.width + x_;
    std::size_t gap = 0;
    const auto gaps = block.gaps();
    for (std::uint32_t i = 0; i <= block.planeCount(); ++i) {
        for (; gap < gaps.size() && gaps[gap].beforeIndex == i; ++gap)
            append(PixelState::Missing, gaps[gap].planes);
        if (i < block.planeCount())
            append(testBit(block.plane(i), bit) ? PixelState::Spike : PixelState::Silent);
    }
    end_ = block.endPlane();
    if (states_.size() > maxPlanes)
        states_.erase(states_.begin(), states_.end() - static_cast<std::ptrdiff_t>(maxPlanes));
}

std::size_t PixelTrain::spikes() const {
    return static_cast<std::size_t>(std::count(states_.begin(), states_.end(), PixelState::Spike));
}

std::size_t PixelTrain::seen() const {
    return states_.size() - static_cast<std::size_t>(
                                std::count(states_.begin(), states_.end(), PixelState::Missing));
}

std::vector<std::uint32_t> PixelTrain::intervals() const {
    std::vector<std::uint32_t> result;
    bool known = false;
    std::uint32_t since = 0;
    for (const PixelState state : states_) {
        ++since;
        if (state == PixelState::Missing) {
            known = false;
        } else if (state == PixelState::Spike) {
            if (known)
                result.push_back(since);
            known = true;
            since = 0;
        }
    }
    return result;
}

}  // namespace fovea
