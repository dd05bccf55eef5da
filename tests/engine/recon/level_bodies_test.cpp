// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the stability method and of TFSTP, thread by thread, against the CPU's classes.
#include "engine/recon/level_bodies.h"

#include "engine/cuda/device.h"
#include "engine/recon/plasticity_reconstructor.h"
#include "engine/recon/stability_levels.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::level_bodies;

namespace {

PackedPlanes planesFrom(const SpikeBlock &block, std::size_t first) {
    return {reinterpret_cast<const std::uint32_t *>(block.plane(0)) +
                first * 2 * block.shape().wordStride(),
            static_cast<std::uint32_t>(2 * block.shape().wordStride())};
}

}  // namespace

TEST_CASE("a thread walks its pixel's history", "[recon]") {
    for (const PlaneShape shape : test::oddShapes)
        for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
            const SpikeBlock block = test::randomPlanes(shape, 200, shape.pixels());
            ReconSettings settings;
            settings.mode = mode;
            StabilityLevels cpu(settings, shape);
            const auto planes = test::pointers(block);
            std::vector<std::uint16_t> wanted(shape.pixels());
            std::vector<std::uint16_t> levels(shape.pixels());
            for (const std::size_t key : {0U, 1U, 63U, 64U, 127U, 128U, 150U, 199U}) {
                const PlaneWindow window{planes, key, key};
                cpu.fill(window, wanted);
                const auto [back, ahead] =
                    StabilityLevels::planesAround(window, StabilityLevels::reachOf(mode));
                const StabilityBody body{planesFrom(block, key + 1 - back), levels.data(), back,
                                         ahead, mode == ReconMode::Centred};
                deviceKernel<StabilityBody>().onHost(&body, 0, shape.pixels());
                INFO(toString(shape) << ", " << toString(mode) << ", plane " << key);
                CHECK(levels == wanted);
            }
        }
}

TEST_CASE("a thread follows its pixel's synapse", "[recon]") {
    const PlaneShape shape{33, 31};
    const SpikeBlock block = test::randomPlanes(shape, 150, 4);
    ReconSettings settings;
    settings.method = ReconMethod::Tfstp;
    PlasticityReconstructor cpu(settings, shape);
    std::vector<float> kept(cpu.keptR().begin(), cpu.keptR().end());
    kept.insert(kept.end(), cpu.keptU().begin(), cpu.keptU().end());
    auto planes = test::pointers(block);
    for (const std::size_t lost : {70U, 71U, 100U})
        planes[lost] = nullptr;
    std::vector<float> R(shape.pixels(), -1);
    std::vector<float> u(shape.pixels(), -1);
    std::vector<std::uint32_t> last(shape.pixels(), 77);
    for (std::uint32_t done = 0; done < 150; done += FollowBody::mostPlanes) {
        const std::uint32_t count = std::min(FollowBody::mostPlanes, 150 - done);
        std::uint64_t lost = 0;
        for (std::uint32_t i = 0; i < count; ++i)
            lost |= std::uint64_t{planes[done + i] == nullptr} << i;
        const FollowBody body{planesFrom(block, done),
                              lost,
                              count,
                              done + 2,
                              1,
                              done == 0,
                              kept.data(),
                              static_cast<std::uint32_t>(cpu.keptR().size()),
                              PlasticityReconstructor::rule,
                              R.data(),
                              u.data(),
                              last.data()};
        deviceKernel<FollowBody>().onHost(&body, 0, shape.pixels());
    }
    std::vector<std::uint8_t> grey(shape.pixels());
    REQUIRE(cpu.reconstruct({planes, 149, 149}, grey));
    CHECK(std::equal(R.begin(), R.end(), cpu.resources().begin()));
    CHECK(std::equal(u.begin(), u.end(), cpu.utilisation().begin()));
}
