// SPDX-License-Identifier: Apache-2.0
// Every tile once, the same tiles with any number of threads, nobody forgotten or waited for.
#include "engine/core/tile_pool.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

using namespace fovea;

namespace {
using Tiles = std::set<std::pair<std::size_t, std::size_t>>;

Tiles tilesOf(TilePool &pool, std::size_t count, std::size_t tile) {
    std::mutex mutex;
    Tiles tiles;
    std::size_t calls = 0;
    pool.run(count, tile, [&](std::size_t begin, std::size_t end) {
        const std::lock_guard lock(mutex);
        tiles.emplace(begin, end);
        ++calls;
    });
    CHECK(calls == tiles.size());
    return tiles;
}
}  // namespace

TEST_CASE("tiles depend on count and size only", "[core]") {
    for (const unsigned threads : {1U, 2U, 3U, 8U}) {
        TilePool pool(threads);
        CHECK(pool.threads() == threads);
        CHECK(tilesOf(pool, 0, 8).empty());
        CHECK(tilesOf(pool, 8, 8) == Tiles{{0, 8}});
        CHECK(tilesOf(pool, 3, 100) == Tiles{{0, 3}});
        CHECK(tilesOf(pool, 20, 8) == Tiles{{0, 8}, {8, 16}, {16, 20}});
        const Tiles single = tilesOf(pool, 5, 1);
        CHECK(single == Tiles{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}});
    }
}

TEST_CASE("the default leaves one core alone where there are three", "[core]") {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    CHECK(TilePool::defaultThreads() == (cores < 3 ? cores : cores - 1));
    CHECK(TilePool(0).threads() == TilePool::defaultThreads());
}

TEST_CASE("helpers have a lower priority than the calling thread", "[core]") {
    const auto niceness = [] { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); };
    const int own = niceness();
    TilePool pool(2);
    std::mutex mutex;
    std::condition_variable met;
    std::vector<int> seen;
    pool.run(2, 1, [&](std::size_t, std::size_t) {
        std::unique_lock lock(mutex);
        seen.push_back(niceness());
        met.notify_all();
        met.wait_for(lock, std::chrono::seconds(60), [&] { return seen.size() == 2; });
    });
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<int>{own, std::min(own + 5, 19)});
    CHECK(niceness() == own);
}

TEST_CASE("one thread works on the calling thread, in order", "[core]") {
    TilePool pool(1);
    std::vector<std::size_t> begins;
    const std::thread::id here = std::this_thread::get_id();
    pool.run(10, 3, [&](std::size_t begin, std::size_t) {
        CHECK(std::this_thread::get_id() == here);
        begins.push_back(begin);
    });
    CHECK(begins == std::vector<std::size_t>{0, 3, 6, 9});
}

TEST_CASE("what tiles wrote is seen after the call, job after job", "[core]") {
    TilePool pool(4);
    std::vector<std::uint32_t> values(1003, 0);
    for (std::uint32_t round = 1; round <= 3000; ++round) {
        // Alternating sizes: some jobs are over before a helper is awake.
        const std::size_t count = round % 3 == 0 ? 2 : values.size();
        pool.run(count, round % 2 == 0 ? 1 : 64, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i)
                ++values[i];
        });
    }
    CHECK(std::all_of(values.begin(), values.begin() + 2, [](auto v) { return v == 3000; }));
    CHECK(std::all_of(values.begin() + 2, values.end(), [](auto v) { return v == 2000; }));
}

TEST_CASE("helpers take part: two tiles that wait for each other come to an end", "[core]") {
    TilePool pool(2);
    std::mutex mutex;
    std::condition_variable met;
    int arrived = 0;
    std::set<std::thread::id> threads;
    pool.run(2, 1, [&](std::size_t, std::size_t) {
        std::unique_lock lock(mutex);
        ++arrived;
        threads.insert(std::this_thread::get_id());
        met.notify_all();
        met.wait_for(lock, std::chrono::seconds(60), [&] { return arrived == 2; });
    });
    CHECK(arrived == 2);
    CHECK(threads.size() == 2);
    CHECK(threads.contains(std::this_thread::get_id()));
}

TEST_CASE("each thread begins with its own part of the tiles", "[core]") {
    TilePool pool(2);
    const std::thread::id here = std::this_thread::get_id();
    for (int round = 0; round < 5; ++round) {
        std::mutex mutex;
        std::condition_variable met;
        int arrived = 0;
        std::vector<std::thread::id> first(4);
        pool.run(8, 2, [&](std::size_t begin, std::size_t) {
            std::unique_lock lock(mutex);
            first[begin / 2] = std::this_thread::get_id();
            ++arrived;
            met.notify_all();
            met.wait_for(lock, std::chrono::seconds(60), [&] { return arrived >= 2; });
        });
        CHECK(first[0] == here);
        CHECK(first[2] != here);
    }
}

TEST_CASE("pools without work and pools that never worked end", "[core]") {
    for (int i = 0; i < 50; ++i) {
        TilePool pool(3);
        if (i % 2 == 0)
            pool.run(6, 2, [](std::size_t, std::size_t) {});
    }
    SUCCEED();
}
