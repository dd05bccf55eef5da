// SPDX-License-Identifier: Apache-2.0
// TFSTP: order of rates, first intervals, lost planes, how far back it must look.
#include "engine/recon/plasticity_reconstructor.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

ReconSettings settingsOf(TfstpForm form = TfstpForm::Online) {
    ReconSettings settings;
    settings.method = ReconMethod::Tfstp;
    settings.form = form;
    return settings;
}

/// Pixel p fires in every (p + 1)th plane; the last pixel never.
SpikeBlock ladder(PlaneShape shape, std::uint32_t planes) {
    SpikeBlock block(shape, planes);
    block.begin(0, 40000);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        for (std::size_t p = 0; p + 1 < shape.pixels(); ++p)
            if ((i + 1) % (p + 1) == 0)
                setBit(words, p);
    }
    return block;
}

std::vector<std::uint8_t> picture(const ReconSettings &settings, const PlaneWindow &window,
                                  PlaneShape shape) {
    std::vector<std::uint8_t> grey(shape.pixels());
    REQUIRE(makeReconstructor(settings, shape).value()->reconstruct(window, grey));
    return grey;
}

}  // namespace

TEST_CASE("more frequent spikes are brighter, none is black", "[recon]") {
    constexpr PlaneShape shape{12, 1};
    const SpikeBlock block = ladder(shape, 240);
    const auto planes = test::pointers(block);
    const auto grey = picture(settingsOf(), {planes, 239, 239}, shape);
    for (std::size_t p = 0; p + 1 < shape.pixels(); ++p)
        CHECK(grey[p] > grey[p + 1]);
    CHECK(grey.front() == 255);
    CHECK(grey.back() == 0);
}

TEST_CASE("TFSTP's state is the rule's, by hand", "[recon]") {
    constexpr PlaneShape shape{1, 1};
    SpikeBlock block(shape, 8);
    block.begin(0, 40000);
    for (int i = 0; i < 8; ++i) {
        std::uint64_t *words = block.append();
        std::memset(words, 0, shape.wordStride() * 8);
        if (i == 2 || i == 6)
            setBit(words, 0);
    }
    const auto planes = test::pointers(block);
    const auto state = [&](TfstpForm form, PlanePointers window, std::size_t key,
                           std::uint64_t plane) {
        PlasticityReconstructor made(settingsOf(form), shape);
        std::vector<std::uint8_t> grey(1);
        REQUIRE(made.reconstruct({window, key, plane}, grey));
        return std::pair(made.resources()[0], made.utilisation()[0]);
    };
    const auto after = [](double R, double u, double n) {
        return std::pair(Approx(1 - (1 - R * (1 - u)) * std::exp(-n)),
                         Approx(0.15 + (u + 0.15 * (1 - u) - 0.15) * std::exp(-n / 10)));
    };
    const auto [onceR, onceU] = after(1, 0.15, 3);
    const auto online = state(TfstpForm::Online, planes, 5, 5);
    CHECK(online.first == onceR);
    CHECK(online.second == onceU);
    const auto [twiceR, twiceU] = after(online.first, online.second, 4);
    CHECK(state(TfstpForm::Online, planes, 7, 7).first == twiceR);
    CHECK(state(TfstpForm::Online, planes, 7, 7).second == twiceU);
    const auto [lateR, lateU] = after(1, 0.15, 4);
    SECTION("offline, the first spike only starts the clock") {
        CHECK(state(TfstpForm::Offline, planes, 5, 5) == std::pair(1.0F, 0.15F));
        CHECK(state(TfstpForm::Offline, planes, 7, 7).first == lateR);
    }
    SECTION("so it does where the window begins within the recording") {
        CHECK(state(TfstpForm::Online, planes, 7, 1007).second == lateU);
    }
    SECTION("a lost plane is not bridged") {
        auto holed = planes;
        holed[4] = nullptr;
        CHECK(state(TfstpForm::Online, holed, 7, 7) == online);
        holed[1] = nullptr;
        CHECK(state(TfstpForm::Online, holed, 7, 7) == std::pair(1.0F, 0.15F));
    }
}

TEST_CASE("the default history is long enough where spikes come", "[recon]") {
    constexpr PlaneShape shape{40, 7};
    const SpikeBlock block = test::randomPlanes(shape, 900, 5);
    const auto planes = test::pointers(block);
    PlasticityReconstructor whole(settingsOf(), shape);
    PlasticityReconstructor recent(settingsOf(), shape);
    std::vector<std::uint8_t> grey(shape.pixels());
    REQUIRE(whole.reconstruct({planes, 899, 899}, grey));
    const std::size_t history = recent.reach().before;
    REQUIRE(history == ReconSettings{}.history);
    const auto tail = std::span(planes).last(history + 1);
    REQUIRE(recent.reconstruct({tail, history, 899}, grey));
    std::size_t compared = 0;
    for (std::size_t p = 0; p < shape.pixels(); ++p) {
        std::size_t spikes = 0;
        for (const std::uint64_t *plane : tail)
            spikes += testBit(plane, p) ? 1 : 0;
        if (spikes < 10)
            continue;
        ++compared;
        CHECK(std::abs(whole.resources()[p] - recent.resources()[p]) < 1e-6F);
        CHECK(std::abs(whole.utilisation()[p] - recent.utilisation()[p]) < 1e-6F);
    }
    CHECK(compared > shape.pixels() / 2);
}

TEST_CASE("one level only is black", "[recon]") {
    constexpr PlaneShape shape{5, 3};
    SpikeBlock block(shape, 1);
    block.begin(0, 40000);
    std::memset(block.append(), 0, shape.wordStride() * 8);
    const auto planes = test::pointers(block);
    CHECK(picture(settingsOf(), {planes, 0, 0}, shape) ==
          std::vector<std::uint8_t>(shape.pixels(), 0));
}

TEST_CASE("history and form are checked", "[recon]") {
    ReconSettings settings = settingsOf();
    settings.history = 0;
    CHECK_FALSE(validate(settings));
    settings.history = ReconSettings::maxHistory + 1;
    CHECK_FALSE(validate(settings));
    CHECK(parseTfstpForm("offline").value() == TfstpForm::Offline);
    CHECK(parseTfstpForm("online").value() == TfstpForm::Online);
    CHECK_FALSE(parseTfstpForm("both"));
}
