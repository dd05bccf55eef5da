// SPDX-License-Identifier: Apache-2.0
// The devices that twins are tested on: pretended ones everywhere, CUDA where there is one.
#pragma once

#include "engine/cuda/backend.h"
#include "tests/fakes/deferred_device.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace fovea::test {

struct TestDevice {
    std::string name;
    Backend::Open open;
};

inline Backend::Open pretended(DeviceHabits habits, long *calls = nullptr) {
    return [=]() -> Result<std::unique_ptr<Device>> {
        return std::make_unique<DeferredDevice>(habits, calls);
    };
}

/// Says so where CUDA is left out. FOVEA_TEST_DEVICES=cuda: CUDA alone, and it must be there.
inline std::vector<TestDevice> testDevices() {
    const char *wish = std::getenv("FOVEA_TEST_DEVICES");
    const bool cudaOnly = wish != nullptr && std::string(wish) == "cuda";
    std::vector<TestDevice> devices;
    if (!cudaOnly)
        devices = {{"pretended, as late as may be", pretended({})},
                   {"pretended, now and then", pretended({7, -1})}};
    if (auto cuda = openCuda())
        devices.push_back({(*cuda)->name(), openCuda});
    else if (cudaOnly)
        FAIL(cuda.error().message);
    else
        WARN("CUDA twins were tested on a pretended device only: " << cuda.error().message);
    return devices;
}

}  // namespace fovea::test
