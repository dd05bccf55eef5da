// SPDX-License-Identifier: Apache-2.0
// The exact chain on a device and on the CPU: the same spikes and boxes, also when it fails.
#include "engine/detect/device_exact.h"

#include "engine/detect/attention_detector.h"
#include "tests/engine/detect/detection_stream.h"
#include "tests/fakes/test_devices.h"

using namespace fovea;

namespace {

test::Boxes runExactly(const test::DetectionStream &stream, Backend *backend) {
    AttentionSettings settings;
    settings.calibrationPlanes = 70;
    AttentionDetector detector(settings, stream.blocks.front().shape(), backend);
    test::Boxes boxes;
    for (const SpikeBlock &block : stream.blocks)
        REQUIRE(detector.process(block, test::into(boxes)));
    return boxes;
}

}  // namespace

TEST_CASE("exact detections do not depend on the device", "[detect][cuda]") {
    const test::DetectionStream stream({61, 44}, 500, 3);
    const test::Boxes wanted = runExactly(stream, nullptr);
    CHECK(wanted.size() > 400);
    CHECK(std::count_if(wanted.begin(), wanted.end(),
                        [](const auto &box) { return std::get<1>(box) >= 0; }) > 20);
    for (const test::TestDevice &device : test::testDevices()) {
        INFO(device.name);
        Backend backend(BackendKind::Cuda, device.open);
        CHECK(runExactly(stream, &backend) == wanted);
        CHECK(backend.status().name == "cuda");
    }
}

TEST_CASE("the device's exact state is the one before the first plane after a reset",
          "[detect][cuda]") {
    const PlaneShape shape{33, 31};
    for (const test::TestDevice &device : test::testDevices()) {
        DeviceExact twin({}, shape, device.open().value());
        std::mt19937 random(2);
        std::vector<std::vector<std::uint64_t>> planes;
        std::vector<const std::uint64_t *> pointers;
        for (std::size_t i = 0; i < DeviceExact::maxPlanes; ++i)
            planes.push_back(test::randomPlane(shape, random));
        for (const auto &plane : planes)
            pointers.push_back(plane.data());
        std::size_t frames = 0;
        const DetectionHandler count = [&](const DetectionFrame &) { ++frames; };
        const ExactState fresh = twin.state();
        twin.take(pointers, 5, true, count);
        twin.skip(3);
        REQUIRE(twin.finishBlock(count));
        CHECK(frames == DeviceExact::maxPlanes);
        const ExactState after = twin.state();
        CHECK(after.R != fresh.R);
        CHECK(after.field != fresh.field);
        CHECK(*std::min_element(after.silent.begin(), after.silent.end()) == 3);
        twin.reset();
        CHECK(twin.state().R == fresh.R);
        REQUIRE(twin.finishBlock(count));
        CHECK(twin.state().R == fresh.R);
        CHECK(twin.state().u == fresh.u);
        CHECK(twin.state().field == fresh.field);
        CHECK(twin.state().history == fresh.history);
    }
}

TEST_CASE("a device that fails at any call costs no exact frame", "[detect][cuda]") {
    const test::DetectionStream stream({33, 20}, 160, 5);
    const test::Boxes wanted = runExactly(stream, nullptr);
    CHECK(wanted.size() > 60);
    long calls = 0;
    Backend counting(BackendKind::Auto, test::pretended({}, &calls));
    (void)runExactly(stream, &counting);
    REQUIRE(calls > 300);
    for (long call = 0; call < calls; call += call < 70 ? 7 : 97) {
        INFO("call " << call);
        Backend backend(BackendKind::Auto, test::pretended({0, call}));
        CHECK(runExactly(stream, &backend) == wanted);
        CHECK(backend.status().name == "cpu");
    }
}
