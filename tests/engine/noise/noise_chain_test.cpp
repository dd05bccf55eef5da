// SPDX-License-Identifier: Apache-2.0
// The chain on streams: off is bit-identical, block sizes and play order do not matter, lost
// planes.
#include "engine/noise/noise_chain.h"

#include "tests/engine/noise/noisy_planes.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <map>

using namespace fovea;

namespace {

std::unique_ptr<NoiseChain> chainOf(std::string_view injectors, PlaneShape shape,
                                    std::uint64_t seed = 7) {
    return NoiseChain::create({seed, parseInjectors(injectors).value()}, shape).value();
}

using PlaneBytes = std::map<std::uint64_t, std::vector<std::uint64_t>>;
void collect(const SpikeBlock &block, PlaneBytes &all) {
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        all[block.planeNumber(i)].assign(block.plane(i),
                                         block.plane(i) + block.shape().wordStride());
}

/// Disturbs planes [0, planes) of the endless recording in blocks of random sizes.
PlaneBytes play(NoiseChain &chain, PlaneShape shape, std::uint64_t planes, std::uint64_t sizes) {
    Random random(sizes);
    SpikeBlock block(shape, 40);
    PlaneBytes all;
    for (std::uint64_t first = 0; first < planes;) {
        const auto count = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(planes - first, sizes == 0 ? 1 : 1 + random.below(40)));
        test::fillBlock(block, first, count, 0.3);
        chain.apply(block);
        REQUIRE(block.endPlane() == first + count);
        REQUIRE(test::paddingIsZero(block));
        collect(block, all);
        first += count;
    }
    return all;
}

constexpr const char *everything = "flip:0.02,missing:0.1,extra:0.08,dead:0.05,hot:0.03,rows:0.1,"
                                   "columns:0.05,drop:0.1,burst:0.2,brightness:1.3,jitter:0.2";

}  // namespace

TEST_CASE("no noise leaves every bit as it is", "[noise]") {
    for (const PlaneShape shape : test::noiseShapes) {
        const SpikeBlock clean = test::blockOf(shape, 20, 0.4);
        std::vector<NoiseSettings> settings{{5, {}}};
        NoiseSettings neutral{5, {}};
        NoiseSettings off{5, {}};
        for (const InjectorInfo &info : injectorInfos()) {
            neutral.injectors.push_back({info.kind, info.neutral, true});
            off.injectors.push_back({info.kind, info.maximum, false});
        }
        settings.push_back(neutral);
        settings.push_back(off);
        for (const NoiseSettings &one : settings) {
            auto chain = NoiseChain::create(one, shape).value();
            SpikeBlock block(shape, 20);
            block.copyFrom(clean);
            CHECK(chain->apply(block) == 0);
            CHECK_FALSE(chain->active());
            CHECK(chain->tag().empty());
            CHECK(test::samePlanes(block, clean));
        }
    }
}

TEST_CASE("every injector gives the same bytes whatever the blocks", "[noise]") {
    for (const InjectorInfo &info : injectorInfos())
        for (const double strength : {0.03, 0.4}) {
            const std::string text = fmt::format("{}:{}", info.name, strength);
            for (const PlaneShape shape : test::noiseShapes) {
                CAPTURE(text, shape.width, shape.height);
                auto chain = chainOf(text, shape);
                const PlaneBytes whole = play(*chain, shape, 150, 1);
                CHECK(play(*chainOf(text, shape), shape, 150, 0) == whole);
                chain->reset();
                CHECK(play(*chain, shape, 150, 2) == whole);
            }
        }
}

TEST_CASE("all injectors together give the same bytes; another seed gives others", "[noise]") {
    const PlaneShape shape{40, 25};
    const PlaneBytes whole = play(*chainOf(everything, shape), shape, 300, 1);
    CHECK(play(*chainOf(everything, shape), shape, 300, 0) == whole);
    CHECK(play(*chainOf(everything, shape), shape, 300, 9) == whole);
    CHECK(play(*chainOf(everything, shape, 8), shape, 300, 1) != whole);
}

TEST_CASE("the order in which injectors are listed does not matter", "[noise]") {
    const PlaneShape shape{40, 25};
    CHECK(play(*chainOf("hot:0.1,flip:0.1,dead:0.1,missing:0.1", shape), shape, 40, 1) ==
          play(*chainOf("missing:0.1,dead:0.1,flip:0.1,hot:0.1", shape), shape, 40, 1));
}

TEST_CASE("planes played backwards, by jumps and twice are the same", "[noise]") {
    const PlaneShape shape{40, 25};
    const std::string text = "flip:0.02,extra:0.1,brightness:1.4,dead:0.1,drop:0.2,burst:0.2";
    const PlaneBytes whole = play(*chainOf(text, shape), shape, 100, 1);
    auto chain = chainOf(text, shape);
    SpikeBlock block(shape, 10);
    for (int round = 0; round < 2; ++round)
        for (std::uint64_t first : {90, 20, 0, 70, 50, 40, 80, 10, 30, 60}) {
            test::fillBlock(block, first, 10, 0.3, static_cast<std::uint32_t>(first));
            chain->apply(block);
            PlaneBytes part;
            collect(block, part);
            for (std::uint64_t number = first; number < first + 10; ++number) {
                REQUIRE(part.contains(number) == whole.contains(number));
                if (whole.contains(number))
                    REQUIRE(part[number] == whole.at(number));
            }
        }
}

TEST_CASE("jitter carries nothing across gaps, jumps and resets", "[noise]") {
    const PlaneShape shape{20, 10};
    auto chain = chainOf("jitter:1", shape);
    SpikeBlock block(shape, 4);
    const auto spikes = [&](std::uint64_t first, std::uint32_t epoch) {
        test::fillBlock(block, first, 1, 1, epoch);
        chain->apply(block);
        return test::spikesIn(block);
    };
    CHECK(spikes(0, 0) == 0);
    CHECK(spikes(1, 0) == 200);
    CHECK(spikes(3, 0) == 0);
    CHECK(spikes(4, 1) == 0);
    CHECK(spikes(5, 1) == 200);
    chain->reset();
    CHECK(spikes(6, 1) == 0);
}

TEST_CASE("lost planes become gaps that account for every plane", "[noise]") {
    const PlaneShape shape{20, 10};
    for (const std::string_view text : {"drop:0.1", "drop:0.9", "burst:0.3", "drop:1"}) {
        auto chain = chainOf(text, shape);
        SpikeBlock block(shape, 64);
        std::uint64_t stored = 0;
        std::uint64_t lost = 0;
        const auto time = SpikeBlock::TimePoint{std::chrono::seconds{9}};
        for (std::uint64_t first = 0; first < 6400; first += 64) {
            // A hole of three planes in the middle that the link made.
            test::fillBlock(block, first, 30, 0.3, 4);
            block.appendGap(3, DropReason::Link);
            for (int i = 0; i < 31; ++i) {
                std::uint64_t *plane = block.append();
                std::memset(plane, 0, shape.wordStride() * 8);
                plane[0] = first + 33 + static_cast<std::uint64_t>(i);
            }
            block.setCaptureTime(time);
            const std::uint64_t dropped = chain->apply(block);
            std::uint64_t injected = 0;
            std::uint64_t link = 0;
            for (const Gap &gap : block.gaps())
                (gap.reason == DropReason::Injected ? injected : link) += gap.planes;
            CHECK(injected == dropped);
            CHECK(link == 3);
            CHECK(block.firstPlane() == first);
            CHECK(block.endPlane() == first + 64);
            CHECK(block.epoch() == 4);
            CHECK(block.planeRateHz() == 40000);
            CHECK((block.captureTime() == time));
            for (std::uint32_t i = 0; i < block.planeCount(); ++i)
                if (block.planeNumber(i) >= first + 33)
                    CHECK(block.plane(i)[0] == block.planeNumber(i));
            stored += block.planeCount();
            lost += dropped;
        }
        CHECK(stored + lost == 6100);
        const double strength = chain->settings().injectors.front().strength;
        CAPTURE(text, lost);
        // Bursts are fewer independent events than planes: their share varies more.
        CHECK(std::abs(static_cast<double>(lost) / 6100 - strength) < 0.12);
        if (text.starts_with("drop"))
            CHECK(test::believable(lost, 6100, strength));
    }
}

TEST_CASE("burst loss has the asked share and comes in runs", "[noise]") {
    const PlaneShape shape{1, 1};
    auto chain = chainOf("burst:0.1", shape);
    SpikeBlock block(shape, 1000);
    std::uint64_t lost = 0;
    std::uint64_t runs = 0;
    bool before = false;
    for (std::uint64_t first = 0; first < 200000; first += 1000) {
        test::fillBlock(block, first, 1000, 0);
        lost += chain->apply(block);
        std::vector<bool> there(1000);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            there[block.planeNumber(i) - first] = true;
        for (const bool one : there) {
            runs += !one && !before ? 1 : 0;
            before = !one;
        }
    }
    CHECK(test::believable(lost / burstPlanes, 200000 / burstPlanes, 0.1));
    const double length = static_cast<double>(lost) / static_cast<double>(runs);
    CHECK(length > 0.9 * static_cast<double>(burstPlanes));
    CHECK(length < 1.4 * static_cast<double>(burstPlanes));
}

TEST_CASE("impossible settings and shapes are refused", "[noise]") {
    CHECK(NoiseChain::create({1, {{InjectorKind::Flip, 2, true}}}, {4, 4}).error().code ==
          ErrorCode::Usage);
    CHECK(NoiseChain::create({1, {}}, {0, 4}).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("noise keeps pace with a 40 kHz camera of 400x250", "[noise][speed]") {
    const PlaneShape shape{400, 250};
    SpikeBlock block(shape, 40);
    test::fillBlock(block, 0, 40, 0.3);
    const auto rate = [&](std::string_view text) {
        auto chain = chainOf(text, shape);
        SpikeBlock noisy(shape, 40);
        std::uint64_t planes = 0;
        std::clock_t used = 0;
        while (used < CLOCKS_PER_SEC / 10 && planes < 20000) {
            noisy.copyFrom(block);
            const std::clock_t start = std::clock();
            chain->apply(noisy);
            used += std::clock() - start;
            planes += 40;
        }
        CHECK(test::paddingIsZero(noisy));
        return static_cast<long>(static_cast<double>(planes) * CLOCKS_PER_SEC /
                                 static_cast<double>(used));
    };
    std::string report;
    for (const std::string_view text :
         {"flip:0.001", "flip:0.01", "flip:0.05", "flip:0.1", "flip:0.5", "missing:0.2",
          "extra:0.01", "hot:0.001", "jitter:0.1", "brightness:0.5", "brightness:1.5",
          "brightness:3", "drop:0.01", "burst:0.05"})
        report += fmt::format("\n  {:<16} {:>9}", text, rate(text));
    WARN("planes/s of CPU time at 400x250:" << report);
}
