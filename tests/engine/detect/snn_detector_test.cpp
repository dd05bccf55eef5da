// SPDX-License-Identifier: Apache-2.0
// Decisions of a stream, whatever its blocks, and what a loss does.
#include "engine/detect/snn_detector.h"

#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{6, 4};

struct Seen {
    std::uint64_t plane = 0;
    int best = 0;
    std::uint64_t skipped = 0;
    friend bool operator==(const Seen &, const Seen &) = default;
};

std::unique_ptr<Detector> detector(const Metadata &metadata, PlaneShape camera = shape,
                                   ModelFit fit = ModelFit::Auto) {
    DetectorSettings settings;
    settings.method = DetectionMethod::Snn;
    ModelSettings use;
    use.fit = fit;
    settings.model = useOf(sidesNetwork(shape), metadata, use);
    auto made = makeDetector(settings, camera, 40000);
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    return std::move(*made);
}

std::vector<Seen> take(Detector &from, const SpikeBlock &block) {
    std::vector<Seen> seen;
    REQUIRE(from.process(block, [&](const DetectionFrame &frame) {
        REQUIRE(frame.network);
        seen.push_back({frame.plane, frame.network->best, frame.network->skipped});
    }));
    return seen;
}

}  // namespace

TEST_CASE("a network decides at its grid, whatever the blocks", "[detect]") {
    auto whole = detector({{"stream_steps", "4"}});
    CHECK(whole->name() == "snn");
    CHECK(whole->step() == 4);
    CHECK(whole->warmUpPlanes() == 4);
    const auto block = sidesBlock(shape, 0, 14, true);
    const std::vector<Seen> all = take(*whole, *block);
    CHECK(all == std::vector<Seen>{{3, 1, 0}, {7, 1, 0}, {11, 1, 0}});
    auto pieces = detector({{"stream_steps", "4"}});
    std::vector<Seen> together;
    for (std::uint64_t first = 0; first < 14; ++first)
        for (const Seen &one : take(*pieces, *sidesBlock(shape, first, 1, true)))
            together.push_back(one);
    CHECK(together == all);
}

TEST_CASE("a loss costs decisions, a seek does not", "[detect]") {
    auto method = detector({{"stream_steps", "4"}});
    SpikeBlock gappy(shape, 16);
    gappy.begin(0, 40000);
    const auto plane = planeOf(shape, [](std::uint32_t x, std::uint32_t) { return x < 3; });
    for (int i = 0; i < 6; ++i)
        std::copy(plane.begin(), plane.end(), gappy.append());
    gappy.appendGap(1, DropReason::Link);
    for (int i = 0; i < 6; ++i)
        std::copy(plane.begin(), plane.end(), gappy.append());
    CHECK(take(*method, gappy) == std::vector<Seen>{{3, 0, 0}, {11, 0, 1}});
    CHECK(take(*method, *sidesBlock(shape, 0, 4, true)) == std::vector<Seen>{{3, 1, 1}});
}

TEST_CASE("tiles that are sure become boxes with a class", "[detect]") {
    const PlaneShape camera{12, 4};
    auto method =
        detector({{"stream_steps", "4"}, {"stream_threshold", "0.7"}}, camera, ModelFit::Tiles);
    std::vector<Detection> found;
    const auto block = sidesBlock(camera, 0, 4, true);  // only the second tile sees spikes
    REQUIRE(method->process(*block, [&](const DetectionFrame &frame) {
        found.assign(frame.detections.begin(), frame.detections.end());
    }));
    CHECK(found.empty());  // both halves of the second tile spike: it is not sure
    SpikeBlock right(camera, 4);
    right.begin(4, 40000);
    for (int i = 0; i < 4; ++i)
        paint(camera, right.append(), [](std::uint32_t x, std::uint32_t) { return x >= 9; });
    REQUIRE(method->process(right, [&](const DetectionFrame &frame) {
        found.assign(frame.detections.begin(), frame.detections.end());
    }));
    REQUIRE(found.size() == 1);
    CHECK(found[0].box == Box{6, 0, 6, 4});
    CHECK(found[0].label == 1);
}

TEST_CASE("what cannot be a detector says why", "[detect]") {
    DetectorSettings settings;
    settings.method = DetectionMethod::Snn;
    CHECK(makeDetector(settings, shape, 40000).error().code == ErrorCode::Usage);
    settings.model = useOf(pixelNetwork(shape));
    CHECK(makeDetector(settings, shape, 40000).error().message.find("gives pictures") !=
          std::string::npos);
    settings.model = useOf(sidesNetwork(shape));
    const auto other = makeDetector(settings, {9, 9}, 40000);
    CHECK(other.error().message.find("model.fit") == 0);
    CHECK(parseDetectionMethod("snn") == DetectionMethod::Snn);
}
