// SPDX-License-Identifier: Apache-2.0
// Lines to stdout or a file, with a way out when nobody reads them.
#pragma once

#include "engine/core/error.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace fovea {

/// Writes whole lines. A slow reader is waited for until giveUpAt(), so one that never reads cannot
/// keep the program from ending.
///
/// Threads: write belongs to one thread at a time; the rest to any.
class LineWriter {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// "-" is stdout; a file is appended to and made when it is not there. Error: Io.
    [[nodiscard]] static Result<std::unique_ptr<LineWriter>> open(const std::string &path);
    /// Takes over a descriptor that is open for writing.
    LineWriter(int descriptor, std::string name);
    ~LineWriter();
    LineWriter(const LineWriter &) = delete;
    LineWriter &operator=(const LineWriter &) = delete;

    /// Adds the line end. Error Io, and nothing more is written after one (the same error comes
    /// again): a line may be cut there.
    [[nodiscard]] Result<void> write(std::string line);
    /// From `time` on a write that would have to wait fails.
    void giveUpAt(TimePoint time);

    /// A write has failed.
    [[nodiscard]] bool failed() const { return failed_; }
    /// It failed because the reader closed its end of the pipe.
    [[nodiscard]] bool readerLeft() const { return readerLeft_; }

private:
    [[nodiscard]] Result<void> waitForRoom();
    [[nodiscard]] tl::unexpected<Error> failure(int reason);

    const int descriptor_;
    const std::string name_;
    std::string reason_;  ///< of the failure; of the thread that writes
    std::atomic<TimePoint::rep> giveUpAt_{TimePoint::max().time_since_epoch().count()};
    std::atomic<bool> failed_{false};
    std::atomic<bool> readerLeft_{false};
};

}  // namespace fovea
