// SPDX-License-Identifier: Apache-2.0
// Tiles are taken from shares; helpers join a job while it is open.
#include "engine/core/tile_pool.h"

#include <algorithm>
#include <chrono>
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

/// Looks for a short time, and only while no other thread wants the core, whether it is so.
template <class Condition> void watchFor(Condition &&condition) {
    constexpr std::chrono::microseconds patience{20};
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
}

}  // namespace

unsigned TilePool::defaultThreads() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(cores, std::max(2U, cores - 1));
}

void TilePool::Share::assign(std::size_t begin, std::size_t end) {
    tiles_.store(begin | end << 32, std::memory_order_relaxed);
}

std::optional<std::size_t> TilePool::Share::takeFirst() {
    std::uint64_t tiles = tiles_.load(std::memory_order_relaxed);
    while ((tiles & 0xFFFFFFFFU) < tiles >> 32)
        if (tiles_.compare_exchange_weak(tiles, tiles + 1, std::memory_order_relaxed))
            return tiles & 0xFFFFFFFFU;
    return std::nullopt;
}

std::optional<std::size_t> TilePool::Share::takeLast() {
    constexpr std::uint64_t one = std::uint64_t{1} << 32;
    std::uint64_t tiles = tiles_.load(std::memory_order_relaxed);
    while ((tiles & 0xFFFFFFFFU) < tiles >> 32)
        if (tiles_.compare_exchange_weak(tiles, tiles - one, std::memory_order_relaxed))
            return (tiles >> 32) - 1;
    return std::nullopt;
}

bool TilePool::Share::empty() const {
    const std::uint64_t tiles = tiles_.load(std::memory_order_relaxed);
    return (tiles & 0xFFFFFFFFU) >= tiles >> 32;
}

TilePool::TilePool(unsigned threads) : shares_(threads == 0 ? defaultThreads() : threads) {
    helpers_.reserve(shares_.size() - 1);
    try {
        for (std::size_t own = 1; own < shares_.size(); ++own)
            helpers_.emplace_back([this, own] { help(own); });
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

void TilePool::takeTiles(const Job &job, std::size_t own) {
    const auto work = [&job](std::size_t tile) {
        const std::size_t begin = tile * job.tile;
        job.call(job.work, begin, begin + std::min(job.tile, job.count - begin));
    };
    while (const auto tile = shares_[own].takeFirst())
        work(*tile);
    for (std::size_t i = 1; i < shares_.size(); ++i)
        while (const auto tile = shares_[(own + i) % shares_.size()].takeLast())
            work(*tile);
}

void TilePool::runJob(const Job &job) {
    const std::size_t tiles = (job.count + job.tile - 1) / job.tile;
    for (std::size_t i = 0; i < shares_.size(); ++i)
        shares_[i].assign(tiles * i / shares_.size(), tiles * (i + 1) / shares_.size());
    if (helpers_.empty() || tiles <= 1) {
        takeTiles(job, 0);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        job_ = job;
        ++number_;
        open_ = true;
    }
    wake_.notify_all();
    takeTiles(job, 0);
    std::unique_lock lock(mutex_);
    open_ = false;
    lock.unlock();
    watchFor([this] { return inside_ == 0; });
    lock.lock();
    left_.wait(lock, [this] { return inside_ == 0; });
}

void TilePool::help(std::size_t own) {
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
        takeTiles(job, own);
        lock.lock();
        if (--inside_ == 0)
            left_.notify_one();
        lock.unlock();
        watchFor([&] { return !shares_[own].empty(); });
        lock.lock();
    }
}

}  // namespace fovea
