// SPDX-License-Identifier: Apache-2.0
// fovea bench: the promised names and fields, figures that fit together.
#include "tests/app/fovea/cli.h"

#include "app/bench/bench_input.h"
#include "app/bench/measure.h"
#include "app/bench/network_case.h"

#include <set>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the promised cases are there, each name once", "[cli]") {
    std::set<std::string> names;
    for (const BenchCase &one : benchCases())
        CHECK(names.insert(one.name).second);
    for (const char *const name : {"tfp_hop400", "tfp_every", "tfi_every", "stp_lif", "chain_1khz",
                                   "adaptive_1khz", "tfp_hop200_1m"})
        CHECK(names.contains(name));
    for (const BenchCase &one : benchCases("_1m")) {
        CHECK(one.shape == PlaneShape{1000, 1000});
        CHECK(one.planeRateHz == 20000);
    }
}

TEST_CASE("the input has the stated share of spikes and no bits beyond the last pixel", "[cli]") {
    for (const PlaneShape shape : {PlaneShape{401, 25}, {64, 64}})
        for (const double rate : {0.05, 0.29, 0.5}) {
            const BenchPlanes input(shape, 400, rate, 40000);
            std::size_t spikes = 0;
            std::size_t beyond = 0;
            for (const std::uint64_t *plane : input.planes()) {
                spikes += countSpikes(plane, shape);
                for (std::size_t bit = shape.pixels(); bit < shape.wordStride() * 64; ++bit)
                    beyond += testBit(plane, bit) ? 1U : 0U;
            }
            const double all = 400.0 * static_cast<double>(shape.pixels());
            CHECK(static_cast<double>(spikes) / all == Approx(rate).epsilon(0.03));
            CHECK(beyond == 0);
        }
}

TEST_CASE("every case works through planes", "[cli]") {
    TilePool pool(2);
    for (const BenchCase &one : benchCases()) {
        if (one.shape.width == 1000 || one.name.find("_r") != std::string::npos)
            continue;  // the same work on more pixels, on other rates
        INFO(one.name);
        auto pass = one.prepare(one, pool);
        REQUIRE(pass);
        const auto planes = (*pass)();
        REQUIRE(planes);
        CHECK(*planes > 0);
        CHECK(one.bytesPerPlane >= static_cast<double>(one.shape.bytes()));
    }
}

TEST_CASE("the promised networks are there and spikes flow through all their layers", "[cli]") {
    std::set<std::string> names;
    for (const NetworkCase &one : networkCases())
        names.insert(one.name);
    for (const char *const name : {"csnn_b1", "csnn_b16", "cifar10net_b8", "lif_forward"})
        CHECK(names.contains(name));
    // Multiply-adds of 4 steps, as published for these networks.
    CHECK(networkCases("csnn_b1")[0].operations == Approx(2 * 171e6).epsilon(0.04));
    CHECK(networkCases("cifar10net")[0].operations == Approx(2 * 6.8e9).epsilon(0.04));
    const MachinePeaks peaks{1e9, 2e9, 4e9, 1e9, {}};
    CHECK(peaks.of(Precision::Bf16) == 2e9);
    for (const char *const name : {"csnn_b1", "lif_forward"}) {
        const NetworkCase one = networkCases(name)[0];
        const auto result = measure(one, 1, peaks, 0.01);
        REQUIRE(result);
        CHECK(result->perCpuSecond > 0);
        CHECK(result->peakFraction > 0);
        for (const double rate : result->rates) {
            CHECK(rate > 0.02);
            CHECK(rate < 0.5);
        }
    }
}

TEST_CASE("figures come as JSON and fit together", "[cli]") {
    const ProgramResult result =
        cli({"bench", "--json", "--filter", "tfp_hop400", "--threads", "1"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    REQUIRE(json.size() == 2);  // read_tfp_hop400, too
    for (const auto &entry : json) {
        CHECK(entry.size() == 8);
        CHECK(entry.at("shape") == "400x250");
        CHECK(entry.at("plane_rate_hz") == 40000);
        CHECK(entry.at("threads") == 1);
        const double planes = entry.at("planes_per_cpu_second");
        CHECK(planes > 0);
        // With one thread the process has hardly any other CPU time.
        CHECK(entry.at("realtime").get<double>() == Approx(planes / 40000).epsilon(0.05));
        CHECK(entry.at("copy_fraction").get<double>() > 0);
        CHECK(entry.at("bytes_per_plane").get<double>() >= 12500);
    }
    CHECK(json[1].at("name") == "tfp_hop400");
}

TEST_CASE("the table has a line a case; an unknown name is an error", "[cli]") {
    const ProgramResult table = cli({"bench", "--filter", "tfi_stack_every_r05", "--threads", "2"});
    REQUIRE(table.exitCode == 0);
    CHECK(lines(table.out) == 3);
    CHECK(table.out.find("400x250") != std::string::npos);
    const ProgramResult unknown = cli({"bench", "--filter", "nothing"});
    CHECK(unknown.exitCode == 2);
    CHECK(isOneMessage(unknown.err));
    CHECK(unknown.err.find("tfp_every") != std::string::npos);
}
