// SPDX-License-Identifier: Apache-2.0
// Injectors on a device and on the CPU change the same bits, also when the device fails.
#include "engine/noise/device_noise.h"

#include "engine/noise/noise_chain.h"
#include "tests/engine/noise/noisy_planes.h"
#include "tests/fakes/test_devices.h"

using namespace fovea;

namespace {

NoiseSettings noise(const std::string &text) {
    NoiseSettings settings;
    settings.seed = 12345;
    settings.injectors = parseInjectors(text).value();
    return settings;
}

const std::vector<std::string> recipes{
    "flip:0.01",
    "flip:0.3",
    "brightness:0.6,missing:0.02",
    "brightness:1.7",
    "brightness:3.9",
    "jitter:0.02",
    "jitter:0.4,extra:0.1",
    "dead:0.05,hot:0.02,rows:0.1,columns:0.1",
    "brightness:1.3,jitter:0.2,missing:0.1,extra:0.01,hot:0.01,flip:0.001,drop:0.1,burst:0.05"};

/// Blocks that follow each other, one after a jump, one after a reset and one with a gap.
std::vector<std::uint64_t> disturbed(const NoiseSettings &settings, PlaneShape shape,
                                     Backend *backend) {
    auto chain = NoiseChain::create(settings, shape, backend).value();
    std::vector<std::uint64_t> all;
    std::uint64_t number = 100;
    for (const std::uint32_t planes : {3U, 150U, 1U, 70U, 20U}) {
        SpikeBlock block(shape, planes + 1);
        test::fillBlock(block, number, planes, 0.3);
        if (planes == 20) {
            block.appendGap(7, DropReason::Link);
            std::copy_n(block.plane(0), shape.wordStride(), block.append());
        }
        (void)chain->apply(block);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            all.insert(all.end(), block.plane(i), block.plane(i) + shape.wordStride());
        all.push_back(block.spanned());
        number = planes == 1 ? number + 500 : block.endPlane();
        if (planes == 70)
            chain->reset();
    }
    return all;
}

}  // namespace

TEST_CASE("device and CPU change the same bits", "[noise][cuda]") {
    for (const test::TestDevice &device : test::testDevices())
        for (const PlaneShape shape : test::noiseShapes)
            for (const std::string &recipe : recipes) {
                INFO(device.name << ", " << toString(shape) << ", " << recipe);
                Backend backend(BackendKind::Cuda, device.open);
                CHECK(disturbed(noise(recipe), shape, &backend) ==
                      disturbed(noise(recipe), shape, nullptr));
                CHECK(backend.status().name == "cuda");
            }
}

TEST_CASE("a device that fails at any call changes no bit of the noise", "[noise][cuda]") {
    const PlaneShape shape{40, 25};
    const NoiseSettings settings = noise(recipes.back());
    const auto wanted = disturbed(settings, shape, nullptr);
    long calls = 0;
    Backend counting(BackendKind::Auto, test::pretended({}, &calls));
    (void)disturbed(settings, shape, &counting);
    REQUIRE(calls > 200);
    for (long call = 0; call < calls; call += call < 60 ? 3 : 17) {
        INFO("call " << call);
        Backend backend(BackendKind::Auto, test::pretended({0, call}));
        CHECK(disturbed(settings, shape, &backend) == wanted);
        CHECK(backend.status().name == "cpu");
    }
}
