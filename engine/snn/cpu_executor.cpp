// SPDX-License-Identifier: Apache-2.0
// Steps and windows over the nodes.
#include "engine/snn/cpu_executor.h"

#include <algorithm>

namespace fovea {

CpuExecutor::CpuExecutor(const Network &network, std::size_t batch, Precision precision,
                         TilePool *pool)
    : Executor(network, batch), precision_(precision), nodes_(network, batch, precision, pool) {
    forget();
}

void CpuExecutor::run(const WindowSettings &settings) {
    nodes_.noteInput(settings.steps);
    for (std::size_t i = 1; i < network().nodes().size(); ++i)
        nodes_.run(i, settings);
    for (const std::uint32_t output : network().outputs())
        (void)nodes_.slot(output).step(0);  // unpacks
}

void CpuExecutor::doReset() {
    nodes_.reset();
    forget();
}

void CpuExecutor::forget() {
    for (const std::uint32_t output : network().outputs()) {
        CpuSlot &slot = nodes_.slot(output);
        slot.values.assign(slot.elements, 0);
        slot.haveValues = true;
    }
}

void CpuExecutor::doStep(std::span<const float> input) {
    nodes_.give(input);
    run({1, 0, 1});
}

void CpuExecutor::doStepPlanes(PlanePointers planes) {
    nodes_.give(planes);
    run({1, 0, 1});
}

void CpuExecutor::doMaskByResidual() {
    nodes_.maskByResidual();
    forget();
}

std::vector<float> CpuExecutor::doWindow(std::span<const float> inputs,
                                         const WindowSettings &settings) {
    nodes_.give(inputs);
    return runWindow(settings);
}

std::vector<float> CpuExecutor::doWindowPlanes(PlanePointers planes,
                                               const WindowSettings &settings) {
    nodes_.give(planes);
    return runWindow(settings);
}

std::vector<float> CpuExecutor::runWindow(const WindowSettings &settings) {
    run(settings);
    CpuSlot &wanted = nodes_.slot(network().outputs()[0]);
    std::vector<float> all;
    all.reserve(settings.steps * wanted.elements);
    for (std::size_t t = 0; t < settings.steps; ++t) {
        const auto values = wanted.step(t);
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

std::span<const float> CpuExecutor::output(std::size_t which) const {
    return std::span(nodes_.slot(network().outputs()[which]).values).last(outputSize(which));
}

NeuronSnapshot CpuExecutor::snapshot(std::size_t index) const {
    return nodes_.snapshot(index);
}

std::vector<NodeActivity> CpuExecutor::activity() const {
    std::vector<NodeActivity> all;
    for (std::size_t i = 0; i < network().nodes().size(); ++i)
        all.push_back(nodes_.activity(i));
    return all;
}

std::optional<WeightCheck> CpuExecutor::weightCheck(std::size_t index) const {
    const SpikeLayer *layer = nodes_.layer(index);
    return layer != nullptr ? std::optional(layer->check()) : std::nullopt;
}

void CpuExecutor::setWay(SpikeLayer::Way way) {
    nodes_.setWay(way);
}

}  // namespace fovea
