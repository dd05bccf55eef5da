// SPDX-License-Identifier: Apache-2.0
// fovea evaluate on label files whose scores are known by hand.
#include "tests/app/fovea/cli.h"

#include <fstream>

using namespace fovea;
using namespace fovea::test;

namespace {

nlohmann::json scores(const std::string &truth, const std::string &tracks,
                      std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"evaluate", "--truth", truth, "--tracks", tracks, "--json"});
    const ProgramResult result = cli(more);
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    return nlohmann::json::parse(result.out);
}

}  // namespace

TEST_CASE("evaluate counts misses, false boxes and switches", "[cli]") {
    const TemporaryFolder folder;
    const std::string truth = (folder / "truth.txt").string();
    const std::string tracks = (folder / "tracks.txt").string();
    {
        std::ofstream a(truth);
        std::ofstream b(tracks);
        for (int frame = 0; frame < 10; ++frame) {
            a << frame << ",1,10.00,10.00,20.00,20.00,1,-1,-1,-1\n";
            a << frame << ",2,100.00,10.00,20.00,20.00,1,-1,-1,-1\n";
            // Object 1 changes its identity once; object 2 is missed once; one box is false.
            b << frame << (frame < 5 ? ",7" : ",8") << ",10.00,10.00,20.00,20.00,0.9,-1,-1,-1\n";
            if (frame != 9)
                b << frame << ",9,100.00,10.00,20.00,20.00,0.9,-1,-1,-1\n";
        }
        b << "3,5,200.00,200.00,9.00,9.00,0.5,-1,-1,-1\n";
    }
    const auto json = scores(truth, tracks);
    CHECK(json["objects"] == 20);
    CHECK(json["switches"] == 1);
    CHECK(json["misses"] == 1);
    CHECK(json["false_positives"] == 1);
    CHECK(json["mota"].get<double>() == Approx(1 - 3.0 / 20));
    CHECK(json["recall"].get<double>() == Approx(19.0 / 20));
    CHECK(json["precision"].get<double>() == Approx(19.0 / 20));
    CHECK(json["motp"].get<double>() == Approx(0).margin(1e-9));
    CHECK(json["idf1"].get<double>() == Approx(2 * 14.0 / (20 + 20)));
    CHECK(scores(truth, tracks, {"--to", "4"})["switches"] == 0);
    CHECK(scores(truth, truth)["mota"] == 1.0);
    const ProgramResult text = cli({"evaluate", "--truth", truth, "--tracks", tracks});
    CHECK(text.out.find("MOTA       0.8500") == 0);
}

TEST_CASE("evaluate names the file and line that is no label", "[cli]") {
    const TemporaryFolder folder;
    const std::string good = (folder / "good.txt").string();
    const std::string bad = (folder / "bad.txt").string();
    std::ofstream(good) << "0,1,1,1,5,5,1,-1,-1,-1\n";
    std::ofstream(bad) << "0,1,1,1,5,5,1,-1,-1,-1\nhello\n";
    const ProgramResult result = cli({"evaluate", "--truth", good, "--tracks", bad});
    INFO(result.err);
    CHECK(result.exitCode == 4);
    CHECK(isOneMessage(result.err));
    CHECK(result.err.find("bad.txt:2") != std::string::npos);
    CHECK(cli({"evaluate", "--truth", good, "--tracks", "/nowhere.txt"}).exitCode == 4);
    std::ofstream(bad) << "0,1,1,1,5,5,1,-1,-1,-1\n0,1,9,9,5,5,1,-1,-1,-1\n";
    CHECK(cli({"evaluate", "--truth", bad, "--tracks", good}).exitCode == 4);
}

TEST_CASE("tracks with every n-th frame only are judged on all frames unless asked", "[cli]") {
    const TemporaryFolder folder;
    const std::string truth = (folder / "truth.txt").string();
    const std::string tracks = (folder / "tracks.txt").string();
    {
        std::ofstream a(truth);
        std::ofstream b(tracks);
        for (int frame = 0; frame < 40; ++frame) {
            a << frame << ",1,10,10,20,20,1,-1,-1,-1\n";
            if (frame % 10 == 0)
                b << frame << ",1,10,10,20,20,1,-1,-1,-1\n";
        }
    }
    CHECK(scores(truth, tracks)["mota"].get<double>() == Approx(0.1));
    CHECK(scores(truth, tracks, {"--every", "10"})["mota"] == 1.0);
    const ProgramResult text = cli({"evaluate", "--truth", truth, "--tracks", tracks});
    CHECK(text.err.find("--every 10") != std::string::npos);
}

TEST_CASE("boxes with classes are judged by average precision, too", "[cli]") {
    const TemporaryFolder folder;
    const std::string truth = (folder / "truth.txt").string();
    const std::string tracks = (folder / "tracks.txt").string();
    std::ofstream(truth) << "0,1,10,10,20,20,1,0,-1,-1\n0,2,90,10,20,20,1,3,-1,-1\n";
    std::ofstream(tracks) << "0,7,10,10,20,20,0.9,0,-1,-1\n0,8,90,10,20,20,0.8,1,-1,-1\n";
    const auto score = scores(truth, tracks);
    CHECK(score["mota"] == 1.0);
    CHECK(score["map"] == 0.5);
    CHECK(score["classes"].size() == 3);
    CHECK(cli({"evaluate", "--truth", truth, "--tracks", tracks}).out.find("mAP        0.5000") !=
          std::string::npos);
    std::ofstream(tracks) << "0,7,10,10,20,20,0.9,-1,-1,-1\n";
    CHECK_FALSE(scores(truth, tracks).contains("map"));
}
