// SPDX-License-Identifier: Apache-2.0
// Plane numbers and gaps of a block, the pool that takes blocks back, loss when it is empty.
#include "engine/core/spike_block.h"

#include "engine/core/bounded_queue.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

void fill(std::uint64_t *plane, PlaneShape shape, std::uint64_t value) {
    for (std::size_t i = 0; i < shape.wordStride(); ++i)
        plane[i] = value;
}

const std::vector<PlaneShape> &blockShapes() {
    static const std::vector<PlaneShape> all = {{1, 1}, {7, 3}, {13, 11}, {65, 63}, {400, 250}};
    return all;
}

}  // namespace

TEST_CASE("a new block is empty, has its shape and room, and its planes are aligned", "[core]") {
    for (const PlaneShape shape : blockShapes()) {
        CAPTURE(toString(shape));
        SpikeBlock block(shape, 3);
        CHECK(block.shape() == shape);
        CHECK(block.capacity() == 3);
        CHECK(block.empty());
        CHECK_FALSE(block.full());
        block.begin(100, 40000, 2);
        CHECK(block.epoch() == 2);
        CHECK(block.planeRateHz() == 40000);
        for (std::uint64_t i = 0; i < 3; ++i) {
            std::uint64_t *plane = block.append();
            CHECK(reinterpret_cast<std::uintptr_t>(plane) % 64 == 0);
            fill(plane, shape, i);
        }
        CHECK(block.full());
        CHECK(block.firstPlane() == 100);
        CHECK(block.endPlane() == 103);
        for (std::uint32_t i = 0; i < 3; ++i) {
            CHECK(block.plane(i)[0] == i);
            CHECK(block.plane(i)[shape.wordStride() - 1] == i);
            CHECK(block.planeNumber(i) == 100 + i);
        }
    }
}

TEST_CASE("a block without room holds gaps only", "[core]") {
    SpikeBlock block({5, 5}, 0);
    block.begin(10, 1000);
    CHECK(block.full());
    CHECK(block.empty());
    block.appendGap(7, DropReason::Link);
    CHECK_FALSE(block.empty());
    CHECK(block.endPlane() == 17);
}

TEST_CASE("gaps of 1, 7 and 1000 planes have exact places and lengths", "[core]") {
    const std::uint64_t lost = GENERATE(1, 7, 1000);
    for (std::uint32_t place = 0; place <= 4; ++place) {
        CAPTURE(lost, place);
        SpikeBlock block({13, 11}, 4);
        block.begin(50, 40000);
        for (std::uint32_t i = 0; i <= 4; ++i) {
            if (i == place)
                block.appendGap(lost, DropReason::Link);
            if (i < 4)
                fill(block.append(), block.shape(), i);
        }
        REQUIRE(block.gaps().size() == 1);
        CHECK(block.gaps()[0] == Gap{place, DropReason::Link, lost});
        CHECK(block.planeCount() == 4);
        CHECK(block.spanned() == 4 + lost);
        CHECK(block.endPlane() == 54 + lost);
        for (std::uint32_t i = 0; i < 4; ++i)
            CHECK(block.planeNumber(i) == 50 + i + (i >= place ? lost : 0));
    }
}

TEST_CASE("neighbouring gaps join only when they have one reason and one place", "[core]") {
    SpikeBlock block({8, 8}, 2);
    block.begin(0, 40000);
    block.appendGap(0, DropReason::Link);
    CHECK(block.gaps().empty());
    block.appendGap(1, DropReason::Link);
    block.appendGap(7, DropReason::Link);
    block.appendGap(1000, DropReason::Buffer);
    fill(block.append(), block.shape(), 0);
    block.appendGap(2, DropReason::Buffer);
    REQUIRE(block.gaps().size() == 3);
    CHECK(block.gaps()[0] == Gap{0, DropReason::Link, 8});
    CHECK(block.gaps()[1] == Gap{0, DropReason::Buffer, 1000});
    CHECK(block.gaps()[2] == Gap{1, DropReason::Buffer, 2});
    CHECK(block.planeNumber(0) == 1008);
    CHECK(block.endPlane() == 1011);
}

TEST_CASE("plane numbers go on beyond 32 bits", "[core]") {
    SpikeBlock block({1, 1}, 2);
    for (const std::uint64_t first :
         {(std::uint64_t{1} << 32) - 100, (std::uint64_t{1} << 63) - 100}) {
        block.begin(first, 40000);
        fill(block.append(), block.shape(), 0);
        block.appendGap(1000, DropReason::Link);
        fill(block.append(), block.shape(), 0);
        CHECK(block.planeNumber(1) == first + 1001);
        CHECK(block.endPlane() == first + 1002);
    }
}

TEST_CASE("a block is used again", "[core]") {
    SpikeBlock block({9, 9}, 2);
    block.begin(5, 40000);
    fill(block.append(), block.shape(), 1);
    CHECK(block.endPlane() == 6);
    block.appendGap(3, DropReason::Link);
    block.setCaptureTime(SpikeBlock::TimePoint{5s});
    block.begin(70, 20000, 1);
    CHECK(block.empty());
    CHECK(block.gaps().empty());
    CHECK(block.captureTime() == SpikeBlock::TimePoint{});
    CHECK(block.firstPlane() == 70);
    CHECK(block.planeRateHz() == 20000);
}

TEST_CASE("a copy has the same planes, numbers, gaps and times", "[core]") {
    for (const PlaneShape shape : blockShapes()) {
        SpikeBlock original(shape, 3);
        original.begin(1000, 20000, 4);
        fill(original.append(), shape, 11);
        original.appendGap(7, DropReason::Link);
        fill(original.append(), shape, 22);
        original.setCaptureTime(SpikeBlock::TimePoint{3s});
        SpikeBlock copy(shape, 2);
        copy.begin(1, 1);
        copy.copyFrom(original);
        CHECK(copy.planeCount() == 2);
        CHECK(copy.firstPlane() == 1000);
        CHECK(copy.endPlane() == 1009);
        CHECK(copy.epoch() == 4);
        CHECK(copy.planeRateHz() == 20000);
        CHECK(copy.captureTime() == original.captureTime());
        CHECK(std::equal(copy.gaps().begin(), copy.gaps().end(), original.gaps().begin(),
                         original.gaps().end()));
        for (std::uint32_t i = 0; i < 2; ++i)
            CHECK(std::memcmp(copy.plane(i), original.plane(i), shape.wordStride() * 8) == 0);
        fill(original.plane(0), shape, 99);
        CHECK(copy.plane(0)[0] == 11);
    }
}

TEST_CASE("blocks that follow each other are put together with their gaps", "[core]") {
    const PlaneShape shape{13, 11};
    SpikeBlock first(shape, 2);
    first.begin(10, 20000, 4);
    fill(first.append(), shape, 1);
    first.appendGap(3, DropReason::Link);
    SpikeBlock next(shape, 3);
    next.begin(first.endPlane(), 20000, 4);
    next.appendGap(2, DropReason::Link);
    fill(next.append(), shape, 2);
    next.appendGap(5, DropReason::Skipped);
    fill(next.append(), shape, 3);
    next.setCaptureTime(SpikeBlock::TimePoint{3s});
    SpikeBlock both(shape, 3);
    both.copyFrom(first);
    both.append(next);
    CHECK(both.planeCount() == 3);
    CHECK(both.endPlane() == next.endPlane());
    CHECK(both.captureTime() == next.captureTime());
    REQUIRE(both.gaps().size() == 2);
    CHECK(both.gaps()[0] == Gap{1, DropReason::Link, 5});
    CHECK(both.gaps()[1] == Gap{2, DropReason::Skipped, 5});
    CHECK(both.planeNumber(2) == 22);
    for (std::uint32_t i = 0; i < 3; ++i)
        CHECK(both.plane(i)[0] == i + 1);
}

TEST_CASE("a pool gives its blocks, then none, and takes them back by itself", "[core]") {
    const auto pool = BlockPool::create({13, 11}, 4, 3);
    std::vector<std::shared_ptr<SpikeBlock>> held;
    std::set<const SpikeBlock *> different;
    for (int i = 0; i < 3; ++i) {
        held.push_back(pool->tryAcquire());
        REQUIRE(held.back());
        CHECK(held.back()->capacity() == 4);
        different.insert(held.back().get());
    }
    CHECK(different.size() == 3);
    CHECK_FALSE(pool->tryAcquire());
    SpikeBlockPtr second = held[0];
    held[0].reset();
    CHECK_FALSE(pool->tryAcquire());  // still lent
    second.reset();
    held[0] = pool->tryAcquire();
    CHECK(different.contains(held[0].get()));
    CHECK_FALSE(pool->tryAcquire());
}

TEST_CASE("a block outlives everybody else who knew its pool", "[core]") {
    auto pool = BlockPool::create({5, 5}, 1, 2);
    auto block = pool->tryAcquire();
    const std::weak_ptr<BlockPool> watch = pool;
    pool.reset();
    CHECK_FALSE(watch.expired());
    fill(block->append(), block->shape(), 1);
    block.reset();
    CHECK(watch.expired());
}

TEST_CASE("losses of 1, 7 and 1000 planes at an empty pool become a gap of that length", "[core]") {
    const std::uint64_t loss = GENERATE(1, 7, 1000);
    constexpr std::uint32_t planesPerBlock = 4;
    const auto pool = BlockPool::create({13, 11}, planesPerBlock, 1);
    PlaneLedger ledger;
    const auto receive = [&](SpikeBlock &block) {
        while (!block.full())
            fill(block.append(), block.shape(), 0);
        ledger.receive(planesPerBlock);
    };
    auto first = pool->tryAcquire();
    first->begin(0, 40000);
    receive(*first);
    std::uint64_t missed = 0;
    for (std::uint64_t i = 0; i < loss; ++i) {
        ledger.receive(1);
        if (!pool->tryAcquire()) {
            ledger.drop(DropReason::Buffer, 1);
            ++missed;
        }
    }
    CHECK(ledger.read().balanced(planesPerBlock));
    ledger.deliver(first->planeCount());
    const std::uint64_t next = first->endPlane();
    first.reset();
    auto second = pool->tryAcquire();
    REQUIRE(second);
    second->begin(next, 40000);
    second->appendGap(missed, DropReason::Buffer);
    receive(*second);
    ledger.deliver(second->planeCount());
    CHECK(second->planeNumber(0) == planesPerBlock + loss);
    CHECK(second->endPlane() == 2 * planesPerBlock + loss);
    CHECK(ledger.read().of(DropReason::Buffer) == loss);
    CHECK(ledger.read().received == second->endPlane());
    CHECK(ledger.read().balanced());
}

TEST_CASE("blocks travel between threads and none is lost or lent twice", "[core]") {
    const auto pool = BlockPool::create({7, 3}, 1, 4);
    BoundedQueue<SpikeBlockPtr> queue(8, QueuePolicy::Block);
    PlaneLedger ledger;
    constexpr std::uint64_t planes = 5000;
    std::thread producer([&] {
        for (std::uint64_t i = 0; i < planes; ++i) {
            ledger.receive(1);
            auto block = pool->tryAcquire();
            if (!block) {
                ledger.drop(DropReason::Buffer, 1);
                std::this_thread::yield();
                continue;
            }
            block->begin(i, 40000);
            fill(block->append(), block->shape(), i);
            if (!queue.push(std::move(block)))
                ledger.drop(DropReason::Ring, 1);
        }
        queue.close();
    });
    std::uint64_t wrong = 0;
    std::uint64_t end = 0;
    while (const auto block = queue.pop(20s)) {
        wrong += (*block)->plane(0)[0] == (*block)->firstPlane() ? 0 : 1;
        wrong += (*block)->firstPlane() >= end ? 0 : 1;
        end = (*block)->endPlane();
        ledger.deliver(1);
    }
    producer.join();
    CHECK(wrong == 0);
    CHECK(ledger.read().received == planes);
    CHECK(ledger.read().balanced());
    std::vector<std::shared_ptr<SpikeBlock>> all(4);
    for (auto &block : all)
        CHECK((block = pool->tryAcquire()));
    CHECK_FALSE(pool->tryAcquire());
}
