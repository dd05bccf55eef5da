// SPDX-License-Identifier: Apache-2.0
// Which places a kernel sees, and pools of bytes against pools of numbers.
#include "engine/snn/snn_bodies.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea;
using namespace fovea::snn_bodies;

TEST_CASE("a transposed convolution sees the places that see it, the first ones first",
          "[snn][cuda]") {
    for (std::uint32_t stride = 1; stride <= 3; ++stride)
        for (std::uint32_t dilation = 1; dilation <= 2; ++dilation)
            for (std::uint32_t before = 0; before <= 2; ++before) {
                const Window conv{9, 1, 1, 3, 1, stride, 1, dilation, 1, before, 0, false};
                Window back = conv;
                back.transposed = true;
                for (std::uint32_t y = 0; y < 9; ++y) {
                    std::vector<std::uint32_t> seen;
                    for (std::uint32_t tap = 0; tap < 3; ++tap)
                        if (back.row(y, tap) < 5)
                            seen.push_back(back.row(y, tap));
                    std::vector<std::uint32_t> wanted;
                    for (std::uint32_t from = 0; from < 5; ++from)
                        for (std::uint32_t tap = 0; tap < 3; ++tap)
                            if (conv.row(from, tap) == y)
                                wanted.push_back(from);
                    CHECK(seen == wanted);
                }
            }
}

TEST_CASE("the maximum of packed spikes is an OR", "[snn][cuda]") {
    Random random(1);
    std::vector<std::uint8_t> bits(5 * 5 * 16);
    for (std::uint8_t &byte : bits)
        byte = static_cast<std::uint8_t>(random() & random());
    const float size = 0.5F;
    SignalView in{};
    in.bits = bits.data();
    in.sizes = {&size, 0, 0};
    in.places = 25;
    in.channelStride = 1;
    in.placeStride = 16;
    const PoolOp op{{5, 5, 3, 2, 2, 2, 2, 1, 1, 1, 1, false}, in, PoolRule::Max, true};
    Finish finish{};
    finish.steps = 8;
    finish.places = 9;
    for (std::uint32_t channel = 0; channel < 3; ++channel)
        for (std::uint32_t place = 0; place < 9; ++place) {
            const Position at{0, channel, place};
            float values[8];
            op.values(at, finish, values);
            for (int t = 0; t < 8; ++t)
                CHECK(values[t] == (((op.bits(at, finish) >> t) & 1) != 0 ? size : 0.0F));
        }
}
