// SPDX-License-Identifier: Apache-2.0
// Reading the plane ledger.
#include "engine/core/counters.h"

#include <numeric>

namespace fovea {

std::string_view toString(DropReason reason) {
    constexpr std::array<std::string_view, dropReasonCount> names = {
        "link", "buffer", "ring", "skipped", "injected", "engine", "stopped", "sink"};
    return names[static_cast<std::size_t>(reason)];
}

std::uint64_t PlaneCounts::droppedTotal() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

PlaneCounts PlaneLedger::read() const {
    PlaneCounts counts;
    // What left is read before what came.
    counts.delivered = delivered_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        counts.dropped[i] = dropped_[i].load(std::memory_order_acquire);
    counts.received = received_.load(std::memory_order_relaxed);
    return counts;
}

}  // namespace fovea
