// SPDX-License-Identifier: Apache-2.0
// fovea detect, simulate and evaluate as one chain, and detect's other outputs.
#include "tests/app/fovea/cli.h"

#include <opencv2/imgcodecs.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

/// A short scene with its truth.
void simulate(const TemporaryFolder &folder, const std::string &seconds = "0.2") {
    const ProgramResult result =
        cli({"simulate", "--shape", "400x250", "--rate", "40000", "--objects", "3", "--seconds",
             seconds, "--seed", "7", "-o", (folder / "scene.dat").string(), "--truth",
             (folder / "truth.txt").string()});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
}

}  // namespace

TEST_CASE("detect finds what simulate shows, evaluate says so", "[cli]") {
    const TemporaryFolder folder;
    simulate(folder);
    const std::string mot = (folder / "out.txt").string();
    const ProgramResult result =
        cli({"detect", (folder / "scene.dat").string(), "--mot", mot, "--every", "10", "--quiet"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    CHECK(result.out.empty());
    CHECK(result.err.empty());
    const ProgramResult evaluated =
        cli({"evaluate", "--truth", (folder / "truth.txt").string(), "--tracks", mot, "--json",
             "--from", "2000", "--every", "10"});
    INFO(evaluated.err);
    REQUIRE(evaluated.exitCode == 0);
    const auto json = nlohmann::json::parse(evaluated.out);
    INFO(evaluated.out);
    for (const char *const key :
         {"mota", "idf1", "motp", "recall", "precision", "switches", "objects"})
        CHECK(json.contains(key));
    CHECK(json["objects"].get<int>() > 0);
    CHECK(json["every"] == 10);
    CHECK(json["mota"].get<double>() > 0.6);
}

TEST_CASE("every output of detect tells the same", "[cli]") {
    const TemporaryFolder folder;
    simulate(folder, "0.05");
    const std::string scene = (folder / "scene.dat").string();
    const std::string mot = (folder / "out.txt").string();
    const std::string overlay = (folder / "overlay").string();
    const ProgramResult result = cli({"detect", scene, "--mot", mot, "--json", "--overlay", overlay,
                                      "--overlay-every", "500", "--every", "100"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    std::size_t boxes = 0;
    std::size_t results = 0;
    std::size_t begin = 0;
    while (begin < result.out.size()) {
        const std::size_t end = result.out.find('\n', begin);
        const auto json = nlohmann::json::parse(result.out.substr(begin, end - begin));
        CHECK(json["schema"] == 1);
        CHECK(json["plane"] == 100 * results);
        boxes += json["objects"].size();
        ++results;
        begin = end + 1;
    }
    CHECK(results == 20);
    CHECK(lines(contents(mot)) == boxes);
    CHECK(entries(overlay) == 4);
    const cv::Mat picture = cv::imread(overlay + "/plane_00001500.png", cv::IMREAD_UNCHANGED);
    CHECK(picture.channels() == 3);
    CHECK(picture.cols == 400);

    const ProgramResult again = cli({"detect", scene, "--json", "--every", "100", "--quiet"});
    CHECK(again.out == result.out);
    const ProgramResult table = cli({"detect", scene});
    CHECK(table.exitCode == 0);
    CHECK(table.out.find("2000 results") != std::string::npos);
}

TEST_CASE("detect: a set of boxes for every plane unless told otherwise", "[cli]") {
    const auto input = goldenInput("synth_discs_a.dat");
    if (!input)
        return;
    const ProgramResult result = cli({"detect", *input, "--shape", "400x250", "--json"});
    REQUIRE(result.exitCode == 0);
    CHECK(lines(result.out) == 260);
    const ProgramResult part =
        cli({"detect", *input, "--shape", "400x250", "--json", "--range", "100:160"});
    CHECK(lines(part.out) == 60);
    const auto first = nlohmann::json::parse(part.out.substr(0, part.out.find('\n')));
    CHECK(first["plane"] == 100);
    CHECK(first["sequence"] == 0);
}

TEST_CASE("detect refuses what it cannot do and leaves nothing behind", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {64, 64}, 400);
    const auto detect = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"detect", dat, "--shape", "64x64"});
        return cli(more);
    };
    CHECK(detect({"--mot", dat}).exitCode == 2);
    CHECK(detect({"--mot", "-", "--json"}).exitCode == 2);
    CHECK(detect({"--range", "5:1"}).exitCode == 2);
    CHECK(detect({"--range", "0:401"}).exitCode == 2);
    CHECK(detect({"--every", "x"}).exitCode == 2);
    CHECK(detect({"--mot", (folder / "no").string() + "/x.txt"}).exitCode == 1);
    const ProgramResult missing = cli({"detect", "/nowhere/x.dat", "--shape", "8x8"});
    CHECK(missing.exitCode == 4);
    CHECK(isOneMessage(missing.err));
    if (std::filesystem::exists("/dev/full"))
        CHECK(detect({"--mot", "/dev/full"}).exitCode <= 1);
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a reader that leaves ends detect quietly", "[cli]") {
    const TemporaryFolder folder;
    simulate(folder, "0.05");
    Program::Options options;
    options.closeOut = true;
    const ProgramResult result =
        cli({"detect", (folder / "scene.dat").string(), "--json"}, options);
    CHECK(result.exitCode == 141);
    CHECK(result.err.empty());
}
