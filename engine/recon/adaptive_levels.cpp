// SPDX-License-Identifier: Apache-2.0
// Cuts time into pieces, aligns them along the motion, merges what agrees.
#include "engine/recon/adaptive_levels.h"

#include <algorithm>
#include <array>
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
constexpr std::size_t mostPieces = 1 + 2 * lengths.size();
static_assert(mostPieces <= maxSegments);
static_assert(middlePlanes + 2 * (sidePlanes + contextPlanes) <= maxSegmentPlanes);

/// Noise is measured at every 16th pixel of every 16th row.
constexpr std::size_t sampleStep = 16;

std::int32_t nearest(float value) {
    return static_cast<std::int32_t>(value + (value < 0 ? -0.5F : 0.5F));
}

}  // namespace

PlaneReach AdaptiveLevels::reachOf(ReconMode mode) {
    constexpr auto side = static_cast<std::uint32_t>(sidePlanes + contextPlanes);
    constexpr auto middle = static_cast<std::uint32_t>(middlePlanes);
    if (mode == ReconMode::Causal)
        return {middle - 1 + 2 * static_cast<std::uint32_t>(sidePlanes) +
                    static_cast<std::uint32_t>(contextPlanes),
                0};
    return {middle / 2 + side, middle / 2 + side};
}

AdaptiveLevels::AdaptiveLevels(const ReconSettings &settings, PlaneShape shape)
    : LevelSource(shape), mode_(settings.mode),
      rates_(mostPieces, std::vector<std::int16_t>(ratePictureSize(shape))),
      aligned_(mostPieces, RatePicture(shape)), motion_(shape, mostPieces),
      velocities_(blocksAlong(shape.width) * blocksAlong(shape.height)),
      shifts_(velocities_.size()), reference_(shape), merged_(shape),
      trust_(reference_.stride() * shape.height), scratch_(shape) {
    planes_.reserve(maxSegmentPlanes);
    pieces_.reserve(mostPieces);
    deviations_.reserve((shape.width / sampleStep + 1) * (shape.height / sampleStep + 1));
}

/// Pieces beside [begin, end) as far as planes [first, last) go.
void AdaptiveLevels::addPieces(std::ptrdiff_t begin, std::ptrdiff_t end, std::ptrdiff_t first,
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

/// Chooses planes and pieces; false when no plane is there.
bool AdaptiveLevels::cut(const PlaneWindow &window) {
    const PlaneReach most = reach();
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
    return true;
}

/// The rates of all pieces.
void AdaptiveLevels::measure() {
    std::array<std::uint16_t, mostPieces + 1> bounds{};
    std::array<std::int16_t *, mostPieces> pictures{};
    std::array<std::size_t, mostPieces> order{};
    for (std::size_t i = 0; i < pieces_.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.begin() + std::ssize(pieces_),
              [&](std::size_t a, std::size_t b) { return pieces_[a].begin < pieces_[b].begin; });
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        pieces_[order[i]].picture = i;
        bounds[i] = pieces_[order[i]].begin;
        bounds[i + 1] = pieces_[order[i]].end;
        pictures[i] = rates_[i].data();
    }
    segmentRates(planes_, std::span(bounds).first(pieces_.size() + 1), shape(),
                 std::span(pictures).first(pieces_.size()));
}

void AdaptiveLevels::align() {
    const double far = mode_ == ReconMode::Causal ? 28 : 14;
    motion_.clear();
    for (const Piece &piece : pieces_)
        if (std::abs(piece.time - pieces_[0].time) <= 1.7 * far)
            motion_.add(rates_[piece.picture].data(), piece.time,
                        std::size_t{piece.end} - piece.begin, scratch_);
    motion_.estimate(far, velocities_);
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const auto scale = static_cast<float>(64 * pieces_[i].time);
        for (std::size_t block = 0; block < shifts_.size(); ++block)
            shifts_[block] = {nearest(velocities_[block].x * scale),
                              nearest(velocities_[block].y * scale)};
        alignBlocks(rates_[pieces_[i].picture].data(), shifts_, aligned_[i]);
    }
}

void AdaptiveLevels::merge(std::span<std::uint16_t> levels) {
    const std::size_t count = pieces_.size();
    std::array<const RatePicture *, mostPieces> pictures{};
    std::array<MergeWeight, mostPieces> weights{};
    std::array<std::int16_t, 3> shares{};
    const auto planesOf = [&](std::size_t i) {
        return std::size_t{pieces_[i].end} - pieces_[i].begin;
    };
    const std::size_t nearest = std::min<std::size_t>(count, shares.size());
    std::size_t nearPlanes = 0;
    for (std::size_t i = 0; i < nearest; ++i)
        nearPlanes += planesOf(i);
    for (std::size_t i = 0; i < count; ++i) {
        pictures[i] = &aligned_[i];
        if (i < nearest)
            shares[i] = static_cast<std::int16_t>(
                std::min<std::size_t>(32768 * planesOf(i) / nearPlanes, 32767));
    }
    const auto all = std::span(pictures).first(count);
    const auto near = std::span(shares).first(nearest);
    for (std::size_t y = sampleStep / 2; y < shape().height; y += sampleStep) {
        const auto row = static_cast<std::ptrdiff_t>(y);
        makeReference(all, near, row - 1, row + 2, reference_);
    }
    for (std::size_t i = 0; i < count; ++i) {
        deviations_.clear();
        for (std::size_t y = sampleStep / 2; i > 0 && y < shape().height; y += sampleStep)
            for (std::size_t x = sampleStep / 2; x < shape().width; x += sampleStep)
                deviations_.push_back(deviationAt(aligned_[i], reference_, x, y));
        double noise = 1;
        if (!deviations_.empty()) {
            // The quietest tenth neither moves nor has anything to get wrong: 3/4 of the spread.
            const auto tenth = deviations_.begin() + std::ssize(deviations_) / 10;
            std::nth_element(deviations_.begin(), tenth, deviations_.end());
            const auto planes = static_cast<double>(planesOf(i));
            noise = std::clamp(*tenth * planes * std::sqrt(6.0) / 0.75, 1.0, 4.0);
        }
        weights[i] = mergeWeight(planesOf(i), noise);
    }
    mergeAligned(all, std::span(weights).first(count), near, scratch_, reference_, merged_, trust_);
    smooth(merged_, trust_, measureNoise(merged_, trust_), scratch_, levels);
}

void AdaptiveLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    if (!cut(window)) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return;
    }
    measure();
    align();
    merge(levels);
}

}  // namespace fovea
