// SPDX-License-Identifier: Apache-2.0
// Names, limits, argument checks and the planes that SpikeCV's guards allow.
#include "engine/recon/reconstructor.h"

#include "engine/recon/grey_pictures.h"
#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <optional>

using namespace fovea;
using Catch::Contains;

TEST_CASE("names go to text and back", "[recon]") {
    for (const ReconMethod method : {ReconMethod::Raw, ReconMethod::Tfp, ReconMethod::Tfi}) {
        CHECK(parseReconMethod(toString(method)).value() == method);
        ReconSettings settings;
        settings.method = method;
        CHECK(makeReconstructor(settings, {8, 8}).value()->name() == toString(method));
    }
    for (const TfiConvention convention : {TfiConvention::Single, TfiConvention::Stack})
        CHECK(parseTfiConvention(toString(convention)).value() == convention);
    CHECK_THAT(parseReconMethod("tpf").error().message, Contains("'tpf'") && Contains("tfp"));
    CHECK_THAT(parseTfiConvention("").error().message, Contains("single or stack"));
}

TEST_CASE("settings outside of their limits are refused and named", "[recon]") {
    ReconSettings settings;
    std::string field;
    SECTION("even window") {
        settings.window = 32, field = "window 32";
    }
    SECTION("no window") {
        settings.window = 0, field = "window 0";
    }
    SECTION("huge window") {
        settings.window = 4097, field = "window 4097";
    }
    SECTION("no reach") {
        settings.reach = 0, field = "reach 0";
    }
    SECTION("huge reach") {
        settings.reach = 1001, field = "reach 1001";
    }
    SECTION("gain") {
        settings.gain = -1, field = "gain -1";
    }
    SECTION("gain that is no number") {
        settings.gain = std::nan(""), field = "gain nan";
    }
    SECTION("gamma") {
        settings.gamma = 0, field = "gamma 0";
    }
    const auto made = makeReconstructor(settings, {4, 4});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::Usage);
    CHECK_THAT(made.error().message, Contains(field));
}

TEST_CASE("impossible shapes and arguments are refused", "[recon]") {
    CHECK(makeReconstructor({}, {0, 5}).error().code == ErrorCode::InvalidArgument);
    const SpikeBlock block = test::randomPlanes({4, 4}, 3, 1);
    const auto planes = test::pointers(block);
    auto tfp = makeReconstructor({}, {4, 4}).value();
    std::vector<std::uint8_t> grey(16);
    CHECK(tfp->reconstruct({planes, 2, 2}, grey));
    CHECK(tfp->reconstruct({planes, 3, 3}, grey).error().code == ErrorCode::InvalidArgument);
    CHECK(tfp->reconstruct({{}, 0, 0}, grey).error().code == ErrorCode::InvalidArgument);
    grey.resize(15);
    CHECK(tfp->reconstruct({planes, 2, 2}, grey).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("the reach is that of the method", "[recon]") {
    ReconSettings settings;
    CHECK(reachOf(settings) == PlaneReach{16, 16});
    settings.method = ReconMethod::Raw;
    CHECK(reachOf(settings) == PlaneReach{0, 0});
    settings.method = ReconMethod::Tfi;
    CHECK(reachOf(settings) == PlaneReach{19, 20});
    settings.reach = 1000;
    CHECK(reachOf(settings) == PlaneReach{254, 255});
    settings.convention = TfiConvention::Stack;
    CHECK(reachOf(settings) == PlaneReach{255, 254});
    CHECK(makeReconstructor(settings, {3, 3}).value()->reach() == PlaneReach{255, 254});
}

TEST_CASE("planes near the ends are refused with the allowed range", "[recon]") {
    const auto allowed = [](const ReconSettings &settings, std::uint64_t planes) {
        std::vector<std::int64_t> range{-1, -1};
        for (std::uint64_t at = 0; at < planes + 3; ++at)
            if (checkPlane(settings, at, planes)) {
                range[0] = range[0] < 0 ? static_cast<std::int64_t>(at) : range[0];
                range[1] = static_cast<std::int64_t>(at);
            }
        return range;
    };
    using Range = std::vector<std::int64_t>;
    ReconSettings settings;
    CHECK(allowed(settings, 301) == Range{16, 284});
    CHECK(allowed(settings, 33) == Range{16, 16});
    CHECK(allowed(settings, 32) == Range{-1, -1});
    CHECK_THAT(checkPlane(settings, 15, 301).error().message,
               Contains("plane 15") && Contains("16 to 284"));
    CHECK_THAT(checkPlane(settings, 15, 32).error().message, Contains("33 planes"));
    settings.method = ReconMethod::Tfi;
    CHECK(allowed(settings, 301) == Range{10, 280});
    settings.convention = TfiConvention::Stack;
    CHECK(allowed(settings, 301) == Range{20, 280});
    settings.reach = 1;
    CHECK(allowed(settings, 3) == Range{1, 1});
    CHECK(allowed(settings, 2) == Range{-1, -1});
    settings.method = ReconMethod::Raw;
    CHECK(allowed(settings, 301) == Range{0, 300});
    CHECK(allowed(settings, 1) == Range{0, 0});
    CHECK(allowed(settings, 0) == Range{-1, -1});
}

TEST_CASE("a run must fit in its planes and in the pictures", "[recon]") {
    const PlaneShape shape{4, 4};
    auto tfp = makeReconstructor({}, shape).value();
    const std::vector<const std::uint64_t *> lost(10, nullptr);
    TilePool pool(1);
    GreyPictures pictures(shape, 4);
    const auto code = [&](PictureRun run, GreyPictures &target) {
        const auto made = tfp->reconstruct(run, target, pool);
        return made ? std::optional<ErrorCode>{} : made.error().code;
    };
    CHECK_FALSE(code({{lost, 0, 0}, 3, 4}, pictures));
    CHECK_FALSE(code({{lost, 9, 9}, 1, 1}, pictures));
    CHECK_FALSE(code({{lost, 9, 9}, 1, 0}, pictures));
    CHECK(code({{lost, 1, 1}, 3, 4}, pictures) == ErrorCode::InvalidArgument);
    CHECK(code({{lost, 10, 10}, 1, 1}, pictures) == ErrorCode::InvalidArgument);
    CHECK(code({{lost, 0, 0}, 1, 5}, pictures) == ErrorCode::InvalidArgument);
    CHECK(code({{lost, 0, 0}, 0, 2}, pictures) == ErrorCode::InvalidArgument);
    GreyPictures others({4, 5}, 4);
    CHECK(code({{lost, 0, 0}, 1, 1}, others) == ErrorCode::InvalidArgument);
}
