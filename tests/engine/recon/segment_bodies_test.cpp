// SPDX-License-Identifier: Apache-2.0
// Rates of pieces of time, thread by thread, against the vector loops.
#include "engine/recon/segment_bodies.h"

#include "engine/cuda/device.h"
#include "engine/recon/segment_rates.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::adaptive_bodies;

TEST_CASE("a thread reads its pixel's rates from phases", "[recon]") {
    for (const PlaneShape shape : test::oddShapes)
        for (const std::vector<std::uint16_t> &bounds : std::vector<std::vector<std::uint16_t>>{
                 {8, 24, 30, 35, 41, 57}, {0, 5}, {0, 3, 8, 13}, {8, 24, 40, 46, 52, 57}}) {
            const std::uint32_t count = bounds.size() == 2 ? 5U : bounds.back() + 8U;
            const SpikeBlock block = test::randomPlanes(shape, count, shape.pixels() + count);
            const std::size_t pieces = bounds.size() - 1;
            const std::size_t size = ratePictureSize(shape);
            std::vector<std::int16_t> wanted(pieces * size);
            std::vector<std::int16_t> rates(pieces * size);
            std::vector<std::int16_t *> to;
            SegmentBody body{};
            for (std::size_t i = 0; i < pieces; ++i) {
                to.push_back(wanted.data() + i * size);
                const std::size_t planes = std::size_t{bounds[i + 1]} - bounds[i];
                body.bits[i] = rates::phaseBits(planes);
                body.scale[i] = rates::phaseScale(planes);
            }
            const auto planes = test::pointers(block);
            segmentRates(planes, bounds, shape, to);
            std::copy(bounds.begin(), bounds.end(), body.bounds);
            body.planes = {reinterpret_cast<const std::uint32_t *>(block.plane(0)),
                           static_cast<std::uint32_t>(2 * shape.wordStride())};
            body.planeCount = count;
            body.pieces = static_cast<std::uint32_t>(pieces);
            body.rates = rates.data();
            body.stride = size;
            deviceKernel<SegmentBody>().onHost(&body, 0, shape.pixels());
            INFO(toString(shape) << ", " << count << " planes");
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < pieces; ++i)
                for (std::size_t p = 0; p < shape.pixels(); ++p)
                    wrong += rates[i * size + p] != wanted[i * size + p] ? 1 : 0;
            CHECK(wrong == 0);
        }
}
