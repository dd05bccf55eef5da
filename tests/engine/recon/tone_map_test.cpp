// SPDX-License-Identifier: Apache-2.0
// Exposure: rounding, gamma, and a range that outliers cannot move.
#include "engine/recon/tone_map.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace fovea;

TEST_CASE("a linear tone map rounds to 8 bits and keeps 16", "[recon]") {
    std::vector<std::uint16_t> levels(65536);
    for (std::size_t i = 0; i < levels.size(); ++i)
        levels[i] = static_cast<std::uint16_t>(i);
    std::vector<std::uint8_t> grey(levels.size());
    std::vector<std::uint16_t> deep(levels.size());
    ToneMap tone((ReconSettings()));
    tone.map(levels, grey);
    tone.map(levels, deep);
    CHECK(deep == levels);
    for (std::size_t i = 0; i < levels.size(); ++i)
        REQUIRE(std::abs(grey[i] - static_cast<double>(i) / 257) <= 0.51);
}

TEST_CASE("gain and gamma", "[recon]") {
    ReconSettings settings;
    settings.gain = 2;
    settings.gamma = 2.2;
    ToneMap tone(settings);
    const std::vector<std::uint16_t> levels{0, 1000, 8000, 30000, 40000, 65535};
    std::vector<std::uint16_t> deep(levels.size());
    tone.map(levels, deep);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double expected = std::pow(std::min(1.0, 2.0 * levels[i] / 65535), 1 / 2.2);
        CHECK(deep[i] == Approx(65535 * expected).margin(2));
    }
}

TEST_CASE("one hot and one dead pixel do not move the range", "[recon]") {
    std::vector<std::uint16_t> levels(1000);
    for (std::size_t i = 0; i < levels.size(); ++i)
        levels[i] = static_cast<std::uint16_t>(10000 + 10 * i);
    const LevelRange clean = autoRange(levels);
    CHECK(clean.black == Approx(10000).margin(64));
    CHECK(clean.white == Approx(19990).margin(64));
    levels[3] = 65535;
    levels[500] = 0;
    const LevelRange dirty = autoRange(levels);
    CHECK(dirty.black == Approx(clean.black).margin(64));
    CHECK(dirty.white == Approx(clean.white).margin(64));

    ReconSettings settings;
    settings.range = ReconRange::Auto;
    std::vector<std::uint8_t> grey(levels.size());
    ToneMap(settings).map(levels, grey);
    CHECK(grey[3] == 255);
    CHECK(grey[500] == 0);
    CHECK(int(grey[990]) - int(grey[10]) > 240);  // the rest uses the whole range
}

TEST_CASE("a picture without contrast keeps the whole range", "[recon]") {
    CHECK(autoRange(std::vector<std::uint16_t>(100, 7000)) == LevelRange{});
    CHECK(autoRange(std::vector<std::uint16_t>(1, 0)) == LevelRange{});
    CHECK(autoRange(std::vector<std::uint16_t>(1, 65535)) == LevelRange{});
    // Two pixels are too few to tell which one is hot.
    const LevelRange two = autoRange(std::vector<std::uint16_t>{1000, 50000});
    CHECK(two.black == Approx(1000).margin(16));
    CHECK(two.white == Approx(50000).margin(16));
}
