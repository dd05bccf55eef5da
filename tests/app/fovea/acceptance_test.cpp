// SPDX-License-Identifier: Apache-2.0
// What detection and tracking must reach on scenes and recordings with known contents.
#include "tests/app/fovea/cli.h"
#include "tests/support/golden.h"

#include <fmt/format.h>
#include <fstream>
#include <map>

using namespace fovea;
using namespace fovea::test;

namespace {

nlohmann::json score(const std::string &truth, const std::string &tracks, std::uint64_t from) {
    const ProgramResult result = cli({"evaluate", "--truth", truth, "--tracks", tracks, "--json",
                                      "--from", std::to_string(from)});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    return nlohmann::json::parse(result.out);
}

/// Runs detect on planes of 400x250 whose bottom row is first.
void detectUpright(const std::string &recording, const std::string &mot) {
    const ProgramResult result =
        cli({"detect", recording, "--shape", "400x250", "--flip", "--mot", mot, "--quiet"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
}

struct Life {
    std::uint64_t first = ~std::uint64_t{0}, last = 0;
};

/// When each identity was seen.
std::map<int, Life> livesIn(const std::string &mot) {
    std::map<int, Life> lives;
    std::ifstream file(mot);
    char comma = 0;
    std::uint64_t plane = 0;
    for (int id = 0; file >> plane >> comma >> id; file.ignore(1000, '\n')) {
        Life &life = lives[id];
        life.first = std::min(life.first, plane);
        life.last = std::max(life.last, plane);
    }
    return lives;
}

/// A recording of the data folder, unpacked; empty when that, or xz, is not there.
std::string unpackedRecording(const TemporaryFolder &folder, const std::string &name) {
    const auto data = dataFolder();
    const auto bytes = data ? readXz(*data / "spike" / (name + ".xz")) : std::nullopt;
    if (!bytes) {
        WARN("no data folder (FOVEA_DATA_DIR), or no xz: skipped");
        return {};
    }
    writeBytes(folder / name, *bytes);
    return (folder / name).string();
}

}  // namespace

TEST_CASE("five objects for a second: MOTA of at least 0.85", "[cli]") {
    const TemporaryFolder folder;
    const std::string scene = (folder / "scene.dat").string();
    const std::string truth = (folder / "truth.txt").string();
    const std::string mot = (folder / "out.txt").string();
    REQUIRE(cli({"simulate", "--objects", "5", "--seconds", "1", "--seed", "7", "-o", scene,
                 "--truth", truth, "--quiet"})
                .exitCode == 0);
    REQUIRE(cli({"detect", scene, "--mot", mot, "--quiet"}).exitCode == 0);
    const nlohmann::json json = score(truth, mot, 0);
    INFO(json.dump());
    CHECK(json["mota"].get<double>() >= 0.85);
}

TEST_CASE("the golden discs: recall and precision of at least 0.9, no identity changes", "[cli]") {
    if (!goldenFolder()) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    const auto cases = goldenCases({"ground truth boxes of the renderer"});
    REQUIRE_FALSE(cases.empty());
    for (const GoldenCase &one : cases) {
        INFO(one.id);
        const TemporaryFolder folder;
        const NpyArray boxes = readNpy(one.file);
        const std::vector<double> values = boxes.values();
        REQUIRE(values.size() % 6 == 0);
        const std::string truth = (folder / "truth.txt").string();
        std::ofstream file(truth);
        for (std::size_t i = 0; i < values.size(); i += 6)
            file << fmt::format("{:.0f},{:.0f},{},{},{},{},1,-1,-1,-1\n", values[i],
                                values[i + 1] + 1, values[i + 2], values[i + 3], values[i + 4],
                                values[i + 5]);
        file.close();
        const std::string mot = (folder / "out.txt").string();
        detectUpright(one.input.string(), mot);
        const nlohmann::json json = score(truth, mot, 120);  // warmed up: 3 ms
        INFO(json.dump());
        CHECK(json["recall"].get<double>() >= 0.9);
        CHECK(json["precision"].get<double>() >= 0.9);
        CHECK(json["switches"] == 0);
    }
}

TEST_CASE("a road without cars has no object", "[cli]") {
    const TemporaryFolder folder;
    const std::string road = unpackedRecording(folder, "real_static_road_a.dat");
    if (road.empty())
        return;
    const std::string mot = (folder / "out.txt").string();
    detectUpright(road, mot);
    CHECK(livesIn(mot).empty());
}

TEST_CASE("a car that drives by is one lasting object, and nothing else lasts", "[cli]") {
    const TemporaryFolder folder;
    const std::string car = unpackedRecording(folder, "real_car100_hist.dat");
    if (car.empty())
        return;
    const std::string mot = (folder / "out.txt").string();
    detectUpright(car, mot);
    int lasting = 0;
    for (const auto &[id, life] : livesIn(mot))
        if (life.last - life.first >= 60)
            ++lasting;
    CHECK(lasting == 1);
}
