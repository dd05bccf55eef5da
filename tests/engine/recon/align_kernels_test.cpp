// SPDX-License-Identifier: Apache-2.0
// Aligning and quartering a picture that is known everywhere.
#include "engine/recon/rate_picture.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

double pattern(double x, double y) {
    return 6000 + 2500 * std::sin(0.23 * x + 0.11 * y) + 1500 * std::cos(0.3 * y - 0.05 * x);
}

std::vector<std::int16_t> linearPattern(PlaneShape shape) {
    std::vector<std::int16_t> rates((shape.pixels() + 127) / 128 * 128);
    for (std::size_t i = 0; i < shape.pixels(); ++i)
        rates[i] = static_cast<std::int16_t>(
            std::lround(pattern(double(i % shape.width), double(i / shape.width))));
    return rates;
}

constexpr std::array<PlaneShape, 5> shapes{{{1, 1}, {7, 5}, {33, 17}, {70, 50}, {131, 40}}};

}  // namespace

TEST_CASE("blocks are fetched from where they are", "[recon]") {
    for (const PlaneShape shape : shapes) {
        const auto rates = linearPattern(shape);
        std::vector<BlockShift> shifts(blocksAlong(shape.width) * blocksAlong(shape.height));
        for (const BlockShift shift : {BlockShift{0, 0}, BlockShift{64, -128}, BlockShift{37, 90},
                                       BlockShift{-70, 5}, BlockShift{6400, 0}}) {
            std::fill(shifts.begin(), shifts.end(), shift);
            RatePicture out(shape);
            alignBlocks(rates.data(), shifts, out);
            for (std::size_t y = 0; y < shape.height; ++y)
                for (std::size_t x = 0; x < shape.width; ++x) {
                    const double fromX = double(x) + shift.x / 64.0;
                    const double fromY = double(y) + shift.y / 64.0;
                    if (fromX < 1 || fromY < 1 || fromX > double(shape.width) - 3 ||
                        fromY > double(shape.height) - 3)
                        continue;  // beyond the edge: repeated
                    REQUIRE(out.row(static_cast<std::ptrdiff_t>(y))[x] ==
                            Approx(pattern(fromX, fromY)).margin(12));
                }
        }
        std::fill(shifts.begin(), shifts.end(), BlockShift{640000, 640000});
        RatePicture out(shape);
        alignBlocks(rates.data(), shifts, out);
        CHECK(out.row(0)[0] == rates[shape.pixels() - 1]);
    }
}

TEST_CASE("quarters are means of 4x4", "[recon]") {
    for (const PlaneShape shape : {PlaneShape{8, 4}, PlaneShape{71, 43}, PlaneShape{400, 250}}) {
        const auto rates = linearPattern(shape);
        RateScratch scratch(shape);
        const std::size_t columns = shape.width / 4;
        std::vector<float> cells(columns * (shape.height / 4));
        quarterPicture(rates.data(), shape, scratch, cells);
        for (std::size_t cell = 0; cell < cells.size(); ++cell) {
            double sum = 0;
            for (std::size_t i = 0; i < 16; ++i)
                sum +=
                    rates[(cell / columns * 4 + i / 4) * shape.width + cell % columns * 4 + i % 4];
            REQUIRE(cells[cell] == Approx(sum / 16 / 16384).margin(1.5 / 16384));
        }
    }
}
