// SPDX-License-Identifier: Apache-2.0
// The checks that all backends share.
#include "engine/snn/executor.h"

#include <algorithm>
#include <cassert>

namespace fovea {

double NodeActivity::rate() const {
    const double places = static_cast<double>(values) * static_cast<double>(steps);
    return places > 0 ? static_cast<double>(spikes) / places : 0;
}

double energyMicrojoules(std::span<const NodeActivity> activity) {
    double picojoules = 0;
    for (const NodeActivity &node : activity)
        picojoules +=
            0.9 * static_cast<double>(node.additions) + 4.6 * static_cast<double>(node.multiplies);
    return picojoules * 1e-6;
}

std::string_view toString(Precision precision) {
    switch (precision) {
    case Precision::Bf16:
        return "bf16";
    case Precision::Int8:
        return "int8";
    case Precision::Fp32:
        break;
    }
    return "fp32";
}

Result<Precision> parsePrecision(std::string_view text) {
    for (const Precision one : {Precision::Fp32, Precision::Bf16, Precision::Int8})
        if (text == toString(one))
            return one;
    return fail(ErrorCode::Usage, "precision '{}': expected fp32, bf16 or int8", text);
}

Executor::Executor(const Network &network, std::size_t batch) : network_(network), batch_(batch) {
    assert(batch >= 1);
}

std::size_t Executor::inputSize() const {
    return batch_ * network_.inputShape().elements();
}

std::size_t Executor::outputSize(std::size_t which) const {
    return batch_ * network_.outputShape(which).elements();
}

void Executor::reset() {
    stepsDone_ = 0;
    doReset();
}

Result<void> Executor::takeSteps(std::size_t steps) {
    if (network_.maxSteps() != 0 && stepsDone_ + steps > network_.maxSteps())
        return fail(ErrorCode::InvalidArgument,
                    "{} steps asked for, but the network has gains for {} steps (DLIF)",
                    stepsDone_ + steps, network_.maxSteps());
    stepsDone_ += steps;
    return {};
}

Result<void> Executor::checkCalibrated(std::string_view method) const {
    for (const Node &node : network_.nodes())
        if (const auto *neuron = std::get_if<Neuron>(&node.layer))
            if (neuron->fire != Fire::Never &&
                (neuron->reset != Reset::Soft || modelName(*neuron) != "IF"))
                return fail(ErrorCode::Unsupported,
                            "{} calibrates IF neurons with soft reset; '{}' is {} with {} reset",
                            method, node.name, modelName(*neuron),
                            neuron->reset == Reset::Soft ? "soft" : "hard");
    return {};
}

Result<void> Executor::step(std::span<const float> input) {
    if (input.size() != inputSize())
        return fail(ErrorCode::InvalidArgument, "input of {} values, expected {} x {}",
                    input.size(), batch_, toString(network_.inputShape()));
    if (auto taken = takeSteps(1); !taken)
        return taken;
    doStep(input);
    return {};
}

Result<void> Executor::checkPlanes(PlanePointers planes) const {
    const SignalShape &shape = network_.inputShape();
    const std::size_t each = batch_ * shape.channels();
    if (shape.rank < 2 || planes.empty() || planes.size() % each != 0)
        return fail(ErrorCode::InvalidArgument, "{} planes for {} x {}: one a channel and sample",
                    planes.size(), batch_, toString(shape));
    if (std::find(planes.begin(), planes.end(), nullptr) != planes.end())
        return fail(ErrorCode::InvalidArgument, "a plane of the step was lost");
    return {};
}

Result<void> Executor::stepPlanes(PlanePointers planes) {
    if (auto checked = checkPlanes(planes); !checked)
        return checked;
    if (const std::size_t each = batch_ * network_.inputShape().channels(); planes.size() != each)
        return fail(ErrorCode::InvalidArgument, "{} planes for one step of {}", planes.size(),
                    each);
    if (auto taken = takeSteps(1); !taken)
        return taken;
    doStepPlanes(planes);
    return {};
}

Result<void> Executor::maskByResidual() {
    if (auto checked = checkCalibrated("SRP"); !checked)
        return checked;
    stepsDone_ = 0;
    doMaskByResidual();
    return {};
}

Result<void> Executor::beginWindow(std::size_t inputs, const WindowSettings &settings) {
    if (network_.recurrent())
        return fail(ErrorCode::Unsupported,
                    "a network with recurrent edges runs step by step, not layer by layer");
    if (settings.steps == 0 || settings.probe > settings.steps)
        return fail(ErrorCode::InvalidArgument,
                    "{} steps with {} of calibration: 1 or more, and no "
                    "more calibration than steps",
                    settings.steps, settings.probe);
    if (inputs != 1 && inputs != settings.steps)
        return fail(ErrorCode::InvalidArgument, "{} inputs for {} steps", inputs, settings.steps);
    if (settings.probe > 0)
        if (auto checked = checkCalibrated("COS"); !checked)
            return checked;
    reset();
    return takeSteps(settings.steps);
}

Result<std::vector<float>> Executor::window(std::span<const float> inputs,
                                            const WindowSettings &settings) {
    if (inputs.empty() || inputs.size() % inputSize() != 0)
        return fail(ErrorCode::InvalidArgument, "{} input values for {} steps of {}", inputs.size(),
                    settings.steps, inputSize());
    if (auto begun = beginWindow(inputs.size() / inputSize(), settings); !begun)
        return failed(begun);
    return doWindow(inputs, settings);
}

Result<std::vector<float>> Executor::windowPlanes(PlanePointers planes,
                                                  const WindowSettings &settings) {
    if (auto checked = checkPlanes(planes); !checked)
        return failed(checked);
    const std::size_t each = batch_ * network_.inputShape().channels();
    if (auto begun = beginWindow(planes.size() / each, settings); !begun)
        return failed(begun);
    return doWindowPlanes(planes, settings);
}

std::span<const float> Executor::unpack(PlanePointers planes) {
    const std::size_t pixels = network_.inputShape().channelElements();
    unpacked_.resize(planes.size() * pixels);
    float *to = unpacked_.data();
    for (const std::uint64_t *plane : planes)
        for (std::size_t i = 0; i < pixels; ++i)
            *to++ = testBit(plane, i) ? 1.0F : 0.0F;
    return unpacked_;
}

void Executor::doStepPlanes(PlanePointers planes) {
    doStep(unpack(planes));
}

std::vector<float> Executor::doWindowPlanes(PlanePointers planes, const WindowSettings &settings) {
    return doWindow(unpack(planes), settings);
}

}  // namespace fovea
