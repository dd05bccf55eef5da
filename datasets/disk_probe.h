// SPDX-License-Identifier: Apache-2.0
// How fast a folder's disk takes a recording, and how much room there is.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>

namespace fovea {

/// Bytes that a user may still write to the disk of `folder`. A name that is not there yet means
/// the folder above it.
[[nodiscard]] Result<std::uint64_t> freeBytes(const std::filesystem::path &folder);

/// Room for `planes` planes, not packed, beside the recording `path`; Io names both sizes when
/// there is too little.
[[nodiscard]] Result<void> checkRoom(const std::filesystem::path &path, PlaneShape shape,
                                     double planes);

struct DiskProbeOptions {
    std::chrono::milliseconds limit{1500};  ///< of writing; the disk's own end comes on top
    std::uint64_t bytes = std::uint64_t{512} << 20;  ///< at most, and never a tenth of the room
    std::size_t chunkBytes = std::size_t{4} << 20;
};
/// Called with the share done, 0 to 1; false ends the work with ErrorCode::Cancelled.
using ProbeProgress = std::function<bool(double share)>;

/// Writes a file as the recorder does, until the disk says that it is safe, and removes it. The
/// result is in bytes a second. Errors are those of recording there.
[[nodiscard]] Result<double> probeDisk(const std::filesystem::path &folder,
                                       const ProbeProgress &progress,
                                       const DiskProbeOptions &options = {});

}  // namespace fovea
