// SPDX-License-Identifier: Apache-2.0
// Order between streams, graphs, and what happens after the first error.
#include "engine/cuda/device_work.h"

#include "engine/cuda/kernel.cuh"
#include "tests/fakes/deferred_device.h"

#include <catch2/catch.hpp>

using namespace fovea;
using test::DeferredDevice;
using test::DeviceHabits;

namespace {

struct AddBody {
    static constexpr const char *name() { return "add"; }
    const std::uint32_t *in;
    std::uint32_t *out;
    std::uint32_t more;
    FOVEA_BOTH void operator()(std::uint64_t thread) const { out[thread] = in[thread] + more; }
};

/// in -> device -> + 1 -> out
Result<std::vector<std::uint32_t>> addOne(DeviceHabits habits, bool asGraph, bool wait) {
    DeviceWork work(std::make_unique<DeferredDevice>(habits));
    constexpr std::size_t count = 5;
    auto in = work.pinned<std::uint32_t>(count);
    auto out = work.pinned<std::uint32_t>(count);
    auto a = work.onDevice<std::uint32_t>(count);
    auto b = work.onDevice<std::uint32_t>(count);
    const DeviceEventPtr done = work.event();
    DeviceGraphPtr graph;
    const AddBody body{a.get(), b.get(), 1};
    if (asGraph)
        graph = work.graph([&] { work.launch(body, count); });
    if (work.failed())
        return tl::make_unexpected(work.result().error());
    std::fill_n(in.get(), count, 41U);
    work.copy(DeviceStream::Upload, a.get(), std::as_const(in).get(), count);
    if (wait)
        work.follow(DeviceStream::Compute, DeviceStream::Upload);
    if (asGraph)
        work.run(graph);
    else
        work.launch(body, count);
    if (wait)
        work.follow(DeviceStream::Download, DeviceStream::Compute);
    work.copy(DeviceStream::Download, out.get(), std::as_const(b).get(), count);
    work.record(DeviceStream::Download, done);
    if (!work.finish(done))
        return tl::make_unexpected(work.result().error());
    return std::vector<std::uint32_t>(out.get(), out.get() + count);
}

}  // namespace

TEST_CASE("streams that wait for each other give the right result", "[cuda]") {
    for (const bool asGraph : {false, true})
        for (std::uint64_t seed = 0; seed < 20; ++seed)
            CHECK(addOne({seed, -1}, asGraph, true).value() == std::vector<std::uint32_t>(5, 42));
}

TEST_CASE("the pretended device sees a forgotten wait", "[cuda]") {
    CHECK(addOne({}, false, false).value() != std::vector<std::uint32_t>(5, 42));
}

TEST_CASE("the first error stays, whatever call it was", "[cuda]") {
    long calls = 0;
    {
        DeferredDevice device({}, &calls);
        void *memory = nullptr;
        REQUIRE(device.allocate(1, &memory).ok());
        device.release(memory);
    }
    CHECK(calls == 1);
    int failures = 0;
    for (const bool asGraph : {false, true})
        for (long call = 0; call < 30; ++call) {
            const auto result = addOne({0, call}, asGraph, true);
            if (!result) {
                ++failures;
                CHECK(result.error().code == ErrorCode::DeviceLost);
                CHECK_THAT(result.error().message,
                           Catch::Contains("pretended device") && Catch::Contains("asked for"));
            } else {
                CHECK(*result == std::vector<std::uint32_t>(5, 42));
            }
        }
    CHECK(failures > 20);
    CHECK(failures < 60);
}
