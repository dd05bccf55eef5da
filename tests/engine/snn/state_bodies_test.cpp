// SPDX-License-Identifier: Apache-2.0
// Counting, planes and the clock, by hand.
#include "engine/snn/state_bodies.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

using namespace fovea;
using namespace fovea::snn_bodies;

TEST_CASE("every spike counts what it reaches, whatever the number of threads", "[snn][cuda]") {
    std::vector<std::uint8_t> bits(2 * 3 * 16);
    bits[0] = 0b11;                  // sample 0, place 0, channel 0
    bits[2 * 16 + 1] = 0b10000000;   // sample 0, place 2, channel 1
    bits[(3 + 1) * 16 + 1] = 0b111;  // sample 1, place 1, channel 1
    const std::uint32_t reached[] = {1, 10, 100};
    SignalView in{};
    in.bits = bits.data();
    in.places = 3;
    in.channelStride = 1;
    in.placeStride = 16;
    in.sampleStride = 48;
    for (const std::uint32_t threads : {1U, 5U, 64U}) {
        std::vector<std::uint64_t> sums(threads);
        const CountBody weighted{in, reached, 3, 2, 3, 2, 8, threads, sums.data()};
        for (std::uint32_t thread = 0; thread < threads; ++thread)
            weighted(thread);
        CHECK(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) == 2 + 100 + 30);
        const CountBody plain{in, nullptr, 1, 2, 3, 2, 8, threads, sums.data()};
        for (std::uint32_t thread = 0; thread < threads; ++thread)
            plain(thread);
        CHECK(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) == 132 + 6);
    }
}

TEST_CASE("planes become bytes, channels last", "[snn][cuda]") {
    const std::uint64_t planes[] = {1, 2, 0, std::uint64_t{1} << 5};  // 70 pixels, 2 channels
    std::vector<std::uint8_t> bits(140);
    PlaneBody body{planes, 2, {}};
    body.finish.bits = bits.data();
    body.finish.channels = body.finish.threadChannels = body.finish.pitch = 2;
    body.finish.places = 70;
    for (std::uint32_t thread = 0; thread < 140; ++thread)
        body(thread);
    CHECK(bits[0] == 1);
    CHECK(bits[2 * 65] == 1);
    CHECK(bits[2 * 69 + 1] == 1);
    CHECK(std::accumulate(bits.begin(), bits.end(), 0) == 3);
}

TEST_CASE("the clock goes on", "[snn][cuda]") {
    std::uint32_t clock = 3;
    ClockBody{&clock, 8}(0);
    CHECK(clock == 11);
}
