// SPDX-License-Identifier: Apache-2.0
// A model on a stream of planes: windows on a grid, gaps never bridged.
#pragma once

#include "engine/snn/network_runner.h"

#include <functional>

namespace fovea {

/// Decisions end at planes p with (p + 1) % hop == 0, whatever plane came first and however planes
/// are cut into blocks. A window that lacks a plane is skipped and counted; a kept state begins
/// anew after a lost plane, and that is counted, too. The first planes of a stream make no window
/// yet: nothing is skipped there. Steps of a kept state lie on the grid of planesPerStep().
///
/// Threads: one at a time.
class StreamRunner {
public:
    /// Called after each decision; the runner has its outputs.
    using Take = std::function<void(std::uint64_t begin, std::uint64_t end)>;

    explicit StreamRunner(std::unique_ptr<NetworkRunner> runner);

    [[nodiscard]] const NetworkRunner &runner() const { return *runner_; }
    /// The next plane; numbers grow, and what they leave out is lost.
    [[nodiscard]] Result<void> push(std::uint64_t plane, const std::uint64_t *words,
                                    const Take &take);
    /// Everything before `plane` that has not come is lost.
    void loseUpTo(std::uint64_t plane);
    /// After a seek: no plane was lost.
    void restart();
    /// The last decision; begin and end as given to Take.
    void fill(NetworkReport &report) const;

private:
    [[nodiscard]] const std::uint64_t *taken(std::uint64_t plane) const {
        return ring_.data() + plane % capacity_ * runner_->fit().takenWords();
    }
    [[nodiscard]] Result<void> pushKept(std::uint64_t plane, const Take &take);
    [[nodiscard]] Result<void> pushWindow(std::uint64_t plane, const Take &take);
    void point(std::uint64_t begin, std::uint64_t end);

    std::unique_ptr<NetworkRunner> runner_;
    std::uint64_t capacity_;
    std::vector<std::uint64_t> ring_;
    std::vector<const std::uint64_t *> pointers_;
    std::uint64_t next_ = 0;  ///< plane that should come
    std::uint64_t held_ = 0;  ///< planes before it without a gap
    bool started_ = false;
    bool broken_ = false;          ///< the window still has a gap in it
    bool stepped_ = false;         ///< a kept state has something to forget
    std::uint64_t keptSince_ = 0;  ///< first plane of the kept state's decision
    std::uint64_t begin_ = 0, end_ = 0;
    std::uint64_t skipped_ = 0, restarts_ = 0, lost_ = 0;
};

}  // namespace fovea
