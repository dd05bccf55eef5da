// SPDX-License-Identifier: Apache-2.0
// The chain plane by plane, and the fit of boxes.
#include "engine/detect/attention_detector.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace fovea {

namespace {

constexpr std::uint8_t memoryPlanes = 6;

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

}  // namespace

AttentionDetector::AttentionDetector(const AttentionSettings &settings, PlaneShape shape)
    : settings_(settings), shape_(shape), filter_({}, shape), layer_({}, shape),
      field_(settings.attentionSize, shape) {
    passed_.assign(shape.wordStride(), 0);
    fired_.assign(shape.wordStride(), 0);
    recent_.assign(shape.pixels(), 0);
}

void AttentionDetector::reset() {
    filter_.reset();
    layer_.reset();
    field_.reset();
    std::fill(recent_.begin(), recent_.end(), std::uint8_t{0});
    started_ = false;
    seen_ = 0;
}

void AttentionDetector::remember() {
    for (std::uint8_t &left : recent_)
        left = left > 0 ? static_cast<std::uint8_t>(left - 1) : std::uint8_t{0};
    for (std::size_t w = 0; w < shape_.words(); ++w)
        for (std::uint64_t bits = fired_[w]; bits != 0; bits &= bits - 1)
            recent_[w * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = memoryPlanes;
}

Box AttentionDetector::fit(const AttentionBox &box) {
    const Box given{static_cast<float>(box.col0), static_cast<float>(box.row0),
                    static_cast<float>(box.col1 - box.col0),
                    static_cast<float>(box.row1 - box.row0)};
    if (!settings_.fitBoxes)
        return given;
    rows_.assign(static_cast<std::size_t>(box.row1 - box.row0), 0);
    columns_.assign(static_cast<std::size_t>(box.col1 - box.col0), 0);
    for (std::size_t y = 0; y < rows_.size(); ++y)
        for (std::size_t x = 0; x < columns_.size(); ++x) {
            const std::size_t row = static_cast<std::size_t>(box.row0) + y;
            const std::size_t pixel = row * shape_.width + static_cast<std::size_t>(box.col0) + x;
            if (recent_[pixel] == 0)
                continue;
            ++rows_[y];
            ++columns_[x];
        }
    const auto [top, bottom] = extent(rows_);
    const auto [left, right] = extent(columns_);
    if (bottom <= top || right <= left)
        return given;
    return {static_cast<float>(box.col0 + left), static_cast<float>(box.row0 + top),
            static_cast<float>(right - left), static_cast<float>(bottom - top)};
}

void AttentionDetector::takePlane(const std::uint64_t *plane, std::uint64_t number,
                                  const DetectionHandler &emit) {
    filter_.update(plane, passed_.data());
    detections_.clear();
    if (seen_++ < static_cast<std::uint64_t>(settings_.calibrationPlanes))
        return;
    layer_.update(passed_.data(), fired_.data());
    remember();
    field_.update(fired_.data());
    for (const AttentionBox &box : field_.boxes())
        detections_.push_back({fit(box), 0.5F});
    std::sort(detections_.begin(), detections_.end(),
              [](const Detection &a, const Detection &b) { return a.box.area() > b.box.area(); });
    emit({number, static_cast<float>(memoryPlanes) / 2, detections_, {}});
}

Result<void> AttentionDetector::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector for {} planes was given {}",
                    toString(shape_), toString(block.shape()));
    if (block.empty())
        return {};
    if (started_ && block.firstPlane() < next_)
        reset();
    if (!started_)
        next_ = block.firstPlane();
    started_ = true;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        const std::uint64_t number = block.planeNumber(i);
        filter_.skip(number - next_);
        takePlane(block.plane(i), number, emit);
        next_ = number + 1;
    }
    filter_.skip(block.endPlane() - next_);
    next_ = block.endPlane();
    return {};
}

}  // namespace fovea
