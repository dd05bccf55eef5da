// SPDX-License-Identifier: Apache-2.0
// A new file that takes a fast stream: large aligned writes on a thread of its own.
#pragma once

#include "engine/core/error.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace fovea {

struct StreamFileOptions {
    std::size_t chunkBytes = std::size_t{4} << 20;  ///< of one write, a multiple of 4096
    std::size_t chunks = 8;                         ///< kept while the disk is slow, at least 2
    bool direct = true;  ///< past the page cache (O_DIRECT), where the file system takes it
    std::chrono::milliseconds longest{40};  ///< that bytes wait for their chunk to be full
};

/// Takes bytes into chunks; its thread writes each full chunk at once, and one that is not full
/// when its bytes have waited long enough, so that a killed process loses little. Whole chunks go
/// to the disk directly, which is faster and leaves the page cache to others; where the file system
/// refuses that they go the usual way.
///
/// Threads: one, and its own.
class StreamFile {
public:
    /// The file must not exist. With ErrorCode::InvalidArgument it does.
    [[nodiscard]] static Result<StreamFile> create(const std::filesystem::path &path,
                                                   const StreamFileOptions &options = {});
    StreamFile(StreamFile &&) noexcept;
    StreamFile &operator=(StreamFile &&) noexcept;
    ~StreamFile();

    /// Waits while all chunks are full. The first error of the disk is that of all calls after it;
    /// then written() says what the file holds.
    [[nodiscard]] Result<void> append(std::span<const std::uint8_t> data);
    /// Waits until everything is written; then the file may be cut. No append() after it.
    [[nodiscard]] Result<void> drain();
    /// After drain(): cuts the file to `bytes`.
    [[nodiscard]] Result<void> truncate(std::uint64_t bytes);
    /// After drain(): waits until the disk has everything, then closes.
    [[nodiscard]] Result<void> finish();

    /// Bytes that append() took, and those of them that are in the file.
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] std::uint64_t written() const;
    /// Whole chunks pass the page cache.
    [[nodiscard]] bool direct() const;
    [[nodiscard]] const std::filesystem::path &path() const;

private:
    struct State;
    explicit StreamFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fovea
