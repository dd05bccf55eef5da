// SPDX-License-Identifier: Apache-2.0
// Objects move straight, bounce, stay inside, and their boxes are tight.
#include "drivers/synthetic/moving_object.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;
using namespace fovea::synthetic;

TEST_CASE("a bounce goes forth and back between its walls") {
    Bounce bounce;
    bounce.low = 10;
    bounce.span = std::uint64_t{30} << 32;
    bounce.speed = std::uint64_t{2} << 32;
    REQUIRE(bounce.position(0) == 10);
    REQUIRE(bounce.position(5) == 20);
    REQUIRE(bounce.velocity(5) == 2);
    REQUIRE(bounce.position(15) == 40);
    REQUIRE(bounce.position(20) == 30);
    REQUIRE(bounce.velocity(20) == -2);
    REQUIRE(bounce.position(30) == 10);
    REQUIRE(bounce.position(35) == 20);
}

TEST_CASE("a bounce is as exact at plane 2^63 as at plane 0") {
    Bounce bounce;
    bounce.span = std::uint64_t{100} << 32;
    bounce.speed = 12345678901ULL;
    bounce.phase = 777;
    for (const std::uint64_t start : {std::uint64_t{1} << 32, (std::uint64_t{1} << 63) - 100}) {
        for (std::uint64_t plane = start; plane < start + 200; ++plane) {
            const double step = bounce.position(plane + 1) - bounce.position(plane);
            REQUIRE(std::abs(step) <= 12345678901.0 / 4294967296.0 + 1e-6);
            REQUIRE(bounce.position(plane) >= 0);
            REQUIRE(bounce.position(plane) <= 100);
        }
    }
}

TEST_CASE("objects of every form stay inside and move by no more than a pixel in a step") {
    const PlaneShape shape{120, 90};
    for (std::uint32_t index = 0; index < 10; ++index) {
        const MovingObject object(shape, 3, index, 10, 0.02, 0.7);
        REQUIRE(object.planesPerStep() >= 1);
        double speed = 0;
        for (std::uint64_t plane = 0; plane < 3000; plane += 7) {
            const Box box = object.boxAt(plane);
            REQUIRE(box.x >= -1e-3F);
            REQUIRE(box.y >= -1e-3F);
            REQUIRE(box.x + box.w <= 120.001F);
            REQUIRE(box.y + box.h <= 90.001F);
            REQUIRE(box.w <= 2 * static_cast<float>(object.radius()) + 1e-3F);
            speed = std::hypot(object.vx(plane), object.vy(plane));
            REQUIRE(speed * object.planesPerStep() <= 1.0001);
        }
        REQUIRE(speed >= 0.0199);
        REQUIRE(speed <= 0.7001);
    }
}

TEST_CASE("the box is tight around what the object covers") {
    const PlaneShape shape{200, 160};
    for (std::uint32_t index = 0; index < 5; ++index) {
        const MovingObject object(shape, 8, index, 5, 0.1, 0.2);
        const std::uint64_t plane = 1000 + index * 333;
        const DrawnObject drawn = object.drawnAt(plane, shape);
        double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
        for (double y = 0; y < 160; y += 0.125)
            for (double x = 0; x < 200; x += 0.125)
                if (covers(drawn, x, y)) {
                    left = std::min(left, x);
                    right = std::max(right, x);
                    top = std::min(top, y);
                    bottom = std::max(bottom, y);
                }
        const Box box = object.boxAt(plane);
        REQUIRE(left == Approx(box.x).margin(0.3));
        REQUIRE(top == Approx(box.y).margin(0.3));
        REQUIRE(right == Approx(box.x + box.w).margin(0.3));
        REQUIRE(bottom == Approx(box.y + box.h).margin(0.3));
    }
}

TEST_CASE("an object larger than the picture stays in its middle") {
    const MovingObject object({1, 1}, 5, 0, 1, 0.1, 1);
    REQUIRE(object.vx(123456) == 0);
    const Box box = object.boxAt(99);
    REQUIRE(box.x < 1);
    REQUIRE(box.x + box.w > 0);
}
