// SPDX-License-Identifier: Apache-2.0
// fovea play counts every plane and can be stopped.
#include "tests/app/fovea/cli.h"

#include <csignal>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("play goes through all planes", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {64, 40}, 1000);
    const std::vector<std::string> base = {"play", dat, "--shape", "64x40"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), base.begin(), base.end());
        return cli(more);
    };
    const ProgramResult text = with({"--speed", "max"});
    CHECK(text.exitCode == 0);
    CHECK(text.out.find("1000 planes in") == 0);
    const ProgramResult json = with({"--speed", "1", "--json", "--detect"});
    REQUIRE(json.exitCode == 0);
    const std::size_t last = json.out.rfind('\n', json.out.size() - 2);
    const auto status =
        nlohmann::json::parse(json.out.substr(last == std::string::npos ? 0 : last + 1));
    CHECK(status["planes"]["received"] == 1000);
    CHECK(status["planes"]["delivered"] == 1000);
    CHECK(status["results"].get<int>() > 0);
    CHECK(with({"--range", "100:300"}).out.find("200 planes in") == 0);
    CHECK(with({"--speed", "-1"}).exitCode == 2);
    CHECK(with({"--speed", "fast"}).exitCode == 2);
    CHECK(with({"--range", "0:1001"}).exitCode != 0);
}

TEST_CASE("slow play is slow, and Ctrl-C leaves it", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {64, 40}, 4000);
    Program program(FOVEA_CLI,
                    {"play", dat, "--shape", "64x40", "--speed", "1/1000", "--status", "0.1"});
    std::this_thread::sleep_for(std::chrono::milliseconds{3000});
    program.signal(SIGINT);
    const ProgramResult result = program.wait(std::chrono::seconds{20});
    INFO(result.err);
    CHECK(result.exitCode == 0);
    CHECK(result.out.find("plane ") == 0);
    CHECK(result.out.find("planes in") != std::string::npos);
    CHECK(result.out.find("4000 planes in") == std::string::npos);
}
