// SPDX-License-Identifier: Apache-2.0
// One training by several processes, on one machine or more: each has a part of every batch.
#pragma once

#include "engine/core/error.h"

#include <ATen/core/Tensor.h>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// Where the processes meet, and which of them this one is.
struct MeetingPlace {
    std::string host = "127.0.0.1";  ///< of part 0
    std::uint16_t port = 0;
    std::size_t part = 0;  ///< of `parts`; part 0 waits for the others
    std::size_t parts = 1;
    std::chrono::seconds patience{300};  ///< until all are there
};

/// The processes of a training, joined by libtorch's gloo. All call the same functions in the same
/// order, with tensors of the same shapes; a function returns when all have called it, and throws
/// std::exception when another process is gone.
///
/// Threads: one at a time.
class DataParallel {
public:
    virtual ~DataParallel() = default;

    /// Unsupported without gloo's headers at build time (Debian: libgloo-dev); Io names the place
    /// when nobody came in time.
    [[nodiscard]] static Result<std::unique_ptr<DataParallel>> meet(const MeetingPlace &place);

    [[nodiscard]] std::size_t part() const { return part_; }
    [[nodiscard]] std::size_t parts() const { return parts_; }
    /// The process that judges and writes.
    [[nodiscard]] bool first() const { return part_ == 0; }

    /// Each tensor becomes the sum of all processes'.
    virtual void addUp(const std::vector<at::Tensor> &tensors) = 0;
    /// Each tensor becomes the first process's.
    virtual void share(const std::vector<at::Tensor> &tensors) = 0;

protected:
    DataParallel(std::size_t part, std::size_t parts) : part_(part), parts_(parts) {}

private:
    std::size_t part_, parts_;
};

}  // namespace fovea
