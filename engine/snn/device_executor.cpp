// SPDX-License-Identifier: Apache-2.0
// The device, what it was given, and who goes on.
#include "engine/snn/device_executor.h"

#include <fmt/format.h>

namespace fovea {

DeviceExecutor::DeviceExecutor(const Network &network, std::size_t batch,
                               std::unique_ptr<Device> device, MakeOther makeOther,
                               Precision precision, std::size_t most)
    : Executor(network, batch), makeOther_(std::move(makeOther)), precision_(precision),
      most_(most),
      device_(std::make_unique<DeviceNetwork>(network, batch, std::move(device), precision)) {}

Result<void> DeviceExecutor::result() const {
    return device_ != nullptr ? device_->result() : Result<void>();
}

std::string_view DeviceExecutor::name() const {
    return device_ != nullptr ? "cuda" : other_->name();
}

Precision DeviceExecutor::precision() const {
    return device_ != nullptr ? precision_ : other_->precision();
}

template <class Call> bool DeviceExecutor::tryDevice(Call &&call) const {
    if (device_ == nullptr)
        return false;
    call(*device_);
    if (device_->result())
        return true;
    lose();
    return false;
}

void DeviceExecutor::lose() const {
    reason_ = device_->result().error().message;
    device_.reset();
    other_ = makeOther_();
    if (oldest_ > 0)
        reason_ += fmt::format("; the state was made anew from the last {} of {} steps",
                               events_.size() - oldest_, steps_);
    for (std::size_t i = oldest_; i < events_.size(); ++i) {
        // All of this was accepted before.
        if (const auto *input = std::get_if<std::vector<float>>(&events_[i])) {
            (void)other_->step(*input);
        } else if (const auto *words = std::get_if<Planes>(&events_[i])) {
            std::vector<const std::uint64_t *> planes;
            for (const auto &plane : *words)
                planes.push_back(plane.data());
            (void)other_->stepPlanes(planes);
        } else if (const auto *window = std::get_if<Window>(&events_[i])) {
            (void)other_->window(window->inputs, window->settings);
        } else {
            (void)other_->maskByResidual();
        }
    }
}

void DeviceExecutor::remember(Event event, std::size_t bytes) {
    if (device_ == nullptr)
        return;
    events_.push_back(std::move(event));
    eventBytes_.push_back(bytes);
    keptBytes_ += bytes;
    while (keptBytes_ > most_ && oldest_ < events_.size()) {
        keptBytes_ -= eventBytes_[oldest_];
        events_[oldest_++] = Mask{};
    }
    if (oldest_ > 64 && oldest_ * 2 > events_.size()) {
        const auto gone = static_cast<std::ptrdiff_t>(oldest_ - 1);
        events_.erase(events_.begin(), events_.begin() + gone);
        eventBytes_.erase(eventBytes_.begin(), eventBytes_.begin() + gone);
        oldest_ = 1;
    }
}

std::span<const float> DeviceExecutor::output(std::size_t which) const {
    return device_ != nullptr ? device_->output(which) : other_->output(which);
}

NeuronSnapshot DeviceExecutor::snapshot(std::size_t index) const {
    NeuronSnapshot shot;
    if (tryDevice([&](DeviceNetwork &device) { shot = device.snapshot(index); }))
        return shot;
    return other_->snapshot(index);
}

std::vector<NodeActivity> DeviceExecutor::activity() const {
    std::vector<NodeActivity> all;
    const auto count = [&](DeviceNetwork &device) {
        all = device.counts();
        for (NodeActivity &node : all) {
            node.steps = steps_ * batch();
            node.multiplies = device.multiplies(node.node) * node.steps;
        }
    };
    return tryDevice(count) ? all : other_->activity();
}

void DeviceExecutor::doReset() {
    events_.clear();
    eventBytes_.clear();
    oldest_ = keptBytes_ = 0;
    steps_ = 0;
    if (!tryDevice([](DeviceNetwork &device) { device.reset(); }))
        other_->reset();
}

void DeviceExecutor::doStep(std::span<const float> input) {
    if (!tryDevice([&](DeviceNetwork &device) { device.step(input); }))
        (void)other_->step(input);
    ++steps_;
    remember(std::vector<float>(input.begin(), input.end()), input.size_bytes());
}

void DeviceExecutor::doStepPlanes(PlanePointers planes) {
    if (!tryDevice([&](DeviceNetwork &device) { device.stepPlanes(planes); }))
        (void)other_->stepPlanes(planes);
    ++steps_;
    const std::size_t words = (network().inputShape().channelElements() + 63) / 64;
    Planes kept;
    for (const std::uint64_t *plane : planes)
        kept.emplace_back(plane, plane + words);
    remember(std::move(kept), planes.size() * words * 8);
}

void DeviceExecutor::doMaskByResidual() {
    if (!tryDevice([](DeviceNetwork &device) { device.maskByResidual(); }))
        (void)other_->maskByResidual();
    remember(Mask{}, 0);
}

std::vector<float> DeviceExecutor::doWindow(std::span<const float> inputs,
                                            const WindowSettings &settings) {
    std::vector<float> outputs;
    if (!tryDevice([&](DeviceNetwork &device) { outputs = device.window(inputs, settings); }))
        outputs = other_->window(inputs, settings).value();
    steps_ += settings.steps;
    remember(Window{{inputs.begin(), inputs.end()}, settings}, inputs.size_bytes());
    return outputs;
}

}  // namespace fovea
