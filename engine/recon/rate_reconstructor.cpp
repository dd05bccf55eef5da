// SPDX-License-Identifier: Apache-2.0
// TFP by counting; the grey values of all counts are computed once.
#include "engine/recon/rate_reconstructor.h"

#include "engine/recon/grey_level.h"
#include "engine/recon/grey_pictures.h"

namespace fovea {

namespace {
std::size_t windowOf(const ReconSettings &settings) {
    const PlaneReach reach = reachOf(settings);
    return std::size_t{reach.before} + 1 + reach.after;
}
}  // namespace

RateReconstructor::RateReconstructor(const ReconSettings &settings, PlaneShape shape, GreyPart part)
    : Reconstructor(shape), settings_(settings), part_(part), window_(windowOf(settings)),
      counter_(shape, window_), table_(std::max<std::size_t>(256, greyTableSize(window_))) {
    fillTable(window_);
}

void RateReconstructor::fillTable(std::size_t planes) {
    for (std::size_t count = 0; count <= planes; ++count)
        table_[count] = greyLevel(rateLevel(count, planes), settings_, part_);
    tablePlanes_ = planes;
}

void RateReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    fill(window, grey, alone_);
}

void RateReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey,
                             TilePool &pool) {
    const PlaneReach reach = reachOf(settings_);
    const std::size_t first = window.key - std::min<std::size_t>(window.key, reach.before);
    const std::size_t last = std::min(window.planes.size(), window.key + 1 + reach.after);
    counter_.clear();
    counter_.add(window.planes.subspan(first, last - first), pool);
    show(counter_, grey, pool);
}

void RateReconstructor::show(const SpikeCounter &counter, std::span<std::uint8_t> grey,
                             TilePool &pool) {
    if (counter.planes() == 0) {
        std::fill(grey.begin(), grey.end(), std::uint8_t{0});
        return;
    }
    if (counter.planes() != tablePlanes_)
        fillTable(counter.planes());
    counter.look(table_, grey, pool);
}

// A plane that enters and one that leaves cost about as much as a dozen that are counted anew.
bool RateReconstructor::counts(std::size_t hop) const {
    return window_ > 255 || 12 * hop > window_ + 28;
}

void RateReconstructor::fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) {
    const PlaneReach reach = reachOf(settings_);
    const PlanePointers planes = run.window.planes;
    std::size_t there = 0;    // planes in a row, up to `seen`
    std::size_t seen = 0;     // planes that were looked at
    std::size_t waiting = 0;  // pictures before picture i whose windows are whole
    for (std::size_t i = 0; i < run.count; ++i) {
        const std::size_t end = run.window.key + i * run.hop + reach.after + 1;
        for (; seen < std::min(end, planes.size()); ++seen)
            there = planes[seen] == nullptr ? 0 : there + 1;
        if (!counts(run.hop) && end <= planes.size() && there >= window_) {
            ++waiting;
            continue;
        }
        slide(run, i - waiting, waiting, pictures, pool);
        waiting = 0;
        fill(run.at(i), pictures[i], pool);
    }
    slide(run, run.count - waiting, waiting, pictures, pool);
}

void RateReconstructor::slide(const PictureRun &run, std::size_t first, std::size_t count,
                              GreyPictures &pictures, TilePool &pool) {
    if (count == 0)
        return;
    if (tablePlanes_ != window_)
        fillTable(window_);
    const std::size_t most = (maxSlidPlanes - window_) / run.hop + 1;
    for (std::size_t done = 0; done < count;) {
        const std::size_t some = std::min(most, count - done);
        const std::size_t begin =
            run.window.key + (first + done) * run.hop - reachOf(settings_).before;
        const RateRun rates{run.window.planes.subspan(begin, (some - 1) * run.hop + window_),
                            window_, run.hop, some, std::span(table_).first(256)};
        const GreyTarget target = pictures.target(first + done, some);
        pool.run(chunksOf(shape()), chunksPerTile, [&](std::size_t from, std::size_t to) {
            slideCounts(rates, {from, to}, target);
        });
        done += some;
    }
}

}  // namespace fovea
