// SPDX-License-Identifier: Apache-2.0
// Writing that never waits inside the system, so that it can be given up.
#include "app/fovea-detectd/line_writer.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace fovea {

namespace {

/// How often a waiting write looks whether it should give up.
constexpr int lookMilliseconds = 20;

}  // namespace

Result<std::unique_ptr<LineWriter>> LineWriter::open(const std::string &path) {
    if (path == "-")
        return std::make_unique<LineWriter>(STDOUT_FILENO, "stdout");
    // A pipe that nobody reads must not make us wait.
    const int descriptor = ::open(
        path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (descriptor < 0 && errno == ENXIO)
        return fail(ErrorCode::Io, "service.output: {} is a pipe that nobody reads", path);
    if (descriptor < 0)
        return fail(ErrorCode::Io, "service.output: cannot write to {}: {}", path,
                    std::generic_category().message(errno));
    return std::make_unique<LineWriter>(descriptor, path);
}

LineWriter::LineWriter(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

LineWriter::~LineWriter() {
    if (descriptor_ != STDOUT_FILENO)
        ::close(descriptor_);
}

void LineWriter::giveUpAt(TimePoint time) {
    giveUpAt_ = time.time_since_epoch().count();
}

Result<void> LineWriter::write(std::string line) {
    if (failed_)
        return fail(ErrorCode::Io, "{}", reason_);
    line += '\n';
    std::string_view left = line;
    while (!left.empty()) {
        if (auto room = waitForRoom(); !room)
            return room;
        // poll() promises room for so much, in a pipe; more could block.
        const ::ssize_t done =
            ::write(descriptor_, left.data(), std::min<std::size_t>(left.size(), PIPE_BUF));
        if (done < 0 && errno != EINTR && errno != EAGAIN)
            return failure(errno);
        if (done > 0)
            left.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
}

Result<void> LineWriter::waitForRoom() {
    while (true) {
        pollfd entry{descriptor_, POLLOUT, 0};
        const int ready = ::poll(&entry, 1, lookMilliseconds);
        if (ready < 0 && errno != EINTR)
            return failure(errno);
        if (ready > 0)
            return {};  // or an error that write() will name
        if (std::chrono::steady_clock::now().time_since_epoch().count() >= giveUpAt_)
            return failure(ETIMEDOUT);
    }
}

tl::unexpected<Error> LineWriter::failure(int reason) {
    readerLeft_ = reason == EPIPE;
    reason_ = fmt::format("{}: {}", name_,
                          reason == ETIMEDOUT ? "its reader did not take the last lines in time"
                                              : std::generic_category().message(reason));
    failed_ = true;
    return fail(ErrorCode::Io, "{}", reason_);
}

}  // namespace fovea
