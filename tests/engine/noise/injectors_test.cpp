// SPDX-License-Identifier: Apache-2.0
// What each injector does to spikes, counted.
#include "engine/noise/injectors.h"

#include "engine/noise/noise_chain.h"
#include "tests/engine/noise/noisy_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;
using test::believable;

namespace {

constexpr PlaneShape shape{61, 47};
constexpr std::uint32_t planes = 200;

SpikeBlock disturbed(const SpikeBlock &clean, InjectorKind kind, double strength,
                     std::uint64_t seed = 3) {
    SpikeBlock block(clean.shape(), clean.capacity());
    block.copyFrom(clean);
    auto chain = NoiseChain::create({seed, {{kind, strength, true}}}, clean.shape()).value();
    chain->apply(block);
    return block;
}

struct Changes {
    std::size_t spikes = 0;  ///< in the clean planes
    std::size_t silent = 0;  ///< pixels without one
    std::size_t removed = 0;
    std::size_t added = 0;
};
Changes compare(const SpikeBlock &clean, const SpikeBlock &noisy) {
    Changes changes;
    REQUIRE(noisy.planeCount() == clean.planeCount());
    for (std::uint32_t i = 0; i < clean.planeCount(); ++i)
        for (std::size_t pixel = 0; pixel < clean.shape().pixels(); ++pixel) {
            const bool before = testBit(clean.plane(i), pixel);
            const bool after = testBit(noisy.plane(i), pixel);
            (before ? changes.spikes : changes.silent) += 1;
            changes.removed += before && !after ? 1 : 0;
            changes.added += !before && after ? 1 : 0;
        }
    return changes;
}

}  // namespace

TEST_CASE("flips, lost and false spikes come with their probability", "[noise]") {
    const SpikeBlock clean = test::blockOf(shape, planes, 0.3);
    for (const double p : {0.001, 0.01, 0.2, 0.5, 1.0}) {
        CAPTURE(p);
        const Changes flip = compare(clean, disturbed(clean, InjectorKind::Flip, p));
        CHECK(believable(flip.removed, flip.spikes, p));
        CHECK(believable(flip.added, flip.silent, p));
        const Changes missing = compare(clean, disturbed(clean, InjectorKind::Missing, p));
        CHECK(believable(missing.removed, missing.spikes, p));
        CHECK(missing.added == 0);
        const Changes extra = compare(clean, disturbed(clean, InjectorKind::Extra, p));
        CHECK(believable(extra.added, extra.silent, p));
        CHECK(extra.removed == 0);
    }
}

TEST_CASE("less light thins the spikes", "[noise]") {
    const SpikeBlock clean = test::blockOf(shape, planes, 0.3);
    for (const double scale : {0.0, 0.25, 0.9, 0.99}) {
        const Changes dim = compare(clean, disturbed(clean, InjectorKind::Brightness, scale));
        CHECK(believable(dim.removed, dim.spikes, 1 - scale));
        CHECK(dim.added == 0);
    }
}

TEST_CASE("more light adds spikes up to about the asked rate", "[noise]") {
    for (const double rate : {0.02, 0.1, 0.3})
        for (const double scale : {1.1, 1.5, 2.0, 3.0}) {
            const SpikeBlock clean = test::blockOf(shape, planes, rate);
            const SpikeBlock bright = disturbed(clean, InjectorKind::Brightness, scale);
            const Changes changes = compare(clean, bright);
            CHECK(changes.removed == 0);
            CHECK(test::paddingIsZero(bright));
            const double reached = static_cast<double>(test::spikesIn(bright)) /
                                   static_cast<double>(test::spikesIn(clean));
            CAPTURE(rate, scale, reached);
            // The border has fewer neighbours, and two rounds may choose the same pixel.
            CHECK(reached <= scale * 1.03);
            CHECK(reached >= 1 + (std::min(scale, 0.9 / rate) - 1) * 0.6);
        }
}

TEST_CASE("new light comes beside old light, never around the edge of a row", "[noise]") {
    SpikeBlock clean = test::blockOf({9, 7}, 400, 0);
    const std::size_t corner = 8;  // last pixel of the first row
    for (std::uint32_t i = 0; i < clean.planeCount(); ++i)
        setBit(clean.plane(i), corner);
    const SpikeBlock bright = disturbed(clean, InjectorKind::Brightness, 4);
    std::vector<std::size_t> hits(63);
    for (std::uint32_t i = 0; i < bright.planeCount(); ++i)
        for (std::size_t pixel = 0; pixel < hits.size(); ++pixel)
            hits[pixel] += testBit(bright.plane(i), pixel) ? 1 : 0;
    for (std::size_t pixel = 0; pixel < hits.size(); ++pixel) {
        CAPTURE(pixel);
        if (pixel == corner)
            CHECK(hits[pixel] == 400);
        else if (pixel == 7 || pixel == 17)
            CHECK(hits[pixel] > 50);
        else
            CHECK(hits[pixel] == 0);
    }
}

TEST_CASE("late spikes come one plane later and none is made", "[noise]") {
    // A spike every fourth plane: a late one never meets another.
    SpikeBlock clean = test::blockOf(shape, planes, 0);
    for (std::uint32_t i = 0; i < planes; i += 4)
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel)
            setBit(clean.plane(i), pixel);
    const SpikeBlock noisy = disturbed(clean, InjectorKind::Jitter, 0.3);
    std::size_t late = 0;
    for (std::uint32_t i = 0; i < planes; ++i) {
        const std::size_t count = countSpikes(noisy.plane(i), shape);
        if (i % 4 == 0)
            CHECK(count + countSpikes(noisy.plane(i + 1), shape) == shape.pixels());
        else if (i % 4 == 1)
            late += count;
        else
            CHECK(count == 0);
    }
    CHECK(believable(late, planes / 4 * shape.pixels(), 0.3));
}

TEST_CASE("stuck pixels are the same in all planes and grow with the strength", "[noise]") {
    const SpikeBlock clean = test::blockOf({200, 100}, 40, 0.5);
    std::vector<bool> smaller;
    for (const double fraction : {0.01, 0.1, 0.6}) {
        const SpikeBlock dead = disturbed(clean, InjectorKind::Dead, fraction);
        const SpikeBlock hot = disturbed(clean, InjectorKind::Hot, fraction);
        std::vector<bool> stuck(clean.shape().pixels());
        std::size_t deadCount = 0;
        std::size_t hotCount = 0;
        for (std::size_t pixel = 0; pixel < stuck.size(); ++pixel) {
            // At rate 0.5 no sound pixel is silent, or fires, in 40 planes.
            bool fires = false;
            bool rests = false;
            for (std::uint32_t i = 0; i < clean.planeCount(); ++i) {
                fires = fires || testBit(dead.plane(i), pixel);
                rests = rests || !testBit(hot.plane(i), pixel);
            }
            stuck[pixel] = !fires;
            deadCount += fires ? 0 : 1;
            hotCount += rests ? 0 : 1;
        }
        CHECK(believable(deadCount, stuck.size(), fraction));
        CHECK(believable(hotCount, stuck.size(), fraction));
        for (std::size_t pixel = 0; pixel < smaller.size(); ++pixel)
            REQUIRE((!smaller[pixel] || stuck[pixel]));
        smaller = stuck;
    }
}

TEST_CASE("row and column faults take whole lines, silent and firing ones", "[noise]") {
    const PlaneShape wide{150, 120};
    const SpikeBlock clean = test::blockOf(wide, 40, 0.5);
    for (const InjectorKind kind : {InjectorKind::Rows, InjectorKind::Columns}) {
        const SpikeBlock noisy = disturbed(clean, kind, 0.3);
        const bool rows = kind == InjectorKind::Rows;
        const std::size_t lines = rows ? wide.height : wide.width;
        const std::size_t length = rows ? wide.width : wide.height;
        std::size_t silent = 0;
        std::size_t firing = 0;
        for (std::size_t line = 0; line < lines; ++line) {
            std::size_t count = 0;
            for (std::uint32_t i = 0; i < clean.planeCount(); ++i)
                for (std::size_t at = 0; at < length; ++at)
                    count += testBit(noisy.plane(i),
                                     rows ? line * wide.width + at : at * wide.width + line)
                                 ? 1
                                 : 0;
            silent += count == 0 ? 1 : 0;
            firing += count == length * clean.planeCount() ? 1 : 0;
        }
        CAPTURE(toString(kind), silent, firing);
        CHECK(believable(silent + firing, lines, 0.3));
        CHECK(silent > 5);
        CHECK(firing > 5);
    }
}

TEST_CASE("only active injectors are made", "[noise]") {
    CHECK(makePlaneInjectors({1, {}}, shape).empty());
    CHECK(makePlaneInjectors({1,
                              {{InjectorKind::Flip, 0.1, false},
                               {InjectorKind::Hot, 0, true},
                               {InjectorKind::Brightness, 1, true},
                               {InjectorKind::Drop, 0.5, true}}},
                             shape)
              .empty());
    CHECK(makePlaneInjectors({1,
                              {{InjectorKind::Dead, 0.1, true},
                               {InjectorKind::Rows, 0.1, true},
                               {InjectorKind::Flip, 0.1, true}}},
                             shape)
              .size() == 2);
}
