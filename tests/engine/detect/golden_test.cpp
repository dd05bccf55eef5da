// SPDX-License-Identifier: Apache-2.0
// STP filter, LIF layer, neural field and attention boxes must be those of SpikeCV.
#include "engine/core/plane_bits.h"
#include "engine/detect/attention_field.h"
#include "engine/detect/lif_layer.h"
#include "engine/detect/stp_filter.h"

#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <map>

using namespace fovea;
using Cases = std::vector<test::GoldenCase>;

namespace {

SpikeBlock load(const test::GoldenCase &one) {
    const std::string orientation = one.json.at("orientation");
    return test::loadPlanes(one.input, one.shape, orientation.rfind("flipud=True", 0) == 0);
}

/// Cases with the same input and parameters are checked in one run.
std::map<std::string, Cases> groups(const Cases &cases) {
    std::map<std::string, Cases> result;
    for (const test::GoldenCase &one : cases)
        result[one.input.string() + one.json.at("params").dump() +
               one.json.at("orientation").get<std::string>()]
            .push_back(one);
    return result;
}

void requireClose(std::span<const float> found, const test::GoldenCase &one, double tolerance) {
    const std::vector<double> expected = test::readNpy(one.file).values();
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
        worst = std::max(worst, std::abs(double{found[i]} - expected[i]) /
                                    std::max(1.0, std::abs(expected[i])));
    INFO(one.id << ": worst relative difference " << worst);
    REQUIRE(worst <= tolerance);
}

void requireBits(const std::vector<std::uint64_t> &found, const test::GoldenCase &one) {
    const test::NpyArray expected = test::readNpy(one.file);
    REQUIRE(expected.bytes.size() == one.shape.bytes());
    std::size_t wrong = 0;
    for (std::size_t p = 0; p < one.shape.pixels(); ++p)
        wrong += testBit(found.data(), p) != (((expected.bytes[p / 8] >> (p % 8)) & 1) != 0);
    INFO(one.id);
    REQUIRE(wrong == 0);
}

StpSettings stpSettings(const nlohmann::json &params) {
    StpSettings s;
    s.u0 = params.value("u0", s.u0);
    s.D = params.value("D", s.D);
    s.F = params.value("F", s.F);
    s.f = params.value("f", s.f);
    s.timeUnit = params.value("time_unit", s.timeUnit);
    s.threshold = params.value("filterThr", s.threshold);
    s.diffTime = params.value("diff_time", s.diffTime);
    return s;
}

LifSettings lifSettings(const nlohmann::json &params) {
    LifSettings s;
    s.least = params.value("voltageMin", s.least);
    s.threshold = params.value("lifThr", s.threshold);
    const std::string square = params.value("lif", std::string("3x3 all 3.0"));
    int other = 0;
    REQUIRE(std::sscanf(square.c_str(), "%dx%d all %f", &s.size, &other, &s.weight) == 3);
    REQUIRE(s.size == other);
    return s;
}

struct StpRun {
    StpFilter filter;
    LifLayer layer;
    std::vector<std::uint64_t> passed, fired;
    std::vector<std::vector<double>> counts{2};
};

void checkStpFrame(const StpRun &run, const test::GoldenCase &one) {
    const auto has = [&](const char *part) { return one.id.find(part) != std::string::npos; };
    constexpr double tolerance = 2e-5;
    if (has("_stp_filter_"))
        requireBits(run.passed, one);
    else if (has("_stp_lif_"))
        requireBits(run.fired, one);
    else if (has("_stp_R_"))
        requireClose(run.filter.resources(), one, tolerance);
    else if (has("_stp_u_"))
        requireClose(run.filter.utilisation(), one, tolerance);
    else if (has("_stp_voltage_"))
        requireClose(run.layer.potential(), one, tolerance);
    else
        FAIL("case " << one.id << " of a known algorithm is not understood");
}

std::size_t checkStp(const Cases &cases) {
    const SpikeBlock block = load(cases.front());
    const PlaneShape shape = block.shape();
    const auto &params = cases.front().json.at("params");
    StpRun run{StpFilter(stpSettings(params), shape), LifLayer(lifSettings(params), shape), {}, {}};
    run.passed.resize(shape.wordStride());
    run.fired.resize(shape.wordStride());
    std::size_t checked = 0;
    for (std::uint32_t t = 0; t < block.planeCount(); ++t) {
        run.filter.update(block.plane(t), run.passed.data());
        run.layer.update(run.passed.data(), run.fired.data());
        run.counts[0].push_back(static_cast<double>(countSpikes(run.passed.data(), shape)));
        run.counts[1].push_back(static_cast<double>(countSpikes(run.fired.data(), shape)));
        for (const test::GoldenCase &one : cases)
            if (one.json.at("frame") == t) {
                checkStpFrame(run, one);
                ++checked;
            }
    }
    for (const test::GoldenCase &one : cases)
        if (one.json.at("frame") == "all") {
            std::vector<double> both = run.counts[0];
            both.insert(both.end(), run.counts[1].begin(), run.counts[1].end());
            INFO(one.id);
            REQUIRE(both == test::readNpy(one.file).values());
            ++checked;
        }
    return checked;
}

struct AttentionRun {
    std::vector<double> boxes, counts;
};

std::size_t checkAttention(const Cases &cases) {
    const SpikeBlock block = load(cases.front());
    const PlaneShape shape = block.shape();
    const auto &params = cases.front().json.at("params");
    const auto begin = params.at("calibration_frames").get<std::uint32_t>();
    const auto end = begin + params.at("tracked_frames").get<std::uint32_t>();
    REQUIRE(end <= block.planeCount());
    StpFilter filter(stpSettings(params), shape);
    LifLayer layer({}, shape);
    AttentionField field(params.at("attention_size").get<int>(), shape);
    std::vector<std::uint64_t> passed(shape.wordStride());
    std::vector<std::uint64_t> fired(shape.wordStride());
    AttentionRun run;
    std::size_t checked = 0;
    for (std::uint32_t t = 0; t < end; ++t) {
        filter.update(block.plane(t), passed.data());
        if (t < begin)
            continue;
        layer.update(passed.data(), fired.data());
        field.update(fired.data());
        const auto boxes = field.boxes();
        for (const AttentionBox &b : boxes)
            for (const int value : {static_cast<int>(t), b.row0, b.col0, b.row1, b.col1})
                run.boxes.push_back(value);
        run.counts.push_back(t);
        run.counts.push_back(static_cast<double>(countSpikes(fired.data(), shape)));
        run.counts.push_back(static_cast<double>(boxes.size()));
        run.counts.push_back(*std::max_element(field.potential().begin(), field.potential().end()));
        for (const test::GoldenCase &one : cases)
            if (one.json.at("frame") == t) {
                requireClose(field.potential(), one, 1e-4);
                ++checked;
            }
    }
    for (const test::GoldenCase &one : cases) {
        INFO(one.id);
        const std::vector<double> expected = test::readNpy(one.file).values();
        if (one.algorithm == "SaccadeInput.get_attention_location") {
            REQUIRE(run.boxes == expected);
            ++checked;
        } else if (one.algorithm == "SaccadeInput") {
            REQUIRE(run.counts.size() == expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                REQUIRE(run.counts[i] == Approx(expected[i]).epsilon(i % 4 == 3 ? 1e-4 : 1e-12));
            ++checked;
        }
    }
    return checked;
}

void checkAll(const std::vector<std::string> &algorithms, std::size_t (*check)(const Cases &)) {
    if (!test::goldenFolder()) {
        WARN("golden outputs are not here: skipped");
        return;
    }
    const Cases cases = test::goldenCases(algorithms);
    REQUIRE_FALSE(cases.empty());
    std::size_t checked = 0;
    for (const auto &[key, group] : groups(cases))
        checked += check(group);
    std::printf("golden cases of %s and so on: %zu of %zu\n", algorithms.front().c_str(), checked,
                cases.size());
    REQUIRE(checked == cases.size());
}

}  // namespace

TEST_CASE("STP filter and LIF layer are SpikeCV's", "[golden]") {
    checkAll({"STPFilter"}, checkStp);
}

TEST_CASE("neural field and attention boxes are SpikeCV's", "[golden]") {
    checkAll({"SaccadeInput.update_dnf potential U", "SaccadeInput.get_attention_location",
              "SaccadeInput"},
             checkAttention);
}
