// SPDX-License-Identifier: Apache-2.0
// The fast executor against the reference: random networks, all instruction sets, any threads.
#include "engine/snn/cpu_executor.h"

#include "engine/snn/inference.h"
#include "engine/snn/reference_executor.h"

#include "tests/engine/snn/random_networks.h"
#include "tests/support/targets.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fovea;
using namespace fovea::test;

namespace {

/// Over many networks, see compareAll().
constexpr double bf16Limit = 0.01;
constexpr double int8Limit = 0.03;

bool sameActivity(const Executor &one, const Executor &other) {
    const auto a = one.activity();
    const auto b = other.activity();
    return std::ranges::equal(a, b, [](const NodeActivity &x, const NodeActivity &y) {
        return x.node == y.node && x.values == y.values && x.steps == y.steps &&
               x.spikes == y.spikes && x.additions == y.additions && x.multiplies == y.multiplies;
    });
}

bool sameNeurons(const Executor &one, const Executor &other) {
    for (std::size_t i = 0; i < one.network().nodes().size(); ++i)
        if (std::holds_alternative<Neuron>(one.network().node(i).layer)) {
            const auto a = one.snapshot(i);
            const auto b = other.snapshot(i);
            if (a.potentials != b.potentials || a.starts != b.starts || a.mask != b.mask)
                return false;
        }
    return true;
}

/// Step by step, then every output of the last step.
std::vector<float> stepping(Executor &executor, const std::vector<float> &inputs,
                            std::size_t steps) {
    std::vector<float> all;
    executor.reset();
    const std::size_t size = executor.inputSize();
    for (std::size_t t = 0; t < steps; ++t) {
        const std::size_t at = inputs.size() == size ? 0 : t * size;
        REQUIRE(executor.step(std::span(inputs).subspan(at, size)));
        all.insert(all.end(), executor.output().begin(), executor.output().end());
    }
    return all;
}

std::vector<float> running(Executor &executor, const std::vector<float> &inputs,
                           std::size_t steps) {
    if (executor.network().recurrent())
        return stepping(executor, inputs, steps);
    return executor.window(inputs, {steps, 0, 1}).value();
}

/// Squares of what rounded weights changed, and of what was to come.
struct RoundingError {
    double off = 0, all = 0;
    void add(const std::vector<float> &found, const std::vector<float> &wanted) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            off += (double{found[i]} - wanted[i]) * (double{found[i]} - wanted[i]);
            all += double{wanted[i]} * wanted[i];
        }
    }
    [[nodiscard]] double relative() const { return all > 0 ? off / all : 0; }
};

struct Tally {
    std::size_t networks = 0, recurrent = 0, spikes = 0, values = 0;
    RoundingError bf16, int8;  ///< networks whose weights are rounded
};

/// One network: fp32 is the reference to the last bit, and so is every precision when no weight is
/// rounded; both ways of taking spikes and any number of threads give the same.
void compare(std::uint64_t seed, TilePool &pool, Tally &tally) {
    INFO("seed " << seed);
    const bool dyadic = seed % 2 == 0;
    const Network network = RandomNetwork(seed, dyadic).build();
    Random random(seed + 1);
    const std::size_t batch = 1 + random.below(3);
    const std::size_t steps = random.below(8) == 0 ? 64 : 1 + random.below(9);
    ReferenceExecutor reference(network, batch);
    const auto inputs = RandomNetwork::inputs(seed + 2, reference.inputSize(), steps);
    const auto wanted = running(reference, inputs, steps);
    CpuExecutor exact(network, batch, Precision::Fp32, nullptr);
    REQUIRE(running(exact, inputs, steps) == wanted);
    REQUIRE(sameActivity(exact, reference));
    REQUIRE(sameNeurons(exact, reference));
    REQUIRE(stepping(exact, inputs, steps) == wanted);
    REQUIRE(std::ranges::equal(exact.output(), reference.output()));
    REQUIRE(infer(exact, inputs, {InferenceMode::If, steps, 1, 1})->outputs == wanted);
    for (const auto mode : {InferenceMode::Cos, InferenceMode::Srp}) {
        const InferenceSettings settings{mode, steps, steps, 2};
        auto doubled = inputs;
        if (mode == InferenceMode::Srp && inputs.size() != reference.inputSize())
            doubled.insert(doubled.end(), inputs.begin(), inputs.end());
        const auto found = infer(exact, doubled, settings);
        const auto expected = infer(reference, doubled, settings);
        REQUIRE(found.has_value() == expected.has_value());
        if (found) {
            REQUIRE(found->outputs == expected->outputs);
            REQUIRE(sameNeurons(exact, reference));
        }
    }
    for (const auto precision : {Precision::Bf16, Precision::Int8}) {
        CpuExecutor rounded(network, batch, precision, nullptr);
        const auto plain = running(rounded, inputs, steps);
        if (dyadic)
            REQUIRE(plain == wanted);
        else
            (precision == Precision::Int8 ? tally.int8 : tally.bf16).add(plain, wanted);
        for (const auto way : {SpikeLayer::Way::Events, SpikeLayer::Way::Tiles}) {
            CpuExecutor threads(network, batch, precision, &pool);
            threads.setWay(way);
            REQUIRE(running(threads, inputs, steps) == plain);
            REQUIRE(sameActivity(threads, rounded));
        }
    }
    ++tally.networks;
    tally.recurrent += network.recurrent() ? 1 : 0;
    for (const NodeActivity &node : reference.activity())
        tally.spikes += node.spikes;
    for (const float value : wanted)
        tally.values += value != 0 ? 1 : 0;
}

/// Planes of spikes, for each step or for all: as the same spikes as numbers in the reference.
void comparePlanes(std::uint64_t seed, TilePool &pool) {
    INFO("seed " << seed);
    const bool dyadic = seed % 2 == 0;
    const Network network = RandomNetwork(seed, dyadic).build();
    const SignalShape &shape = network.inputShape();
    Random random(seed + 3);
    const std::size_t batch = 1 + random.below(3);
    const std::size_t steps = 1 + random.below(9);
    ReferenceExecutor reference(network, batch);
    const std::size_t each = batch * shape.channels();
    const std::size_t count = (random.below(2) == 0 ? 1 : steps) * each;
    const std::size_t words = (shape.channelElements() + 63) / 64;
    std::vector<std::uint64_t> bits(count * words);
    for (std::uint64_t &word : bits)
        word = random() & random();
    std::vector<const std::uint64_t *> planes;
    std::vector<float> numbers;
    for (std::size_t p = 0; p < count; ++p) {
        planes.push_back(bits.data() + p * words);
        for (std::size_t i = 0; i < shape.channelElements(); ++i)
            numbers.push_back(testBit(planes[p], i) ? 1.0F : 0.0F);
    }
    if (shape.rank < 2) {
        CHECK_FALSE(reference.windowPlanes(planes, {steps, 0, 1}));
        return;
    }
    const auto run = [&](Executor &executor, InferenceMode mode) {
        const std::size_t given = mode == InferenceMode::Srp && count != each ? 2 : 1;
        std::vector<const std::uint64_t *> all = planes;
        if (given == 2)
            all.insert(all.end(), planes.begin(), planes.end());
        return infer(executor, PlanePointers(all), {mode, steps, steps, 2});
    };
    for (const auto mode : {InferenceMode::If, InferenceMode::Cos, InferenceMode::Srp}) {
        auto given = numbers;
        if (mode == InferenceMode::Srp && count != each)
            given.insert(given.end(), numbers.begin(), numbers.end());
        const auto wanted = infer(reference, given, {mode, steps, steps, 2});
        for (const auto precision : {Precision::Fp32, Precision::Bf16, Precision::Int8}) {
            CpuExecutor executor(network, batch, precision, nullptr);
            const auto found = run(executor, mode);
            REQUIRE(found.has_value() == wanted.has_value());
            if (!found)
                continue;
            if (dyadic || precision == Precision::Fp32) {
                REQUIRE(found->outputs == wanted->outputs);
                REQUIRE(sameActivity(executor, reference));
            }
            for (const auto way : {SpikeLayer::Way::Events, SpikeLayer::Way::Tiles}) {
                CpuExecutor threads(network, batch, precision, &pool);
                threads.setWay(way);
                REQUIRE(run(threads, mode)->outputs == found->outputs);
            }
            // Numbers after planes are numbers again.
            if (precision == Precision::Fp32)
                REQUIRE(infer(executor, given, {mode, steps, steps, 2})->outputs ==
                        wanted->outputs);
        }
    }
}

void compareAll(std::uint64_t first, std::uint64_t count) {
    TilePool pool(3);
    Tally tally;
    for (std::uint64_t seed = first; seed < first + count; ++seed)
        compare(seed, pool, tally);
    for (std::uint64_t seed = first; seed < first + count; seed += 3)
        comparePlanes(seed, pool);
    std::printf("%zu random networks (%zu recurrent): %zu spikes, %zu outputs that are not 0\n",
                tally.networks, tally.recurrent, tally.spikes, tally.values);
    std::printf("rounded weights, mean square error over that of the outputs: bf16 %.2e, int8 "
                "%.2e\n",
                tally.bf16.relative(), tally.int8.relative());
    CHECK(tally.recurrent > 0);
    CHECK(tally.spikes > 100 * tally.networks);
    // A spike that comes a step later is an error of 1: not that of the weights alone.
    CHECK(tally.bf16.relative() < bf16Limit);
    CHECK(tally.int8.relative() < int8Limit);
}

}  // namespace

TEST_CASE("random networks run as in the reference", "[snn]") {
    compareAll(1, 60);
}

TEST_CASE("random networks run as in the reference on every instruction set", "[snn]") {
    forEachTarget([] { compareAll(1001, 12); });
}

TEST_CASE("a thousand random networks run as in the reference", "[.soak]") {
    compareAll(10000, 1000);
}

TEST_CASE("planes are the same as their bits as numbers on the CPU", "[snn]") {
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 5, 6})})
        .then("n", Neuron::integrateAndFire(1.5F, Reset::Soft));
    const Network network = builder.build().value();
    CpuExecutor bits(network, 1, Precision::Fp32, nullptr);
    ReferenceExecutor reference(network, 1);
    Random random(11);
    for (int t = 0; t < 5; ++t) {
        const std::uint64_t words[] = {random(), random()};
        const std::vector<const std::uint64_t *> planes = {&words[0], &words[1]};
        REQUIRE(bits.stepPlanes(planes));
        REQUIRE(reference.stepPlanes(planes));
        CHECK(std::ranges::equal(bits.output(), reference.output()));
    }
}

TEST_CASE("an executor that was reset gives zeros and begins anew", "[snn]") {
    const Network network = RandomNetwork(4, false).build();
    CpuExecutor executor(network, 2, Precision::Int8, nullptr);
    const auto inputs = std::vector<float>(executor.inputSize(), 1);
    CHECK(std::ranges::count(executor.output(), 0.0F) ==
          static_cast<std::ptrdiff_t>(executor.outputSize()));
    const auto first = stepping(executor, inputs, 5);
    executor.reset();
    CHECK(std::ranges::count(executor.output(), 0.0F) ==
          static_cast<std::ptrdiff_t>(executor.outputSize()));
    CHECK(stepping(executor, inputs, 5) == first);
    CHECK(executor.precision() == Precision::Int8);
}
