// SPDX-License-Identifier: Apache-2.0
// Fork, limits, and the error through a pipe.
#include "engine/snn/child_trial.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <optional>
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

using Steady = std::chrono::steady_clock;

constexpr int trials = 6;
constexpr auto patienceStep = std::chrono::milliseconds(500);  ///< longer with every trial
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

/// Whether it waits for something that is not the disk.
bool sleeps(pid_t child) {
    std::array<char, 256> line{};
    if (std::FILE *file = std::fopen(fmt::format("/proc/{}/stat", child).c_str(), "r")) {
        if (std::fgets(line.data(), static_cast<int>(line.size()), file) == nullptr)
            line[0] = 0;
        std::fclose(file);
    }
    // "1 (name) S ...", and the name of a thread of Qt's pool has parentheses, too.
    const std::string_view text(line.data());
    const std::size_t name = text.rfind(')');
    return name != std::string_view::npos && text.substr(name).rfind(") S", 0) == 0;
}

/// Until the child closes the pipe, the time is up, or it has slept for `patience`: null then.
std::optional<std::string> readAnswer(pid_t child, int pipe, Steady::time_point end,
                                      Steady::duration patience) {
    std::string answer;
    Steady::time_point awake = Steady::now();
    while (Steady::now() < end) {
        pollfd ready{pipe, POLLIN, 0};
        const int polled = poll(&ready, 1, 50);
        std::array<char, 4096> part{};
        const ssize_t count = polled > 0 ? read(pipe, part.data(), part.size()) : 0;
        if (count > 0)
            answer.append(part.data(), static_cast<std::size_t>(count));
        else if (polled > 0 && !(count < 0 && errno == EINTR))
            return answer;
        if (count > 0 || !sleeps(child))
            awake = Steady::now();
        else if (Steady::now() - awake > patience)
            return std::nullopt;
    }
    return answer;
}

/// One child's answer; null when it met a lock that nobody will open.
Result<std::optional<std::string>> askChild(const std::string &what, std::uint64_t memory,
                                            std::chrono::seconds limit, Steady::duration patience,
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
    auto answer = readAnswer(child, ends[0], Steady::now() + 30 * limit, patience);
    close(ends[0]);
    kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return answer;
}

}  // namespace

// The child has one thread, and every lock that another thread of ours held at the fork stays shut
// in it for ever (the allocator's of the address sanitizer, say; those of the C library are taken
// care of). Such a child sleeps; the next one will hardly meet the same moment.
Result<void> tryInChild(const std::string &what, std::uint64_t memory, std::chrono::seconds limit,
                        const std::function<Result<void>()> &work) {
    std::optional<std::string> answer;
    for (int trial = 1; !answer && trial <= trials; ++trial) {
        auto asked = askChild(what, memory, limit, trial * patienceStep, work);
        if (!asked)
            return failed(asked);
        answer = std::move(*asked);
    }
    if (answer && answer->size() == 1 && answer->front() == succeeded)
        return {};
    if (answer && answer->size() >= 2 && answer->front() == failedWith)
        return tl::make_unexpected(
            Error{static_cast<ErrorCode>((*answer)[1] - '0'), answer->substr(2)});
    return fail(ErrorCode::BadFile, "{}", what);
}

}  // namespace fovea
