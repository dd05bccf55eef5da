// SPDX-License-Identifier: Apache-2.0
// Stable runs: known spike trains, and a slow reading of random ones.
#include "engine/recon/stability_levels.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

/// One pixel that fires at these planes of 200.
SpikeBlock train(const std::vector<std::size_t> &spikes) {
    SpikeBlock block({1, 1}, 200);
    block.begin(0, 40000);
    for (std::size_t t = 0; t < 200; ++t) {
        std::uint64_t *words = block.append();
        std::fill(words, words + block.shape().wordStride(), 0);
        if (std::find(spikes.begin(), spikes.end(), t) != spikes.end())
            setBit(words, 0);
    }
    return block;
}

double levelAt(const SpikeBlock &block, std::size_t key, ReconMode mode, std::size_t pixel = 0) {
    ReconSettings settings;
    settings.method = ReconMethod::Stability;
    settings.mode = mode;
    std::vector<std::uint16_t> levels(block.shape().pixels());
    StabilityLevels(settings, block.shape()).fill({test::pointers(block), key, key}, levels);
    return levels[pixel] / 65535.0;
}

/// The same by spike times: grows from the interval around (or before) the key, nearest first.
double slowLevel(const SpikeBlock &block, std::size_t key, bool causal, std::size_t pixel) {
    std::vector<long> back;
    std::vector<long> ahead;
    const long t = static_cast<long>(key);
    for (long i = t; i >= 0 && i > t - (causal ? 128 : 64); --i)
        if (testBit(block.plane(static_cast<std::uint32_t>(i)), pixel))
            back.push_back(i);
    for (long i = t + 1; i < block.planeCount() && i <= t + 64 && !causal; ++i)
        if (testBit(block.plane(static_cast<std::uint32_t>(i)), pixel))
            ahead.push_back(i);
    const long seenBack = std::min<long>(t + 1, causal ? 128 : 64);
    std::vector<long> run;
    std::size_t b = 0;
    std::size_t a = 0;
    if (causal) {
        if (back.empty())
            return 1.0 / double(seenBack);
        const long silent = t - back[0];
        const long last = back.size() > 1 ? back[0] - back[1] : seenBack - silent;
        if (back.size() < 2 || last <= silent)
            return 1.0 / double(std::max(silent + 1, last));
        run.push_back(last);
        b = 1;
    } else {
        const long before = back.empty() ? seenBack - 1 : t - back[0];
        const long after =
            ahead.empty() ? std::min<long>(64, block.planeCount() - 1 - t) : ahead[0] - t - 1;
        run.push_back(before + after + 1);
        if (back.empty() || ahead.empty())
            return 1.0 / double(run[0]);
    }
    const auto fits = [&](long interval) {
        for (const long one : run)
            if (std::abs(one - interval) > 1)
                return false;
        return true;
    };
    for (bool backward = true, forward = !causal; backward || forward;) {
        if (backward) {
            backward = b + 1 < back.size() && fits(back[b] - back[b + 1]);
            if (backward) {
                run.push_back(back[b] - back[b + 1]);
                ++b;
            }
        }
        if (forward) {
            forward = a + 1 < ahead.size() && fits(ahead[a + 1] - ahead[a]);
            if (forward) {
                run.push_back(ahead[a + 1] - ahead[a]);
                ++a;
            }
        }
    }
    double sum = 0;
    for (const long one : run)
        sum += double(one);
    return double(run.size()) / sum;
}

}  // namespace

TEST_CASE("a stable run gives its mean interval", "[recon]") {
    // 3, 4, 3, 4, ... is a rate of 2 / 7 and one run; TFI would say 1/3 or 1/4.
    std::vector<std::size_t> spikes;
    for (std::size_t t = 0, i = 0; t < 200; t += i++ % 2 == 0 ? 3 : 4)
        spikes.push_back(t);
    const SpikeBlock block = train(spikes);
    CHECK(levelAt(block, 100, ReconMode::Centred) == Approx(2.0 / 7).epsilon(0.015));
    CHECK(levelAt(block, 100, ReconMode::Causal) == Approx(2.0 / 7).epsilon(0.015));
}

TEST_CASE("a change of light ends the run", "[recon]") {
    std::vector<std::size_t> spikes;
    for (std::size_t t = 0; t < 100; t += 10)
        spikes.push_back(t);
    for (std::size_t t = 100; t < 200; t += 4)
        spikes.push_back(t);
    const SpikeBlock block = train(spikes);
    CHECK(levelAt(block, 95, ReconMode::Centred) == Approx(0.1).epsilon(0.01));
    CHECK(levelAt(block, 101, ReconMode::Centred) == Approx(0.25).epsilon(0.01));
    CHECK(levelAt(block, 110, ReconMode::Causal) == Approx(0.25).epsilon(0.01));
    // 99 is 9 planes after the last spike: less than the interval so far.
    CHECK(levelAt(block, 99, ReconMode::Causal) == Approx(0.1).epsilon(0.01));
}

TEST_CASE("silence, a single spike and lost planes", "[recon]") {
    CHECK(levelAt(train({}), 100, ReconMode::Centred) <= 1.0 / 64);
    CHECK(levelAt(train({}), 100, ReconMode::Causal) <= 1.0 / 100);
    CHECK(levelAt(train({50}), 100, ReconMode::Causal) == Approx(1.0 / 51).epsilon(0.01));
    const SpikeBlock block = train({10, 20, 30});
    std::vector<const std::uint64_t *> planes = test::pointers(block);
    planes[15] = nullptr;
    std::vector<std::uint16_t> levels(1);
    ReconSettings settings;
    settings.method = ReconMethod::Stability;
    StabilityLevels(settings, {1, 1}).fill({planes, 15, 15}, levels);
    CHECK(levels[0] == 0);
}

TEST_CASE("random pixels read as plainly as can be", "[recon]") {
    const PlaneShape shape{67, 3};
    const SpikeBlock block = test::randomPlanes(shape, 180, 12);
    for (const std::size_t key : {0U, 5U, 63U, 64U, 100U, 130U, 179U})
        for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
            CAPTURE(key, pixel);
            REQUIRE(levelAt(block, key, ReconMode::Centred, pixel) ==
                    Approx(slowLevel(block, key, false, pixel)).margin(1e-5));
            REQUIRE(levelAt(block, key, ReconMode::Causal, pixel) ==
                    Approx(slowLevel(block, key, true, pixel)).margin(1e-5));
        }
}
