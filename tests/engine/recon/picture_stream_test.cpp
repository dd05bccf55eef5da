// SPDX-License-Identifier: Apache-2.0
// A stream gives the pictures that single calls give, however its planes are cut into blocks.
#include "engine/recon/picture_stream.h"

#include "tests/engine/recon/random_planes.h"

#include <catch2/catch.hpp>
#include <map>

using namespace fovea;

namespace {
using Pictures = std::map<std::uint64_t, std::vector<std::uint8_t>>;

/// Planes [first, last) of `all`, those in [40, 43) as a gap.
SpikeBlockPtr cut(const SpikeBlock &all, std::uint32_t first, std::uint32_t last) {
    auto block = std::make_shared<SpikeBlock>(all.shape(), last - first);
    block->begin(first, 40000);
    for (std::uint32_t i = first; i < last; ++i) {
        if (i >= 40 && i < 43)
            block->appendGap(1, DropReason::Link);
        else
            std::copy_n(all.plane(i), all.shape().wordStride(), block->append());
    }
    return block;
}

Pictures streamed(const ReconSettings &settings, const SpikeBlock &all, const PicturePlan &plan,
                  std::uint32_t step) {
    PictureStream stream(makeReconstructor(settings, all.shape()).value(), plan);
    TilePool pool(2);
    Pictures pictures;
    std::uint64_t expected = plan.first;
    const auto take = [&](std::uint64_t plane, std::span<const std::uint8_t> grey) {
        CHECK(plane == expected);
        expected += plan.hop;
        pictures[plane].assign(grey.begin(), grey.end());
        return Result<void>{};
    };
    const auto begin = static_cast<std::uint32_t>(stream.begin());
    const auto end =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(stream.end(), all.planeCount()));
    for (std::uint32_t i = begin; i < end; i += step)
        REQUIRE(stream.push(cut(all, i, std::min(i + step, end)), pool, take));
    REQUIRE(stream.finish(pool, take));
    return pictures;
}

Pictures single(const ReconSettings &settings, const SpikeBlock &all, const PicturePlan &plan) {
    auto made = makeReconstructor(settings, all.shape()).value();
    auto planes = test::pointers(all);
    planes[40] = planes[41] = planes[42] = nullptr;
    Pictures pictures;
    for (std::uint64_t plane = plan.first; plane < plan.end; plane += plan.hop) {
        std::vector<std::uint8_t> grey(all.shape().pixels());
        REQUIRE(made->reconstruct(PlaneWindow{planes, plane, plane}, grey));
        pictures[plane] = grey;
    }
    return pictures;
}

ReconSettings settingsOf(ReconMethod method, TfiConvention convention = TfiConvention::Single) {
    ReconSettings settings;
    settings.method = method;
    settings.convention = convention;
    return settings;
}
}  // namespace

TEST_CASE("streamed pictures equal single ones", "[recon]") {
    const SpikeBlock all = test::randomPlanes({33, 31}, 300, 6);
    for (const ReconSettings &settings :
         {settingsOf(ReconMethod::Raw), settingsOf(ReconMethod::Tfp), settingsOf(ReconMethod::Tfi),
          settingsOf(ReconMethod::Tfi, TfiConvention::Stack)})
        for (const PicturePlan plan : {PicturePlan{0, 300, 1},
                                       {17, 290, 3},
                                       {100, 101, 5},
                                       {50, 260, 70},
                                       {5, 299, 11},
                                       {299, 300, 1},
                                       {8, 8, 1}})
            for (const std::uint32_t step : {1U, 7U, 64U, 300U}) {
                CAPTURE(toString(settings.method), plan.first, plan.end, plan.hop, step);
                CHECK(streamed(settings, all, plan, step) == single(settings, all, plan));
            }
}

TEST_CASE("an error of the taker ends the stream", "[recon]") {
    const SpikeBlock all = test::randomPlanes({8, 8}, 40, 6);
    PictureStream stream(makeReconstructor({}, all.shape()).value(), {16, 40, 1});
    TilePool pool(1);
    int taken = 0;
    const auto done = stream.push(cut(all, 0, 40), pool, [&](std::uint64_t, auto) -> Result<void> {
        if (++taken == 3)
            return fail(ErrorCode::Cancelled, "enough");
        return {};
    });
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "enough");
    CHECK(taken == 3);
}
