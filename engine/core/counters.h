// SPDX-License-Identifier: Apache-2.0
// Accounts for every plane: received = delivered + dropped (by reason) + in flight.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

/// Where and why a plane was lost. The names appear in metrics, JSON and the status bar.
enum class DropReason : std::uint8_t {
    Link,      ///< never reached us: the device or the file has a hole in its numbers
    Buffer,    ///< the block pool was empty
    Ring,      ///< the engine's ring was full
    Skipped,   ///< real-time replay left it out on purpose to keep pace
    Injected,  ///< removed by a noise injector
    Engine,    ///< the engine failed on its block
    Stopped,   ///< was waiting, in the ring or the driver, when the session stopped
    Sink,      ///< a recorder or other output could not take it
};
constexpr std::size_t dropReasonCount = 8;

[[nodiscard]] std::string_view toString(DropReason reason);

/// A reading of a `PlaneLedger`.
struct PlaneCounts {
    std::uint64_t received = 0;
    std::uint64_t delivered = 0;
    std::array<std::uint64_t, dropReasonCount> dropped{};

    [[nodiscard]] std::uint64_t droppedTotal() const;
    [[nodiscard]] std::uint64_t of(DropReason reason) const {
        return dropped[static_cast<std::size_t>(reason)];
    }
    /// True when nothing is unaccounted for, given what is still on its way.
    [[nodiscard]] bool balanced(std::uint64_t inFlight = 0) const {
        return received == delivered + droppedTotal() + inFlight;
    }
};

/// Counts planes of one path through the program. Never reset while running: show differences.
///
/// Threads: any thread may add and read; a reading taken while others add may be off by a block,
/// but never shows more out than in.
class PlaneLedger {
public:
    void receive(std::uint64_t planes) { received_.fetch_add(planes, std::memory_order_relaxed); }
    // Release, read with acquire: who sees a plane leave has seen it come.
    void deliver(std::uint64_t planes) { delivered_.fetch_add(planes, std::memory_order_release); }
    void drop(DropReason reason, std::uint64_t planes) {
        dropped_[static_cast<std::size_t>(reason)].fetch_add(planes, std::memory_order_release);
    }
    [[nodiscard]] PlaneCounts read() const;

private:
    std::atomic<std::uint64_t> received_{0};
    std::atomic<std::uint64_t> delivered_{0};
    std::array<std::atomic<std::uint64_t>, dropReasonCount> dropped_{};
};

}  // namespace fovea
