// SPDX-License-Identifier: Apache-2.0
// Every instruction set of this machine gives the bits of the scalar code, at several times the
// speed.
#include "drivers/synthetic/sensor.h"
#include "kernels_compared.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <hwy/targets.h>
#include <iostream>

using namespace fovea;
using namespace fovea::synthetic;

TEST_CASE("fast kernels equal the scalar ones bit by bit on every instruction set") {
    const std::vector<std::int64_t> all = hwy::SupportedAndGeneratedTargets();
    int compared = 0;
    for (const std::int64_t target : all) {
        hwy::SetSupportedTargetsForTest(target);
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            INFO("target " << hwy::TargetName(target) << " seed " << seed);
            REQUIRE(test::outputsOf(fastKernels(), seed) == test::outputsOf(scalarKernels(), seed));
        }
        ++compared;
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    std::cout << "instruction sets compared: " << compared << '\n';
    REQUIRE(compared >= 1);
}

namespace {
double cpuSeconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Planes a second of CPU time, 400x250, everything on.
double planesPerSecond(bool scalar, std::size_t planes) {
    SyntheticSettings settings;
    settings.scalar = scalar;
    const Scene scene(settings);
    Sensor sensor(scene, settings);
    std::vector<std::uint64_t> words(settings.shape.wordStride() * 400);
    std::vector<std::uint64_t *> at;
    for (std::size_t p = 0; p < 400; ++p)
        at.push_back(words.data() + p * settings.shape.wordStride());
    const double start = cpuSeconds();
    for (std::size_t done = 0; done < planes; done += at.size()) {
        const std::size_t count = std::min(at.size(), planes - done);
        sensor.expose(done, std::span(at).first(count));
    }
    return static_cast<double>(planes) / (cpuSeconds() - start);
}
}  // namespace

TEST_CASE("the fast camera is several times faster than the scalar one") {
    const double fast = planesPerSecond(false, 8000);
    const double scalar = planesPerSecond(true, 200);
    std::cout << "synthetic camera 400x250, all noise, one core: " << static_cast<int>(fast)
              << " planes per CPU second (" << fast / 40000 << "x of 40 kHz), scalar "
              << static_cast<int>(scalar) << '\n';
    if (test::slowness() > 1)
        WARN("slow build: the ratio is not asserted");
    else
        REQUIRE(fast >= 4 * scalar);
}
