// SPDX-License-Identifier: Apache-2.0
// Events, waiting and the first error.
#include "engine/cuda/device_work.h"

namespace fovea {

Result<void> DeviceWork::result() const {
    if (error_ == nullptr)
        return {};
    return fail(ErrorCode::DeviceLost, "{}: {} failed: {}", device_->name(), what_, error_);
}

DeviceEventPtr DeviceWork::event() {
    DeviceEvent *event = nullptr;
    take("an event", [&] { return device_->makeEvent(&event); });
    return {event, {device_.get()}};
}

void DeviceWork::record(DeviceStream stream, const DeviceEventPtr &event) {
    take("an event", [&] { return device_->record(stream, event.get()); });
}

void DeviceWork::waitFor(DeviceStream stream, const DeviceEventPtr &event) {
    take("waiting", [&] { return device_->waitFor(stream, event.get()); });
}

void DeviceWork::follow(DeviceStream stream, DeviceStream other) {
    std::optional<DeviceEventPtr> &turn = turn_[static_cast<std::size_t>(other)];
    if (!turn)
        turn = event();
    record(other, *turn);
    waitFor(stream, *turn);
}

bool DeviceWork::finish(const DeviceEventPtr &event) {
    take("waiting", [&] { return device_->finish(event.get()); });
    return !failed();
}

bool DeviceWork::finishAll() {
    take("waiting", [&] { return device_->finishAll(); });
    return !failed();
}

void DeviceWork::run(const DeviceGraphPtr &graph) {
    take("a graph", [&] { return device_->run(graph.get()); });
}

}  // namespace fovea
