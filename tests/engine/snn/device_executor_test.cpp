// SPDX-License-Identifier: Apache-2.0
// The executor on a device against the reference, bit for bit, also when the device fails.
#include "engine/snn/device_executor.h"

#include "engine/snn/inference.h"
#include "engine/snn/reference_executor.h"

#include "tests/engine/snn/dyadic_network.h"
#include "tests/engine/snn/golden_json.h"
#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

DeviceExecutor::MakeOther reference(const Network &network, std::size_t batch) {
    return [&network, batch] { return std::make_unique<ReferenceExecutor>(network, batch); };
}

void checkSame(const Executor &found, const Executor &wanted) {
    for (std::size_t o = 0; o < wanted.network().outputs().size(); ++o)
        CHECK(std::ranges::equal(found.output(o), wanted.output(o)));
    const auto counts = found.activity();
    const auto wantedCounts = wanted.activity();
    for (std::size_t i = 0; i < wantedCounts.size(); ++i) {
        INFO("node " << wanted.network().node(i).name);
        CHECK(counts[i].node == wantedCounts[i].node);
        CHECK(counts[i].values == wantedCounts[i].values);
        CHECK(counts[i].steps == wantedCounts[i].steps);
        CHECK(counts[i].spikes == wantedCounts[i].spikes);
        CHECK(counts[i].additions == wantedCounts[i].additions);
        CHECK(counts[i].multiplies == wantedCounts[i].multiplies);
        if (!std::holds_alternative<Neuron>(wanted.network().node(i).layer))
            continue;
        const NeuronSnapshot a = found.snapshot(i);
        const NeuronSnapshot b = wanted.snapshot(i);
        CHECK(a.potentials == b.potentials);
        CHECK(a.starts == b.starts);
        CHECK(a.mask == b.mask);
    }
}

/// Steps of numbers and planes, windows, resets and masks; `seed` says which.
void runBoth(Executor &found, Executor &wanted, std::uint64_t seed) {
    DyadicNetwork random(seed);
    const std::size_t pixels = found.network().inputShape().channelElements();
    const std::uint32_t zeros = random.pick(0, 8);
    for (std::uint32_t round = random.pick(1, 3); round-- > 0;) {
        for (std::uint32_t step = random.pick(1, 4); step-- > 0;) {
            if (random.chance(3)) {
                std::vector<std::vector<std::uint64_t>> planes;
                std::vector<const std::uint64_t *> pointers;
                for (std::size_t p = 0; p < found.inputSize() / pixels; ++p) {
                    planes.emplace_back((pixels + 63) / 64);
                    for (std::size_t i = 0; i < pixels; ++i)
                        if (random.pick(0, 8) >= zeros)
                            planes.back()[i / 64] |= std::uint64_t{1} << (i % 64);
                }
                for (const auto &plane : planes)
                    pointers.push_back(plane.data());
                CHECK(found.stepPlanes(pointers).has_value() ==
                      wanted.stepPlanes(pointers).has_value());
            } else {
                const auto input = random.values(found.inputSize(), zeros);
                CHECK(found.step(input).has_value() == wanted.step(input).has_value());
            }
        }
        if (random.chance(3))
            CHECK(found.maskByResidual().has_value() == wanted.maskByResidual().has_value());
        checkSame(found, wanted);
        if (random.chance(2)) {
            const std::size_t steps = random.pick(1, 20);
            const auto probe = random.pick(0, static_cast<std::uint32_t>(steps));
            const WindowSettings settings{steps, random.chance(2) ? probe : 0, random.pick(1, 2)};
            const auto inputs =
                random.values(found.inputSize() * (random.chance(2) ? 1 : steps), zeros);
            const auto a = found.window(inputs, settings);
            const auto b = wanted.window(inputs, settings);
            REQUIRE(a.has_value() == b.has_value());
            if (a) {
                CHECK(*a == *b);
                checkSame(found, wanted);
            }
        }
        if (random.chance(4)) {
            found.reset();
            wanted.reset();
        }
    }
}

/// IF neurons with soft reset everywhere, so that calibration is allowed; two ways meet.
Network calibratable() {
    DyadicNetwork random(77);
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 5, 6})})
        .then("conv", Conv2d{{SignalShape::of({18, 2, 3, 3}), random.values(324)},
                             random.values(18),
                             {},
                             {1, 1, 1, 1},
                             {},
                             1})
        .then("a", Neuron::qcfs(Parameter(0.5F)))
        .then("pool", Pool2d{PoolKind::Max, {2, 2}, {1, 2}, {}, true})
        .then("b", Neuron::qcfs(Parameter(0.25F)))
        .then("sum", Add{})
        .connect("pool", "sum")
        .then("c", Neuron::qcfs(Parameter(0.5F)))
        .then("flat", Flatten{})
        .then("lin", Linear{{SignalShape::of({3, 216}), random.values(648)}, random.values(3)})
        .then("d", Neuron::integrateAndFire(1, Reset::Soft))
        .then("out", OutputLayer{});
    return builder.build().value();
}

/// Recurrent by neurons, by a convolution and by itself.
Network recurrent() {
    DyadicNetwork random(5);
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({3, 4, 4})})
        .then("sum", Add{})
        .then("n", Neuron::integrateAndFire(Parameter(0.5F), Reset::Soft))
        .then(
            "back",
            Conv2d{{SignalShape::of({3, 3, 3, 3}), random.values(81)}, {}, {}, {1, 1, 1, 1}, {}, 1})
        .connect("back", "sum")
        .connect("n", "n")
        .connect("n", "sum")
        .add("out", OutputLayer{})
        .connect("n", "out");
    return builder.build().value();
}

}  // namespace

TEST_CASE("device and reference give the same for random networks", "[snn][cuda]") {
    for (const TestDevice &device : testDevices())
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const Network network = DyadicNetwork(seed).make();
            const std::size_t batch = 1 + seed % 3;
            std::string layers;
            for (const Node &node : network.nodes())
                layers += fmt::format("{} {} {}, ", node.name, layerName(node.layer),
                                      toString(node.shape));
            INFO(device.name << ", seed " << seed << ": " << layers);
            DeviceExecutor found(network, batch, device.open().value(), reference(network, batch));
            ReferenceExecutor wanted(network, batch);
            REQUIRE(found.result());
            runBoth(found, wanted, seed + 1000);
            CHECK(found.name() == "cuda");
        }
}

TEST_CASE("on weights that bf16 and int8 hold exactly tensor cores give the reference's spikes",
          "[snn][cuda]") {
    for (const TestDevice &device : testDevices())
        for (const Precision precision : {Precision::Bf16, Precision::Int8})
            for (std::uint64_t seed = 0; seed < 60; ++seed) {
                const Network network = seed == 0 ? calibratable() : DyadicNetwork(seed).make();
                INFO(device.name << ", " << toString(precision) << ", seed " << seed);
                auto opened = device.open().value();
                if (const char *why = DeviceNetwork::refusal(*opened, precision)) {
                    WARN(device.name << " was left out: " << why);
                    break;
                }
                DeviceExecutor found(network, 2, std::move(opened), reference(network, 2),
                                     precision);
                ReferenceExecutor wanted(network, 2);
                CHECK(found.precision() == precision);
                runBoth(found, wanted, seed + 1000);
                CHECK(found.name() == "cuda");
            }
}

TEST_CASE("device and reference calibrate the same", "[snn][cuda]") {
    const Network network = calibratable();
    for (const TestDevice &device : testDevices()) {
        INFO(device.name);
        DeviceExecutor found(network, 2, device.open().value(), reference(network, 2));
        ReferenceExecutor wanted(network, 2);
        for (std::uint64_t seed = 0; seed < 12; ++seed)
            runBoth(found, wanted, seed);
        CHECK(found.name() == "cuda");
    }
}

TEST_CASE("recurrent networks run step by step on a device", "[snn][cuda]") {
    const Network network = recurrent();
    REQUIRE(network.recurrent());
    for (const TestDevice &device : testDevices()) {
        INFO(device.name);
        DeviceExecutor found(network, 2, device.open().value(), reference(network, 2));
        ReferenceExecutor wanted(network, 2);
        for (std::uint64_t seed = 0; seed < 8; ++seed)
            runBoth(found, wanted, seed);
        CHECK(found.name() == "cuda");
    }
}

TEST_CASE("the golden nets give the golden logits on a device, in every mode", "[snn][cuda]") {
    struct Case {
        const char *golden;
        const char *logits;
        InferenceMode mode;
    };
    for (const Case &one : {Case{"qcfs_convnet", "snn_step_logits", InferenceMode::If},
                            Case{"qcfs_convnet_bn", "snn_step_logits", InferenceMode::If},
                            Case{"cos_convnet", "snn_step_logits", InferenceMode::Cos},
                            Case{"srp_convnet", "stage2_step_logits", InferenceMode::Srp}}) {
        const auto golden = goldenJson(one.golden);
        if (!golden)
            return;
        INFO(one.golden);
        const Network network = goldenNet(*golden);
        for (const TestDevice &device : testDevices()) {
            DeviceExecutor executor(network, 2, device.open().value(), reference(network, 2));
            const auto result = infer(executor, numbers(golden->at("x")), {one.mode, 8, 4, 1});
            REQUIRE(result);
            CHECK(worst(result->outputs, numbers(golden->at(one.logits))) <= 1e-5);
            CHECK(executor.name() == "cuda");
        }
    }
}

TEST_CASE("a device that fails at any call changes no result", "[snn][cuda]") {
    const Network networks[] = {calibratable(), recurrent()};
    for (const Network &network : networks)
        for (long failAt = 0;; failAt += 1 + failAt / 4) {
            INFO("call " << failAt);
            long calls = 0;
            DeviceExecutor found(network, 2, pretended({0, failAt}, &calls)().value(),
                                 reference(network, 2));
            ReferenceExecutor wanted(network, 2);
            runBoth(found, wanted, 3);
            if (found.name() == "cuda")
                break;
            CHECK(found.reason().find("asked for") != std::string::npos);
            REQUIRE(failAt < 100000);
        }
}

TEST_CASE("of a long stream the newest steps are run again, and it is said", "[snn][cuda]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({4})})
        .then("n", Neuron::leakyIntegrator(Parameter(0.0F), Parameter(1.0F)));
    const Network network = builder.build().value();
    long calls = 0;
    DeviceExecutor found(network, 1, pretended({0, 2000}, &calls)().value(), reference(network, 1),
                         Precision::Fp32, 10 * 16);
    std::vector<float> x(4);
    for (int t = 0; found.name() == "cuda"; ++t) {
        x[1] = static_cast<float>(t);
        REQUIRE(found.step(x));
        CHECK(std::ranges::equal(found.output(), x));
    }
    CHECK(found.reason().find("last 10 of") != std::string::npos);
}
