// SPDX-License-Identifier: Apache-2.0
// Tiles are taken from a counter; helpers join a job while it is open.
#include "engine/core/tile_pool.h"

#include <algorithm>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace fovea {

namespace {

/// Of the calling thread: the system runs others first when there are not enough cores.
void giveWay() {
    constexpr int niceness = 5;
    const auto own = static_cast<id_t>(::gettid());
    // Linux counts niceness by thread. Refused (it never is upwards): the same results.
    (void)::setpriority(PRIO_PROCESS, own, ::getpriority(PRIO_PROCESS, own) + niceness);
}

}  // namespace

unsigned TilePool::defaultThreads() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(cores, std::max(2U, cores - 1));
}

TilePool::TilePool(unsigned threads) {
    if (threads == 0)
        threads = defaultThreads();
    helpers_.reserve(threads - 1);
    try {
        while (helpers_.size() + 1 < threads)
            helpers_.emplace_back([this] { help(); });
    } catch (const std::system_error &) {
        // The same results with fewer threads.
    }
}

TilePool::~TilePool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread &helper : helpers_)
        helper.join();
}

void TilePool::takeTiles(const Job &job) {
    for (;;) {
        const std::size_t begin = next_.fetch_add(job.tile, std::memory_order_relaxed);
        if (begin >= job.count)
            return;
        job.call(job.work, begin, begin + std::min(job.tile, job.count - begin));
    }
}

void TilePool::runJob(const Job &job) {
    next_.store(0, std::memory_order_relaxed);
    if (helpers_.empty() || job.count <= job.tile) {
        takeTiles(job);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        job_ = job;
        ++number_;
        open_ = true;
    }
    wake_.notify_all();
    takeTiles(job);
    std::unique_lock lock(mutex_);
    open_ = false;
    left_.wait(lock, [this] { return inside_ == 0; });
}

void TilePool::help() {
    giveWay();
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || (open_ && number_ != seen); });
        if (stopping_)
            return;
        seen = number_;
        const Job job = job_;
        ++inside_;
        lock.unlock();
        takeTiles(job);
        lock.lock();
        if (--inside_ == 0)
            left_.notify_one();
    }
}

}  // namespace fovea
