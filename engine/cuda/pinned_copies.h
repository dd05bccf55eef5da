// SPDX-License-Identifier: Apache-2.0
// Ordinary memory to a device and back, through pinned buffers that take turns.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/cuda/device_work.h"

#include <array>
#include <functional>

namespace fovea {

/// Planes up. While one buffer is on its way the next one is filled; a buffer is filled again only
/// when its copy is done. Threads: see Device.
class PlaneUpload {
public:
    /// Buffers of some MiB each, or of one plane.
    PlaneUpload(DeviceWork &work, PlaneShape shape);
    /// Puts the copies on the stream Upload; null planes become zeros. `target` has wordStride()
    /// words a plane. The planes may change when this returns.
    void upload(PlanePointers planes, std::uint64_t *target);

private:
    struct Buffer {
        PinnedArray<std::uint64_t> words;
        DeviceEventPtr copied;
    };

    DeviceWork &work_;
    std::size_t stride_;
    std::size_t planesPerBuffer_;
    std::array<Buffer, 2> buffers_;
    std::size_t next_ = 0;
};

/// Results down. Threads: see Device.
class HostDownload {
public:
    /// Gets what came down, lent for the call.
    using Take = std::function<void(const std::uint8_t *bytes)>;

    /// At most `bytes` in one call.
    HostDownload(DeviceWork &work, std::size_t bytes);
    /// Copies what the stream Compute has made by now; `take` is called at the latest by finish(),
    /// in the order of the downloads.
    void download(const std::uint8_t *source, std::size_t bytes, Take take);
    /// All has been taken, or the work has failed.
    void finish();

private:
    struct Buffer {
        PinnedArray<std::uint8_t> bytes;
        DeviceEventPtr copied;
        Take take;  ///< empty: the buffer is free
    };
    void hand(Buffer &buffer);

    DeviceWork &work_;
    std::array<Buffer, 2> buffers_;
    std::size_t next_ = 0;
};

}  // namespace fovea
