// SPDX-License-Identifier: Apache-2.0
// Outputs that are written down, and the boxes that they mean.
#include "engine/detect/snn_boxes.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("scores sum up to one, the first of equal ones wins", "[detect]") {
    const std::vector<float> values{1000, 1000, -1000};
    const auto scores = softmax(values);
    CHECK(scores[0] == Approx(0.5));
    CHECK(scores[2] == 0);
    CHECK(largest(values) == 0);
    CHECK(softmax({}).empty());
}

TEST_CASE("sure tiles are boxes", "[detect]") {
    StreamForm form;
    form.shape = {10, 8};
    form.classes = {"a", "b"};
    const auto fit = FrameFit::make({20, 8}, form.shape, ModelFit::Tiles).value();
    std::vector<Detection> detections;
    const std::vector<float> outputs{0, 0.1F, 0, 3};
    form.threshold = 0.9F;
    decodeTiles(form, fit, outputs, detections);
    REQUIRE(detections.size() == 1);
    CHECK(detections[0].box == Box{10, 0, 10, 8});
    CHECK(detections[0].label == 1);
    CHECK(detections[0].score == Approx(0.9526).epsilon(1e-3));
}

TEST_CASE("a grid cell is a box in the camera's pixels", "[detect]") {
    StreamForm form;
    form.shape = {8, 8};
    form.classes = {"a", "b"};
    form.threshold = 0.5F;
    const auto fit = FrameFit::make({16, 32}, form.shape, ModelFit::Resize).value();
    const SignalShape grid = SignalShape::of({7, 2, 2});
    std::vector<float> outputs(grid.elements(), 0);
    const auto set = [&](std::size_t channel, std::size_t cell, float value) {
        outputs[channel * 4 + cell] = value;
    };
    for (std::size_t cell = 0; cell < 4; ++cell)
        set(0, cell, -9);
    set(0, 3, 9);  // lower right, its middle, a cell large
    set(6, 3, 9);
    set(0, 1, 8);  // upper right, but so large that it lies over the other
    set(2, 1, 9);
    set(4, 1, 0.3F);
    set(6, 1, 9);
    std::vector<Detection> detections;
    decodeBoxes(form, fit, grid, outputs, detections);
    REQUIRE(detections.size() == 2);
    CHECK(detections[0].box.area() >= detections[1].box.area());
    const Detection &cell = detections[1];
    CHECK(cell.box.x == Approx(8));
    CHECK(cell.box.y == Approx(16));
    CHECK(cell.box.w == Approx(8));
    CHECK(cell.box.h == Approx(16));
    CHECK(cell.label == 1);
    CHECK(cell.score > 0.99F);
    set(2, 1, 99);  // the same centre row now: they overlap by more than half
    set(0, 2, 9);   // a third one whose numbers are wild
    for (std::size_t channel = 1; channel < 5; ++channel)
        set(channel, 2, 1e30F);
    decodeBoxes(form, fit, grid, outputs, detections);
    for (const Detection &one : detections) {
        CHECK(one.box.x >= 0);
        CHECK(one.box.x + one.box.w <= 16);
        CHECK(one.box.y + one.box.h <= 32);
    }
    set(0, 1, 9.5F);
    set(1, 1, 0);
    set(2, 1, 99);
    set(4, 1, 0);
    set(0, 2, -9);
    set(2, 3, -99);
    decodeBoxes(form, fit, grid, outputs, detections);
    REQUIRE(detections.size() == 1);  // one in the other's place
    CHECK(detections[0].score > 0.9998F);
}
