// SPDX-License-Identifier: Apache-2.0
// TFI by searching 512 pixels at a time for their spikes before and after the shown plane.
#include "engine/recon/interval_reconstructor.h"

#include "engine/recon/grey_level.h"
#include "engine/recon/grey_pictures.h"

namespace fovea {

namespace {
/// Pictures further apart are cheaper one by one.
constexpr std::size_t mostHop = 8;
}  // namespace

PlaneReach IntervalReconstructor::reachOf(TfiConvention convention, std::uint32_t reach) {
    constexpr auto most = static_cast<std::uint32_t>(maxSearchedPlanes);
    if (convention == TfiConvention::Stack)
        return {most, most - 1};  // [t - 255, t - 1] and [t, t + 254]: longer ones are black
    reach = std::min(reach, most);
    return {reach - 1, reach};  // [t - m + 1, t] and [t + 1, t + m]
}

IntervalReconstructor::IntervalReconstructor(const ReconSettings &settings, PlaneShape shape,
                                             GreyPart part)
    : Reconstructor(shape), settings_(settings), part_(part) {
    backward_.reserve(maxSearchedPlanes);
    planes_.reserve(maxIntervalPlanes);
    table_.resize(greyTableSize(255));
    for (std::size_t interval = 1; interval < 256; ++interval)
        table_[interval] = greyLevel(intervalLevel(interval), settings_, part_);
    if (settings_.convention == TfiConvention::Single)
        table_[0] = greyLevel(intervalLevel(2 * std::size_t{settings_.reach}), settings_, part_);
    runTable_.assign(table_.begin() + 1, table_.end());
    runTable_.push_back(table_[0]);
}

std::size_t IntervalReconstructor::runLength(std::size_t hop) const {
    return hop > mostHop ? 1 : (maxIntervalPlanes - 1) / hop + 1;
}

PlanePointers IntervalReconstructor::backward(const PlaneWindow &window, std::size_t end) {
    // Plane number 0 begins no interval of the convention "single".
    const bool single = settings_.convention == TfiConvention::Single;
    const std::uint64_t first = window.keyPlane - window.key;  // number of planes[0]; may wrap
    backward_.clear();
    while (end > 0 && backward_.size() < maxSearchedPlanes) {
        --end;
        if (window.planes[end] == nullptr || (single && first + end == 0))
            break;
        backward_.push_back(window.planes[end]);
    }
    return backward_;
}

void IntervalReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    // Planes [0, split) are searched backward, the others forward.
    const bool single = settings_.convention == TfiConvention::Single;
    const std::size_t split = window.key + (single ? 1 : 0);
    const PlaneReach wanted = reach();
    const PlanePointers before = backward(window, split);
    const std::size_t most = wanted.before + (single ? 1U : 0U);
    const std::size_t after =
        std::min<std::size_t>(window.planes.size() - split, wanted.after + (single ? 0 : 1));
    intervalsToGrey(before.first(std::min(before.size(), most)),
                    window.planes.subspan(split, after), shape(), table_, grey);
}

void IntervalReconstructor::fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) {
    if (run.hop > mostHop) {
        Reconstructor::fillRun(run, pictures, pool);
        return;
    }
    const std::size_t most = runLength(run.hop);
    for (std::size_t done = 0; done < run.count; done += most)
        follow(run, done, std::min(most, run.count - done), pictures, pool);
}

void IntervalReconstructor::follow(const PictureRun &run, std::size_t first, std::size_t count,
                                   GreyPictures &pictures, TilePool &pool) {
    // The interval that "stack" shows at a plane is the one that "single" shows one plane earlier;
    // they differ in how far they search.
    const bool single = settings_.convention == TfiConvention::Single;
    const PlanePointers planes = run.window.planes;
    const std::size_t key = run.window.key + first * run.hop;
    const std::size_t end = key + (count - 1) * run.hop + (single ? 1 : 0);
    const std::uint64_t keyPlane = run.window.keyPlane + first * run.hop;
    planes_.clear();
    if (single)
        planes_.push_back(keyPlane == 0 ? nullptr : planes[key]);
    else
        planes_.push_back(key == 0 ? nullptr : planes[key - 1]);
    for (std::size_t i = key + (single ? 1 : 0); i < end; ++i)
        planes_.push_back(planes[i]);
    const std::size_t begin = single ? key : key - std::min<std::size_t>(key, 1);
    const IntervalRun intervals{planes_,
                                backward(run.window, begin),
                                searched(planes.subspan(end)),
                                single ? std::min<std::size_t>(settings_.reach, maxSearchedPlanes)
                                       : maxSearchedPlanes,
                                run.hop,
                                count,
                                runTable_};
    const GreyTarget target = pictures.target(first, count);
    pool.run(chunksOf(shape()), chunksPerTile, [&](std::size_t from, std::size_t to) {
        followIntervals(intervals, {from, to}, target);
    });
}

}  // namespace fovea
