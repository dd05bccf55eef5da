// SPDX-License-Identifier: Apache-2.0
// Arrays in one piece of memory lie apart, aligned, and hold what was put.
#include "engine/snn/device_slab.h"

#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("arrays of a slab hold what was put and zeros else", "[snn][cuda]") {
    for (const test::TestDevice &device : test::testDevices()) {
        DeviceWork work(device.open().value());
        DeviceSlab slab;
        const std::vector<float> numbers = {1, 2, 3};
        const std::vector<std::uint32_t> words = {7};
        const float *a = nullptr;
        const std::uint32_t *b = nullptr;
        std::uint64_t *zeros = nullptr;
        slab.put(a, std::span(numbers));
        slab.reserve(zeros, 40);
        slab.put(b, std::span(words));
        slab.settle(work);
        REQUIRE(work.result());
        CHECK(slab.bytes() == 4 * 256);
        const auto down = work.pinned<std::uint8_t>(slab.bytes());
        work.copy(DeviceStream::Download, down.get(),
                  static_cast<const std::uint8_t *>(slab.memory()), slab.bytes());
        REQUIRE(work.finishAll());
        const auto at = [&](const void *field) {
            return down.get() + (static_cast<const std::uint8_t *>(field) - slab.memory());
        };
        CHECK(std::memcmp(at(a), numbers.data(), 12) == 0);
        CHECK(std::memcmp(at(b), words.data(), 4) == 0);
        CHECK(std::count(at(zeros), at(zeros) + 320, 0) == 320);
    }
}
