// SPDX-License-Identifier: Apache-2.0
// The ring of taken planes and the grid of decisions.
#include "engine/snn/stream_runner.h"

#include <algorithm>

namespace fovea {

StreamRunner::StreamRunner(std::unique_ptr<NetworkRunner> runner)
    : runner_(std::move(runner)),
      capacity_(runner_->model().form.kept ? runner_->model().form.planesPerStep()
                                           : runner_->plan().window),
      ring_(capacity_ * runner_->fit().takenWords()) {
    pointers_.reserve(capacity_);
}

void StreamRunner::restart() {
    runner_->reset();
    held_ = 0;
    started_ = broken_ = stepped_ = false;
}

void StreamRunner::loseUpTo(std::uint64_t plane) {
    if (!started_ || plane <= next_)
        return;
    const std::uint64_t hop = runner_->plan().hop;
    lost_ += plane - next_;
    // Decisions that were to end at one of the lost planes.
    skipped_ += plane / hop - next_ / hop;
    held_ = 0;
    broken_ = true;
    next_ = plane;
    if (std::exchange(stepped_, false)) {
        runner_->reset();
        ++restarts_;
    }
}

Result<void> StreamRunner::push(std::uint64_t plane, const std::uint64_t *words, const Take &take) {
    if (started_ && plane < next_)
        return fail(ErrorCode::InvalidArgument, "plane {} after plane {}", plane, next_);
    loseUpTo(plane);
    started_ = true;
    next_ = plane + 1;
    runner_->fit().take(words, ring_.data() + plane % capacity_ * runner_->fit().takenWords());
    ++held_;
    return runner_->model().form.kept ? pushKept(plane, take) : pushWindow(plane, take);
}

void StreamRunner::point(std::uint64_t begin, std::uint64_t end) {
    pointers_.clear();
    for (std::uint64_t plane = begin; plane < end; ++plane)
        pointers_.push_back(taken(plane));
}

Result<void> StreamRunner::pushWindow(std::uint64_t plane, const Take &take) {
    const StreamPlan &plan = runner_->plan();
    if ((plane + 1) % plan.hop != 0)
        return {};
    if (held_ < plan.window) {
        skipped_ += broken_ ? 1 : 0;
        return {};
    }
    broken_ = false;
    point(plane + 1 - plan.window, plane + 1);
    if (auto decided = runner_->decide(pointers_); !decided)
        return decided;
    begin_ = plane + 1 - plan.window;
    end_ = plane + 1;
    take(begin_, end_);
    return {};
}

Result<void> StreamRunner::pushKept(std::uint64_t plane, const Take &take) {
    const std::uint64_t perStep = capacity_;
    const bool due = (plane + 1) % runner_->plan().hop == 0;
    if ((plane + 1) % perStep != 0)
        return {};
    if (held_ < perStep) {
        skipped_ += due && broken_ ? 1 : 0;
        return {};
    }
    broken_ = false;
    point(plane + 1 - perStep, plane + 1);
    if (!std::exchange(stepped_, true))
        keptSince_ = plane + 1 - perStep;
    if (auto advanced = runner_->advance(pointers_); !advanced)
        return advanced;
    if (!due)
        return {};
    runner_->conclude();
    begin_ = std::exchange(keptSince_, plane + 1);
    end_ = plane + 1;
    take(begin_, end_);
    return {};
}

void StreamRunner::fill(NetworkReport &report) const {
    runner_->fill(report);
    report.begin = begin_;
    report.end = end_;
    report.skipped = skipped_;
    report.restarts = restarts_;
    report.lostPlanes = lost_;
}

}  // namespace fovea
