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

Result<InferenceResult> inferCos(Executor &executor, std::span<const float> inputs,
                                 const InferenceSettings &settings) {
    auto outputs =
        executor.window(inputs, {inputSteps(settings), settings.calibration, settings.passes});
    if (!outputs)
        return failed(outputs);
    outputs->resize(settings.steps * executor.outputSize());
    return InferenceResult{std::move(*outputs),
                           settings.passes * settings.calibration + settings.steps};
}

}  // namespace

Result<InferenceResult> infer(Executor &executor, std::span<const float> inputs,
                              const InferenceSettings &settings) {
    const std::size_t size = executor.inputSize();
    const bool calibrated = settings.mode != InferenceMode::If;
    if (settings.steps == 0 || (calibrated && (settings.calibration == 0 || settings.passes == 0)))
        return fail(ErrorCode::InvalidArgument, "steps, calibration and passes are at least 1");
    const std::size_t taken = inputSteps(settings);
    if (inputs.size() != size && inputs.size() != taken * size)
        return fail(ErrorCode::InvalidArgument, "{} input values for {} steps of {}", inputs.size(),
                    taken, size);
    if (settings.mode == InferenceMode::Cos)
        return inferCos(executor, inputs, settings);
    if (!calibrated && runsAtOnce(executor, taken)) {
        auto outputs = executor.window(inputs, {taken, 0, 1, false});
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
        if (auto stepped = executor.step(inputs.subspan(from, size)); !stepped)
            return failed(stepped);
        const auto output = executor.output();
        if (t >= before)
            result.outputs.insert(result.outputs.end(), output.begin(), output.end());
    }
    return result;
}

}  // namespace fovea
