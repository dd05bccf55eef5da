// SPDX-License-Identifier: Apache-2.0
// Kernel bodies of the exact chain, thread by thread, against the exact classes.
#include "engine/detect/exact_bodies.h"

#include "engine/cuda/device.h"
#include "engine/detect/attention_field.h"
#include "engine/detect/stp_filter.h"
#include "tests/engine/detect/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

template <class Body> void runExact(const Body &body, std::uint64_t threads) {
    deviceKernel<Body>().onHost(&body, 0, threads);
}

const std::vector<PlaneShape> exactShapes{{1, 1}, {1, 40}, {40, 1}, {7, 5}, {33, 31}, {65, 9}};

}  // namespace

TEST_CASE("a thread filters its pixel as the exact filter does, bit for bit", "[detect]") {
    std::mt19937 random(5);
    const StpSettings stp;
    const StpFilter::Factors factors = StpFilter::factorsOf(stp);
    std::vector<float> kept = factors.R;
    kept.insert(kept.end(), factors.u.begin(), factors.u.end());
    const auto most = static_cast<std::uint32_t>(factors.R.size());
    CHECK(factors.R.back() == 0);
    CHECK(factors.u.back() == 0);
    CHECK(factors.R.front() == 1);
    for (const PlaneShape shape : exactShapes) {
        INFO(toString(shape));
        const std::size_t pixels = shape.pixels();
        std::vector<float> R(pixels), u(pixels), gradient(pixels), potential(pixels), field(pixels);
        std::vector<std::uint32_t> silent(pixels), history(pixels), bits(pixels);
        runExact(exact_bodies::ResetBody{R.data(), u.data(), gradient.data(), potential.data(),
                                         field.data(), silent.data(), history.data(), stp.u0},
                 pixels);
        StpFilter exact(stp, shape);
        StpFilter again(stp, shape);
        std::vector<std::uint64_t> passed(shape.wordStride());
        std::vector<std::uint64_t> passedAgain(shape.wordStride());
        std::size_t wrong = 0;
        std::size_t some = 0;
        for (const std::uint32_t count : {16U, 1U, 7U, 16U, 31U, 32U}) {
            std::vector<std::uint64_t> planes;
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto plane = test::randomPlane(shape, random);
                planes.insert(planes.end(), plane.begin(), plane.end());
            }
            again.setState(R, u, gradient, silent);
            const auto stride = static_cast<std::uint32_t>(2 * shape.wordStride());
            runExact(exact_bodies::StpBody{{reinterpret_cast<const std::uint32_t *>(planes.data()),
                                            stride, count},
                                           {stp.u0, stp.D, stp.F, stp.f},
                                           stp.threshold,
                                           kept.data(),
                                           most,
                                           R.data(),
                                           u.data(),
                                           gradient.data(),
                                           silent.data(),
                                           bits.data()},
                     pixels);
            for (std::uint32_t t = 0; t < count; ++t) {
                exact.update(planes.data() + t * shape.wordStride(), passed.data());
                again.update(planes.data() + t * shape.wordStride(), passedAgain.data());
                wrong += passed != passedAgain ? 1 : 0;
                for (std::size_t p = 0; p < pixels; ++p) {
                    const bool passes = testBit(passed.data(), p);
                    some += passes ? 1 : 0;
                    wrong += passes != (((bits[p] >> t) & 1U) != 0) ? 1 : 0;
                }
            }
            CHECK(std::equal(R.begin(), R.end(), exact.resources().begin()));
            CHECK(std::equal(u.begin(), u.end(), exact.utilisation().begin()));
            // A long time, and one beyond the table.
            const std::uint32_t skipped = count == 7 ? 3000 : count == 31 ? 1000000 : 0;
            runExact(exact_bodies::SkipBody{silent.data(), std::min(skipped, most - 1), most - 1},
                     pixels);
            exact.skip(skipped);
        }
        CHECK(some > 0);
        CHECK(wrong == 0);
    }
}

TEST_CASE("threads step the exact field within its bound", "[detect]") {
    std::mt19937 random(6);
    for (const int attention : {1, 4, 15})
        for (const PlaneShape shape : exactShapes) {
            INFO(toString(shape) << ", attention " << attention);
            const std::size_t pixels = shape.pixels();
            const auto reach = static_cast<std::uint32_t>(attention);
            const auto weight = AttentionField::weights(attention);
            std::vector<float> field(pixels);
            std::vector<double> sums(exact_bodies::EnergyBody::lanes * shape.height),
                energy(shape.height);
            std::vector<double> in(pixels), smooth(pixels), box(pixels);
            std::vector<std::uint32_t> history(pixels);
            double scale = 0;
            AttentionField exact(attention, shape);
            float apart = 0;
            for (int plane = 0; plane < 20; ++plane) {
                const auto fired = test::randomPlane(shape, random);
                for (std::size_t p = 0; p < pixels; ++p)
                    history[p] = testBit(fired.data(), p) ? 8 : 0;
                runExact(exact_bodies::EnergyBody{field.data(), sums.data(), shape.width},
                         exact_bodies::EnergyBody::lanes * std::uint64_t{shape.height});
                runExact(exact_bodies::RowEnergyBody{sums.data(), energy.data()}, shape.height);
                runExact(exact_bodies::ScaleBody{energy.data(), &scale, shape.height}, 1);
                runExact(
                    exact_bodies::InputBody{field.data(), &scale, history.data(), in.data(), 3},
                    pixels);
                runExact(exact_bodies::RowBody{in.data(), weight.data(), smooth.data(), box.data(),
                                               shape.width, reach},
                         pixels);
                runExact(exact_bodies::StepBody{smooth.data(), box.data(), weight.data(),
                                                field.data(), shape.width, shape.height, reach,
                                                weight.front() * weight.front()},
                         pixels);
                exact.update(fired.data());
                for (std::size_t p = 0; p < pixels; ++p)
                    apart = std::max(apart, std::abs(field[p] - exact.potential()[p]) /
                                                std::max(1.0F, std::abs(field[p])));
            }
            CHECK(apart <= 1e-5F);
        }
}
