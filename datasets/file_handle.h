// SPDX-License-Identifier: Apache-2.0
// A regular file, opened for reading at any offset.
#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>

namespace fovea {

/// Owns a file descriptor. The size is that at opening.
///
/// Threads: any; reading is const.
class FileHandle {
public:
    FileHandle() = default;
    FileHandle(FileHandle &&other) noexcept;
    FileHandle &operator=(FileHandle &&other) noexcept;
    ~FileHandle();

    /// Directories, pipes, sockets and devices are BadFile, without waiting for them. Once `stop`
    /// is requested all reading fails with Cancelled.
    [[nodiscard]] static Result<FileHandle> open(const std::filesystem::path &path,
                                                 std::stop_token stop = {});

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }
    /// All `count` bytes at `offset`, or an error that says what was missing.
    [[nodiscard]] Result<void> readAt(std::uint64_t offset, void *target, std::size_t count) const;
    /// Memory of some bytes.
    struct Part {
        void *target;
        std::size_t bytes;
    };
    /// The same into several pieces of memory (at most 64), one after the other.
    [[nodiscard]] Result<void> readAt(std::uint64_t offset, std::span<Part> parts) const;

private:
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
    std::filesystem::path path_;
    std::stop_token stop_;
};

/// A whole text file of at most `limit` bytes.
[[nodiscard]] Result<std::string> readText(const std::filesystem::path &path, std::size_t limit);

}  // namespace fovea
