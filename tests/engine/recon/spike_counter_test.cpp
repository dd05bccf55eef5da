// SPDX-License-Identifier: Apache-2.0
// Counts grow plane by plane, lost planes do not count, threads do not matter.
#include "engine/recon/spike_counter.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("spikes are counted however the planes come", "[recon]") {
    std::vector<std::uint8_t> table(256);
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = static_cast<std::uint8_t>(i);
    for (const PlaneShape shape : test::oddShapes) {
        const SpikeBlock block = test::randomPlanes(shape, 100, 5);
        auto planes = test::pointers(block);
        planes[3] = planes[50] = nullptr;
        std::vector<std::uint8_t> expected(shape.pixels(), 0);
        for (const std::uint64_t *plane : planes)
            for (std::size_t pixel = 0; plane != nullptr && pixel < shape.pixels(); ++pixel)
                expected[pixel] =
                    static_cast<std::uint8_t>(expected[pixel] + (testBit(plane, pixel) ? 1 : 0));
        SpikeCounter counter(shape, 200);
        for (const std::size_t step : {1, 7, 100})
            for (const unsigned threads : {1U, 3U}) {
                CAPTURE(shape.width, shape.height, step, threads);
                TilePool pool(threads);
                counter.clear();
                CHECK(counter.planes() == 0);
                for (std::size_t i = 0; i < planes.size(); i += step)
                    counter.add(std::span(planes).subspan(i, std::min(step, planes.size() - i)),
                                pool);
                CHECK(counter.planes() == 98);
                std::vector<std::uint8_t> grey(shape.pixels());
                counter.look(table, grey, pool);
                CHECK(grey == expected);
            }
    }
}
