// SPDX-License-Identifier: Apache-2.0
// The chain on a device and on the CPU: the same state and frames, also when the device fails.
#include "engine/detect/device_attention.h"

#include "engine/detect/fast_attention.h"
#include "tests/engine/detect/detection_stream.h"
#include "tests/fakes/test_devices.h"

using namespace fovea;

namespace {

using test::Boxes;
using test::into;
using Stream = test::DetectionStream;

void checkSame(const AttentionState &a, const AttentionState &b) {
    CHECK(a.deficit == b.deficit);
    CHECK(a.drive == b.drive);
    CHECK(a.gradient == b.gradient);
    CHECK(a.before == b.before);
    CHECK(a.potential == b.potential);
    CHECK(a.field == b.field);
    std::size_t wrong = 0;
    for (std::size_t p = 0; p < a.history.size(); ++p)
        wrong += ((a.history[p] ^ b.history[p]) & 63U) != 0 ? 1 : 0;
    CHECK(wrong == 0);
}

Boxes runAll(const Stream &stream, Backend *backend) {
    AttentionSettings settings;
    settings.calibrationPlanes = 70;
    FastAttention detector(settings, stream.blocks.front().shape(), 40000, nullptr, backend);
    Boxes boxes;
    for (const SpikeBlock &block : stream.blocks)
        REQUIRE(detector.process(block, into(boxes)));
    return boxes;
}

}  // namespace

TEST_CASE("device and CPU carry the same state, bit for bit", "[detect][cuda]") {
    for (const test::TestDevice &device : test::testDevices())
        for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{1, 70}, PlaneShape{70, 1},
                                       PlaneShape{33, 31}, PlaneShape{129, 67}}) {
            INFO(device.name << ", " << toString(shape));
            AttentionSettings settings;
            settings.attentionSize = shape.width == 33 ? 4 : 15;
            CpuAttention cpu(settings, shape, nullptr);
            DeviceAttention twin(settings, shape, device.open().value());
            std::mt19937 random(shape.width);
            Boxes a;
            Boxes b;
            for (const std::size_t count : {32U, 32U, 3U, 32U, 1U, 17U, 32U, 32U}) {
                std::vector<std::vector<std::uint64_t>> planes;
                std::vector<const std::uint64_t *> pointers;
                for (std::size_t i = 0; i < count; ++i)
                    planes.push_back(test::randomPlane(shape, random));
                for (const auto &plane : planes)
                    pointers.push_back(plane.data());
                const std::size_t fresh = std::min<std::size_t>(count, 6);
                for (auto *chain :
                     {static_cast<AttentionChain *>(&cpu), static_cast<AttentionChain *>(&twin)}) {
                    Boxes &boxes = chain == &cpu ? a : b;
                    chain->take(pointers, true);
                    chain->skip(count == 17 ? 1000 : 0);
                    for (int frames = 0; frames < (count == 1 ? 7 : 1); ++frames)
                        chain->finishStep(count + 100, fresh, into(boxes));
                    for (auto &plane : planes)  // the planes are the caller's again
                        if (chain == &twin)
                            std::fill(plane.begin(), plane.end(), 0);
                    REQUIRE(chain->finishBlock(into(boxes)));
                }
                checkSame(cpu.state(), twin.state());
            }
            CHECK(a == b);
            cpu.reset();
            twin.reset();
            checkSame(cpu.state(), twin.state());
        }
}

TEST_CASE("detections do not depend on the device", "[detect][cuda]") {
    const Stream stream({90, 70}, 1200, 3);
    const Boxes wanted = runAll(stream, nullptr);
    CHECK(wanted.size() > 40);
    for (const test::TestDevice &device : test::testDevices()) {
        INFO(device.name);
        Backend backend(BackendKind::Cuda, device.open);
        CHECK(runAll(stream, &backend) == wanted);
        CHECK(backend.status().name == "cuda");
    }
}

TEST_CASE("a device that fails at any call costs no frame and no bit", "[detect][cuda]") {
    const Stream stream({40, 30}, 400, 5);
    const Boxes wanted = runAll(stream, nullptr);
    CHECK(wanted.size() > 5);
    long calls = 0;
    Backend counting(BackendKind::Auto, test::pretended({}, &calls));
    (void)runAll(stream, &counting);
    REQUIRE(calls > 300);
    for (long call = 0; call < calls; call += call < 60 ? 7 : 41) {
        INFO("call " << call);
        Backend backend(BackendKind::Auto, test::pretended({0, call}));
        CHECK(runAll(stream, &backend) == wanted);
        CHECK(backend.status().name == "cpu");
    }
}
