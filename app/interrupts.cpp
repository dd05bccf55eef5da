// SPDX-License-Identifier: Apache-2.0
// Signal handling through a pipe to ourselves.
#include "app/interrupts.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace fovea {

namespace {

// A handler has no other way to its object than through variables like these.
std::atomic<int> received{0};
std::atomic<std::int64_t> firstAt{0};  // nanoseconds, 0 = none came
std::atomic<int> pipeEnd{-1};
std::array<int, 2> pipeEnds{-1, -1};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "used in a signal handler");
constexpr std::int64_t sameWishNanoseconds = 100'000'000;

void onSignal(int number) {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    const std::int64_t now = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    std::int64_t first = 0;
    if (!firstAt.compare_exchange_strong(first, now)) {
        if (now - first > sameWishNanoseconds)
            _exit(130);
        return;
    }
    received = number;
    const int saved = errno;
    const char byte = 1;
    static_cast<void>(!write(pipeEnd.load(), &byte, 1));
    errno = saved;
}

void setHandler(int number, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

/// A file that is opened must not get the number of a standard stream that is closed. The wrong
/// direction makes every use of it the error that it was.
void holdStandardStreams() {
    for (int stream = 0; stream <= 2; ++stream)
        if (fcntl(stream, F_GETFD) == -1)
            static_cast<void>(open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY));
}

/// A closed terminal ends us as SIGTERM does, unless somebody has taken care of that (nohup, or a
/// handler of the program's own).
void exchangeHangUp(void (*before)(int), void (*after)(int)) {
    struct sigaction action = {};
    if (sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == before)
        setHandler(SIGHUP, after);
}

}  // namespace

Interrupts::Interrupts() {
    holdStandardStreams();
    received = 0;
    firstAt = 0;
    if (pipe2(pipeEnds.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        pipeEnds = {-1, -1};  // wait() then only sleeps; requested() still works
    pipeEnd = pipeEnds[1];
    setHandler(SIGINT, onSignal);
    setHandler(SIGTERM, onSignal);
    exchangeHangUp(SIG_DFL, onSignal);
    setHandler(SIGPIPE, SIG_IGN);
    setHandler(SIGXFSZ, SIG_IGN);
}

Interrupts::~Interrupts() {
    setHandler(SIGINT, SIG_DFL);
    setHandler(SIGTERM, SIG_DFL);
    exchangeHangUp(onSignal, SIG_DFL);
    pipeEnd = -1;
    for (const int end : pipeEnds)
        if (end >= 0)
            close(end);
    pipeEnds = {-1, -1};
}

int Interrupts::signal() const {
    return received.load();
}

bool Interrupts::wait(std::chrono::milliseconds timeout) const {
    if (requested())
        return true;
    pollfd entry{pipeEnds[0], POLLIN, 0};
    static_cast<void>(poll(&entry, 1, static_cast<int>(timeout.count())));
    return requested();
}

int Interrupts::descriptor() const {
    return pipeEnds[0];
}

}  // namespace fovea
