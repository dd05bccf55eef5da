// SPDX-License-Identifier: Apache-2.0
// Which regions get a box, in which order, and where boxes end.
#include "engine/detect/attention_boxes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

struct Potential {
    int width, height;
    std::size_t stride;
    std::vector<float> values;

    Potential(int w, int h, std::size_t s)
        : width(w), height(h), stride(s), values(s * static_cast<std::size_t>(h), 0.0F) {}
    void fill(int row0, int col0, int row1, int col1, float value) {
        for (int y = row0; y < row1; ++y)
            for (int x = col0; x < col1; ++x)
                values[static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x)] = value;
    }
    std::vector<AttentionBox> boxes() {
        AttentionBoxes finder;
        const auto found = finder.find(values.data(), width, height, stride);
        return {found.begin(), found.end()};
    }
};

}  // namespace

TEST_CASE("nothing above the threshold, no box") {
    Potential potential(50, 40, 64);
    CHECK(potential.boxes().empty());
    potential.fill(5, 5, 30, 30, 40);
    CHECK(potential.boxes().empty());
    potential.fill(5, 5, 11, 30, 41);  // six rows: gone after the erosion
    CHECK(potential.boxes().empty());
}

TEST_CASE("a region is eroded by three pixels and its box grown by seven") {
    Potential potential(100, 80, 128);
    potential.fill(20, 30, 40, 60, 41);
    CHECK(potential.boxes() == std::vector<AttentionBox>{{16, 26, 44, 64}});
}

TEST_CASE("outside of the picture counts as above, boxes end at the last row and column") {
    Potential potential(50, 40, 50);
    potential.fill(0, 0, 5, 8, 41);
    potential.fill(30, 40, 40, 50, 41);
    CHECK(potential.boxes() == std::vector<AttentionBox>{{0, 0, 9, 12}, {26, 36, 39, 49}});
}

TEST_CASE("boxes come in the order of their regions' first pixels") {
    Potential potential(200, 60, 200);
    potential.fill(21, 10, 40, 40, 41);
    potential.fill(20, 100, 40, 130, 41);
    potential.fill(20, 60, 40, 80, 41);
    const auto boxes = potential.boxes();
    REQUIRE(boxes.size() == 3);
    CHECK(boxes[0].col0 == 56);
    CHECK(boxes[1].col0 == 96);
    CHECK(boxes[2].col0 == 6);
}
