// SPDX-License-Identifier: Apache-2.0
// Planes that change right after upload(), and results that come late.
#include "engine/cuda/pinned_copies.h"

#include "engine/core/random.h"
#include "tests/fakes/test_devices.h"

#include <cstring>

using namespace fovea;

namespace {

/// Up and down again; planes are overwritten as soon as they were handed over.
void roundTrip(const test::TestDevice &device, PlaneShape shape, std::size_t planes) {
    INFO(device.name << ", " << toString(shape) << ", " << planes << " planes");
    DeviceWork work(device.open().value());
    const std::size_t stride = shape.wordStride();
    Random random(planes);
    std::vector<std::uint64_t> words(planes * stride);
    for (std::uint64_t &word : words)
        word = random();
    std::vector<std::uint64_t> wanted = words;
    std::vector<const std::uint64_t *> pointers;
    for (std::size_t i = 0; i < planes; ++i) {
        const bool lost = i % 5 == 3;
        pointers.push_back(lost ? nullptr : words.data() + i * stride);
        if (lost)
            std::memset(wanted.data() + i * stride, 0, stride * 8);
    }
    const auto memory = work.onDevice<std::uint64_t>(words.size());
    PlaneUpload upload(work, shape);
    HostDownload download(work, stride * 8);
    for (std::size_t i = 0; i < planes; i += 3)
        upload.upload(PlanePointers(pointers).subspan(i, std::min<std::size_t>(3, planes - i)),
                      memory.get() + i * stride);
    std::fill(words.begin(), words.end(), 0xEEEE);
    work.follow(DeviceStream::Compute, DeviceStream::Upload);
    std::vector<std::uint64_t> got(words.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < planes; ++i)
        download.download(reinterpret_cast<const std::uint8_t *>(memory.get() + i * stride),
                          stride * 8, [&, i](const std::uint8_t *bytes) {
                              std::memcpy(got.data() + i * stride, bytes, stride * 8);
                              order.push_back(i);
                          });
    download.finish();
    REQUIRE(work.result());
    CHECK(got == wanted);
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(order.size() == planes);
}

}  // namespace

TEST_CASE("planes go up and results come down", "[cuda]") {
    for (const test::TestDevice &device : test::testDevices()) {
        roundTrip(device, {1, 1}, 1);
        roundTrip(device, {7, 73}, 20);
        roundTrip(device, {4000, 4001}, 7);  // a buffer holds two planes
        roundTrip(device, {8000, 8000}, 3);  // a plane is larger than a buffer
    }
}

TEST_CASE("nothing is taken after an error", "[cuda]") {
    int taken = 0;
    for (long call = 0; call < 12; ++call) {
        DeviceWork work(test::pretended({0, call})().value());
        HostDownload download(work, 8);
        const auto memory = work.onDevice<std::uint8_t>(8);
        download.download(memory.get(), 8, [&](const std::uint8_t *) { ++taken; });
        download.finish();
        CHECK((taken > 0) == static_cast<bool>(work.result()));
    }
    CHECK(taken > 0);
}
