// SPDX-License-Identifier: Apache-2.0
// A graphics processor without any of its headers: memory, copies, kernels, events, graphs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea {

/// How a call went: no text means well. Texts live as long as the program.
struct [[nodiscard]] DeviceStatus {
    const char *error = nullptr;

    [[nodiscard]] bool ok() const { return error == nullptr; }
};

/// A kernel is a body: a small struct of parameters whose operator()(thread) does one thread's
/// work. Threads of one launch are independent of each other. A body with `lanes` is a warp's: on
/// CUDA 32 lanes run each of its threads together, see tensor_tiles.h.
struct DeviceKernel {
    const char *name;
    std::size_t bodyBytes;
    /// The threads [first, last) one after the other, on the CPU: how tests run a body.
    void (*onHost)(const void *body, std::uint64_t first, std::uint64_t last);
    /// Null in a build without CUDA.
    const char *(*onCuda)(const void *body, std::uint64_t threads, void *stream);
    /// Why the present CUDA device cannot run it; null text: it can; null: all can.
    const char *(*refusal)() = nullptr;
};
/// The kernel of a body. Defined in kernel.cuh, instantiated in the part's *.cu file.
template <class Body> [[nodiscard]] const DeviceKernel &deviceKernel();

/// What is put on one stream happens in order; streams run beside each other, but for waitFor().
enum class DeviceStream : std::uint8_t { Upload, Compute, Download };
constexpr std::size_t deviceStreamCount = 3;

struct DeviceEvent;  ///< a place in a stream
struct DeviceGraph;  ///< kernels that are launched as one

/// One user's hold on a graphics processor: its own streams. After an error only release() and the
/// destructor make sense.
///
/// Calls that name a stream return at once; the work is done later, errors of it may come with any
/// later call. Threads: one at a time; different instances may be used at once.
class Device {
public:
    Device() = default;
    Device(const Device &) = delete;
    Device &operator=(const Device &) = delete;
    virtual ~Device() = default;

    /// "NVIDIA H200"
    [[nodiscard]] virtual const char *name() const = 0;
    /// Why this device, or the build for it, has no such kernel; null: it has.
    [[nodiscard]] virtual const char *refusal(const DeviceKernel &) const { return nullptr; }

    /// Memory for kernels, 256-byte aligned, zeros (visible to all streams).
    virtual DeviceStatus allocate(std::size_t bytes, void **memory) = 0;
    /// Host memory that copies can read and write by themselves; unspecified content.
    virtual DeviceStatus allocatePinned(std::size_t bytes, void **memory) = 0;
    /// Waits for what uses it. Null is allowed.
    virtual void release(void *memory) = 0;
    virtual void releasePinned(void *memory) = 0;

    /// Between device and pinned memory, or within the device.
    virtual DeviceStatus copy(DeviceStream stream, void *target, const void *source,
                              std::size_t bytes) = 0;
    virtual DeviceStatus clear(DeviceStream stream, void *target, std::size_t bytes) = 0;
    /// `body` is copied. Kernels go to the stream Compute.
    virtual DeviceStatus launch(const DeviceKernel &kernel, const void *body,
                                std::uint64_t threads) = 0;

    virtual DeviceStatus makeEvent(DeviceEvent **event) = 0;
    virtual void release(DeviceEvent *event) = 0;
    /// The event becomes the stream's present end.
    virtual DeviceStatus record(DeviceStream stream, DeviceEvent *event) = 0;
    /// What is put on `stream` from now on waits until the event is reached.
    virtual DeviceStatus waitFor(DeviceStream stream, DeviceEvent *event) = 0;
    /// The caller waits, asleep; an event that was never recorded is reached.
    virtual DeviceStatus finish(DeviceEvent *event) = 0;
    /// The caller waits for all streams.
    virtual DeviceStatus finishAll() = 0;

    /// Launches until endGraph() are kept instead of done. No other call may come in between.
    virtual DeviceStatus beginGraph() = 0;
    virtual DeviceStatus endGraph(DeviceGraph **graph) = 0;
    /// On the stream Compute.
    virtual DeviceStatus run(DeviceGraph *graph) = 0;
    virtual void release(DeviceGraph *graph) = 0;
};

}  // namespace fovea
