// SPDX-License-Identifier: Apache-2.0
// The one queue between threads: bounded, with a stated policy for when it is full.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace fovea {

/// What a full queue does with the next item.
enum class QueuePolicy {
    Block,       ///< the producer waits: nothing is lost (files, exports)
    DropNewest,  ///< the new item is refused: the producer counts it (live ring, recorder)
    KeepLatest,  ///< the oldest item is replaced: a mailbox (display)
};

/// Bounded queue of any number of producers and consumers.
///
/// push() says whether the item was taken; the caller counts what was refused, because only it
/// knows how many planes the item holds. With KeepLatest the replaced items are in replaced().
/// Threads: any. close() wakes everybody; what is queued can still be popped.
template <class T> class BoundedQueue {
public:
    /// Has room for one item at least.
    BoundedQueue(std::size_t capacity, QueuePolicy policy)
        : capacity_(std::max<std::size_t>(1, capacity)), policy_(policy) {}

    /// False when the item was not taken: queue full (DropNewest) or closed.
    [[nodiscard]] bool push(T item) {
        {
            std::unique_lock lock(mutex_);
            notFull_.wait(lock, [&] {
                return policy_ != QueuePolicy::Block || closed_ || items_.size() < capacity_;
            });
            if (closed_)
                return false;
            if (items_.size() >= capacity_) {
                if (policy_ == QueuePolicy::DropNewest)
                    return false;
                items_.pop_front();
                ++replaced_;
            }
            items_.push_back(std::move(item));
        }
        notEmpty_.notify_one();
        return true;
    }

    /// Waits up to `timeout`; nothing when there is nothing (then see closed()).
    [[nodiscard]] std::optional<T> pop(std::chrono::nanoseconds timeout) {
        std::optional<T> item;
        {
            std::unique_lock lock(mutex_);
            notEmpty_.wait_for(lock, timeout, [&] { return closed_ || !items_.empty(); });
            if (items_.empty())
                return std::nullopt;
            item.emplace(std::move(items_.front()));
            items_.pop_front();
        }
        notFull_.notify_one();
        return item;
    }
    [[nodiscard]] std::optional<T> tryPop() { return pop(std::chrono::nanoseconds{0}); }

    /// Lets a producer that waits go, now and for ever: Block becomes DropNewest.
    void neverWait() {
        {
            std::lock_guard lock(mutex_);
            if (policy_ == QueuePolicy::Block)
                policy_ = QueuePolicy::DropNewest;
        }
        notFull_.notify_all();
    }
    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        notEmpty_.notify_all();
        notFull_.notify_all();
    }
    [[nodiscard]] bool closed() const {
        std::lock_guard lock(mutex_);
        return closed_;
    }
    [[nodiscard]] std::size_t size() const {
        std::lock_guard lock(mutex_);
        return items_.size();
    }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    [[nodiscard]] QueuePolicy policy() const {
        std::lock_guard lock(mutex_);
        return policy_;
    }
    [[nodiscard]] std::uint64_t replaced() const {
        std::lock_guard lock(mutex_);
        return replaced_;
    }

private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    QueuePolicy policy_;
    std::condition_variable notEmpty_;
    std::condition_variable notFull_;
    std::deque<T> items_;
    std::uint64_t replaced_ = 0;
    bool closed_ = false;
};

}  // namespace fovea
