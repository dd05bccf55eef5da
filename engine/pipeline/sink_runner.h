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
#include <spdlog/spdlog.h>
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

    /// `about`: id, name and kind; the rest of it is kept here.
    SinkRunner(SinkStatus about, std::size_t queue, bool lossless, Work work)
        : state_(std::make_shared<State>(std::move(about), queue, lossless, std::move(work))) {
        thread_ = std::thread([state = state_] { state->run(); });
    }
    SinkRunner(const SinkRunner &) = delete;
    SinkRunner &operator=(const SinkRunner &) = delete;
    /// An output that is stuck in a write of its own cannot be ended from outside. Its thread is
    /// left alone with the state that it shares with nobody then, and ends when the write does.
    ~SinkRunner() {
        close();
        if (finished(std::chrono::milliseconds{100})) {
            thread_.join();
            return;
        }
        spdlog::warn("{}: is stuck and was left behind", state_->about.name);
        thread_.detach();
    }

    /// `weight`: planes (or results) that the item stands for.
    void offer(Item item, std::uint64_t weight) {
        state_->offered += weight;
        if (!state_->failed && state_->queue.push({std::move(item), weight}))
            return;
        if (state_->dismissed)
            state_->offered -= weight;
        else
            state_->dropped += weight;
    }
    /// From now on offer() waits no longer: what finds no place is dropped.
    void neverWait() { state_->queue.neverWait(); }
    /// No more items will come; the thread writes what is queued and finishes. Does not wait.
    void close() { state_->queue.close(); }
    /// close() in the middle of a stream: what is offered from now on was never meant for it, and
    /// is no loss.
    void dismiss() {
        state_->dismissed = true;
        close();
    }
    /// True once everything is written and finished; waits up to `limit` for it.
    [[nodiscard]] bool finished(std::chrono::nanoseconds limit) const {
        std::unique_lock lock(state_->mutex);
        return state_->ended.wait_for(lock, limit, [&] { return state_->about.finished; });
    }
    [[nodiscard]] SinkStatus status() const {
        const std::lock_guard lock(state_->mutex);
        SinkStatus status = state_->about;
        // Out before in, so that a live reading never shows more out than in.
        status.written = state_->written;
        status.dropped = state_->dropped;
        status.offered = state_->offered;
        status.waiting = status.offered - status.written - status.dropped;
        return status;
    }

private:
    struct State {
        State(SinkStatus a, std::size_t capacity, bool lossless, Work w)
            : queue(capacity, lossless ? QueuePolicy::Block : QueuePolicy::DropNewest),
              work(std::move(w)), about(std::move(a)) {}

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
            const Result<void> end = withoutThrowing(work.finish);
            const std::lock_guard lock(mutex);
            if (!end && about.error.empty())
                about.error = end.error().message;
            about.finished = true;
            ended.notify_all();
        }
        void write(const std::pair<Item, std::uint64_t> &entry) {
            const Result<void> result = withoutThrowing([&] { return work.write(entry.first); });
            if (result) {
                written += entry.second;
                return;
            }
            dropped += entry.second;
            failed = true;
            const std::lock_guard lock(mutex);
            about.error = result.error().message;
        }

        BoundedQueue<std::pair<Item, std::uint64_t>> queue;
        const Work work;
        std::atomic<std::uint64_t> offered{0};
        std::atomic<std::uint64_t> written{0};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<bool> failed{false};
        std::atomic<bool> dismissed{false};
        std::mutex mutex;  ///< of error and finished in `about`
        std::condition_variable ended;
        SinkStatus about;
    };

    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace fovea
