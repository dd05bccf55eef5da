// SPDX-License-Identifier: Apache-2.0
// A new file that is written from the start to the end.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace fovea {

/// Why the system refused to make or write a file, with its remedy. Four cases are told apart: the
/// disk is full, the folder is read-only, the file may not grow, the folder or its disk is gone.
[[nodiscard]] Error writeError(const std::filesystem::path &path, std::string_view doing,
                               int reason);
/// The file behind `descriptor` is no longer at `path`: removed, or its disk was taken away.
[[nodiscard]] bool isGone(const std::filesystem::path &path, int descriptor);

/// Owns a file descriptor for writing.
///
/// Threads: one.
class OutputFile {
public:
    OutputFile() = default;
    OutputFile(OutputFile &&other) noexcept;
    OutputFile &operator=(OutputFile &&other) noexcept;
    ~OutputFile();

    /// The file must not exist. With ErrorCode::InvalidArgument it does.
    [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path &path);
    /// All bytes, or an Io error; then bytes() says how many were taken.
    [[nodiscard]] Result<void> write(std::span<const std::uint8_t> data);
    [[nodiscard]] Result<void> write(std::string_view text);
    /// Cuts the file to `bytes` and goes on from there.
    [[nodiscard]] Result<void> truncate(std::uint64_t bytes);
    /// Waits until the disk has everything, then closes.
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }

private:
    int descriptor_ = -1;
    std::uint64_t bytes_ = 0;
    std::filesystem::path path_;
};

/// Renames without ever replacing a file: false when `to` exists.
[[nodiscard]] Result<bool> renameNew(const std::filesystem::path &from,
                                     const std::filesystem::path &to);
/// Makes names in the folder safe on the disk (as far as the file system can).
void syncFolder(const std::filesystem::path &folder);

}  // namespace fovea
