// SPDX-License-Identifier: Apache-2.0
// Runs one output on its own thread behind a bounded queue, and counts what it could not take.
#pragma once

#include "engine/core/bounded_queue.h"
#include "engine/pipeline/session.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace fovea {

/// Feeds items to two functions: `write` for each, `finish` once at the end. A failed write ends
/// the feeding: what comes later is counted as dropped and the error is kept.
///
/// Threads: offer() belongs to one thread, the rest to any.
template <class Item> class SinkRunner {
public:
    struct Work {
        std::function<Result<void>(const Item &)> write;
        std::function<Result<void>()> finish;
    };

    SinkRunner(std::string name, bool frames, std::size_t queue, bool lossless, Work work)
        : state_(
              std::make_shared<State>(std::move(name), frames, queue, lossless, std::move(work))) {
        thread_ = std::thread([state = state_] { state->run(); });
    }
    SinkRunner(const SinkRunner &) = delete;
    SinkRunner &operator=(const SinkRunner &) = delete;
    ~SinkRunner() { (void)finish(std::chrono::seconds{1}); }

    /// `weight`: planes (or results) that the item stands for.
    void offer(Item item, std::uint64_t weight) {
        state_->offered += weight;
        if (state_->failed || !state_->queue.push({std::move(item), weight}))
            state_->dropped += weight;
    }
    /// No more items will come; the thread writes what is queued and finishes. Does not wait.
    void close() { state_->queue.close(); }
    /// True once everything is written and finished; waits up to `limit` for it.
    [[nodiscard]] bool finished(std::chrono::nanoseconds limit) const {
        std::unique_lock lock(state_->mutex);
        return state_->ended.wait_for(lock, limit, [&] { return state_->finished; });
    }
    /// Waits for the thread. When the output is stuck beyond `limit`, the thread is left alone with
    /// its own state (it ends when the output lets go) and false comes back.
    [[nodiscard]] bool finish(std::chrono::nanoseconds limit) {
        close();
        if (!thread_.joinable())
            return true;
        if (!finished(limit)) {
            thread_.detach();
            return false;
        }
        thread_.join();
        return true;
    }
    [[nodiscard]] SinkStatus status() const {
        SinkStatus status{state_->name, state_->frames, 0, 0, 0, 0, {}, false};
        // Out before in, so that a live reading never shows more out than in.
        status.written = state_->written;
        status.dropped = state_->dropped;
        status.offered = state_->offered;
        status.waiting = status.offered - status.written - status.dropped;
        const std::lock_guard lock(state_->mutex);
        status.error = state_->error;
        status.finished = state_->finished;
        return status;
    }

private:
    struct State {
        State(std::string n, bool f, std::size_t capacity, bool lossless, Work w)
            : name(std::move(n)), frames(f),
              queue(capacity, lossless ? QueuePolicy::Block : QueuePolicy::DropNewest),
              work(std::move(w)) {}

        void run() {
            while (true) {
                auto entry = queue.pop(std::chrono::milliseconds{200});
                if (!entry) {
                    if (queue.closed() && queue.size() == 0)
                        break;
                    continue;
                }
                if (failed)
                    dropped += entry->second;
                else
                    write(*entry);
            }
            Result<void> end = work.finish();
            const std::lock_guard lock(mutex);
            if (!end && error.empty())
                error = end.error().message;
            finished = true;
            ended.notify_all();
        }
        void write(const std::pair<Item, std::uint64_t> &entry) {
            Result<void> result = work.write(entry.first);
            if (result) {
                written += entry.second;
                return;
            }
            dropped += entry.second;
            failed = true;
            const std::lock_guard lock(mutex);
            error = result.error().message;
        }

        const std::string name;
        const bool frames;
        BoundedQueue<std::pair<Item, std::uint64_t>> queue;
        const Work work;
        std::atomic<std::uint64_t> offered{0};
        std::atomic<std::uint64_t> written{0};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<bool> failed{false};
        std::mutex mutex;
        std::condition_variable ended;
        std::string error;
        bool finished = false;
    };

    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace fovea
