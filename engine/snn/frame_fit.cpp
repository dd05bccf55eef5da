// SPDX-License-Identifier: Apache-2.0
// Rows of bits are copied or counted, never unpacked.
#include "engine/snn/frame_fit.h"

#include "engine/snn/encoders.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

/// Left ends of as few spans of `size` as cover `whole`.
std::vector<std::uint32_t> spread(std::uint32_t whole, std::uint32_t size) {
    const std::uint32_t count = (whole + size - 1) / size;
    std::vector<std::uint32_t> starts(count, 0);
    for (std::uint32_t i = 1; i < count; ++i)
        starts[i] = static_cast<std::uint32_t>(std::uint64_t{i} * (whole - size) / (count - 1));
    return starts;
}

/// Spikes among bits [first, first + count), count > 0.
std::uint32_t countBits(const std::uint64_t *words, std::size_t first, std::size_t count) {
    std::uint32_t spikes = 0;
    while (count > 0) {
        const std::size_t shift = first % 64;
        const std::size_t here = std::min<std::size_t>(64 - shift, count);
        const std::uint64_t mask = here == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
        spikes += static_cast<std::uint32_t>(std::popcount((words[first / 64] >> shift) & mask));
        first += here;
        count -= here;
    }
    return spikes;
}

struct Span {
    std::size_t begin, end;
};
/// What pixel `i` of `count` covers of `whole`.
Span covered(std::size_t i, std::size_t count, std::size_t whole) {
    const std::size_t begin = i * whole / count;
    return {begin, std::max(begin + 1, (i + 1) * whole / count)};
}

}  // namespace

FrameFit::FrameFit(PlaneShape camera, PlaneShape network, ModelFit fit)
    : camera_(camera), network_(network), fit_(fit) {}

Result<FrameFit> FrameFit::make(PlaneShape camera, PlaneShape network, ModelFit fit) {
    FrameFit made(camera, network, fit);
    const bool inside = network.width <= camera.width && network.height <= camera.height;
    const auto refuse = [&](std::string_view why, std::string_view allowed) {
        return fail(ErrorCode::Usage,
                    "model.fit: found {}, but the network takes {} and the camera gives {}{}; "
                    "allowed: {}",
                    toString(fit), toString(network), toString(camera), why, allowed);
    };
    if ((fit == ModelFit::Exact || fit == ModelFit::Auto) && camera != network)
        return refuse("", inside ? "resize, crop, tiles" : "resize");
    if ((fit == ModelFit::Crop || fit == ModelFit::Tiles) && !inside)
        return refuse("", "resize");
    made.tiles_ = {{0, 0}};
    if (fit == ModelFit::Crop) {
        made.tiles_ = {{(camera.width - network.width) / 2, (camera.height - network.height) / 2}};
    } else if (fit == ModelFit::Tiles) {
        made.tiles_.clear();
        const auto columns = spread(camera.width, network.width);
        const auto rows = spread(camera.height, network.height);
        if (columns.size() * rows.size() > maxTiles)
            return refuse(
                fmt::format(", {} tiles (at most {})", columns.size() * rows.size(), maxTiles),
                "resize, crop");
        for (const std::uint32_t y : rows)
            for (const std::uint32_t x : columns)
                made.tiles_.push_back({x, y});
    } else if (fit == ModelFit::Resize) {
        made.scaleX_ = static_cast<double>(camera.width) / network.width;
        made.scaleY_ = static_cast<double>(camera.height) / network.height;
    }
    return made;
}

std::size_t FrameFit::takenWords() const {
    return keepsSpikes() ? tiles_.size() * network_.wordStride() : camera_.wordStride();
}

void FrameFit::take(const std::uint64_t *plane, std::uint64_t *taken) const {
    if (!keepsSpikes() || camera_ == network_) {
        std::copy_n(plane, camera_.wordStride(), taken);
        return;
    }
    std::fill_n(taken, takenWords(), 0);
    const auto *source = reinterpret_cast<const std::uint8_t *>(plane);
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        auto *target = reinterpret_cast<std::uint8_t *>(taken + i * network_.wordStride());
        for (std::size_t y = 0; y < network_.height; ++y)
            copyBits(source, (tiles_[i].y + y) * camera_.width + tiles_[i].x, target,
                     y * network_.width, network_.width);
    }
}

void FrameFit::add(const std::uint64_t *taken, std::size_t tile, std::span<float> values) const {
    if (!keepsSpikes())
        return addMeans(taken, values);
    const std::uint64_t *const plane = this->tile(taken, tile);
    binPlanes({&plane, 1}, network_, values);
}

void FrameFit::addMeans(const std::uint64_t *plane, std::span<float> values) const {
    for (std::size_t y = 0; y < network_.height; ++y) {
        const Span rows = covered(y, network_.height, camera_.height);
        for (std::size_t x = 0; x < network_.width; ++x) {
            const Span columns = covered(x, network_.width, camera_.width);
            std::uint32_t spikes = 0;
            for (std::size_t row = rows.begin; row < rows.end; ++row)
                spikes += countBits(plane, row * camera_.width + columns.begin,
                                    columns.end - columns.begin);
            const std::size_t pixels = (rows.end - rows.begin) * (columns.end - columns.begin);
            values[y * network_.width + x] +=
                static_cast<float>(spikes) / static_cast<float>(pixels);
        }
    }
}

}  // namespace fovea
