// SPDX-License-Identifier: Apache-2.0
// Neurons through time: against a loop in double, and gradients against the loop's own chain rule.
#include "engine/train/neuron_steps.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

namespace {

std::vector<float> randomValues(std::size_t count, std::uint64_t seed, double low, double high) {
    Random random(seed);
    std::vector<float> values(count);
    for (float &value : values)
        value = static_cast<float>(random.uniform(low, high));
    return values;
}

struct Outcome {
    std::vector<float> output, inputGradient;
    NeuronGradients gradients;
};

/// In two ranges, as two threads would.
Outcome run(const TrainedNeuron &neuron, const NeuronRun &sides, std::span<const float> gains,
            std::span<const float> input, std::span<const float> gradient) {
    Outcome outcome;
    outcome.output.resize(sides.steps * sides.neurons);
    outcome.inputGradient.resize(input.size());
    std::vector<std::uint64_t> spikes(sides.steps * sides.wordsPerStep());
    outcome.gradients.gains.resize(gains.size());
    const std::size_t middle = std::min<std::size_t>(sides.neurons, 64);
    for (const auto &[begin, end] :
         {std::pair(std::size_t{0}, middle), std::pair(middle, sides.neurons)}) {
        runNeurons(neuron, sides, gains, input.data(), begin, end, outcome.output.data(),
                   spikes.data());
        NeuronGradients own;
        unrollNeurons(neuron, sides, gains, input.data(), spikes.data(), gradient.data(), begin,
                      end, outcome.inputGradient.data(), own);
        own.gains.resize(gains.size());
        outcome.gradients.add(own);
    }
    return outcome;
}

/// One neuron by the definition; d..: derivative by direction `direction` of all inputs, of the
/// threshold and of the gains, with the surrogate for the spike's own.
struct Dual {
    double value = 0;
    double slope = 0;
};

double derivative(const TrainedNeuron &n, const NeuronRun &sides, std::span<const float> gains,
                  std::span<const float> input, std::span<const float> gradient, std::size_t index,
                  const std::function<double(std::size_t)> &inputSlope, double thresholdSlope,
                  const std::function<double(std::size_t)> &gainSlope) {
    const double theta = n.threshold;
    Dual v{n.start * theta, n.start * thresholdSlope};
    double sum = 0;
    for (std::size_t t = 0; t < sides.steps; ++t) {
        const double x = input[t * sides.inputStride + index];
        const double p = gains.empty() ? 1 : gains[t];
        const Dual h{n.decay * v.value + n.gain * p * x + n.drive,
                     n.decay * v.slope +
                         n.gain * (p * inputSlope(t) + (gains.empty() ? 0 : gainSlope(t)) * x)};
        std::vector<float> u{static_cast<float>((h.value - theta) / theta)};
        const bool fired = n.above ? h.value > theta : h.value >= theta;
        surrogateGradients(n.surrogate, u);
        const double s = fired ? 1 : 0;
        const double ds = u[0] * (h.slope / theta - h.value * thresholdSlope / (theta * theta));
        const double through = n.detachReset ? 0 : ds;
        if (n.resetTo)
            v = {h.value - s * (h.value - *n.resetTo),
                 h.slope * (1 - s) - through * (h.value - *n.resetTo)};
        else
            v = {h.value - s * theta, h.slope - s * thresholdSlope - through * theta};
        const double out = n.thresholdOut ? ds * theta + s * thresholdSlope : ds;
        sum += out * gradient[t * sides.neurons + index];
    }
    return sum;
}

}  // namespace

TEST_CASE("neurons fire and learn as the chain rule says", "[train]") {
    const std::size_t neurons = GENERATE(std::size_t{1}, std::size_t{70}, std::size_t{600});
    const bool one = GENERATE(false, true);
    const bool hard = GENERATE(false, true);
    const bool detach = GENERATE(false, true);
    const bool qcfs = GENERATE(false, true);
    TrainedNeuron neuron;
    neuron.decay = qcfs ? 1 : 0.75F;
    neuron.gain = qcfs ? 1 : 0.5F;
    neuron.drive = qcfs ? 0 : 0.125F;
    neuron.threshold = qcfs ? 1.5F : 1;
    neuron.start = qcfs ? 0.5F : 0;
    neuron.thresholdOut = qcfs;
    neuron.detachReset = detach;
    if (hard)
        neuron.resetTo = 0.25F;
    neuron.surrogate = Surrogate::of(qcfs ? SurrogateKind::Atan : SurrogateKind::Sigmoid);
    NeuronRun sides{5, neurons, one ? 0 : neurons};
    const auto input = randomValues((one ? 1 : sides.steps) * neurons, 3, -1, 3);
    const auto gradient = randomValues(sides.steps * neurons, 4, -1, 1);
    const std::vector<float> gains =
        qcfs ? std::vector<float>{} : std::vector<float>{1, 0.5F, 2, 1, 0.75F};
    const Outcome found = run(neuron, sides, gains, input, gradient);

    const auto none = [](std::size_t) { return 0.0; };
    double byThreshold = 0;
    std::vector<double> byGains(gains.size());
    for (std::size_t i = 0; i < neurons; ++i) {
        byThreshold += derivative(neuron, sides, gains, input, gradient, i, none, 1, none);
        for (std::size_t g = 0; g < gains.size(); ++g)
            byGains[g] += derivative(neuron, sides, gains, input, gradient, i, none, 0,
                                     [g](std::size_t t) { return t == g ? 1.0 : 0.0; });
        for (std::size_t g = 0; g < (one ? 1 : sides.steps); ++g) {
            const double wanted = derivative(
                neuron, sides, gains, input, gradient, i,
                [g, one](std::size_t t) { return one || t == g ? 1.0 : 0.0; }, 0, none);
            REQUIRE(double{found.inputGradient[g * neurons + i]} == Approx(wanted).margin(2e-5));
        }
    }
    REQUIRE(found.gradients.threshold == Approx(byThreshold).margin(1e-3));
    for (std::size_t g = 0; g < gains.size(); ++g)
        REQUIRE(found.gradients.gains[g] == Approx(byGains[g]).margin(1e-3));
}

TEST_CASE("a neuron on its threshold fires, or not when it must be above", "[train]") {
    TrainedNeuron neuron;
    const NeuronRun sides{2, 1, 1};
    std::vector<float> input{1, 0.5F};
    std::vector<float> output(2);
    std::vector<std::uint64_t> spikes(2);
    runNeurons(neuron, sides, {}, input.data(), 0, 1, output.data(), spikes.data());
    REQUIRE(output == std::vector<float>{1, 0});
    REQUIRE(spikes == std::vector<std::uint64_t>{1, 0});
    neuron.above = true;
    runNeurons(neuron, sides, {}, input.data(), 0, 1, output.data(), spikes.data());
    REQUIRE(output == std::vector<float>{0, 1});
}

TEST_CASE("the worked example of QCFS fires once in four steps", "[train]") {
    TrainedNeuron neuron;
    neuron.start = 0.5F;
    neuron.thresholdOut = true;
    std::vector<float> input{0.3F};
    std::vector<float> output(4);
    std::vector<std::uint64_t> spikes(4);
    runNeurons(neuron, {4, 1, 0}, {}, input.data(), 0, 1, output.data(), spikes.data());
    REQUIRE(output == std::vector<float>{0, 1, 0, 0});
}
