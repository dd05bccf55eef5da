// SPDX-License-Identifier: Apache-2.0
// A kernel made of a body runs each thread once, on the CPU at least.
#include "engine/cuda/kernel.cuh"

#include <catch2/catch.hpp>
#include <vector>

using namespace fovea;

namespace {

struct CountBody {
    static constexpr const char *name() { return "count"; }
    std::uint32_t *counts;
    FOVEA_BOTH void operator()(std::uint64_t thread) const { ++counts[thread]; }
};

}  // namespace

TEST_CASE("a body becomes a kernel", "[cuda]") {
    std::vector<std::uint32_t> counts(10);
    const DeviceKernel &kernel = deviceKernel<CountBody>();
    CHECK(std::string(kernel.name) == "count");
    CHECK(kernel.bodyBytes == sizeof(CountBody));
    CHECK(kernel.onCuda == nullptr);
    const CountBody body{counts.data()};
    kernel.onHost(&body, 2, 9);
    kernel.onHost(&body, 5, 5);
    CHECK(counts == std::vector<std::uint32_t>{0, 0, 1, 1, 1, 1, 1, 1, 1, 0});
}
