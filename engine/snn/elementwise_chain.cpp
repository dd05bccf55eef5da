// SPDX-License-Identifier: Apache-2.0
// Finds out what a chain of simple steps is.
#include "engine/snn/elementwise_chain.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace fovea {

namespace {

using Numbers = ElementwiseChain::Numbers;

constexpr double endless = std::numeric_limits<double>::infinity();
/// Of exporters that compute in float.
constexpr double tolerance = 1e-4;

Parameter parameter(const Numbers &numbers) {
    return Parameter(std::vector<float>(numbers.begin(), numbers.end()));
}

bool allNear(const Numbers &numbers, double value) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](double one) { return std::abs(one - value) <= tolerance; });
}

void addScale(std::vector<Layer> &layers, const Numbers &factor, const Numbers &offset) {
    const auto is = [](const Numbers &numbers, double value) {
        return std::all_of(numbers.begin(), numbers.end(),
                           [&](double one) { return one == value; });
    };
    if (!is(factor, 1) || !is(offset, 0))
        layers.emplace_back(Scale{parameter(factor), parameter(offset)});
}

void addClip(std::vector<Layer> &layers, double low, double high) {
    if (low == -endless && high == endless)
        return;
    if (low == -endless) {
        // min(x, high) = high - relu(high - x)
        addScale(layers, {-1}, {high});
        layers.emplace_back(Activation{});
        addScale(layers, {-1}, {high});
        return;
    }
    addScale(layers, {1}, {-low});
    Activation activation;
    if (high != endless)
        activation.ceiling = static_cast<float>(high - low);
    layers.emplace_back(std::move(activation));
    addScale(layers, {1}, {low});
}

}  // namespace

void ElementwiseChain::scale(Numbers factor, Numbers offset) {
    if (steps_.empty() || steps_.back().kind != Kind::Scale) {
        steps_.push_back({Kind::Scale, std::move(factor), std::move(offset)});
        return;
    }
    Step &last = steps_.back();
    last.offset = combine(combine(last.offset, factor, std::multiplies<>()), offset, std::plus<>());
    last.factor = combine(last.factor, factor, std::multiplies<>());
}

void ElementwiseChain::clip(double low, double high) {
    // ReLU, then min(x, 6), or a scale between them: one activation, so one layer of neurons.
    const std::size_t count = steps_.size();
    const bool scaled = count > 1 && steps_[count - 1].kind == Kind::Scale &&
                        steps_[count - 1].factor.size() == 1 && steps_[count - 1].factor[0] > 0 &&
                        steps_[count - 1].offset.size() == 1;
    const std::size_t back = scaled ? 2 : 1;
    if (count >= back && steps_[count - back].kind == Kind::Clip) {
        const double factor = scaled ? steps_[count - 1].factor[0] : 1;
        const double offset = scaled ? steps_[count - 1].offset[0] : 0;
        Step &last = steps_[count - back];
        const auto within = [&](double limit) {
            return std::clamp(limit, (low - offset) / factor, (high - offset) / factor);
        };
        if (within(last.factor[0]) < within(last.offset[0])) {
            last.factor = {within(last.factor[0])};
            last.offset = {within(last.offset[0])};
            return;
        }
    }
    steps_.push_back({Kind::Clip, {low}, {high}});
}

void ElementwiseChain::floor() {
    steps_.push_back({Kind::Floor, {}, {}});
}

Result<std::vector<Layer>> ElementwiseChain::layers() const {
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < steps_.size(); ++i)
        if (steps_[i].kind == Kind::Floor)
            return quantised(i);
    for (const Step &step : steps_)
        if (step.kind == Kind::Scale)
            addScale(layers, step.factor, step.offset);
        else
            addClip(layers, step.factor[0], step.offset[0]);
    return layers;
}

Result<std::vector<Layer>> ElementwiseChain::quantised(std::size_t floorAt) const {
    const auto refuse = [](std::string_view why) {
        return fail(ErrorCode::Unsupported,
                    "rounding is supported within a QCFS activation, "
                    "lambda * clip(floor(x * L / lambda + 1/2) / L, 0, 1): {}",
                    why);
    };
    // Before the floor: a * x + b for x within limits.
    Numbers a = {1};
    Numbers b = {0};
    Numbers low = {-endless};
    Numbers high = {endless};
    for (std::size_t i = 0; i < floorAt; ++i) {
        const Step &step = steps_[i];
        if (step.kind == Kind::Scale) {
            a = combine(a, step.factor, std::multiplies<>());
            b = combine(combine(b, step.factor, std::multiplies<>()), step.offset, std::plus<>());
            if (!std::all_of(a.begin(), a.end(), [](double one) { return one > 0; }))
                return refuse("x has a factor that is not above 0");
            continue;
        }
        const auto back = [&](double limit) {
            return combine(a, b, [limit](double f, double o) { return (limit - o) / f; });
        };
        const auto most = [](double x, double y) { return std::max(x, y); };
        const auto least = [](double x, double y) { return std::min(x, y); };
        low = combine(low, back(step.factor[0]), most);
        high = combine(high, back(step.offset[0]), least);
    }
    // Behind it: c * n + d for whole n within limits.
    const auto level = [](double x, double f) { return std::floor(x * f + tolerance); };
    const auto levelOf = [&](const Numbers &limit) {
        return combine(combine(limit, a, std::multiplies<>()), b,
                       [&](double x, double o) { return level(x + o, 1); });
    };
    Numbers first = levelOf(low);
    Numbers last = levelOf(high);
    Numbers c = {1};
    Numbers d = {0};
    for (std::size_t i = floorAt + 1; i < steps_.size(); ++i) {
        const Step &step = steps_[i];
        if (step.kind == Kind::Floor)
            return refuse("it is rounded twice");
        if (step.kind == Kind::Scale) {
            c = combine(c, step.factor, std::multiplies<>());
            d = combine(combine(d, step.factor, std::multiplies<>()), step.offset, std::plus<>());
            if (!std::all_of(c.begin(), c.end(), [](double one) { return one > 0; }))
                return refuse("the levels have a factor that is not above 0");
            continue;
        }
        const auto levelAt = [&](double limit) {
            return combine(c, d, [limit](double f, double o) { return (limit - o) / f; });
        };
        first = combine(first, levelAt(step.factor[0]),
                        [](double x, double y) { return std::max(x, y); });
        last = combine(last, levelAt(step.offset[0]),
                       [](double x, double y) { return std::min(x, y); });
    }
    if (!allNear(first, 0))
        return refuse("the lowest level is not 0");
    const double levels = std::round(last[0]);
    if (!(levels >= 1 && levels <= 65535) || !allNear(last, levels))
        return refuse("the highest level is not one number from 1 to 65535");
    // floor(a * x + b) = floor(a * (x + (b - 1/2) / a) + 1/2)
    std::vector<Layer> layers;
    const Numbers shift = combine(b, a, [](double o, double f) {
        return std::abs(o - 0.5) <= tolerance ? 0 : (o - 0.5) / f;
    });
    addScale(layers, {1}, shift);
    const Numbers lambda = combine(a, {levels}, [](double f, double n) { return n / f; });
    layers.emplace_back(Activation{static_cast<std::uint32_t>(levels), parameter(lambda)});
    const Numbers gain = combine(
        c, a, [](double x, double y) { return std::abs(x * y - 1) <= tolerance ? 1 : x * y; });
    addScale(layers, gain, d);
    return layers;
}

}  // namespace fovea
