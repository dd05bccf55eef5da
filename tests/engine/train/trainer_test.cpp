// SPDX-License-Identifier: Apache-2.0
// Small problems are learned; the same seed learns the same; a run goes on where it ended.
#include "engine/train/trainer.h"

#include "engine/core/random.h"
#include "tests/support/free_port.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace fovea;

namespace {

/// Four quarters of a 4x4 picture: which one is bright. With steps: planes of random spikes.
class Quarters final : public SampleSource {
public:
    explicit Quarters(std::size_t size, std::size_t steps = 0) : size_(size), steps_(steps) {}
    std::size_t size() const override { return size_; }
    SignalShape inputShape() const override { return SignalShape::of({1, 4, 4}); }
    std::size_t steps() const override { return steps_; }
    std::size_t targetSize() const override { return 1; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        Random random(seed);
        const std::size_t quarter = index % 4;
        for (std::size_t i = 0; i < input.size(); ++i) {
            const std::size_t pixel = i % 16;
            const bool bright = pixel / 8 * 2 + pixel % 4 / 2 == quarter;
            const double light = random.uniform() * 0.5 + (bright ? 0.4 : 0);
            input[i] = static_cast<float>(steps_ == 0 ? light : random.uniform() < light);
        }
        target[0] = static_cast<float>(quarter);
    }

private:
    std::size_t size_, steps_;
};

Network net() {
    NetworkBuilder builder;
    const auto zeros = [](std::uint32_t to, std::uint32_t from) {
        return Linear{{SignalShape::of({to, from}), std::vector<float>(to * from)},
                      std::vector<float>(to)};
    };
    builder.add("input", InputLayer{SignalShape::of({1, 4, 4})})
        .then("flat", Flatten{})
        .then("hidden", zeros(16, 16))
        .then("act", Activation{4, 1.0F})
        .then("out", zeros(4, 16));
    return builder.build().value();
}

TrainSettings settingsOf(TrainMode mode) {
    TrainSettings settings;
    settings.mode = mode;
    settings.batch = 16;
    settings.epochs = 6;
    settings.rate = 0.01;
    settings.optimiser = {OptimiserKind::Adam, 0.9, 0.999, 1e-4};
    return settings;
}

}  // namespace

TEST_CASE("an ANN, NQ and a network through time learn", "[train]") {
    const bool noise = GENERATE(false, true);
    const bool timed = GENERATE(false, true);
    TrainSettings settings = settingsOf(timed ? TrainMode::Snn : TrainMode::Ann);
    settings.noise = noise && !timed;
    settings.steps = 3;  // with as many steps as levels the first layer has no residual
    const Quarters source(400, timed ? 8 : 0), heldOut(80, timed ? 8 : 0);
    auto network = TrainNetwork::make(net(), {}, 1).value();
    Trainer trainer(network, source, heldOut, settings, {});
    const auto rows = trainer.run().value();
    REQUIRE(rows.size() == settings.epochs);
    REQUIRE(rows.back().loss < rows.front().loss);
    REQUIRE(Trainer::score(network, heldOut, settings, timed).score > (noise ? 0.7 : 0.9));
    REQUIRE((rows.back().sigmas[0] > 0) == settings.noise);
}

TEST_CASE("a run that was cut goes on to the same end", "[train]") {
    const Quarters source(64), heldOut(32);
    TrainSettings settings = settingsOf(TrainMode::Ann);
    settings.noise = true;
    settings.epochs = 4;
    auto whole = TrainNetwork::make(net(), {}, 1).value();
    const auto rows = Trainer(whole, source, heldOut, settings, {}).run().value();

    auto cut = TrainNetwork::make(net(), {}, 1).value();
    Checkpoint kept;
    TrainHooks hooks;
    Trainer *running = nullptr;
    hooks.batch = [&](std::size_t epoch, std::size_t, std::size_t, double) { return epoch < 2; };
    hooks.epoch = [&](const std::vector<EpochRow> &) -> Result<void> {
        kept = running->checkpoint();
        return {};
    };
    Trainer first(cut, source, heldOut, settings, hooks);
    running = &first;
    const auto stopped = first.run();
    REQUIRE_FALSE(stopped);
    REQUIRE(stopped.error().code == ErrorCode::Cancelled);

    auto again = TrainNetwork::make(net(), {}, 9).value();
    Trainer second(again, source, heldOut, settings, {});
    REQUIRE(second.resume(kept));
    const auto rest = second.run().value();
    REQUIRE(rest.size() == 4);
    for (std::size_t i = 0; i < rows.size(); ++i)
        REQUIRE(rest[i].loss == Approx(rows[i].loss));
    REQUIRE_FALSE(second.resume({}));
}

TEST_CASE("two parts learn what one process learns", "[train]") {
    const Quarters source(101), heldOut(32);
    TrainSettings settings = settingsOf(TrainMode::Ann);
    settings.epochs = 3;
    auto alone = TrainNetwork::make(net(), {}, 1).value();
    const auto rows = Trainer(alone, source, heldOut, settings, {}).run().value();

    const std::uint16_t port = test::freePort();
    std::vector<Result<std::vector<EpochRow>>> results(2);
    const auto train = [&](std::size_t part) {
        auto group = DataParallel::meet({"127.0.0.1", port, part, 2, std::chrono::seconds(60)});
        if (!group) {
            results[part] = failed(group);
            return;
        }
        // Other first weights: those of the first process count.
        auto network = TrainNetwork::make(net(), {}, 1 + part).value();
        results[part] = Trainer(network, source, heldOut, settings, {}, group->get()).run();
    };
    std::thread second([&] { train(1); });
    train(0);
    second.join();
    if (!results[0] && results[0].error().code == ErrorCode::Unsupported) {
        WARN("skipped: " + results[0].error().message);
        return;
    }
    for (const auto &result : results) {
        REQUIRE(result);
        REQUIRE(result->size() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            REQUIRE((*result)[i].loss == Approx(rows[i].loss).epsilon(1e-4));
            REQUIRE((*result)[i].ann == rows[i].ann);
        }
    }
}

TEST_CASE("it stops when nothing gets better", "[train]") {
    const Quarters source(16), heldOut(16);
    TrainSettings settings = settingsOf(TrainMode::Ann);
    settings.rate = 1e-9;
    settings.epochs = 50;
    settings.patience = 2;
    auto network = TrainNetwork::make(net(), {}, 1).value();
    REQUIRE(Trainer(network, source, heldOut, settings, {}).run().value().size() == 3);
}
