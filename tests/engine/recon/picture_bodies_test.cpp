// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of TFP and TFI, thread by thread, against slow readings.
#include "engine/recon/picture_bodies.h"

#include "engine/cuda/device.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <numeric>

using namespace fovea;
using namespace fovea::picture_bodies;

namespace {

struct Room {
    Room(const SpikeBlock &block, std::size_t pictures)
        : shape(block.shape()), words((shape.pixels() + 31) / 32),
          grey(pictures * words * 32 + 16) {
        const std::size_t stride = shape.wordStride();
        planes.assign(block.plane(0), block.plane(0) + block.planeCount() * stride);
        const auto at = reinterpret_cast<std::uintptr_t>(grey.data());
        skip = (16 - at % 16) % 16;
        room = {reinterpret_cast<const std::uint32_t *>(planes.data()), grey.data() + skip,
                static_cast<std::uint32_t>(2 * stride), static_cast<std::uint32_t>(words),
                static_cast<std::uint32_t>(pictures)};
    }
    [[nodiscard]] std::uint8_t at(std::size_t picture, std::size_t pixel) const {
        return grey[skip + picture * words * 32 + pixel];
    }
    PlaneShape shape;
    std::size_t words;
    std::vector<std::uint64_t> planes;
    std::vector<std::uint8_t> grey;
    std::size_t skip = 0;
    PictureRoom room{};
};

template <int levels>
void checkRates(PlaneShape shape, std::uint32_t window, std::uint32_t hop, std::uint32_t pictures,
                std::uint32_t perThread) {
    INFO(toString(shape) << ", window " << window << ", hop " << hop);
    const SpikeBlock block =
        test::randomPlanes(shape, (pictures - 1) * hop + window, 10 * window + hop);
    Room room(block, pictures);
    std::vector<std::uint8_t> tables(2 * (window + 1));
    for (std::size_t i = 0; i < tables.size(); ++i)
        tables[i] = static_cast<std::uint8_t>(i % 251 + i / 251);
    std::vector<std::uint32_t> tableOf(pictures);
    for (std::uint32_t i = 0; i < pictures; ++i)
        tableOf[i] = i % 2 * (window + 1);
    const RateBody<levels> body{room.room, tables.data(), tableOf.data(), window, hop, perThread};
    deviceKernel<RateBody<levels>>().onHost(&body, 0,
                                            room.words * ((pictures + perThread - 1) / perThread));
    std::size_t wrong = 0;
    for (std::uint32_t picture = 0; picture < pictures; ++picture)
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
            std::size_t count = 0;
            for (std::uint32_t i = 0; i < window; ++i)
                count += testBit(block.plane(picture * hop + i), pixel) ? 1 : 0;
            wrong += room.at(picture, pixel) != tables[tableOf[picture] + count] ? 1 : 0;
        }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("bits become bytes", "[recon]") {
    for (std::uint32_t four = 0; four < 16; ++four)
        for (int i = 0; i < 4; ++i)
            CHECK(((spread(four) >> (8 * i)) & 255U) == ((four >> i) & 1U));
}

TEST_CASE("a thread counts 32 pixels in sliding windows", "[recon]") {
    for (const PlaneShape shape : test::oddShapes)
        for (const std::uint32_t perThread : {1U, 4U}) {
            checkRates<6>(shape, 1, 1, 3, perThread);
            checkRates<6>(shape, 33, 1, 9, perThread);
            checkRates<6>(shape, 63, 20, 5, perThread);
            checkRates<6>(shape, 33, 400, 2, perThread);
            checkRates<8>(shape, 255, 7, 6, perThread);
        }
    checkRates<12>({33, 31}, 4095, 1000, 3, 4);
    checkRates<12>({5, 1}, 4095, 1, 6, 4);
}

TEST_CASE("a thread finds the spikes around a plane of 32 pixels", "[recon]") {
    for (const PlaneShape shape : test::oddShapes) {
        constexpr std::uint32_t pictures = 6;
        const SpikeBlock block = test::randomPlanes(shape, 600, shape.pixels());
        const auto planes = test::pointers(block);
        Room room(block, pictures);
        std::vector<std::uint8_t> table(256);
        std::iota(table.begin(), table.end(), std::uint8_t{0});
        const std::vector<IntervalSearch> searches{{300, 255, 255}, {300, 20, 20}, {0, 0, 255},
                                                   {600, 255, 0},   {1, 1, 1},     {400, 255, 200}};
        const IntervalBody body{room.room, table.data(), searches.data()};
        deviceKernel<IntervalBody>().onHost(&body, 0, room.words * pictures);
        std::size_t wrong = 0;
        for (std::uint32_t picture = 0; picture < pictures; ++picture)
            for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
                const IntervalSearch &s = searches[picture];
                const long split = s.split;
                const long last = test::findSpike(planes, pixel, split - 1,
                                                  split - static_cast<long>(s.back), -1);
                const long next = test::findSpike(planes, pixel, split,
                                                  split + static_cast<long>(s.ahead) - 1, 1);
                const long interval = last >= 0 && next >= 0 ? next - last : 0;
                wrong += room.at(picture, pixel) != (interval > 255 ? 0 : interval) ? 1 : 0;
            }
        INFO(toString(shape));
        CHECK(wrong == 0);
    }
}
