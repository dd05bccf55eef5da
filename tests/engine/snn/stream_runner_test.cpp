// SPDX-License-Identifier: Apache-2.0
// The grid of decisions, and gaps that nobody bridges.
#include "engine/snn/stream_runner.h"

#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{6, 4};
using Windows = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct Stream {
    explicit Stream(const Metadata &metadata)
        : runner(NetworkRunner::make(useOf(sidesNetwork(shape), metadata), shape).value()) {}
    void push(std::uint64_t first, std::uint64_t end) {
        for (std::uint64_t plane = first; plane < end; ++plane)
            REQUIRE(runner.push(plane, plane_.data(), [&](std::uint64_t a, std::uint64_t b) {
                windows.push_back({a, b});
            }));
    }
    NetworkReport report() const {
        NetworkReport filled;
        runner.fill(filled);
        return filled;
    }
    std::vector<std::uint64_t> plane_ =
        planeOf(shape, [](std::uint32_t x, std::uint32_t) { return x < 3; });
    StreamRunner runner;
    Windows windows;
};

}  // namespace

TEST_CASE("decisions lie on a grid of plane numbers", "[snn]") {
    Stream stream({{"stream_steps", "4"}, {"stream_hop", "3"}});
    stream.push(2, 13);
    CHECK(stream.windows == Windows{{2, 6}, {5, 9}, {8, 12}});
    CHECK(stream.report().skipped == 0);
    CHECK(stream.report().begin == 8);
    CHECK(stream.report().end == 12);
}

TEST_CASE("a window with a lost plane is skipped and counted", "[snn]") {
    Stream stream({{"stream_steps", "4"}, {"stream_hop", "2"}});
    stream.push(0, 7);
    stream.push(9, 16);  // 7 and 8 are lost
    CHECK(stream.windows == Windows{{0, 4}, {2, 6}, {10, 14}, {12, 16}});
    CHECK(stream.report().lostPlanes == 2);
    CHECK(stream.report().skipped == 3);  // those that end at 8, 10 and 12
    CHECK(stream.report().restarts == 0);
    CHECK_FALSE(stream.runner.push(3, stream.plane_.data(), {}));
    stream.runner.restart();
    stream.push(40, 44);
    CHECK(stream.windows.back() == std::pair<std::uint64_t, std::uint64_t>{40, 44});
    CHECK(stream.report().lostPlanes == 2);  // a seek loses nothing
}

TEST_CASE("a kept state begins anew after a lost plane", "[snn]") {
    Stream stream({{"stream_state", "kept"}, {"stream_hop", "4"}});
    stream.push(0, 10);
    CHECK(stream.windows == Windows{{0, 4}, {4, 8}});
    CHECK(stream.report().steps == 4);
    stream.runner.loseUpTo(13);
    stream.push(13, 20);
    CHECK(stream.windows == Windows{{0, 4}, {4, 8}, {13, 16}, {16, 20}});
    CHECK(stream.report().restarts == 1);
    CHECK(stream.report().lostPlanes == 3);
    CHECK(stream.report().skipped == 1);  // the one that ends at 12
}

TEST_CASE("steps of several planes lie on the grid, too", "[snn]") {
    Stream stream({{"stream_input", "counts"},
                   {"stream_bin", "2"},
                   {"stream_state", "kept"},
                   {"stream_hop", "4"}});
    stream.push(1, 9);  // plane 0 never came: its step is not made
    CHECK(stream.windows == Windows{{2, 4}, {4, 8}});
}
