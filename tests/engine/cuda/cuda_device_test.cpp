// SPDX-License-Identifier: Apache-2.0
// With a graphics processor: memory, copies and events. Without one: a clear reason and no crash.
#include "engine/cuda/cuda_device.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>

using namespace fovea;

namespace {

std::unique_ptr<Device> openOrSay() {
    const char *why = nullptr;
    std::unique_ptr<Device> device(openCudaDevice(&why));
    if (device == nullptr) {
        REQUIRE(why != nullptr);
        CHECK(std::strlen(why) > 5);
        WARN("no CUDA device, skipped: " << why);
    } else {
        CHECK(why == nullptr);
        CHECK(std::strlen(device->name()) > 0);
    }
    return device;
}

}  // namespace

TEST_CASE("a machine without a device says why, again and again", "[cuda]") {
    for (int i = 0; i < 3; ++i)
        (void)openOrSay();
}

TEST_CASE("bytes go to a device and back", "[cuda]") {
    const auto device = openOrSay();
    if (device == nullptr)
        return;
    constexpr std::size_t bytes = 1000003;
    void *memory = nullptr;
    void *in = nullptr;
    void *out = nullptr;
    DeviceEvent *event = nullptr;
    REQUIRE(device->allocate(bytes, &memory).ok());
    REQUIRE(device->allocatePinned(bytes, &in).ok());
    REQUIRE(device->allocatePinned(bytes, &out).ok());
    REQUIRE(device->makeEvent(&event).ok());
    std::memset(in, 0x5A, bytes);
    std::memset(out, 1, bytes);
    REQUIRE(device->finish(event).ok());  // never recorded
    REQUIRE(device->copy(DeviceStream::Download, out, memory, bytes).ok());
    REQUIRE(device->finishAll().ok());
    CHECK(std::string(static_cast<char *>(out), bytes) == std::string(bytes, '\0'));
    REQUIRE(device->copy(DeviceStream::Upload, memory, in, bytes).ok());
    REQUIRE(device->record(DeviceStream::Upload, event).ok());
    REQUIRE(device->waitFor(DeviceStream::Download, event).ok());
    REQUIRE(device->copy(DeviceStream::Download, out, memory, bytes).ok());
    REQUIRE(device->finishAll().ok());
    CHECK(std::memcmp(in, out, bytes) == 0);
    device->release(event);
    device->release(memory);
    device->releasePinned(in);
    device->releasePinned(out);
}

TEST_CASE("more memory than there is ends in an error, and the device goes on", "[cuda]") {
    const auto device = openOrSay();
    if (device == nullptr)
        return;
    void *memory = nullptr;
    CHECK_FALSE(device->allocate(std::size_t{1} << 60, &memory).ok());
    REQUIRE(device->allocate(64, &memory).ok());
    REQUIRE(device->clear(DeviceStream::Compute, memory, 64).ok());
    CHECK(device->finishAll().ok());
    device->release(memory);
}
