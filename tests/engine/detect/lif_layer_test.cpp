// SPDX-License-Identifier: Apache-2.0
// The rule of the LIF layer by hand.
#include "engine/detect/lif_layer.h"

#include "engine/core/plane_bits.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("spikes drive their neighbours; silence leaks down to the least potential") {
    constexpr PlaneShape shape{5, 5};
    std::vector<std::uint64_t> plane(shape.wordStride(), 0);
    std::vector<std::uint64_t> fired(shape.wordStride(), 0);
    LifLayer layer({}, shape);
    setBit(plane.data(), 0);
    layer.update(plane.data(), fired.data());
    CHECK(countSpikes(fired.data(), shape) == 4);
    CHECK(layer.potential()[0] == Approx(3 * 0.8F));
    CHECK(layer.potential()[1] == Approx(2 * 0.8F));
    CHECK(layer.potential()[24] == -1);
    clearBit(plane.data(), 0);
    for (int i = 0; i < 20; ++i)
        layer.update(plane.data(), fired.data());
    CHECK(layer.potential()[24] == -8);
    CHECK(countSpikes(fired.data(), shape) == 0);
}
