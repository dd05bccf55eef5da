// SPDX-License-Identifier: Apache-2.0
// Output files that are either whole or not there.
#pragma once

#include "engine/core/error.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

/// ErrorCode::Usage when `target` is one of `inputs` (also through links), ErrorCode::Io when it is
/// a directory or when its folder is not there.
[[nodiscard]] Result<void> checkOutput(const std::filesystem::path &target,
                                       std::span<const std::filesystem::path> inputs);
/// The same for what is no recording: ErrorCode::Usage, too, when a recording has that name.
[[nodiscard]] Result<void> checkDocument(const std::filesystem::path &target,
                                         std::span<const std::filesystem::path> inputs);

/// A name beside `target`, with its extension, for a file that is not finished. The destructor
/// removes the file unless commit() gave it its real name.
///
/// Threads: one at a time.
class UnfinishedFile {
public:
    explicit UnfinishedFile(std::filesystem::path target);
    ~UnfinishedFile();
    UnfinishedFile(UnfinishedFile &&other) noexcept;
    UnfinishedFile &operator=(UnfinishedFile &&) = delete;

    [[nodiscard]] const std::filesystem::path &path() const { return unfinished_; }
    /// Renames over the target (through a link: over what it points to).
    [[nodiscard]] Result<void> commit();

private:
    std::filesystem::path target_;
    std::filesystem::path unfinished_;
};

/// Text or bytes for a file, for stdout ("-"), or for a device such as /dev/null.
///
/// A regular file appears under its name only at finish(); before that, and when finish() is never
/// called, nothing is there and an older file of that name stays as it was.
/// Threads: one at a time.
class ProgramOutput {
public:
    /// Errors as checkDocument(), or Io.
    [[nodiscard]] static Result<ProgramOutput>
    create(const std::string &path, std::span<const std::filesystem::path> inputs = {});

    [[nodiscard]] Result<void> write(std::string_view bytes);
    [[nodiscard]] Result<void> write(std::span<const unsigned char> bytes);
    /// Makes what was written so far visible to a reader of a pipe.
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] Result<void> finish();

private:
    struct Close {
        void operator()(std::FILE *file) const;
    };
    ProgramOutput() = default;
    [[nodiscard]] tl::unexpected<Error> failure(int reason) const;

    std::string name_;
    std::unique_ptr<std::FILE, Close> file_;
    std::unique_ptr<UnfinishedFile> unfinished_;  ///< null for stdout and devices
};

/// Writes `text` to stdout, all of it or an error.
[[nodiscard]] Result<void> printOut(std::string_view text);

/// Whether a write to stdout failed because its reader has left (`fovea ... | head`): no reason for
/// a message.
[[nodiscard]] bool stdoutReaderLeft();

}  // namespace fovea
