// SPDX-License-Identifier: Apache-2.0
// The newest planes of a stream, by number, without copying them (but those of tiny blocks).
#pragma once

#include "engine/core/spike_block.h"
#include "engine/recon/reconstructor.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace fovea {

/// Keeps the blocks that hold the last planes and looks planes up by number.
///
/// Planes that were never pushed, were dropped (gaps) or are too old are null pointers. A block of
/// another epoch or shape, or one that does not come after the last one, empties the history first.
/// Blocks that are small beside what is kept (slow play, single steps) are put together, so that
/// few blocks are held however the planes come, and none of them longer than is needed.
/// Threads: one at a time.
class PlaneHistory {
public:
    /// Keeps at least the last `planes` planes (and whole blocks, so a few more).
    explicit PlaneHistory(std::uint64_t planes) : wanted_(planes) {}

    void push(SpikeBlockPtr block);
    void clear() { blocks_.clear(); }
    /// Takes effect with the next push.
    void setPlanes(std::uint64_t planes) { wanted_ = planes; }

    /// Plane numbers [begin(), end()) are covered; both 0 when empty.
    [[nodiscard]] std::uint64_t begin() const;
    [[nodiscard]] std::uint64_t end() const;
    [[nodiscard]] bool empty() const { return blocks_.empty(); }
    [[nodiscard]] const std::deque<SpikeBlockPtr> &blocks() const { return blocks_; }

    /// Pointers to planes [first, last), oldest first. Valid until the next call or push.
    [[nodiscard]] PlanePointers planes(std::uint64_t first, std::uint64_t last);
    /// Plane `key` with as many neighbours as `reach` wants (fewer before plane 0).
    [[nodiscard]] PlaneWindow around(std::uint64_t key, PlaneReach reach);

private:
    void joinSmall();

    std::uint64_t wanted_;
    std::deque<SpikeBlockPtr> blocks_;
    std::vector<const std::uint64_t *> pointers_;
};

}  // namespace fovea
