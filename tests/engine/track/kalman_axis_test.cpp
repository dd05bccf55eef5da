// SPDX-License-Identifier: Apache-2.0
// Velocity is found, kept, and given up at a bounce.
#include "engine/track/kalman_axis.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a steady motion is learned and predicted") {
    KalmanAxis axis(10, 4, 1);
    for (int step = 1; step <= 50; ++step) {
        axis.predict(8, 1e-7F);
        axis.correct(10 + 0.1F * 8 * static_cast<float>(step), 1, 8);
    }
    CHECK(axis.velocity() == Approx(0.1F).epsilon(0.02));
    CHECK(axis.at(100) == Approx(10 + 0.1F * 500).epsilon(0.02));
}

TEST_CASE("a bounce is followed within a few dozen steps") {
    KalmanAxis axis(0, 4, 1);
    float position = 0;
    for (int step = 0; step < 200; ++step) {
        position += 0.2F * 8;
        axis.predict(8, 1e-7F);
        axis.correct(position, 1, 8);
    }
    for (int step = 0; step < 60; ++step) {
        position -= 0.2F * 8;
        axis.predict(8, 1e-7F);
        axis.correct(position, 1, 8);
    }
    CHECK(axis.velocity() == Approx(-0.2F).margin(0.05));
    CHECK(axis.position() == Approx(position).margin(3));
}

TEST_CASE("small surprises to one side are a manoeuvre, scattered ones are not") {
    KalmanAxis axis(0, 4, 1);
    for (int step = 0; step < 200; ++step) {
        axis.predict(8, 1e-9F);
        axis.correct(step % 2 == 0 ? 1.0F : -1.0F, 1, 8);
    }
    CHECK(axis.velocity() == Approx(0).margin(0.001));
    for (int step = 1; step < 12; ++step) {
        axis.predict(8, 1e-9F);
        axis.correct(static_cast<float>(step), 1, 8);  // an eighth of a pixel a plane
    }
    CHECK(axis.velocity() == Approx(0.125F).margin(0.04));
    axis.shift(5);
    CHECK(axis.position() == Approx(16).margin(1.5));
}
