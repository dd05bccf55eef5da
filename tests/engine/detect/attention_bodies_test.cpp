// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the attention chain against the exact classes and slow readings.
#include "engine/detect/attention_bodies.h"

#include "engine/core/random.h"
#include "engine/cuda/device.h"
#include "engine/detect/attention_boxes.h"
#include "engine/detect/batch_filter.h"
#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::attention_bodies;

namespace {

const std::vector<PlaneShape> shapes{{1, 1}, {1, 40}, {40, 1}, {7, 5}, {33, 31}, {65, 9}};

template <class Body> void run(const Body &body, std::uint64_t threads) {
    deviceKernel<Body>().onHost(&body, 0, threads);
}

/// Planes one after the other.
std::vector<std::uint64_t> planesOf(PlaneShape shape, std::size_t planes, std::mt19937 &random) {
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < planes; ++i) {
        const auto plane = test::randomPlane(shape, random);
        all.insert(all.end(), plane.begin(), plane.end());
    }
    return all;
}

struct StpState {
    explicit StpState(PlaneShape shape)
        : deficit(shape.pixels()), drive(shape.pixels()), gradient(shape.pixels()),
          before(shape.pixels()), potential(shape.pixels()), field(shape.pixels()),
          history(shape.pixels()), passed(shape.pixels()) {}
    std::vector<float> deficit, drive, gradient, before, potential, field;
    std::vector<std::uint32_t> history, passed;
};

}  // namespace

TEST_CASE("a thread filters its pixel as the exact filter does", "[detect]") {
    std::mt19937 random(5);
    const StpSettings stp;
    const auto factors = BatchFilter::factorsOf(stp);
    std::vector<float> table(factors.deficit, factors.deficit + 32);
    table.insert(table.end(), factors.drive, factors.drive + 32);
    table.insert(table.end(), factors.half, factors.half + 32);
    for (const PlaneShape shape : shapes) {
        StpState s(shape);
        run(ResetBody{s.deficit.data(), s.drive.data(), s.gradient.data(), s.before.data(),
                      s.potential.data(), s.field.data(), s.history.data(),
                      stp.u0 * factors.deficit[1], stp.f * (1 - stp.u0) * factors.drive[1]},
            shape.pixels());
        StpFilter exact(stp, shape);
        std::vector<std::uint64_t> passed(shape.wordStride());
        std::size_t different = 0;
        std::size_t some = 0;
        for (const std::uint32_t count : {32U, 1U, 7U, 32U, 31U, 32U}) {
            const auto planes = planesOf(shape, count, random);
            const auto stride = static_cast<std::uint32_t>(2 * shape.wordStride());
            run(StpBody{{reinterpret_cast<const std::uint32_t *>(planes.data()), stride, count},
                        {table.data(), stp.u0, stp.f, stp.threshold},
                        s.deficit.data(),
                        s.drive.data(),
                        s.gradient.data(),
                        s.before.data(),
                        s.passed.data()},
                shape.pixels());
            for (std::uint32_t t = 0; t < count; ++t) {
                exact.update(planes.data() + t * shape.wordStride(), passed.data());
                for (std::size_t p = 0; p < shape.pixels(); ++p) {
                    const bool passes = testBit(passed.data(), p);
                    some += passes ? 1 : 0;
                    different += passes != (((s.passed[p] >> t) & 1U) != 0) ? 1 : 0;
                }
            }
            if (count == 32)
                run(SkipBody{s.deficit.data(), s.drive.data(), std::exp(-5 / stp.timeUnit / stp.D),
                             std::exp(-5 / stp.timeUnit / stp.F)},
                    shape.pixels());
            exact.skip(count == 32 ? 5 : 0);
        }
        INFO(toString(shape));
        CHECK(some > 0);
        CHECK(different <= some / 1000);
    }
}

TEST_CASE("a thread's neuron is the exact layer's, bit for bit", "[detect]") {
    std::mt19937 random(6);
    const LifSettings lif;
    for (const PlaneShape shape : shapes) {
        StpState s(shape);
        LifLayer exact(lif, shape);
        std::vector<std::uint64_t> fired(shape.wordStride());
        for (const std::uint32_t count : {32U, 1U, 5U, 32U}) {
            const auto planes = planesOf(shape, count, random);
            for (std::size_t p = 0; p < shape.pixels(); ++p) {
                s.passed[p] = 0;
                for (std::uint32_t t = 0; t < count; ++t)
                    s.passed[p] |= (testBit(planes.data() + t * shape.wordStride(), p) ? 1U : 0U)
                                   << t;
            }
            run(LifBody{s.passed.data(), s.potential.data(), s.history.data(), shape.width,
                        shape.height, count, lif.weight, lif.leak, lif.least, lif.threshold,
                        lif.keep},
                shape.pixels());
            std::size_t wrong = 0;
            for (std::uint32_t t = 0; t < count; ++t) {
                exact.update(planes.data() + t * shape.wordStride(), fired.data());
                for (std::size_t p = 0; p < shape.pixels(); ++p)
                    wrong +=
                        testBit(fired.data(), p) != (((s.history[p] >> (count - 1 - t)) & 1U) != 0)
                            ? 1
                            : 0;
            }
            INFO(toString(shape) << ", " << count << " planes");
            CHECK(wrong == 0);
            CHECK(std::equal(s.potential.begin(), s.potential.end(), exact.potential().begin()));
        }
    }
}

TEST_CASE("mask and erosion give the boxes that OpenCV's give", "[detect]") {
    Random random(7);
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{90, 3}, PlaneShape{5, 80},
                                   PlaneShape{97, 61}, PlaneShape{64, 64}})
        for (int round = 0; round < 20; ++round) {
            std::vector<float> field(shape.pixels(), 1);
            for (int blob = 0; blob < 6; ++blob) {
                const auto x0 = random.below(shape.width);
                const auto y0 = random.below(shape.height);
                for (auto y = y0; y < std::min<std::uint64_t>(shape.height, y0 + 20); ++y)
                    for (auto x = x0; x < std::min<std::uint64_t>(shape.width, x0 + 17); ++x)
                        field[y * shape.width + x] = 40.5F;
            }
            std::vector<std::uint8_t> above(shape.pixels());
            std::vector<std::uint32_t> history(shape.pixels());
            std::vector<std::uint64_t> wanted(shape.wordStride());
            for (std::size_t p = 0; p < history.size(); ++p) {
                history[p] = static_cast<std::uint32_t>(random());
                if (((history[p] >> 2) & 63U) != 0)
                    setBit(wanted.data(), p);
            }
            std::vector<std::uint64_t> eroded(shape.wordStride());
            std::vector<std::uint64_t> recent(shape.wordStride());
            run(MaskBody{field.data(), above.data(), shape.width, AttentionBoxes::threshold},
                shape.pixels());
            run(ErodeBody{above.data(), history.data(),
                          reinterpret_cast<std::uint32_t *>(eroded.data()),
                          reinterpret_cast<std::uint32_t *>(recent.data()), shape.width,
                          shape.height, 2, 6},
                (shape.pixels() + 31) / 32);
            CHECK(recent == wanted);
            AttentionBoxes a;
            AttentionBoxes b;
            const int width = static_cast<int>(shape.width);
            const int height = static_cast<int>(shape.height);
            const auto ours = a.label(eroded.data(), width, height);
            const auto theirs = b.find(field.data(), width, height, shape.width);
            CHECK(std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end()));
        }
}
