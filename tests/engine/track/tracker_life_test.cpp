// SPDX-License-Identifier: Apache-2.0
// Identities by looks: exchanged tracks, lost objects, parts of larger things, the picture's edge.
#include "engine/track/tracker.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace fovea;

namespace {

constexpr PlaneShape shape{400, 250};
constexpr double rate = 40000;

/// Squares of given rates, as a detector would show them.
class Scene {
public:
    void clear() {
        cells_.assign(cells_.size(), 0);
        seen_.clear();
    }
    void put(float x, float y, float side, float spikes) {
        for (float v = y; v < y + side; v += 2)
            for (float u = x; u < x + side; u += 2) {
                const auto at =
                    static_cast<std::size_t>(v / 2) * 208 + static_cast<std::size_t>(u / 2);
                cells_[at] = 1;
                rates_[at] = spikes;
            }
        seen_.push_back({{x, y, side, side}, 1});
    }
    std::span<const Track> show(Tracker &tracker, std::uint64_t plane) const {
        return tracker.update(plane, seen_, 0, {cells_, 200, 125, 208, 2, rates_});
    }

private:
    std::vector<std::uint8_t> cells_ = std::vector<std::uint8_t>(208 * 125, 0);
    std::vector<float> rates_ = std::vector<float>(208 * 125, 4);
    std::vector<Detection> seen_;
};

}  // namespace

TEST_CASE("objects that come out of a meeting the other way round keep their identities") {
    Tracker tracker({}, shape, rate);
    Scene scene;
    std::uint32_t bright = 0;
    std::uint32_t dark = 0;
    for (std::uint64_t plane = 7; plane < 4000; plane += 8) {
        const float way = 0.05F * static_cast<float>(plane);
        // They touch in the middle and bounce off each other, though all looks like a crossing.
        const float left = plane < 2000 ? 20 + way : 220 - way;
        const float right = plane < 2000 ? 250 - way : 50 + way;
        scene.clear();
        const bool swap = plane > 2000;
        scene.put(left, 100, 30, swap ? 20.0F : 25.0F);
        scene.put(right, 100, 30, swap ? 25.0F : 20.0F);
        const auto tracks = scene.show(tracker, plane);
        if (plane < 1000 && tracks.size() == 2) {
            bright = tracks[tracks[0].box.x < tracks[1].box.x ? 0 : 1].id;
            dark = tracks[tracks[0].box.x < tracks[1].box.x ? 1 : 0].id;
        }
        if (plane > 2300) {
            REQUIRE(tracks.size() == 2);
            for (const Track &track : tracks)
                CHECK(track.id == (track.box.x < 130 ? dark : bright));
        }
    }
    CHECK(bright != dark);
}

TEST_CASE("an object that comes back looking the same is known again, another one is not") {
    for (const bool same : {true, false}) {
        Tracker tracker({}, shape, rate);
        Scene scene;
        std::uint32_t last = 0;
        for (std::uint64_t plane = 7; plane < 4000; plane += 8) {
            const float way = 0.05F * static_cast<float>(plane);
            scene.clear();
            if (plane < 2000 || plane > 2600)
                scene.put(20 + way, 100, 30, plane < 2000 || same ? 25.0F : 20.0F);
            const auto tracks = scene.show(tracker, plane);
            if (!tracks.empty())
                last = tracks[0].id;
        }
        CHECK(last == (same ? 1 : 2));
    }
}

TEST_CASE("a small thing that moves with a large one beside it is a part of it") {
    Tracker tracker({}, shape, rate);
    std::size_t most = 0;
    for (std::uint64_t plane = 7; plane < 1500; plane += 8) {
        const float way = 0.05F * static_cast<float>(plane);
        const std::vector<Detection> seen{{{20 + way, 50, 150, 100}, 1},
                                          {{174 + way, 80, 20, 20}, 1}};
        most = std::max(most, tracker.update(plane, seen).size());
    }
    CHECK(most == 1);
}

TEST_CASE("boxes that are given out lie in the picture") {
    Tracker tracker({}, shape, rate);
    bool cut = false;
    for (std::uint64_t plane = 7; plane < 3000; plane += 8) {
        const float x = 100 - 0.05F * static_cast<float>(plane);
        const float left = std::max(0.0F, x);
        std::vector<Detection> seen;
        if (x + 40 > left + 6)
            seen.push_back({{left, 50, x + 40 - left, 40}, 1});
        for (const Track &track : tracker.update(plane, seen)) {
            CHECK(track.box.x >= 0);
            CHECK(track.box.w > 0);
            cut = cut || track.box.w < 30;
        }
    }
    CHECK(cut);
}
