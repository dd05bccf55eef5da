// SPDX-License-Identifier: Apache-2.0
// fovea export: pictures, videos, tables, shorter recordings, and stopping in the middle.
#include "tests/app/fovea/cli.h"

#include <csignal>
#include <opencv2/imgcodecs.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

struct Input {
    TemporaryFolder folder;
    std::string dat = (folder / "x.dat").string();
    explicit Input(std::uint64_t planes = 100) { writeRandomDat(dat, {64, 40}, planes); }
    [[nodiscard]] std::string name(const std::string &text) const {
        return (folder / text).string();
    }
    [[nodiscard]] ProgramResult operator()(std::vector<std::string> more) const {
        more.insert(more.begin(), {"export", dat, "--shape", "64x40"});
        return cli(more);
    }
};

}  // namespace

TEST_CASE("a picture of a sequence is the picture that reconstruct makes", "[cli]") {
    const Input input;
    const ProgramResult result =
        input({"--range", "40:60", "--every", "5", "--method", "tfp", "-o", input.name("pics")});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    CHECK(entries(input.name("pics")) == 4);
    const std::string png = input.name("one.png");
    REQUIRE(cli({"reconstruct", input.dat, "--shape", "64x40", "--at", "45", "-o", png}).exitCode ==
            0);
    CHECK(contents(png) == contents(input.name("pics") + "/plane_00000045.png"));
    // A folder with something in it is not touched.
    CHECK(input({"--method", "raw", "-o", input.name("pics")}).exitCode == 1);
    CHECK(entries(input.name("pics")) == 4);
}

TEST_CASE("a cut is a recording of exactly these planes", "[cli]") {
    const Input input;
    REQUIRE(input({"--range", "40:60", "-o", input.name("cut.dat")}).exitCode == 0);
    constexpr std::size_t planeBytes = 64 * 40 / 8;
    CHECK(contents(input.name("cut.dat")) ==
          contents(input.dat).substr(40 * planeBytes, 20 * planeBytes));
    const auto info = nlohmann::json::parse(cli({"info", input.name("cut.dat"), "--json"}).out);
    CHECK(info["planes"] == 20);
    CHECK(info["rate_assumed"] == true);
}

TEST_CASE("a video has its file, or a clear refusal", "[cli]") {
    const Input input;
    for (const char *const name : {"v.avi", "v.mp4"}) {
        const ProgramResult result = input({"--method", "raw", "-o", input.name(name)});
        INFO(result.err);
        if (result.exitCode == 0)
            CHECK(std::filesystem::file_size(input.name(name)) > 1000);
        else
            CHECK((result.exitCode == 1 && isOneMessage(result.err)));
    }
}

TEST_CASE("a table of detections has a head and the range's planes only", "[cli]") {
    const auto golden = goldenInput("synth_discs_a.dat");
    if (!golden)
        return;
    const TemporaryFolder folder;
    const std::string csv = (folder / "t.csv").string();
    REQUIRE(
        cli({"export", *golden, "--shape", "400x250", "--range", "200:250", "-o", csv}).exitCode ==
        0);
    const std::string text = contents(csv);
    CHECK(text.rfind("plane,seconds,id,x,y,w,h,score,vx,vy,coasting\n", 0) == 0);
    CHECK(text.find("\n199,") == std::string::npos);
    CHECK(text.find("\n200,0.005000000,") != std::string::npos);
    CHECK(text.find("\n249,") != std::string::npos);
    CHECK(text.find("\n250,") == std::string::npos);
}

TEST_CASE("ranges that are not in the recording are refused", "[cli]") {
    const Input input;
    for (const char *const range : {"0:101", "50:50", "60:50", "x", "5"}) {
        const ProgramResult result = input({"--range", range, "-o", input.name("pics")});
        CHECK(result.exitCode == 2);
        CHECK(isOneMessage(result.err));
    }
    CHECK(input({"-o", input.dat, "--force"}).exitCode == 2);
    CHECK(entries(input.folder.path()) == 1);
}

TEST_CASE("a stopped export removes what it wrote, quickly", "[cli]") {
    const Input input(60000);
    Program program(FOVEA_CLI, {"export", input.dat, "--shape", "64x40", "--method", "tfp", "-o",
                                input.name("pics")});
    for (int i = 0; i < 3000 && !std::filesystem::exists(input.name("pics")); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    program.signal(SIGTERM);
    const ProgramResult result = program.wait(std::chrono::seconds{20});
    CHECK(result.exitCode == 143);
    CHECK(entries(input.folder.path()) == 1);
}
