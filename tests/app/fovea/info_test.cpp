// SPDX-License-Identifier: Apache-2.0
// fovea info against a known recording and against files that are none.
#include "tests/app/fovea/cli.h"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("info of the golden recording", "[cli]") {
    const auto input = goldenInput("data.dat");
    if (!input)
        return;
    const ProgramResult text = cli({"info", *input, "--shape", "400x250"});
    CHECK(text.exitCode == 0);
    CHECK(text.err.empty());
    for (const char *const part : {"301", "0.2877", "7.525 ms", "400x250", "40000"})
        CHECK(text.out.find(part) != std::string::npos);

    const ProgramResult result = cli({"info", *input, "--shape", "400x250", "--json"});
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["planes"] == 301);
    CHECK(json["width"] == 400);
    CHECK(json["height"] == 250);
    CHECK(json["rate_hz"] == 40000.0);
    CHECK(json["seconds"].get<double>() == Approx(0.007525));
    CHECK(json["mean_rate"].get<double>() == Approx(8658838.0 / (301 * 100000)));
    CHECK(json["flip"] == true);
    CHECK(json["format"] == "raw");
    CHECK(json["warnings"].empty());
}

TEST_CASE("info counts every spike of any shape", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeBytes(dat, {0xFF, 0x01, 0x00});  // 9 ones, then zeros: 3 planes of 7x1, 3 bits too many
    const ProgramResult result = cli({"info", dat, "--shape", "7x1", "--json"});
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["planes"] == 3);
    CHECK(json["mean_rate"].get<double>() == Approx(9.0 / 21));
    const ProgramResult fast = cli({"info", dat, "--shape", "7x1", "--json", "--no-scan"});
    CHECK(nlohmann::json::parse(fast.out)["mean_rate"].is_null());
}

TEST_CASE("what is no recording is one clear message and its status", "[cli]") {
    const TemporaryFolder folder;
    const std::string empty = (folder / "empty.dat").string();
    const std::string small = (folder / "small.dat").string();
    const std::string dat = (folder / "x.dat").string();
    writeBytes(empty, {});
    writeBytes(small, {1});
    writeRandomDat(dat, {8, 4}, 3);
    const std::string pipe = (folder / "pipe").string();
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    struct Case {
        std::vector<std::string> arguments;
        int status;
        std::string part;
    };
    const std::vector<Case> cases = {
        {{"info", (folder / "no.dat").string(), "--shape", "8x4"}, 4, "no.dat"},
        {{"info", folder.path().string(), "--shape", "8x4"}, 4, "folder"},
        {{"info", empty, "--shape", "8x4"}, 4, "empty"},
        {{"info", small, "--shape", "8x4"}, 4, "small.dat"},
        {{"info", pipe, "--shape", "8x4"}, 4, "pipe"},
        {{"info", dat}, 2, "shape"},
    };
    for (const Case &one : cases) {
        const ProgramResult result = cli(one.arguments);
        INFO(one.arguments[1] << ": " << result.err);
        CHECK(result.exitCode == one.status);
        CHECK(result.out.empty());
        CHECK(isOneMessage(result.err));
        CHECK(result.err.find(one.part) != std::string::npos);
    }
    if (geteuid() == 0) {
        WARN("everything is readable for root: the unreadable file is skipped");
        return;
    }
    REQUIRE(chmod(dat.c_str(), 0) == 0);
    CHECK(cli({"info", dat, "--shape", "8x4"}).exitCode == 4);
}

TEST_CASE("the shape comes from the descriptor beside the file", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {8, 4}, 3);
    std::ofstream(dat + ".yaml") << "spike_w: 8\nspike_h: 4\nrate_hz: 20000\nflip: false\n";
    const ProgramResult result = cli({"info", dat, "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["width"] == 8);
    CHECK(json["planes"] == 3);
    CHECK(json["rate_hz"] == 20000.0);
    CHECK(json["rate_assumed"] == false);
    CHECK(json["flip"] == false);
}
