// SPDX-License-Identifier: Apache-2.0
// The modes as sequences of steps.
#include "engine/snn/inference.h"

#include <algorithm>

namespace fovea {

std::string_view toString(InferenceMode mode) {
    return mode == InferenceMode::If ? "if" : mode == InferenceMode::Srp ? "srp" : "cos";
}

std::optional<InferenceMode> parseInferenceMode(std::string_view name) {
    for (const auto mode : {InferenceMode::If, InferenceMode::Srp, InferenceMode::Cos})
        if (toString(mode) == name)
            return mode;
    return std::nullopt;
}

std::size_t inputSteps(const InferenceSettings &settings) {
    if (settings.mode == InferenceMode::Srp)
        return settings.calibration + settings.steps;
    if (settings.mode == InferenceMode::Cos)
        return std::max(settings.calibration, settings.steps);
    return settings.steps;
}

namespace {

/// All steps of a layer at once: weights are read once for all of them. Unless values of all steps
/// would take more memory than that is worth.
bool runsAtOnce(const Executor &executor, std::size_t steps) {
    constexpr std::size_t mostValues = std::size_t{1} << 26;
    std::size_t most = 0;
    for (const Node &node : executor.network().nodes())
        most = std::max(most, node.shape.elements());
    return !executor.network().recurrent() && most * executor.batch() <= mostValues / steps;
}

/// What goes in: numbers, or planes.
using Numbers = std::span<const float>;

std::size_t sizeOf(const Executor &executor, Numbers) {
    return executor.inputSize();
}
std::size_t sizeOf(const Executor &executor, PlanePointers) {
    return executor.batch() * executor.network().inputShape().channels();
}
auto runWindow(Executor &executor, Numbers inputs, const WindowSettings &settings) {
    return executor.window(inputs, settings);
}
auto runWindow(Executor &executor, PlanePointers planes, const WindowSettings &settings) {
    return executor.windowPlanes(planes, settings);
}
auto runStep(Executor &executor, Numbers input) {
    return executor.step(input);
}
auto runStep(Executor &executor, PlanePointers planes) {
    return executor.stepPlanes(planes);
}

template <class Input>
Result<InferenceResult> inferCos(Executor &executor, Input inputs,
                                 const InferenceSettings &settings) {
    auto outputs =
        runWindow(executor, inputs, {inputSteps(settings), settings.calibration, settings.passes});
    if (!outputs)
        return failed(outputs);
    outputs->resize(settings.steps * executor.outputSize());
    return InferenceResult{std::move(*outputs),
                           settings.passes * settings.calibration + settings.steps};
}

template <class Input>
Result<InferenceResult> inferAny(Executor &executor, Input inputs,
                                 const InferenceSettings &settings) {
    const std::size_t size = sizeOf(executor, inputs);
    const bool calibrated = settings.mode != InferenceMode::If;
    if (settings.steps == 0 || (calibrated && (settings.calibration == 0 || settings.passes == 0)))
        return fail(ErrorCode::InvalidArgument, "steps, calibration and passes are at least 1");
    const std::size_t taken = inputSteps(settings);
    if (inputs.size() != size && inputs.size() != taken * size)
        return fail(ErrorCode::InvalidArgument, "{} inputs for {} steps of {}", inputs.size(),
                    taken, size);
    if (settings.mode == InferenceMode::Cos)
        return inferCos(executor, inputs, settings);
    if (!calibrated && runsAtOnce(executor, taken)) {
        auto outputs = runWindow(executor, inputs, {taken, 0, 1, false});
        if (!outputs)
            return failed(outputs);
        return InferenceResult{std::move(*outputs), taken};
    }
    const std::size_t before = calibrated ? settings.calibration : 0;
    InferenceResult result{{}, taken};
    executor.reset();
    for (std::size_t t = 0; t < taken; ++t) {
        if (calibrated && t == before)
            if (auto masked = executor.maskByResidual(); !masked)
                return failed(masked);
        const std::size_t from = inputs.size() == size ? 0 : t * size;
        if (auto stepped = runStep(executor, inputs.subspan(from, size)); !stepped)
            return failed(stepped);
        const auto output = executor.output();
        if (t >= before)
            result.outputs.insert(result.outputs.end(), output.begin(), output.end());
    }
    return result;
}

}  // namespace

Result<InferenceResult> infer(Executor &executor, std::span<const float> inputs,
                              const InferenceSettings &settings) {
    return inferAny(executor, inputs, settings);
}

Result<InferenceResult> infer(Executor &executor, PlanePointers planes,
                              const InferenceSettings &settings) {
    return inferAny(executor, planes, settings);
}

}  // namespace fovea
