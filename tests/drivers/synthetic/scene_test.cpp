// SPDX-License-Identifier: Apache-2.0
// The truth about the scene is what its picture shows.
#include "drivers/synthetic/scene.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace fovea;
using namespace fovea::synthetic;

namespace {
SyntheticSettings settingsFor(std::uint32_t objects, std::uint64_t seed) {
    SyntheticSettings settings;
    settings.shape = {200, 150};
    settings.objects = objects;
    settings.seed = seed;
    return settings;
}

/// Box of the pixels in which the pictures differ by more than `least`.
Box differingBox(const Picture &a, const Picture &b, int least) {
    int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
    const int width = static_cast<int>(a.shape.width);
    for (std::size_t p = 0; p < a.grey.size(); ++p)
        if (std::abs(int{a.grey[p]} - int{b.grey[p]}) > least) {
            const int x = static_cast<int>(p) % width;
            const int y = static_cast<int>(p) / width;
            left = std::min(left, x);
            right = std::max(right, x + 1);
            top = std::min(top, y);
            bottom = std::max(bottom, y + 1);
        }
    return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(right - left),
            static_cast<float>(bottom - top)};
}
}  // namespace

TEST_CASE("truth boxes lie where the picture differs from the bare background") {
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
        const Scene scene(settingsFor(1, seed));
        const Scene bare(settingsFor(0, seed));
        for (const std::uint64_t plane : {0ULL, 777ULL, 123456ULL}) {
            const TrackSet truth = scene.objectsAt(plane);
            REQUIRE(truth.plane == plane);
            REQUIRE(truth.tracks.size() == 1);
            REQUIRE(truth.tracks[0].id == 1);
            const Box seen = differingBox(scene.pictureAt(plane), bare.pictureAt(plane), 20);
            const Box box = truth.tracks[0].box;
            INFO("seed " << seed << " plane " << plane << ": seen " << seen.x << ' ' << seen.y
                         << ' ' << seen.w << ' ' << seen.h << ", truth " << box.x << ' ' << box.y
                         << ' ' << box.w << ' ' << box.h);
            // A pixel shows as soon as the object covers a little of it; thin tips may not.
            REQUIRE(seen.x == Approx(box.x).margin(1.5));
            REQUIRE(seen.y == Approx(box.y).margin(1.5));
            REQUIRE(seen.x + seen.w == Approx(box.x + box.w).margin(1.5));
            REQUIRE(seen.y + seen.h == Approx(box.y + box.h).margin(1.5));
        }
    }
}

TEST_CASE("velocity is the way made") {
    const Scene scene(settingsFor(1, 2));
    std::size_t straight = 0;
    for (std::uint64_t plane = 0; plane < 64000; plane += 640) {
        const Track a = scene.objectsAt(plane).tracks.at(0);
        const Track b = scene.objectsAt(plane + 640).tracks.at(0);
        if (a.vx != b.vx || a.vy != b.vy)
            continue;  // it bounced in between
        const float wayX = b.box.x + b.box.w / 2 - a.box.x - a.box.w / 2;
        const float wayY = b.box.y + b.box.h / 2 - a.box.y - a.box.h / 2;
        // It may have bounced twice, and turning moves the middle of the box a little.
        if (std::abs(wayX - 640 * a.vx) < 5 && std::abs(wayY - 640 * a.vy) < 5)
            ++straight;
    }
    REQUIRE(straight >= 20);
}

TEST_CASE("objects hidden by more than 70 % are left out, others are not") {
    const Scene scene(settingsFor(12, 4));
    std::size_t left = 0, hiddenALittle = 0;
    for (std::uint64_t plane = 0; plane < 400000; plane += 1600) {
        const auto drawn = scene.drawnAt(plane);
        std::set<std::uint32_t> ids;
        for (const Track &track : scene.objectsAt(plane).tracks)
            ids.insert(track.id);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            int own = 0, hidden = 0;
            for (int y = drawn[i].top; y < drawn[i].bottom; ++y)
                for (int x = drawn[i].left; x < drawn[i].right; ++x) {
                    if (!covers(drawn[i], x + 0.5, y + 0.5))
                        continue;
                    ++own;
                    hidden += std::any_of(drawn.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                          drawn.end(), [&](const DrawnObject &nearer) {
                                              return covers(nearer, x + 0.5, y + 0.5);
                                          });
                }
            const double share = static_cast<double>(hidden) / own;
            const bool listed = ids.contains(static_cast<std::uint32_t>(i + 1));
            if (share > 0.75) {
                REQUIRE_FALSE(listed);
                ++left;
            } else if (share < 0.65) {
                REQUIRE(listed);
                hiddenALittle += share > 0.1 ? 1U : 0U;
            }
        }
    }
    REQUIRE(left > 0);
    REQUIRE(hiddenALittle > 0);
}

TEST_CASE("objects stand out from the background") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Scene bare(settingsFor(0, seed));
        const Picture background = bare.pictureAt(0);
        const auto [darkest, brightest] =
            std::minmax_element(background.grey.begin(), background.grey.end());
        REQUIRE(*brightest <= 0.37 * 255);
        REQUIRE(*darkest >= 0.09 * 255);
        REQUIRE(*brightest - *darkest > 25);  // it has a texture
        const Scene scene(settingsFor(3, seed));
        const Picture picture = scene.pictureAt(0);
        REQUIRE(*std::max_element(picture.grey.begin(), picture.grey.end()) > 0.5 * 255);
        REQUIRE(*std::max_element(picture.grey.begin(), picture.grey.end()) < 255);
    }
}

TEST_CASE("slow plane rates do not make objects jump") {
    SyntheticSettings settings = settingsFor(5, 1);
    settings.planeRateHz = GENERATE(1.0, 60.0, 1000.0, 40000.0, 100000.0);
    const Scene scene(settings);
    for (const Track &track : scene.objectsAt(100).tracks) {
        REQUIRE(std::hypot(track.vx, track.vy) <= 1.0001F);
        REQUIRE(std::hypot(track.vx, track.vy) >=
                static_cast<float>(0.99 * std::min(500 / settings.planeRateHz, 500.0 / 8000)));
    }
}

TEST_CASE("fluorescent light swings between full and 1 - depth 100 times a second") {
    SyntheticSettings settings = settingsFor(0, 1);
    settings.light = SceneLight::Fluorescent;
    settings.lightDepth = 0.4;
    const Scene scene(settings);
    double low = 1, high = 0, sum = 0;
    for (std::uint64_t plane = 0; plane < 400; ++plane) {
        const double light = scene.lightAt(plane);
        REQUIRE(light == Approx(scene.lightAt(plane + 400 * 1000)).margin(1e-4));
        low = std::min(low, light);
        high = std::max(high, light);
        sum += light;
    }
    REQUIRE(low == Approx(0.6).margin(0.01));
    REQUIRE(high == Approx(1).margin(0.01));
    REQUIRE(sum / 400 == Approx(0.8).margin(0.002));
    const int full = scene.pictureAt(0).grey[0];
    const int dim = scene.pictureAt(200).grey[0];
    REQUIRE(dim == Approx(full * 0.6).margin(1.5));
}

TEST_CASE("any shape has a scene") {
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{1, 50}, PlaneShape{63, 1},
                                   PlaneShape{7, 3}, PlaneShape{129, 65}}) {
        SyntheticSettings settings = settingsFor(4, 9);
        settings.shape = shape;
        const Scene scene(settings);
        REQUIRE(scene.pictureAt(12345).grey.size() == shape.pixels());
        for (const Track &track : scene.objectsAt(12345).tracks) {
            REQUIRE(track.box.x >= 0);
            REQUIRE(track.box.x + track.box.w <= static_cast<float>(shape.width) + 1e-3F);
            REQUIRE(track.box.area() > 0);
        }
    }
}

TEST_CASE("an object's class is its form, five objects have all of them") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SyntheticSettings settings = settingsFor(5, seed);
        settings.shape = {400, 250};
        const Scene scene(settings);
        std::set<int> forms;
        for (std::uint64_t plane = 0; plane < 40000; plane += 4000)
            for (const Track &one : scene.objectsAt(plane).tracks)
                forms.insert(one.label);
        CHECK(forms == std::set<int>{0, 1, 2, 3, 4});
    }
    // A disc is as wide as it is high, whatever way it has turned.
    const Scene scene(settingsFor(1, 3));
    const int disc = 0;
    for (std::uint64_t plane = 0; plane < 4000; plane += 500)
        for (const Track &one : scene.objectsAt(plane).tracks)
            if (one.label == disc)
                CHECK(one.box.w == Approx(one.box.h).margin(0.01));
}
