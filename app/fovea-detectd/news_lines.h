// SPDX-License-Identifier: Apache-2.0
// Lines that belong to no result: the first one, and the loss and return of the source.
#pragma once

#include "app/fovea-detectd/json_lines_sink.h"
#include "engine/core/bounded_queue.h"
#include "engine/pipeline/session.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace fovea {

/// Watches the status and has written what is new in it by a thread of its own, as even the first
/// line may have to wait for its reader. A reader so slow that 64 news wait for it misses the next
/// ones: the counters in each line tell.
///
/// Threads: one.
class NewsLines {
public:
    explicit NewsLines(std::shared_ptr<JsonLinesSink> lines);
    ~NewsLines();
    NewsLines(const NewsLines &) = delete;
    NewsLines &operator=(const NewsLines &) = delete;

    /// Call it a few times a second; never waits.
    void look(const SessionStatus &status);
    /// No more news; returns when all are written or the writer has given up.
    void finish();

private:
    using News = std::pair<const char *, Json>;
    void write(const News &news);

    const std::shared_ptr<JsonLinesSink> lines_;
    bool greeted_ = false;
    std::uint64_t losses_ = 0;
    std::uint64_t reconnects_ = 0;
    std::chrono::steady_clock::time_point lostAt_{};
    BoundedQueue<News> queue_;
    std::thread writer_;
};

}  // namespace fovea
