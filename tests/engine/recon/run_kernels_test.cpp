// SPDX-License-Identifier: Apache-2.0
// Kernels over runs of planes: exact with every instruction set, in and past the cache.
#include "engine/recon/run_kernels.h"

#include "engine/recon/grey_pictures.h"
#include "tests/engine/recon/every_target.h"
#include "tests/engine/recon/random_planes.h"

using namespace fovea;

namespace {
const PlaneShape shape{71, 9};  // two chunks, the second one cut

GreyTarget targetOf(GreyPictures &pictures, bool past) {
    GreyTarget target = pictures.target(0, pictures.count());
    target.past = past;
    return target;
}

/// Planes to the first spike of a pixel, 1000 when there is none before a null or the end.
std::size_t distance(const std::vector<const std::uint64_t *> &planes, long from, long step,
                     std::size_t most, std::size_t pixel) {
    long at = from;
    for (std::size_t i = 0; i < most; ++i, at += step) {
        if (at < 0 || at >= static_cast<long>(planes.size()) ||
            planes[static_cast<std::size_t>(at)] == nullptr)
            break;
        if (testBit(planes[static_cast<std::size_t>(at)], pixel))
            return i;
    }
    return 1000;
}
}  // namespace

TEST_CASE("sliding counts are exact with every instruction set", "[recon]") {
    const SpikeBlock block = test::randomPlanes(shape, maxSlidPlanes, 2);
    const auto planes = test::pointers(block);
    const auto table = test::scrambledTable(255);
    test::forEachTarget([&] {
        for (const std::size_t window : {1, 2, 9, 33, 47, 48, 127, 128, 255})
            for (const std::size_t hop : {1, 2, 5}) {
                const std::size_t count = std::min<std::size_t>(30, (320 - window) / hop + 1);
                GreyPictures pictures(shape, count);
                const auto used = std::span(planes).first((count - 1) * hop + window);
                const RateRun run{used, window, hop, count, table};
                slideCounts(run, {0, 1}, targetOf(pictures, window % 2 == 0));
                slideCounts(run, {1, 2}, targetOf(pictures, window % 2 == 0));
                CAPTURE(window, hop);
                for (std::size_t i = 0; i < count; ++i)
                    for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
                        std::size_t spikes = 0;
                        for (const std::uint64_t *plane : used.subspan(i * hop, window))
                            spikes += testBit(plane, pixel) ? 1U : 0U;
                        if (pictures[i][pixel] != table[spikes])
                            FAIL("picture " << i << " pixel " << pixel);
                    }
            }
    });
}

TEST_CASE("followed intervals are exact with every instruction set", "[recon]") {
    const SpikeBlock block = test::randomPlanes(shape, 620, 4);
    auto planes = test::pointers(block);
    planes[290] = planes[315] = nullptr;
    const auto table = test::scrambledTable(255);
    constexpr std::size_t first = 285;
    test::forEachTarget([&] {
        for (const std::size_t reach : {1, 2, 20, 23, 24, 25, 100, 128, 255})
            for (const std::size_t hop : {1, 3}) {
                const std::size_t count = (maxIntervalPlanes - 1) / hop + 1;
                const std::size_t end = first + (count - 1) * hop + 1;
                std::vector<const std::uint64_t *> backward;
                for (std::size_t i = 0; i < reach; ++i)
                    backward.push_back(planes[first - 1 - i]);
                GreyPictures pictures(shape, count);
                const IntervalRun run{std::span(planes).subspan(first, end - first),
                                      searched(backward),
                                      searched(std::span(planes).subspan(end, reach)),
                                      reach,
                                      hop,
                                      count,
                                      table};
                followIntervals(run, {0, 2}, targetOf(pictures, hop == 3));
                CAPTURE(reach, hop);
                for (std::size_t i = 0; i < count; ++i)
                    for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
                        const long plane = static_cast<long>(first + i * hop);
                        const std::size_t interval = distance(planes, plane, -1, reach, pixel) +
                                                     distance(planes, plane + 1, 1, reach, pixel);
                        if (pictures[i][pixel] != table[interval < 255 ? interval : 255])
                            FAIL("picture " << i << " pixel " << pixel);
                    }
            }
    });
}
