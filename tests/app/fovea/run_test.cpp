// SPDX-License-Identifier: Apache-2.0
// Networks over recordings and the synthetic scene, through the real program.
#include "engine/snn/nir_file.h"
#include "tests/app/fovea/cli.h"
#include "tests/fakes/stream_models.h"

#include <opencv2/imgcodecs.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{16, 8};
using nlohmann::json;

/// Spans of 16 planes, left and right in turn; planes [20, 22) are lost when asked for.
std::string recording(const TemporaryFolder &folder, std::uint32_t spans, bool loss = false) {
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 40000;
    const auto path = folder / "sides.dat";
    auto writer = SpikeWriter::create(path, descriptor);
    REQUIRE(writer);
    SpikeBlock block(shape, 16 * spans);
    block.begin(0, 40000);
    for (std::uint32_t plane = 0; plane < 16 * spans; ++plane) {
        if (loss && plane == 20)
            block.appendGap(2, DropReason::Link);
        if (loss && (plane == 20 || plane == 21))
            continue;
        paint(shape, block.append(), [&](std::uint32_t x, std::uint32_t) {
            return (x >= shape.width / 2) == (plane / 16 % 2 == 1);
        });
    }
    REQUIRE(writer->write(block));
    REQUIRE(writer->close());
    return path.string();
}

std::string network(const TemporaryFolder &folder, const Network &net, const Metadata &metadata) {
    const auto path = folder / "net.nir";
    REQUIRE(writeNir(net, path, defaultNirStep, metadata));
    return path.string();
}

std::vector<json> jsonLines(const std::string &out) {
    std::vector<json> all;
    std::istringstream text(out);
    for (std::string line; std::getline(text, line);)
        all.push_back(json::parse(line));
    return all;
}

std::string sides(const TemporaryFolder &folder) {
    return network(folder, sidesNetwork(shape),
                   {{"stream_steps", "8"}, {"stream_classes", "left,right"}});
}

}  // namespace

TEST_CASE("run tells every decision and what all took", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = recording(folder, 4);
    const std::string model = sides(folder);
    const ProgramResult result = cli({"run", model, file, "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const std::vector<json> all = jsonLines(result.out);
    REQUIRE(all.size() == 9);
    for (std::size_t i = 0; i < 8; ++i) {
        CHECK(all[i]["network"]["planes"] == json({8 * i, 8 * i + 8}));
        CHECK(all[i]["network"]["class"] == (i / 2 % 2 == 0 ? "left" : "right"));
        CHECK(all[i]["network"]["score"] > 0.7);
    }
    const json &summary = all.back();
    CHECK(summary["decisions"] == 8);
    CHECK(summary["skipped"] == 0);
    CHECK(summary["planes_per_decision"] == 8);
    // 128 pixels a step reach two neurons each.
    CHECK(summary["synops"] == 8 * 128 * 2);
    CHECK(summary["layers"][0]["rate"] == Approx(0.5));
    const ProgramResult text = cli({"run", model, file});
    CHECK(text.out.find("planes 0 to 7: left (0.731)\n") == 0);
    CHECK(text.out.find("8 decisions of 8 steps over 8 planes") != std::string::npos);
    const ProgramResult detected = cli({"detect", file, "--model", model, "--json"});
    INFO(detected.err);
    REQUIRE(detected.exitCode == 0);
    CHECK(jsonLines(detected.out).back()["network"]["class"] == "right");
}

TEST_CASE("a lost plane costs decisions and is told", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = recording(folder, 4, true);
    const ProgramResult result = cli({"run", sides(folder), file, "--json", "--quiet"});
    REQUIRE(result.exitCode == 0);
    const json summary = jsonLines(result.out).back();
    CHECK(summary["decisions"] == 7);
    CHECK(summary["skipped"] == 1);
    CHECK(summary["lost_planes"] == 2);
}

TEST_CASE("labels make a curve over the number of planes", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = recording(folder, 6);
    const std::string labels = (folder / "spans.csv").string();
    std::string text = "first_plane,planes,class\n";
    for (int i = 0; i < 6; ++i)  // the last one is wrong on purpose
        text += fmt::format("{},16,{}\n", 16 * i, i % 2 == 0 || i == 5 ? "left" : "right");
    writeBytes(labels, {text.begin(), text.end()});
    const std::string plot = (folder / "curve.png").string();
    const ProgramResult result = cli({"run", sides(folder), file, "--labels", labels, "--planes",
                                      "1,4,16,32", "--plot", plot, "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const json points = json::parse(result.out)["points"];
    REQUIRE(points.size() == 4);
    CHECK(points[1]["total_steps"] == 4);
    CHECK(points[1]["accuracy"] == Approx(5.0 / 6));
    CHECK(points[2]["judged"] == 6);
    CHECK(points[3]["judged"] == 0);  // longer than the spans
    CHECK(points[3]["skipped"] == 6);
    CHECK(cv::imread(plot).cols == 720);
}

TEST_CASE("pictures of a network, one and all", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = recording(folder, 2);
    const std::string model = network(folder, pixelNetwork(shape), {{"stream_steps", "8"}});
    const std::string out = (folder / "out.png").string();
    const ProgramResult one = cli({"reconstruct", file, "--shape", "16x8", "--method", "snn",
                                   "--model", model, "--at", "15", "-o", out});
    INFO(one.err);
    REQUIRE(one.exitCode == 0);
    const cv::Mat picture = cv::imread(out, cv::IMREAD_GRAYSCALE);
    CHECK(picture.at<unsigned char>(0, 0) == 255);
    CHECK(picture.at<unsigned char>(0, 15) == 0);
    const std::string pictures = (folder / "pictures").string();
    const ProgramResult all = cli({"run", model, file, "-o", pictures, "--json"});
    INFO(all.err);
    REQUIRE(all.exitCode == 0);
    CHECK(entries(pictures) == 4);
    CHECK(jsonLines(all.out).back()["decisions"] == 4);
}

TEST_CASE("a live source ends with a summary", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = sides(folder);
    const ProgramResult result = cli({"run", model, "synthetic", "--shape", "32x16", "--rate",
                                      "2000", "--seconds", "0.2", "--fit", "crop", "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    CHECK(jsonLines(result.out).back()["type"] == "summary");
}

TEST_CASE("what cannot be run is one message and its status", "[cli]") {
    const TemporaryFolder folder;
    const std::string file = recording(folder, 1);
    const std::string model = sides(folder);
    struct Case {
        std::vector<std::string> arguments;
        int status;
        std::string part;
    };
    for (const Case &one : {
             Case{{"run", (folder / "no.nir").string(), file}, 4, "no.nir"},
             Case{{"run", model, (folder / "no.dat").string()}, 4, "no.dat"},
             Case{{"run", model, file, "--mode", "nq"}, 2, "--mode: model.mode"},
             Case{{"run", model, file, "--steps", "0.5"}, 2, "model.steps"},
             Case{{"run", model, file, "--planes", "4"}, 2, "--labels"},
             Case{{"run", model, file, "-o", "x"}, 2, "gives no pictures"},
             Case{{"run", model, "synthetic", "--range", "1:2"}, 2, "--range"},
             Case{{"run", model, "synthetic", "--seconds", "0.1"}, 2, "model.fit: found exact"},
             Case{{"detect", file, "--detector", "snn"}, 2, "model.file"},
             Case{{"reconstruct", file, "--method", "snn", "--model", model, "-o", "x.png"},
                  1,
                  "not a picture"},
         }) {
        const ProgramResult result = cli(one.arguments);
        INFO(result.err);
        CHECK(result.exitCode == one.status);
        CHECK(isOneMessage(result.err));
        CHECK(result.err.find(one.part) != std::string::npos);
    }
}
