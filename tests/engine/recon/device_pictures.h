// SPDX-License-Identifier: Apache-2.0
// Pictures of a method on every test device beside the CPU's.
#pragma once

#include "tests/engine/recon/random_planes.h"
#include "tests/fakes/test_devices.h"

namespace fovea::test {

/// Pictures of planes here and there, with all neighbours, with lost ones, at both ends.
inline std::vector<std::uint8_t> picturesOf(Reconstructor &reconstructor, const SpikeBlock &block) {
    std::vector<std::uint8_t> all;
    std::vector<std::uint8_t> grey(reconstructor.shape().pixels());
    auto planes = pointers(block);
    for (const bool lost : {false, true}) {
        for (const std::size_t plane : {40U, 41U, 90U})
            if (lost)
                planes[plane] = nullptr;
        for (const std::size_t first : {std::size_t{0}, std::size_t{1} << 40})
            for (const std::size_t key : {0U, 1U, 41U, 70U, 130U, block.planeCount() - 1U}) {
                REQUIRE(reconstructor.reconstruct({planes, key, first + key}, grey));
                all.insert(all.end(), grey.begin(), grey.end());
            }
    }
    return all;
}

/// On all test devices. `planes`: more than 130.
inline void checkSamePictures(const ReconSettings &settings, const std::vector<PlaneShape> &shapes,
                              std::uint32_t planes) {
    for (const TestDevice &device : testDevices())
        for (const PlaneShape shape : shapes) {
            INFO(device.name << ", " << toString(settings.method) << ", " << toString(shape));
            const SpikeBlock block = randomPlanes(shape, planes, shape.pixels());
            Backend backend(BackendKind::Cuda, device.open);
            auto cpu = makeReconstructor(settings, shape).value();
            auto twin = makeReconstructor(settings, shape, &backend).value();
            CHECK(twin->name() == cpu->name());
            CHECK(twin->reach() == cpu->reach());
            CHECK(backend.status().name == "cuda");  // it was asked for
            CHECK(picturesOf(*twin, block) == picturesOf(*cpu, block));
            CHECK(backend.status().name == "cuda");
        }
}

/// Whichever call to the device fails first, the pictures stay.
inline void checkFailures(const ReconSettings &settings, PlaneShape shape, std::uint32_t planes) {
    const SpikeBlock block = randomPlanes(shape, planes, 3);
    const auto wanted = picturesOf(*makeReconstructor(settings, shape).value(), block);
    long calls = 0;
    Backend counting(BackendKind::Auto, pretended({}, &calls));
    CHECK(picturesOf(*makeReconstructor(settings, shape, &counting).value(), block) == wanted);
    REQUIRE(calls > 50);
    for (long call = 0; call < calls; call = call < 30 ? call + 1 : call + 23) {
        INFO("call " << call);
        Backend backend(BackendKind::Auto, pretended({0, call}));
        auto twin = makeReconstructor(settings, shape, &backend).value();
        CHECK(picturesOf(*twin, block) == wanted);
        CHECK(backend.status().name == "cpu");
        CHECK_THAT(backend.status().reason, Catch::Contains("asked for"));
    }
}

}  // namespace fovea::test
