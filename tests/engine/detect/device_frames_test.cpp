// SPDX-License-Identifier: Apache-2.0
// Masks become boxes in the order of their planes, however late the device is.
#include "engine/detect/device_frames.h"

#include "engine/core/plane_bits.h"
#include "tests/fakes/test_devices.h"

using namespace fovea;

namespace {

constexpr PlaneShape shape{45, 31};

/// Writes masks of one box whose left edge is `x`, all of which fired.
void fillMasks(DeviceWork &work, DeviceFrames &frames, std::size_t frame, std::uint32_t x,
               PinnedArray<std::uint64_t> &pinned) {
    const std::size_t words = shape.wordStride();
    pinned = work.pinned<std::uint64_t>(2 * words);
    std::fill_n(pinned.get(), 2 * words, 0);
    for (std::uint32_t y = 5; y < 15; ++y)
        for (std::uint32_t at = x; at < x + 8; ++at) {
            setBit(pinned.get(), y * shape.width + at);
            setBit(pinned.get() + words, y * shape.width + at);
        }
    REQUIRE(frames.recentOffset() == 2 * words);
    work.copy(DeviceStream::Compute, reinterpret_cast<std::uint64_t *>(frames.masks(frame)),
              std::as_const(pinned).get(), 2 * words);
}

}  // namespace

TEST_CASE("frames under way are emitted when their turn comes", "[detect][cuda]") {
    for (const test::TestDevice &device : test::testDevices()) {
        INFO(device.name);
        DeviceWork work(device.open().value());
        DeviceFrames frames(work, shape, 2, false);
        std::vector<std::pair<std::uint64_t, float>> seen;
        const DetectionHandler emit = [&](const DetectionFrame &frame) {
            seen.emplace_back(frame.plane,
                              frame.detections.empty() ? -1 : frame.detections[0].box.x);
        };
        std::vector<PinnedArray<std::uint64_t>> pinned(5);
        for (std::uint32_t i = 0; i < 5; ++i) {
            const std::size_t frame = frames.next(emit);
            CHECK(frame == i % 2);
            fillMasks(work, frames, frame, 8 + 3 * i, pinned[i]);
            frames.send(frame, 100 + i);
            CHECK(seen.size() == (i < 2 ? 0 : i - 1));
        }
        frames.finish(emit);
        REQUIRE(seen.size() == 5);
        for (std::uint32_t i = 0; i < 5; ++i) {
            CHECK(seen[i].first == 100 + i);
            CHECK(seen[i].second == seen[0].second + static_cast<float>(3 * i));
        }
        frames.send(frames.next(emit), 200);
        frames.drop();
        frames.finish(emit);
        CHECK(seen.size() == 5);
        CHECK(work.finishAll());
    }
}
