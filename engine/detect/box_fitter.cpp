// SPDX-License-Identifier: Apache-2.0
// Row and column counts of what fired inside a box, and where they begin and end.
#include "engine/detect/box_fitter.h"

#include "engine/core/plane_bits.h"

#include <algorithm>
#include <numeric>

namespace fovea {

namespace {

/// First and last index (exclusive) of what is left when the outer 2 % are cut at either end.
std::pair<int, int> extent(const std::vector<std::uint32_t> &counts) {
    const std::uint32_t all = std::accumulate(counts.begin(), counts.end(), 0U);
    const std::uint32_t cut = all / 50;
    int first = 0;
    int last = static_cast<int>(counts.size());
    for (std::uint32_t sum = 0; first < last; ++first)
        if ((sum += counts[static_cast<std::size_t>(first)]) > cut)
            break;
    for (std::uint32_t sum = 0; last > first; --last)
        if ((sum += counts[static_cast<std::size_t>(last - 1)]) > cut)
            break;
    return {first, last};
}

Box whole(const AttentionBox &box) {
    return {static_cast<float>(box.col0), static_cast<float>(box.row0),
            static_cast<float>(box.col1 - box.col0), static_cast<float>(box.row1 - box.row0)};
}

}  // namespace

BoxFitter::BoxFitter(PlaneShape shape) : shape_(shape), recent_(shape.wordStride()) {
    reset();
}

void BoxFitter::reset() {
    planes_.assign(memoryPlanes, std::vector<std::uint64_t>(shape_.wordStride(), 0));
}

std::uint64_t *BoxFitter::push() {
    newest_ = (newest_ + 1) % memoryPlanes;
    return planes_[newest_].data();
}

const std::uint64_t *BoxFitter::fired(std::size_t ago) const {
    return planes_[(newest_ + memoryPlanes - ago) % memoryPlanes].data();
}

Box BoxFitter::fitted(const AttentionBox &box) {
    rows_.assign(static_cast<std::size_t>(box.row1 - box.row0), 0);
    columns_.assign(static_cast<std::size_t>(box.col1 - box.col0), 0);
    for (std::size_t y = 0; y < rows_.size(); ++y)
        for (std::size_t x = 0; x < columns_.size(); ++x) {
            const std::size_t row = static_cast<std::size_t>(box.row0) + y;
            const std::size_t pixel = row * shape_.width + static_cast<std::size_t>(box.col0) + x;
            if (!testBit(recent_.data(), pixel))
                continue;
            ++rows_[y];
            ++columns_[x];
        }
    const auto [top, bottom] = extent(rows_);
    const auto [left, right] = extent(columns_);
    if (bottom <= top || right <= left)
        return whole(box);
    return {static_cast<float>(box.col0 + left), static_cast<float>(box.row0 + top),
            static_cast<float>(right - left), static_cast<float>(bottom - top)};
}

std::span<const Detection> BoxFitter::detections(std::span<const AttentionBox> boxes, bool fit) {
    detections_.clear();
    if (fit && !boxes.empty())
        for (std::size_t word = 0; word < recent_.size(); ++word) {
            recent_[word] = 0;
            for (const std::vector<std::uint64_t> &plane : planes_)
                recent_[word] |= plane[word];
        }
    for (const AttentionBox &box : boxes)
        detections_.push_back({fit ? fitted(box) : whole(box), 0.5F});
    std::sort(detections_.begin(), detections_.end(),
              [](const Detection &a, const Detection &b) { return a.box.area() > b.box.area(); });
    return detections_;
}

}  // namespace fovea
