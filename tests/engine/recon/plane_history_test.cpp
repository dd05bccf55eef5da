// SPDX-License-Identifier: Apache-2.0
// Planes by number across blocks, gaps, jumps and epochs.
#include "engine/recon/plane_history.h"

#include "engine/core/random.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <map>

using namespace fovea;

namespace {
constexpr PlaneShape shape{5, 3};

/// A block of `stored` planes from `first` whose first word is the plane number.
std::shared_ptr<SpikeBlock> blockOf(std::uint64_t first, std::uint32_t stored,
                                    std::uint32_t epoch = 0, std::uint32_t gapAt = 1000,
                                    std::uint64_t gap = 0) {
    auto block = std::make_shared<SpikeBlock>(shape, stored + 1);
    block->begin(first, 40000, epoch);
    std::uint64_t number = first;
    for (std::uint32_t i = 0; i <= stored; ++i) {
        if (i == gapAt) {
            block->appendGap(gap, DropReason::Link);
            number += gap;
        }
        if (i < stored)
            block->append()[0] = number++;
    }
    return block;
}
}  // namespace

TEST_CASE("planes are found across blocks and gaps", "[recon]") {
    PlaneHistory history(100);
    history.push(blockOf(10, 5));
    history.push(blockOf(15, 4, 0, 2, 3));  // 15 16 . . . 20 21
    history.push(blockOf(22, 3, 0, 3, 2));  // 22 23 24 . .
    CHECK(history.begin() == 10);
    CHECK(history.end() == 27);
    const PlanePointers planes = history.planes(8, 30);
    REQUIRE(planes.size() == 22);
    for (std::uint64_t number = 8; number < 30; ++number) {
        const bool there = number >= 10 && number < 25 && !(number >= 17 && number < 20);
        CAPTURE(number);
        REQUIRE((planes[number - 8] != nullptr) == there);
        if (there)
            CHECK(planes[number - 8][0] == number);
    }
    CHECK(history.planes(20, 20).empty());
    CHECK(history.planes(21, 20).empty());
}

TEST_CASE("a window is cut at plane 0 only", "[recon]") {
    PlaneHistory history(100);
    history.push(blockOf(0, 10));
    const PlaneWindow window = history.around(3, {5, 8});
    CHECK(window.key == 3);
    CHECK(window.keyPlane == 3);
    REQUIRE(window.planes.size() == 12);
    CHECK(window.planes[window.key][0] == 3);
    CHECK(window.planes[10] == nullptr);
    const PlaneWindow beyond = history.around(50, {5, 8});
    CHECK(beyond.key == 5);
    CHECK(std::all_of(beyond.planes.begin(), beyond.planes.end(),
                      [](const auto *plane) { return plane == nullptr; }));
}

TEST_CASE("blocks that are too old are let go", "[recon]") {
    PlaneHistory history(10);
    auto first = blockOf(0, 6);
    const std::weak_ptr<SpikeBlock> kept = first;
    history.push(std::move(first));
    history.push(blockOf(6, 6));
    CHECK(history.begin() == 0);
    history.push(blockOf(12, 4));
    CHECK(history.begin() == 6);
    CHECK(kept.expired());
    history.setPlanes(1);
    history.push(blockOf(16, 1));
    CHECK(history.begin() == 16);
    history.setPlanes(0);
    history.push(blockOf(17, 1));
    CHECK(history.planes(17, 18)[0] != nullptr);
}

TEST_CASE("a new epoch, a step back and a new shape begin again", "[recon]") {
    PlaneHistory history(100);
    history.push(blockOf(10, 5));
    history.push(blockOf(15, 5, 1));
    CHECK(history.blocks().back()->epoch() == 1);
    CHECK(history.begin() == 15);
    history.push(blockOf(3, 5, 1));
    CHECK(history.begin() == 3);
    CHECK(history.end() == 8);
    auto other = std::make_shared<SpikeBlock>(PlaneShape{9, 9}, 1);
    other->begin(8, 40000, 1);
    other->append()[0] = 8;
    history.push(other);
    CHECK(history.begin() == 8);
    history.push(blockOf(20, 2));
    CHECK(history.begin() == 20);
    history.clear();
    CHECK(history.empty());
    CHECK(history.end() == 0);
    CHECK(history.planes(0, 4).size() == 4);
}

TEST_CASE("numbers that nobody accounted for are unknown", "[recon]") {
    PlaneHistory history(100);
    history.push(blockOf(0, 5));
    history.push(blockOf(8, 5));
    const PlanePointers planes = history.planes(0, 13);
    for (std::uint64_t number = 0; number < 13; ++number)
        CHECK((planes[number] == nullptr) == (number >= 5 && number < 8));
}

TEST_CASE("random streams read back what was pushed", "[recon]") {
    Random random(4);
    for (int round = 0; round < 50; ++round) {
        PlaneHistory history(40);
        std::map<std::uint64_t, bool> there;
        std::uint64_t next = random.below(5);
        for (int i = 0; i < 12; ++i) {
            const auto stored = static_cast<std::uint32_t>(random.below(7));
            const auto gapAt = static_cast<std::uint32_t>(random.below(stored + 1));
            const std::uint64_t gap = random.below(4);
            const auto block = blockOf(next, stored, 0, gapAt, gap);
            for (std::uint32_t plane = 0; plane < stored; ++plane)
                there[block->planeNumber(plane)] = true;
            history.push(block);
            next = block->endPlane();
        }
        const std::uint64_t first = next - std::min<std::uint64_t>(next, 40);
        const PlanePointers planes = history.planes(first, next + 3);
        for (std::uint64_t number = first; number < next + 3; ++number) {
            REQUIRE((planes[number - first] != nullptr) == there.contains(number));
            if (there.contains(number))
                REQUIRE(planes[number - first][0] == number);
        }
    }
}

TEST_CASE("many tiny blocks are kept as few, and no more planes than are wanted", "[recon]") {
    const std::uint64_t wanted = GENERATE(1, 33, 400);
    PlaneHistory history(wanted);
    std::uint64_t most = 0;
    std::size_t blocks = 0;
    std::uint64_t number = 0;
    for (int i = 0; i < 3000; ++i) {
        const std::uint64_t gap = i % 7 == 0 ? 3 : 0;
        history.push(blockOf(number, i % 11 == 0 ? 0 : 1, 0, 0, gap));
        number += (i % 11 == 0 ? 0 : 1) + gap;
        std::uint64_t kept = 0;
        for (const SpikeBlockPtr &block : history.blocks())
            kept += block->planeCount();
        most = std::max(most, kept);
        blocks = std::max(blocks, history.blocks().size());
        if (i % 100 != 99)
            continue;
        const std::uint64_t first = history.end() - std::min(history.end(), wanted);
        const PlanePointers planes = history.planes(first, history.end());
        for (std::size_t p = 0; p < planes.size(); ++p)
            REQUIRE((planes[p] == nullptr || planes[p][0] == first + p));
    }
    CAPTURE(most, blocks);
    CHECK(history.end() == number);
    CHECK(most <= wanted + wanted / 8 + 1);
    CHECK(blocks <= 28);
}
