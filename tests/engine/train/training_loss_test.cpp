// SPDX-License-Identifier: Apache-2.0
// Every loss teaches; every regulariser makes small what it is for.
#include "engine/train/training_loss.h"

#include "engine/core/random.h"
#include "engine/train/losses.h"
#include "engine/train/trainer.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

/// Which half of eight values is bright.
class Halves final : public SampleSource {
public:
    explicit Halves(std::size_t size) : size_(size) {}
    std::size_t size() const override { return size_; }
    SignalShape inputShape() const override { return SignalShape::of({8}); }
    std::size_t steps() const override { return 0; }
    std::size_t targetSize() const override { return 1; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        Random random(seed);
        for (std::size_t i = 0; i < input.size(); ++i)
            input[i] =
                static_cast<float>(random.uniform() * 0.6 + (i / 4 == index % 2 ? 0.4 : 0.0));
        target[0] = static_cast<float>(index % 2);
    }

private:
    std::size_t size_;
};

/// Two layers; the last one of neurons, or not.
Network halvesNet(bool spikes) {
    NetworkBuilder builder;
    const auto zeros = [](std::uint32_t to, std::uint32_t from) {
        return Linear{{SignalShape::of({to, from}), std::vector<float>(to * from)},
                      std::vector<float>(to)};
    };
    builder.add("input", InputLayer{SignalShape::of({8})})
        .then("hidden", zeros(16, 8))
        .then("act", Activation{4, 1.0F})
        .then("last", zeros(2, 16));
    if (spikes)
        builder.then("fire", Neuron::integrateAndFire(1, Reset::Hard));
    builder.then("output", OutputLayer{});
    return builder.build().value();
}

TrainSettings settingsFor(LossSettings loss, TrainMode mode = TrainMode::Snn) {
    TrainSettings settings;
    settings.loss = loss;
    settings.mode = mode;
    settings.steps = 6;
    settings.batch = 16;
    settings.epochs = 8;
    settings.rate = 0.01;
    settings.optimiser = {OptimiserKind::Adam, 0.9, 0.999, 0};
    return settings;
}

struct Learned {
    TrainNetwork network;
    double loss;
    double score;
};

Learned learn(const LossSettings &loss, bool spikes) {
    auto network = TrainNetwork::make(halvesNet(spikes), {}, 3).value();
    const TrainSettings settings = settingsFor(loss);
    const Halves source(256), heldOut(64);
    const auto rows = Trainer(network, source, heldOut, settings, {}).run().value();
    const double score = Trainer::score(network, heldOut, settings, true).score;
    return {std::move(network), rows.back().loss, score};
}

LossSettings regularised(Regulariser kind, double strength, double probe) {
    LossSettings loss;
    loss.regulariser = kind;
    loss.strength = strength;
    loss.probe = probe;
    return loss;
}

struct Shown {
    at::Tensor inputs = at::empty({64, 8}), targets = at::empty({64}, at::kLong);
};

Shown someHalves() {
    Shown shown;
    const Halves source(64);
    for (std::int64_t i = 0; i < 64; ++i) {
        float target = 0;
        source.fill(static_cast<std::size_t>(i), static_cast<std::uint64_t>(i) + 99,
                    {shown.inputs.data_ptr<float>() + i * 8, 8}, {&target, 1});
        shown.targets[i] = static_cast<std::int64_t>(target);
    }
    return shown;
}

/// What the regulariser adds for a network.
double added(TrainNetwork &network, Regulariser kind, double probe, const Pass &pass) {
    const Shown shown = someHalves();
    at::manual_seed(5);
    const LossSettings with = regularised(kind, 1, probe);
    LossSettings without = with;
    without.strength = 0;
    const double all =
        trainingLoss(network, shown.inputs, shown.targets, with, pass).item<double>();
    at::manual_seed(5);
    return all - trainingLoss(network, shown.inputs, shown.targets, without, pass).item<double>();
}

}  // namespace

TEST_CASE("every loss of output spikes teaches", "[train]") {
    LossSettings loss;
    loss.classes = GENERATE(ClassLoss::CrossEntropy, ClassLoss::OneHot, ClassLoss::Counts,
                            ClassLoss::Latency, ClassLoss::LatencyPlain, ClassLoss::LatencyDoubled);
    INFO(static_cast<int>(loss.classes));
    REQUIRE(learn(loss, true).score > 0.9);
}

TEST_CASE("the first spike decides where the loss is one of latency", "[train]") {
    // Class 0 spikes once, in the first step; class 1 in all others.
    NetworkOutput output;
    output.steps = at::tensor({1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 1.0F}).view({3, 1, 2});
    output.mean = output.steps.mean(0);
    LossSettings loss;
    REQUIRE(decisions(output, loss).item<std::int64_t>() == 1);
    loss.classes = ClassLoss::LatencyPlain;
    REQUIRE(decisions(output, loss).item<std::int64_t>() == 0);
    const at::Tensor first = at::zeros({1}, at::kLong);
    REQUIRE(lossOf(output, first, loss).item<double>() ==
            Approx(std::log(1 + std::exp(-1.0))));  // 3 against 2
    loss.classes = ClassLoss::Counts;
    loss.wished = 1.0 / 3;
    loss.others = 2.0 / 3;
    REQUIRE(lossOf(output, first, loss).item<double>() == Approx(0).margin(1e-12));
}

TEST_CASE("a regulariser makes small what it is for", "[train]") {
    struct Case {
        Regulariser kind;
        double strength, probe;
    };
    const Case one =
        GENERATE(Case{Regulariser::Mppd, 3, 0.1}, Case{Regulariser::MppdAbsolute, 3, 0.1},
                 Case{Regulariser::Sr, 0.3, 0.05}, Case{Regulariser::Nt, 0.03, 0.05});
    INFO(static_cast<int>(one.kind));
    Learned plain = learn({}, false);
    Learned steady = learn(regularised(one.kind, one.strength, one.probe), false);
    REQUIRE(plain.score > 0.9);
    REQUIRE(steady.score > 0.8);
    Pass pass;
    pass.spiking = true;
    pass.steps = 6;
    const double before = added(plain.network, one.kind, one.probe, pass);
    const double after = added(steady.network, one.kind, one.probe, pass);
    INFO(before << " became " << after);
    REQUIRE(after < 0.9 * before);
}

TEST_CASE("losses and networks that do not fit are refused", "[train]") {
    const auto refusal = [](LossSettings loss, bool spikes, TrainMode mode, bool noise = false) {
        auto network = TrainNetwork::make(halvesNet(spikes), {}, 3).value();
        TrainSettings settings = settingsFor(loss, mode);
        settings.noise = noise;
        const Halves source(32);
        const auto run = Trainer(network, source, source, settings, {}).run();
        return run ? std::string() : run.error().message;
    };
    const auto says = [](const std::string &text, const char *part) {
        INFO(text);
        return text.find(part) != std::string::npos;
    };
    LossSettings latency;
    latency.classes = ClassLoss::Latency;
    REQUIRE(says(refusal(latency, false, TrainMode::Snn), "last layer is of neurons"));
    REQUIRE(says(refusal(latency, true, TrainMode::Ann), "mode snn"));
    REQUIRE(says(refusal(regularised(Regulariser::Mppd, 1, 0.1), false, TrainMode::Ann), "MPPD"));
    REQUIRE(says(refusal(regularised(Regulariser::Sr, 1, 0.1), false, TrainMode::Ann, true), "NQ"));
}
