// SPDX-License-Identifier: Apache-2.0
// Fork, limits, and the error through a pipe.
#include "engine/snn/child_trial.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fovea {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

constexpr char succeeded = 'S';
constexpr char failedWith = 'F';  // followed by the code as one character and the message

/// Bytes of private writable memory now.
std::uint64_t dataBytes() {
    std::uint64_t data = 0;
    if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
        unsigned long pages = 0;
        if (std::fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages) == 1)
            data = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
        std::fclose(file);
    }
    return data;
}

void bound(std::uint64_t data, std::uint64_t memory, std::chrono::seconds limit) {
    const auto set = [](auto resource, std::uint64_t value) {
        const rlimit both{value, value};
        setrlimit(resource, &both);
    };
    set(RLIMIT_CORE, 0);
    set(RLIMIT_CPU, static_cast<std::uint64_t>(limit.count()));
    if (!sanitized && data > 0)
        set(RLIMIT_DATA, data + memory);
    // Handlers of ours and of sanitizers would report a crash that is expected.
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU})
        std::signal(signal, SIG_DFL);
    if (const int null = open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0)
        dup2(null, STDERR_FILENO);
}

void writeAll(int pipe, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(pipe, text.data(), text.size());
        if (count <= 0 && errno != EINTR)
            return;
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

/// Never returns.
void beChild(int pipe, const std::function<Result<void>()> &work) {
    const Result<void> done = withoutThrowing(work);
    std::string answer(1, succeeded);
    if (!done)
        answer = fmt::format("{}{}{}", failedWith,
                             static_cast<char>('0' + static_cast<int>(done.error().code)),
                             done.error().message);
    writeAll(pipe, answer);
    _exit(0);
}

/// Until the child closes the pipe, or the time is up.
std::string readAnswer(int pipe, std::chrono::steady_clock::time_point end) {
    std::string answer;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd ready{pipe, POLLIN, 0};
        const int polled = left.count() > 0 ? poll(&ready, 1, static_cast<int>(left.count())) : 0;
        if (polled < 0 && errno == EINTR)
            continue;
        std::array<char, 4096> part{};
        const ssize_t count = polled > 0 ? read(pipe, part.data(), part.size()) : 0;
        if (count <= 0 && !(count < 0 && errno == EINTR))
            return answer;
        answer.append(part.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

}  // namespace

Result<void> tryInChild(const std::string &what, std::uint64_t memory, std::chrono::seconds limit,
                        const std::function<Result<void>()> &work) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(ErrorCode::Io, "{}: no pipe for a child process", what);
    const std::uint64_t data = dataBytes();
    const pid_t child = fork();
    if (child == 0) {
        bound(data, memory, limit);
        beChild(ends[1], work);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return fail(ErrorCode::Io, "{}: no child process could be started", what);
    }
    // Wall time on a busy machine is many times processor time.
    const std::string answer = readAnswer(ends[0], std::chrono::steady_clock::now() + 30 * limit);
    close(ends[0]);
    kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (answer.size() == 1 && answer[0] == succeeded)
        return {};
    if (answer.size() >= 2 && answer[0] == failedWith)
        return tl::make_unexpected(
            Error{static_cast<ErrorCode>(answer[1] - '0'), answer.substr(2)});
    return fail(ErrorCode::BadFile, "{}", what);
}

}  // namespace fovea
