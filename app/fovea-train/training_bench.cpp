// SPDX-License-Identifier: Apache-2.0
// Fused neurons alone, and whole training steps of the nets that others publish figures for.
#include "app/fovea-train/training_bench.h"

#include "app/fovea-train/layer_words.h"
#include "engine/train/losses.h"
#include "engine/train/optimiser.h"
#include "engine/train/thread_count.h"

#include <ATen/core/grad_mode.h>
#include <chrono>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>

namespace fovea {

namespace {

struct Timed {
    double best = 1e300;  ///< seconds, wall clock
    double share = 0;     ///< of a core that the best run had
};

Timed timeBest(double atLeast, const std::function<void()> &work) {
    work();  // first touch, first choice of kernels
    Timed timed;
    const auto begin = std::chrono::steady_clock::now();
    int runs = 0;
    do {
        const auto from = std::chrono::steady_clock::now();
        const std::clock_t cpu = std::clock();
        work();
        const double wall =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
        if (wall < timed.best) {
            timed.best = wall;
            timed.share = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / wall;
        }
    } while (++runs < 3 ||
             std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() <
                 atLeast);
    return timed;
}

struct Case {
    std::string name, shape, unit;
    double amount = 1;  ///< units a run
    std::function<void()> work;
};

Case neuronCase(const std::string &name, std::vector<std::int64_t> sides, bool leaky, bool soft) {
    TrainedNeuron neuron;
    neuron.decay = leaky ? 0.5F : 1;
    neuron.gain = leaky ? 0.5F : 1;
    if (!soft)
        neuron.resetTo = 0.0F;
    neuron.detachReset = soft;
    neuron.surrogate = Surrogate::of(SurrogateKind::Atan);
    const at::Tensor x = at::rand(sides).requires_grad_(true);
    const at::Tensor gradient = at::randn(sides);
    const at::Tensor threshold = at::ones({});
    std::string shape;
    for (const std::int64_t side : sides)
        shape += fmt::format("{}{}", shape.empty() ? "" : "x", side);
    return {name, shape, "Gelem-step/s", static_cast<double>(x.numel()) / 1e9, [=] {
                const at::Tensor y =
                    spikingLayer(x, static_cast<std::size_t>(x.size(0)), false, neuron, threshold);
                y.backward(gradient);
                x.mutable_grad().reset();
            }};
}

Case stepCase(const std::string &name, const std::vector<std::string> &layers,
              std::vector<std::int64_t> sides, bool batchNorm) {
    const auto input =
        SignalShape::of({static_cast<std::uint32_t>(sides[1]), static_cast<std::uint32_t>(sides[2]),
                         static_cast<std::uint32_t>(sides[3])});
    TrainNetworkSettings settings;
    settings.batchNorm = batchNorm;
    settings.surrogate = Surrogate::of(SurrogateKind::Atan);
    const auto network = readLayers(layers, input, 4).value();
    const auto net =
        std::make_shared<TrainNetwork>(TrainNetwork::make(network, settings, 1).value());
    const auto optimiser = std::make_shared<Optimiser>(
        net->tensors(), OptimiserSettings{OptimiserKind::Adam, 0.9, 0.999, 0});
    const at::Tensor x = at::rand(sides);
    const at::Tensor y = at::randint(10, {sides[0]}, at::kLong);
    Pass pass;
    pass.spiking = true;
    pass.training = true;
    pass.steps = 4;
    return {name, fmt::format("batch {}, T 4", sides[0]), "step/s", 1, [=] {
                oneHotSquare(net->forward(x, pass), y).backward();
                optimiser->step(1e-3);
            }};
}

}  // namespace

std::string benchTraining(const BenchSettings &settings) {
    setThreadCount(settings.threads);
    const std::vector<std::string> csnn{"conv 128 3", "if",        "pool 2",  "conv 128 3",
                                        "if",         "pool 2",    "flatten", "linear 2048",
                                        "if",         "linear 10", "if"};
    const std::vector<std::string> cifar{
        "conv 256 3", "if",          "conv 256 3", "if",        "conv 256 3", "if", "pool 2",
        "conv 256 3", "if",          "conv 256 3", "if",        "conv 256 3", "if", "pool 2",
        "flatten",    "linear 2048", "if",         "linear 10", "if"};
    const std::vector<std::pair<std::string, std::function<Case()>>> cases{
        {"if_forward_backward_small",
         [] {
             return neuronCase("if_forward_backward_small", {4, 1, 128, 28, 28}, false, false);
         }},
        {"if_forward_backward",
         [] {
             return neuronCase("if_forward_backward", {4, 16, 128, 28, 28}, false, false);
         }},
        {"lif_forward_backward",
         [] {
             return neuronCase("lif_forward_backward", {4, 16, 128, 28, 28}, true, false);
         }},
        {"lif_soft_forward_backward",
         [] {
             return neuronCase("lif_soft_forward_backward", {4, 16, 128, 28, 28}, true, true);
         }},
        {"lif_forward_backward_long",
         [] {
             return neuronCase("lif_forward_backward_long", {16, 16, 64, 32, 32}, true, false);
         }},
        {"csnn_step_b16",
         [&] {
             return stepCase("csnn_step_b16", csnn, {16, 1, 28, 28}, true);
         }},
        {"csnn_step_b64",
         [&] {
             return stepCase("csnn_step_b64", csnn, {64, 1, 28, 28}, true);
         }},
        {"cifar10net_step_b8", [&] {
             return stepCase("cifar10net_step_b8", cifar, {8, 3, 32, 32}, true);
         }}};
    std::string text;
    for (const auto &[name, make] : cases) {
        if (name.find(settings.filter) == std::string::npos)
            continue;
        const Case one = make();
        const Timed timed = timeBest(settings.seconds, one.work);
        const double rate = one.amount / timed.best;
        if (settings.json)
            text += nlohmann::ordered_json{{"name", one.name},
                                           {"shape", one.shape},
                                           {"threads", settings.threads},
                                           {"best_ms", timed.best * 1e3},
                                           {"rate", rate},
                                           {"unit", one.unit},
                                           {"cpu_share", timed.share}}
                        .dump() +
                    "\n";
        else
            text += fmt::format("{:28} {:20} {:10.3f} ms {:10.4g} {} (cpu {:.2f})\n", one.name,
                                one.shape, timed.best * 1e3, rate, one.unit, timed.share);
    }
    return text;
}

}  // namespace fovea
