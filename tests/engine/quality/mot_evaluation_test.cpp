// SPDX-License-Identifier: Apache-2.0
// CLEAR-MOT and identity figures on cases counted by hand, and on MOT16 when it is there.
#include "engine/quality/mot_evaluation.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string>

using namespace fovea;

namespace {

MotBox row(std::uint64_t frame, std::int64_t id, float x, float confidence = 1) {
    return {frame, id, {x, 0, 10, 10}, confidence};
}

/// One member of an uncompressed tar archive; empty when it is not there.
std::string memberOf(const std::vector<unsigned char> &tar, const std::string &name) {
    for (std::size_t at = 0; at + 512 <= tar.size() && tar[at] != 0;) {
        const auto *header = reinterpret_cast<const char *>(tar.data() + at);
        const std::size_t size = std::strtoul(std::string(header + 124, 12).c_str(), nullptr, 8);
        if (name == header)
            return {header + 512, size};
        at += 512 + (size + 511) / 512 * 512;
    }
    return {};
}

std::vector<MotBox> parse(const std::string &text) {
    std::vector<MotBox> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        MotBox one;
        unsigned long frame = 0;
        long id = 0;
        Box &b = one.box;
        if (std::sscanf(line.c_str(), "%lu,%ld,%f,%f,%f,%f,%f", &frame, &id, &b.x, &b.y, &b.w, &b.h,
                        &one.confidence) != 7)
            continue;
        one.frame = frame;
        one.id = id;
        rows.push_back(one);
    }
    return rows;
}

}  // namespace

TEST_CASE("a perfect result scores 1") {
    std::vector<MotBox> truth;
    for (std::uint64_t f = 1; f <= 10; ++f)
        for (std::int64_t id = 1; id <= 3; ++id)
            truth.push_back(row(f, id, static_cast<float>(30 * id)));
    const MotScore s = evaluateMot(truth, truth).value();
    CHECK(s.mota == 1);
    CHECK(s.idf1 == 1);
    CHECK(s.motp == 0);
    CHECK(s.objects == 30);
    CHECK(s.idTruePositives == 30);
    CHECK(s.trackStep == 1);
}

TEST_CASE("misses, false positives, a switch and the best map of identities are counted") {
    std::vector<MotBox> truth;
    std::vector<MotBox> tracks;
    for (std::uint64_t f = 0; f < 10; ++f) {
        truth.push_back(row(f, 1, 0));
        if (f != 4)
            tracks.push_back(row(f, f < 6 ? 7 : 8, 0));
    }
    tracks.push_back(row(2, 9, 500));
    const MotScore s = evaluateMot(truth, tracks).value();
    CHECK(s.matches == 9);
    CHECK(s.misses == 1);
    CHECK(s.falsePositives == 1);
    CHECK(s.switches == 1);
    CHECK(s.fragmentations == 1);
    CHECK(s.mota == Approx(0.7));
    CHECK(s.recall == Approx(0.9));
    CHECK(s.precision == Approx(0.9));
    CHECK(s.idTruePositives == 5);
    CHECK(s.idf1 == Approx(0.5));
}

TEST_CASE("a pair is kept while it overlaps enough, even when another is nearer") {
    const std::vector<MotBox> truth{row(0, 1, 0), row(1, 1, 0)};
    const std::vector<MotBox> tracks{row(0, 5, 1), row(1, 5, 3), row(1, 6, 0)};
    const MotScore s = evaluateMot(truth, tracks).value();
    CHECK(s.switches == 0);
    CHECK(s.falsePositives == 1);
    CHECK(s.motp == Approx(((1 - 9.0 / 11) + (1 - 7.0 / 13)) / 2));
}

TEST_CASE(
    "tracks that leave frames out are judged on all of them, or on a grid that is asked for") {
    std::vector<MotBox> truth;
    std::vector<MotBox> tracks;
    for (std::uint64_t f = 0; f < 101; ++f)
        truth.push_back(row(f, 1, 0));
    for (std::uint64_t f = 0; f < 101; f += 8)
        tracks.push_back(row(f, 1, 0));
    const MotScore all = evaluateMot(truth, tracks).value();
    CHECK(all.objects == 101);
    CHECK(all.mota == Approx(13.0 / 101));
    CHECK(all.trackStep == 8);
    MotSettings grid;
    grid.every = 8;
    const MotScore s = evaluateMot(truth, tracks, grid).value();
    CHECK(s.objects == 13);
    CHECK(s.mota == 1);
    grid.every = 0;
    CHECK_FALSE(evaluateMot(truth, tracks, grid));
}

TEST_CASE("two boxes of ten are no good track") {
    std::vector<MotBox> truth;
    for (std::uint64_t f = 1; f <= 10; ++f)
        truth.push_back(row(f, 1, 0));
    const MotScore s = evaluateMot(truth, std::vector{row(1, 1, 0), row(5, 1, 0)}).value();
    CHECK(s.mota == Approx(0.2));
    CHECK(s.idf1 == Approx(4.0 / 12));
}

TEST_CASE("rows of the truth without confidence are left out; empty input is no error") {
    const std::vector<MotBox> truth{row(0, 1, 0), row(0, 2, 50, 0)};
    CHECK(evaluateMot(truth, {}).value().misses == 1);
    CHECK(evaluateMot({}, {}).value().mota == 0);
    CHECK(evaluateMot({}, truth).value().falsePositives == 2);
}

TEST_CASE("what cannot be judged is refused") {
    const std::vector<MotBox> twice{row(3, 1, 0), row(3, 1, 5)};
    CHECK(evaluateMot(twice, {}).error().message == "truth: frame 3 has id 1 twice");
    std::vector<MotBox> bad{row(0, 1, std::numeric_limits<float>::quiet_NaN())};
    CHECK_FALSE(evaluateMot({}, bad));
    MotSettings settings;
    settings.minIou = 0;
    CHECK_FALSE(evaluateMot({}, {}, settings));
}

TEST_CASE("time grows with the number of frames, not with its square") {
    std::vector<MotBox> truth;
    for (std::uint64_t f = 0; f < 40000; ++f)
        for (std::int64_t id = 1; id <= 5; ++id)
            truth.push_back(row(f, id, static_cast<float>(30 * id)));
    const auto secondsFor = [&](std::size_t rows) {
        const std::span<const MotBox> part = std::span(truth).first(rows);
        const std::clock_t begin = std::clock();
        CHECK(evaluateMot(part, part).value().idf1 == 1);
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    // Eight times the frames take about eight times as long, not sixty-four.
    const double few = secondsFor(truth.size() / 8);
    CHECK(secondsFor(truth.size()) < 24 * few + 0.05);
}

TEST_CASE("figures of MOT16 sequences", "[data]") {
    const auto folder = test::dataFolder();
    const auto tar = folder ? test::readXz(*folder / "mot_metrics" / "mot16_gt_res.tar.xz")
                            : std::optional<std::vector<unsigned char>>{};
    if (!tar) {
        WARN("MOT16 files are not here: skipped");
        return;
    }
    struct Expected {
        const char *sequence;
        std::uint64_t objects, matches, falsePositives, switches, identities;
        double mota, motp, idf1;
    };
    const std::vector<Expected> expected{
        {"MOT16-11", 9174, 5336, 369, 35, 4062, 0.537606, 0.181920, 0.546004},
        {"MOT16-13", 11450, 2942, 421, 57, 2323, 0.215197, 0.251007, 0.313643}};
    for (const Expected &e : expected) {
        const std::string base = std::string("mot16/") + e.sequence;
        const std::string truth = memberOf(*tar, base + "/gt.txt");
        const std::string result = memberOf(*tar, base + "/res.txt");
        REQUIRE_FALSE(truth.empty());
        REQUIRE_FALSE(result.empty());
        const MotScore s = evaluateMot(parse(truth), parse(result)).value();
        CHECK(s.objects == e.objects);
        CHECK(s.matches == e.matches);
        CHECK(s.falsePositives == e.falsePositives);
        CHECK(s.switches == e.switches);
        CHECK(s.idTruePositives == e.identities);
        CHECK(s.mota == Approx(e.mota).margin(1e-6));
        CHECK(s.motp == Approx(e.motp).margin(1e-5));
        CHECK(s.idf1 == Approx(e.idf1).margin(1e-6));
    }
}
