// SPDX-License-Identifier: Apache-2.0
// Cuts time into pieces; what a piece counts follows from its length and its noise.
#include "engine/recon/adaptive_plan.h"

#include "engine/recon/segment_rates.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr std::ptrdiff_t middlePlanes = 5;  ///< of the piece at the shown plane
/// Lengths of the pieces beside it, nearest first; on both sides, or twice on one.
constexpr std::array<std::ptrdiff_t, 2> lengths{6, 16};
constexpr std::ptrdiff_t sidePlanes = 6 + 16;
/// Planes beyond the pieces, in which spikes are looked for.
constexpr std::ptrdiff_t contextPlanes = 8;
constexpr std::ptrdiff_t shortestPiece = 3;
static_assert(AdaptivePlan::mostPieces == 1 + 2 * lengths.size());
static_assert(AdaptivePlan::mostPieces <= maxSegments);
static_assert(middlePlanes + 2 * (sidePlanes + contextPlanes) <= maxSegmentPlanes);

std::int32_t nearestShift(float value) {
    return static_cast<std::int32_t>(value + (value < 0 ? -0.5F : 0.5F));
}

}  // namespace

PlaneReach AdaptivePlan::reachOf(ReconMode mode) {
    constexpr auto side = static_cast<std::uint32_t>(sidePlanes + contextPlanes);
    constexpr auto middle = static_cast<std::uint32_t>(middlePlanes);
    if (mode == ReconMode::Causal)
        return {middle - 1 + 2 * static_cast<std::uint32_t>(sidePlanes) +
                    static_cast<std::uint32_t>(contextPlanes),
                0};
    return {middle / 2 + side, middle / 2 + side};
}

AdaptivePlan::AdaptivePlan(ReconMode mode) : mode_(mode) {
    planes_.reserve(maxSegmentPlanes);
    pieces_.reserve(mostPieces);
}

/// Pieces beside [begin, end) as far as planes [first, last) go.
void AdaptivePlan::addPieces(std::ptrdiff_t begin, std::ptrdiff_t end, std::ptrdiff_t first,
                             std::ptrdiff_t last, double shown) {
    const auto add = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
        pieces_.push_back({static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), 0,
                           static_cast<double>(from + to) / 2 - shown});
    };
    add(begin, end);
    for (const std::ptrdiff_t length : lengths) {
        for (int turn = 0; turn < 2; ++turn) {
            const bool before = mode_ == ReconMode::Causal || turn == 0;
            const std::ptrdiff_t room = before ? begin - first : last - end;
            if (room < shortestPiece)
                continue;
            const std::ptrdiff_t planes = std::min(length, room);
            if (before)
                add(begin - planes, begin);
            else
                add(end, end + planes);
            (before ? begin : end) += before ? -planes : planes;
        }
    }
}

/// Places in time, bounds and shares.
void AdaptivePlan::order() {
    std::array<std::size_t, mostPieces> inTime{};
    for (std::size_t i = 0; i < pieces_.size(); ++i)
        inTime[i] = i;
    std::sort(inTime.begin(), inTime.begin() + std::ssize(pieces_),
              [&](std::size_t a, std::size_t b) { return pieces_[a].begin < pieces_[b].begin; });
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        pieces_[inTime[i]].picture = i;
        bounds_[i] = pieces_[inTime[i]].begin;
        bounds_[i + 1] = pieces_[inTime[i]].end;
    }
    const std::size_t near = std::min(pieces_.size(), mostNear);
    std::size_t nearPlanes = 0;
    for (std::size_t i = 0; i < near; ++i)
        nearPlanes += pieces_[i].planes();
    for (std::size_t i = 0; i < near; ++i)
        shares_[i] = static_cast<std::int16_t>(
            std::min<std::size_t>(32768 * pieces_[i].planes() / nearPlanes, 32767));
}

bool AdaptivePlan::cut(const PlaneWindow &window) {
    const PlaneReach most = reachOf(mode_);
    const auto key = static_cast<std::ptrdiff_t>(window.key);
    const std::ptrdiff_t lowest = std::max<std::ptrdiff_t>(key - std::ptrdiff_t{most.before}, 0);
    const std::ptrdiff_t highest =
        std::min(key + std::ptrdiff_t{most.after} + 1, std::ssize(window.planes));
    const auto there = [&](std::ptrdiff_t plane) {
        return window.planes[static_cast<std::size_t>(plane)] != nullptr;
    };
    std::ptrdiff_t anchor = key;
    while (anchor >= lowest && !there(anchor))
        --anchor;
    if (anchor < lowest)
        for (anchor = key; anchor < highest && !there(anchor);)
            ++anchor;
    if (anchor >= highest)
        return false;
    std::ptrdiff_t first = anchor;
    std::ptrdiff_t last = anchor + 1;
    while (first > lowest && there(first - 1))
        --first;
    while (last < highest && there(last))
        ++last;
    planes_.assign(window.planes.begin() + first, window.planes.begin() + last);
    const std::ptrdiff_t after = mode_ == ReconMode::Causal ? 1 : middlePlanes / 2 + 1;
    const std::ptrdiff_t end = std::min(anchor + after, last);
    const std::ptrdiff_t begin = std::max(anchor + after - middlePlanes, first);
    pieces_.clear();
    addPieces(begin - first, end - first, 0, last - first, static_cast<double>(key - first) + 0.5);
    order();
    return true;
}

bool AdaptivePlan::movesWith(const Piece &piece) const {
    return std::abs(piece.time - pieces_[0].time) <= 1.7 * motionReach();
}

void AdaptivePlan::shifts(const Piece &piece, std::span<const Velocity> velocities,
                          std::span<BlockShift> shifts) {
    const auto scale = static_cast<float>(64 * piece.time);
    for (std::size_t block = 0; block < shifts.size(); ++block)
        shifts[block] = {nearestShift(velocities[block].x * scale),
                         nearestShift(velocities[block].y * scale)};
}

MergeWeight AdaptivePlan::weightOf(const Piece &piece, std::span<double> deviations) {
    double noise = 1;
    if (!deviations.empty()) {
        // The quietest tenth neither moves nor has anything to get wrong: 3/4 of the spread.
        const auto tenth = deviations.begin() + std::ssize(deviations) / 10;
        std::nth_element(deviations.begin(), tenth, deviations.end());
        const auto planes = static_cast<double>(piece.planes());
        noise = std::clamp(*tenth * planes * std::sqrt(6.0) / 0.75, 1.0, 4.0);
    }
    return mergeWeight(piece.planes(), noise);
}

}  // namespace fovea
