// SPDX-License-Identifier: Apache-2.0
// The real-time chain: near the exact one, the same however planes are cut into blocks.
#include "engine/detect/fast_attention.h"

#include "engine/core/random.h"
#include "engine/detect/attention_detector.h"

#include "tests/engine/detect/random_planes.h"
#include "tests/engine/detect/time_word_planes.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <map>

using namespace fovea;

namespace {

using Frames = std::map<std::uint64_t, std::vector<Detection>>;

DetectionHandler into(Frames &frames) {
    return [&frames](const DetectionFrame &frame) {
        frames[frame.plane].assign(frame.detections.begin(), frame.detections.end());
    };
}

/// Runs `block` in pieces of random length; planes for which `lost` is true become gaps.
template <class Lost>
Frames inPieces(const SpikeBlock &block, std::uint64_t seed, TilePool *pool, Lost lost) {
    Random random(seed);
    FastAttention detector({}, block.shape(), 40000, pool);
    Frames frames;
    std::uint32_t at = 0;
    while (at < block.planeCount()) {
        const auto wanted = static_cast<std::uint32_t>(1 + random() % 90);
        const std::uint32_t end = std::min(block.planeCount(), at + wanted);
        SpikeBlock piece(block.shape(), end - at);
        piece.begin(block.planeNumber(at), 40000);
        for (; at < end; ++at)
            if (lost(at))
                piece.appendGap(1, DropReason::Link);
            else
                std::copy_n(block.plane(at), block.shape().wordStride(), piece.append());
        REQUIRE(detector.process(piece, into(frames)));
    }
    return frames;
}

bool same(const Frames &a, const Frames &b) {
    if (a.size() != b.size())
        return false;
    for (const auto &[plane, detections] : a) {
        const auto other = b.find(plane);
        if (other == b.end() || other->second.size() != detections.size())
            return false;
        for (std::size_t i = 0; i < detections.size(); ++i)
            if (detections[i].box != other->second[i].box)
                return false;
    }
    return true;
}

SpikeBlock sceneBlock(PlaneShape shape, std::uint32_t planes, float speed = 0.3F) {
    test::SquareScene scene(shape, speed, 24);
    SpikeBlock block(shape, planes);
    block.begin(7, 40000);
    while (!block.full())
        scene.next(block.append());
    return block;
}

}  // namespace

TEST_CASE("fast attention goes to what moves, as the exact chain does") {
    constexpr PlaneShape shape{300, 80};
    const SpikeBlock block = sceneBlock(shape, 420, 0.6F);
    FastAttention fast({}, shape, 40000);
    AttentionDetector exact({}, shape);
    REQUIRE(fast.step() == 32);
    Frames found;
    Frames expected;
    REQUIRE(fast.process(block, into(found)));
    REQUIRE(exact.process(block, into(expected)));
    // 150 planes of calibration from plane 7 on: the first step that ends later is 160.
    REQUIRE(found.begin()->first == 159);
    REQUIRE(found.size() == 9);
    std::size_t fastHits = 0;
    std::size_t exactHits = 0;
    for (const auto &[plane, detections] : found) {
        REQUIRE((plane + 1) % 32 == 0);
        const Box truth{10 + 0.6F * static_cast<float>(plane - 7), 28, 24, 24};
        const auto hits = [&](const std::vector<Detection> &boxes) {
            return std::any_of(boxes.begin(), boxes.end(), [&](const Detection &detection) {
                return iou(detection.box, truth) > 0.1F;
            });
        };
        fastHits += hits(detections);
        exactHits += hits(expected.at(plane));
    }
    INFO("of " << found.size() << ": fast " << fastHits << ", exact " << exactHits);
    CHECK(exactHits >= 5);
    CHECK(fastHits + 1 >= exactHits);
    SpikeBlock other(PlaneShape{8, 8}, 1);
    CHECK_FALSE(fast.process(other, [](const DetectionFrame &) {}));
}

TEST_CASE("blocks and threads do not change fast attention, lost planes or not") {
    const SpikeBlock block = sceneBlock({150, 70}, 500);
    TilePool pool(2);
    const auto check = [&](auto lost) {
        const Frames expected = inPieces(block, 1, nullptr, lost);
        CHECK(expected.size() > 5);
        CHECK(same(inPieces(block, 2, nullptr, lost), expected));
        CHECK(same(inPieces(block, 3, &pool, lost), expected));
    };
    check([](std::uint32_t) { return false; });
    check([](std::uint32_t i) { return i % 37 == 5 || (i > 300 && i < 380); });
}

TEST_CASE("a block that comes again starts anew; long gaps give no frames") {
    const SpikeBlock block = sceneBlock({100, 60}, 260);
    FastAttention detector({}, block.shape(), 40000);
    Frames first;
    REQUIRE(detector.process(block, into(first)));
    Frames again;
    REQUIRE(detector.process(block, into(again)));
    CHECK(same(first, again));
    SpikeBlock late(block.shape(), 1);
    late.begin(1'000'000'000, 40000);
    std::copy_n(block.plane(0), block.shape().wordStride(), late.append());
    Frames after;
    REQUIRE(detector.process(late, into(after)));
    CHECK(after.size() <= 1);
}

TEST_CASE("fast attention gives SpikeCV's boxes on the golden recordings", "[golden][long]") {
    if (!test::goldenFolder()) {
        WARN("golden outputs are not here: skipped");
        return;
    }
    std::size_t boxes = 0;
    double overlap = 0;
    std::size_t recordings = 0;
    for (const test::GoldenCase &one : test::goldenCases({"SaccadeInput.get_attention_location"})) {
        const SpikeBlock block = test::loadPlanes(one.input, one.shape, true);
        AttentionDetector exact({}, one.shape);
        FastAttention fast({}, one.shape, 40000);
        Frames expected;
        Frames found;
        REQUIRE(exact.process(block, into(expected)));
        REQUIRE(fast.process(block, into(found)));
        for (const auto &[plane, detections] : found) {
            for (const Detection &box : expected.at(plane)) {
                float best = 0;
                for (const Detection &detection : detections)
                    best = std::max(best, iou(box.box, detection.box));
                overlap += best;
                ++boxes;
            }
        }
        ++recordings;
    }
    std::printf("fast attention on %zu golden recordings: %zu boxes, mean overlap %.3f\n",
                recordings, boxes, overlap / static_cast<double>(boxes));
    REQUIRE(recordings > 0);
    REQUIRE(boxes > 0);
    CHECK(overlap / static_cast<double>(boxes) > 0.8);
}

TEST_CASE("on the golden recordings the same spikes pass and fire, on every instruction set",
          "[golden][long]") {
    if (!test::goldenFolder()) {
        WARN("golden outputs are not here: skipped");
        return;
    }
    constexpr std::uint32_t batch = BatchFilter::maxPlanes;
    for (const test::GoldenCase &one : test::goldenCases({"SaccadeInput.get_attention_location"})) {
        const SpikeBlock block = test::loadPlanes(one.input, one.shape, true);
        StpFilter filter({}, one.shape);
        LifLayer layer({}, one.shape);
        using Plane = std::vector<std::uint64_t>;
        std::vector<Plane> passed(block.planeCount(), Plane(one.shape.wordStride()));
        std::vector<Plane> fired = passed;
        for (std::uint32_t t = 0; t < block.planeCount(); ++t) {
            filter.update(block.plane(t), passed[t].data());
            layer.update(passed[t].data(), fired[t].data());
        }
        test::forEachTarget([&] {
            BatchFilter fast({}, {}, one.shape);
            std::size_t wrong = 0;
            for (std::uint32_t t = 0; t < block.planeCount(); t += batch) {
                std::vector<const std::uint64_t *> planes;
                for (std::uint32_t i = t; i < std::min(t + batch, block.planeCount()); ++i)
                    planes.push_back(block.plane(i));
                fast.filter(planes);
                fast.fire();
                for (std::size_t i = 0; i < planes.size(); ++i) {
                    Plane found(one.shape.wordStride());
                    std::uint64_t *const out[] = {found.data()};
                    fast.passed(i, out);
                    wrong += found != passed[t + i];
                    fast.fired(i, out);
                    wrong += found != fired[t + i];
                }
            }
            CHECK(wrong == 0);
        });
    }
}
