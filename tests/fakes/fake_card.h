// SPDX-License-Identifier: Apache-2.0
// What a test and the fake vendor library say to each other.
#pragma once

#include "tests/fakes/wire_stream.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

namespace fovea::test {

/// The card that the fake libhda100.so has. One for each copy of the library.
///
/// Threads: any; `stream` and settings that are no atomics with `mutex` held.
struct FakeCard {
    explicit FakeCard(WireLayout layout) : stream(layout) {}

    std::mutex mutex;
    WireStream stream;
    std::size_t blockBytes = 4096;
    double bytesPerSecond = 0;  ///< 0: a block whenever one is asked for
    std::int32_t openAnswer = 0;
    std::int32_t channelAnswer = 0;
    std::int32_t revision = 1020;
    std::int64_t sizeSaid = 0;  ///< not 0: said instead of the true one

    std::atomic<bool> silent{false};                           ///< no blocks: DevMBRead answers -11
    std::atomic<bool> gone{false};                             ///< every call answers -19
    std::atomic<std::uint64_t> blocksLeft{~std::uint64_t{0}};  ///< then it is silent

    /// As it was in the beginning; nobody uses it.
    void reset(WireLayout layout);
    /// Calls of this name do not come back until let go.
    void hangIn(const std::string &call);
    void letGo() { hangIn(""); }
    /// Waits until a call does hang.
    void waitUntilHanging();

    std::atomic<int> opens{0};
    std::atomic<int> closes{0};
    std::atomic<int> lent{0};  ///< blocks not given back
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<bool> twoInside{false};  ///< two threads were in the library at once

    std::string hanging;  ///< with mutex held
    bool hangs = false;
    std::condition_variable released;  ///< of `hanging` and `hangs`
};

inline void FakeCard::reset(WireLayout layout) {
    letGo();
    const std::lock_guard lock(mutex);
    stream = WireStream(layout);
    blockBytes = 4096;
    bytesPerSecond = 0;
    openAnswer = channelAnswer = 0;
    revision = 1020;
    sizeSaid = 0;
    silent = gone = twoInside = false;
    blocksLeft = ~std::uint64_t{0};
    opens = closes = lent = 0;
    blocks = 0;
}

inline void FakeCard::hangIn(const std::string &call) {
    {
        const std::lock_guard lock(mutex);
        hanging = call;
        hangs = false;
    }
    released.notify_all();
}

inline void FakeCard::waitUntilHanging() {
    std::unique_lock lock(mutex);
    released.wait(lock, [this] { return hangs; });
}

/// Name of the library's own function that gives its card.
constexpr const char *fakeCardFunction = "fakeCard";
using FakeCardFunction = FakeCard *();

}  // namespace fovea::test
