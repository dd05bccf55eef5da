// SPDX-License-Identifier: Apache-2.0
// A device and what is owned on it; calls after the first error do nothing.
#pragma once

#include "engine/core/error.h"
#include "engine/cuda/device.h"

#include <memory>
#include <optional>

namespace fovea {

/// Gives memory, events and graphs back; see DeviceWork.
struct DeviceRelease {
    Device *device = nullptr;
    void operator()(DeviceEvent *event) const { device->release(event); }
    void operator()(DeviceGraph *graph) const { device->release(graph); }
};
template <class T, bool pinned> struct MemoryRelease {
    Device *device = nullptr;
    void operator()(T *memory) const {
        if constexpr (pinned)
            device->releasePinned(memory);
        else
            device->release(static_cast<void *>(memory));
    }
};
template <class T> using DeviceArray = std::unique_ptr<T[], MemoryRelease<T, false>>;
template <class T> using PinnedArray = std::unique_ptr<T[], MemoryRelease<T, true>>;
using DeviceEventPtr = std::unique_ptr<DeviceEvent, DeviceRelease>;
using DeviceGraphPtr = std::unique_ptr<DeviceGraph, DeviceRelease>;

/// Work for a device, written down straight: the first error is kept, everything after it is left
/// out, and result() tells. Must outlive what it gave out (declare it first).
///
/// Threads: see Device.
class DeviceWork {
public:
    explicit DeviceWork(std::unique_ptr<Device> device) : device_(std::move(device)) {}

    [[nodiscard]] const Device &device() const { return *device_; }
    [[nodiscard]] bool failed() const { return error_ != nullptr; }
    /// ErrorCode::DeviceLost: what was being done, and the device's own words.
    [[nodiscard]] Result<void> result() const;

    /// Null after an error. Sizes of 0 are taken as 1.
    template <class T> [[nodiscard]] DeviceArray<T> onDevice(std::size_t count) {
        void *memory = nullptr;
        take("memory on the device", [&] { return device_->allocate(bytes<T>(count), &memory); });
        return {static_cast<T *>(memory), {device_.get()}};
    }
    template <class T> [[nodiscard]] PinnedArray<T> pinned(std::size_t count) {
        void *memory = nullptr;
        take("pinned memory", [&] { return device_->allocatePinned(bytes<T>(count), &memory); });
        return {static_cast<T *>(memory), {device_.get()}};
    }
    [[nodiscard]] DeviceEventPtr event();

    template <class T>
    void copy(DeviceStream stream, T *target, const T *source, std::size_t count) {
        take("a copy", [&] { return device_->copy(stream, target, source, count * sizeof(T)); });
    }
    template <class T> void clear(DeviceStream stream, T *target, std::size_t count) {
        take("clearing", [&] { return device_->clear(stream, target, count * sizeof(T)); });
    }
    template <class Body> void launch(const Body &body, std::uint64_t threads) {
        const DeviceKernel &kernel = deviceKernel<Body>();
        take(kernel.name, [&] { return device_->launch(kernel, &body, threads); });
    }
    void record(DeviceStream stream, const DeviceEventPtr &event);
    void waitFor(DeviceStream stream, const DeviceEventPtr &event);
    /// `stream` goes on when `other` has done what it was given until now.
    void follow(DeviceStream stream, DeviceStream other);
    /// The caller waits; true when all went well.
    bool finish(const DeviceEventPtr &event);
    bool finishAll();

    /// `launches` calls launch() only; they are kept as a graph.
    template <class Launches> [[nodiscard]] DeviceGraphPtr graph(Launches &&launches) {
        DeviceGraph *made = nullptr;
        take("a graph", [&] { return device_->beginGraph(); });
        if (!failed()) {
            launches();
            // A capture that began must end, whatever happened in it.
            const DeviceStatus ended = device_->endGraph(&made);
            take("a graph", [&] { return ended; });
        }
        return {made, {device_.get()}};
    }
    void run(const DeviceGraphPtr &graph);

private:
    template <class T> static std::size_t bytes(std::size_t count) {
        return (count == 0 ? 1 : count) * sizeof(T);
    }
    template <class Call> void take(const char *what, Call &&call) {
        if (failed())
            return;
        error_ = call().error;
        what_ = what;
    }

    std::unique_ptr<Device> device_;
    const char *error_ = nullptr;
    const char *what_ = "";                                  ///< the last thing that was done
    std::optional<DeviceEventPtr> turn_[deviceStreamCount];  ///< of follow(), by its second stream
};

}  // namespace fovea
