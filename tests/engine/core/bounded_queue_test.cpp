// SPDX-License-Identifier: Apache-2.0
// The three policies of a full queue, closing, time-outs, many threads, exact loss counts.
#include "engine/core/bounded_queue.h"

#include "engine/core/counters.h"
#include "tests/support/files.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

std::chrono::nanoseconds patience() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(20s * test::slowness());
}

}  // namespace

TEST_CASE("what goes in first comes out first", "[core]") {
    BoundedQueue<int> queue(4, QueuePolicy::DropNewest);
    CHECK(queue.capacity() == 4);
    CHECK(queue.policy() == QueuePolicy::DropNewest);
    CHECK_FALSE(queue.tryPop());
    for (int i = 0; i < 4; ++i)
        CHECK(queue.push(i));
    CHECK(queue.size() == 4);
    for (int i = 0; i < 4; ++i)
        CHECK(queue.tryPop() == i);
    CHECK_FALSE(queue.tryPop());
    CHECK(queue.size() == 0);
}

TEST_CASE("a full ring refuses the newest item and keeps the old ones", "[core]") {
    BoundedQueue<int> queue(2, QueuePolicy::DropNewest);
    CHECK(queue.push(1));
    CHECK(queue.push(2));
    CHECK_FALSE(queue.push(3));
    CHECK(queue.tryPop() == 1);
    CHECK(queue.push(4));
    CHECK(queue.tryPop() == 2);
    CHECK(queue.tryPop() == 4);
    CHECK(queue.replaced() == 0);
}

TEST_CASE("a mailbox keeps the latest items and counts those it replaced", "[core]") {
    BoundedQueue<int> queue(2, QueuePolicy::KeepLatest);
    for (int i = 0; i < 10; ++i)
        CHECK(queue.push(i));
    CHECK(queue.replaced() == 8);
    CHECK(queue.size() == 2);
    CHECK(queue.tryPop() == 8);
    CHECK(queue.tryPop() == 9);
}

TEST_CASE("a queue for nothing still has room for one", "[core]") {
    for (const auto policy : {QueuePolicy::DropNewest, QueuePolicy::KeepLatest}) {
        BoundedQueue<int> queue(0, policy);
        CHECK(queue.capacity() == 1);
        CHECK(queue.push(1));
        CHECK(queue.push(2) == (policy == QueuePolicy::KeepLatest));
        CHECK(queue.size() == 1);
    }
}

TEST_CASE("a pop from an empty queue waits for its time-out, and for an item", "[core]") {
    BoundedQueue<int> queue(1, QueuePolicy::Block);
    const auto before = std::chrono::steady_clock::now();
    CHECK_FALSE(queue.pop(20ms));
    CHECK(std::chrono::steady_clock::now() - before >= 20ms);
    std::thread producer([&] {
        std::this_thread::sleep_for(5ms);
        CHECK(queue.push(7));
    });
    const auto item = queue.pop(patience());
    producer.join();
    CHECK(item == 7);
}

TEST_CASE("a closed queue refuses items and still gives what it has", "[core]") {
    const auto policy =
        GENERATE(QueuePolicy::Block, QueuePolicy::DropNewest, QueuePolicy::KeepLatest);
    BoundedQueue<int> queue(3, policy);
    CHECK(queue.push(1));
    CHECK(queue.push(2));
    CHECK_FALSE(queue.closed());
    queue.close();
    queue.close();
    CHECK(queue.closed());
    CHECK_FALSE(queue.push(3));
    CHECK(queue.tryPop() == 1);
    CHECK(queue.tryPop() == 2);
    const auto before = std::chrono::steady_clock::now();
    CHECK_FALSE(queue.pop(patience()));  // closed and empty: no wait
    CHECK(std::chrono::steady_clock::now() - before < patience());
}

TEST_CASE("closing wakes producers that wait for room and consumers that wait for items",
          "[core]") {
    BoundedQueue<int> full(1, QueuePolicy::Block);
    REQUIRE(full.push(1));
    BoundedQueue<int> empty(1, QueuePolicy::Block);
    std::atomic<int> refused{0};
    std::atomic<int> nothing{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { refused += full.push(2) ? 0 : 1; });
        threads.emplace_back([&] { nothing += empty.pop(patience()) ? 0 : 1; });
    }
    std::this_thread::sleep_for(5ms);
    const auto before = std::chrono::steady_clock::now();
    full.close();
    empty.close();
    for (auto &thread : threads)
        thread.join();
    CHECK(std::chrono::steady_clock::now() - before < patience());
    CHECK(refused == 2);
    CHECK(nothing == 2);
}

TEST_CASE("a blocking queue loses and doubles nothing between many threads", "[core]") {
    BoundedQueue<std::unique_ptr<int>> queue(3, QueuePolicy::Block);
    constexpr int producers = 3;
    constexpr int each = 3000;
    std::vector<std::atomic<int>> seen(producers * each);
    std::atomic<bool> inOrder{true};
    std::vector<std::thread> threads;
    std::vector<std::thread> consumers;
    for (int p = 0; p < producers; ++p)
        threads.emplace_back([&queue, p] {
            for (int i = 0; i < each; ++i)
                if (!queue.push(std::make_unique<int>(p * each + i)))
                    return;
        });
    for (int c = 0; c < 2; ++c)
        consumers.emplace_back([&] {
            std::vector<int> last(producers, -1);
            while (auto item = queue.pop(patience())) {
                const int value = **item;
                ++seen[static_cast<std::size_t>(value)];
                int &previous = last[static_cast<std::size_t>(value / each)];
                if (value <= previous)
                    inOrder = false;
                previous = value;
            }
        });
    for (auto &thread : threads)
        thread.join();
    queue.close();
    for (auto &thread : consumers)
        thread.join();
    CHECK(std::all_of(seen.begin(), seen.end(), [](const auto &n) { return n == 1; }));
    CHECK(inOrder);
    CHECK(queue.replaced() == 0);
}

TEST_CASE("losses of 1, 7 and 1000 planes at a full ring are all accounted for", "[core]") {
    const std::uint64_t loss = GENERATE(1, 7, 1000);
    PlaneLedger ledger;
    BoundedQueue<std::uint64_t> ring(2, QueuePolicy::DropNewest);
    const auto offer = [&](std::uint64_t planes) {
        ledger.receive(planes);
        if (!ring.push(planes))
            ledger.drop(DropReason::Ring, planes);
    };
    offer(400);
    offer(400);
    offer(loss);
    CHECK(ledger.read().of(DropReason::Ring) == loss);
    CHECK(ledger.read().balanced(800));
    while (const auto planes = ring.tryPop())
        ledger.deliver(*planes);
    offer(5);
    CHECK(ledger.read().balanced(5));
    ring.close();
    offer(loss);
    while (const auto planes = ring.tryPop())
        ledger.drop(DropReason::Stopped, *planes);
    CHECK(ledger.read().of(DropReason::Ring) == 2 * loss);
    CHECK(ledger.read().of(DropReason::Stopped) == 5);
    CHECK(ledger.read().balanced());
}

TEST_CASE("planes stay accounted for while a fast producer overruns a slow consumer", "[core]") {
    PlaneLedger ledger;
    BoundedQueue<std::uint64_t> ring(4, QueuePolicy::DropNewest);
    std::thread producer([&] {
        for (std::uint64_t i = 0; i < 20000; ++i) {
            const std::uint64_t planes = i % 3 == 0 ? 1 : (i % 3 == 1 ? 7 : 1000);
            ledger.receive(planes);
            if (!ring.push(planes))
                ledger.drop(DropReason::Ring, planes);
        }
        ring.close();
    });
    while (!ring.closed() || ring.size() > 0)
        if (const auto planes = ring.pop(1ms))
            ledger.deliver(*planes);
    producer.join();
    const PlaneCounts counts = ledger.read();
    CHECK(counts.received == 20000 / 3 * 1008 + 8);
    CHECK(counts.delivered > 0);
    CHECK(counts.balanced());
}
