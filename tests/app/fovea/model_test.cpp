// SPDX-License-Identifier: Apache-2.0
// fovea model: info against the golden networks, conversion and accuracy on a small set, refusals.
#include "engine/snn/nir_file.h"
#include "tests/app/fovea/cli.h"
#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("model info tells what a network is made of", "[cli]") {
    const auto folder = goldenFolder();
    if (!folder) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    const std::string file = (*folder / "nir" / "nested.nir").string();
    const ProgramResult text = cli({"model", "info", file});
    CHECK(text.exitCode == 0);
    CHECK(text.err.empty());
    for (const char *const part : {"sub/s", "Scale", "(3)", "NIR 1.0.7"})
        CHECK(text.out.find(part) != std::string::npos);
    const ProgramResult result = cli({"model", "info", "--json", file});
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["nodes"].size() == 5);
    CHECK(json["input_shape"] == nlohmann::json({3}));
    CHECK(json["recurrent"] == false);
    CHECK(json["warnings"].empty());
    CHECK(json["parameters"] == 0);
    const ProgramResult slower = cli({"model", "info", file, "--dt", "1e-5", "--json", "--quiet"});
    CHECK(nlohmann::json::parse(slower.out)["dt_seconds"] == 1e-5);
}

TEST_CASE("what is no network is one clear message and its status", "[cli]") {
    const TemporaryFolder folder;
    const std::string text = (folder / "x.nir").string();
    writeBytes(text, {'h', 'i'});
    struct Case {
        std::vector<std::string> arguments;
        int status;
        std::string part;
    };
    for (const Case &one :
         {Case{{"model", "info", text}, 4, "x.nir"},
          Case{{"model", "info", (folder / "no.nir").string()}, 4, "no.nir"},
          Case{{"model", "info"}, 2, "FILE"}, Case{{"model", "info", "--jsn", text}, 2, "--json"},
          Case{{"model"}, 2, "model"}, Case{{"model", "info", text, "--dt", "-1"}, 2, "--dt"}}) {
        const ProgramResult result = cli(one.arguments);
        INFO(result.err);
        CHECK(result.exitCode == one.status);
        CHECK(result.out.empty());
        CHECK(isOneMessage(result.err));
        CHECK(result.err.find(one.part) != std::string::npos);
    }
}

namespace {

/// Pictures of 2x2 pixels whose brightest pixel is the class: 40 to test, 20 to calibrate with.
void writeBrightest(const TemporaryFolder &folder) {
    for (const auto &[begin, count] : {std::pair{"t10k", 40U}, std::pair{"train", 20U}}) {
        std::vector<unsigned char> images = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2};
        std::vector<unsigned char> labels = {0, 0, 8, 1, 0, 0, 0, 0};
        images[7] = labels[7] = static_cast<unsigned char>(count);
        Random random(count);
        for (unsigned i = 0; i < count; ++i) {
            for (unsigned k = 0; k < 4; ++k)
                images.push_back(static_cast<unsigned char>(random.below(60) + (k == i % 4) * 150));
            labels.push_back(static_cast<unsigned char>(i % 4));
        }
        writeBytes(folder / (std::string(begin) + "-images-idx3-ubyte"), images);
        writeBytes(folder / (std::string(begin) + "-labels-idx1-ubyte"), labels);
    }
}

/// 2x2 pixels, each through a neuron to its class; the other six classes never win.
void writeBrightestNet(const std::filesystem::path &path, bool qcfs) {
    OnnxDraft draft;
    std::vector<float> weights(40);
    for (std::size_t i = 0; i < 4; ++i)
        weights[i * 4 + i] = 1;
    std::vector<float> identity(16);
    for (std::size_t i = 0; i < 4; ++i)
        identity[i * 4 + i] = 1;
    draft.input({-1, 1, 2, 2})
        .floats("w1", {4, 4}, identity)
        .floats("w2", {10, 4}, weights)
        .floats("four", {}, {4})
        .floats("half", {}, {0.5F})
        .floats("zero", {}, {0})
        .node("Flatten", {"x"}, "f")
        .node("Gemm", {"f", "w1"}, "h", {attribute("transB", std::int64_t{1})});
    if (qcfs)
        draft.node("Mul", {"h", "four"}, "a")
            .node("Add", {"a", "half"}, "b")
            .node("Floor", {"b"}, "c")
            .node("Clip", {"c", "zero", "four"}, "d")
            .node("Div", {"d", "four"}, "s");
    else
        draft.node("Relu", {"h"}, "s");
    draft.node("Gemm", {"s", "w2"}, "y", {attribute("transB", std::int64_t{1})}).output();
    draft.write(path);
}

}  // namespace

TEST_CASE("an ONNX network is told, converted and judged", "[cli]") {
    const TemporaryFolder folder;
    writeBrightest(folder);
    const std::string onnx = (folder / "net.onnx").string();
    const std::string nir = (folder / "net.nir").string();
    const std::string data = "mnist:" + folder.path().string();
    writeBrightestNet(onnx, true);
    const ProgramResult info = cli({"model", "info", onnx, "--json"});
    INFO(info.err);
    REQUIRE(info.exitCode == 0);
    CHECK(nlohmann::json::parse(info.out)["format"] == "onnx");
    const ProgramResult converted = cli({"model", "convert", onnx, "-o", nir});
    INFO(converted.err);
    REQUIRE(converted.exitCode == 0);
    CHECK(converted.out.find("Self-check, 4 steps (L = 4)") != std::string::npos);
    CHECK(nlohmann::json::parse(cli({"model", "info", nir, "--json"}).out)["neurons"] == 4);
    for (const std::string mode : {"if", "srp", "cos", "ann"}) {
        const ProgramResult result =
            cli({"model", "eval", nir, "--data", data, "--mode", mode, "--steps", "4", "--json",
                 "--backend", "reference", "--first", "33"});
        INFO(mode << ": " << result.err);
        REQUIRE(result.exitCode == 0);
        const auto json = nlohmann::json::parse(result.out);
        CHECK(json["accuracy"] == 1.0);
        CHECK(json["pictures"] == 33);
        CHECK(json["total_steps"] == (mode == "ann" ? 1 : mode == "if" ? 4 : 8));
        CHECK(json["images_per_second"] > 0);
        CHECK(json["energy_uj"] > 0);
        CHECK((json["synops"] > 0) == (mode != "ann"));
        CHECK(json["backend"] == "reference");
    }
    // What was converted in memory is the same network.
    const auto direct = cli({"model", "eval", onnx, "--data", data, "--json"});
    const auto written = cli({"model", "eval", nir, "--data", data, "--json"});
    CHECK(nlohmann::json::parse(direct.out)["synops"] ==
          nlohmann::json::parse(written.out)["synops"]);
}

TEST_CASE("modes are compared at equal latency, and the best one is chosen", "[cli]") {
    const TemporaryFolder folder;
    writeBrightest(folder);
    const std::string onnx = (folder / "net.onnx").string();
    const std::string data = "mnist:" + folder.path().string();
    writeBrightestNet(onnx, true);
    const std::string csv = (folder / "c.csv").string();
    const std::string plot = (folder / "c.png").string();
    const ProgramResult result = cli({"model", "eval", onnx, "--data", data, "--compare",
                                      "--budget", "6", "--csv", csv, "--plot", plot, "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    REQUIRE(json["modes"].size() == 3);
    for (const auto &mode : json["modes"])
        CHECK(mode["total_steps"] == 6);
    CHECK(json["ann"]["accuracy"] == 1.0);
    CHECK(lines(contents(csv)) == 1 + 6 + 2 + 2);
    CHECK(contents(plot).substr(1, 3) == "PNG");
    const ProgramResult chosen =
        cli({"model", "eval", onnx, "--data", data, "--auto", "--budget", "4", "--json"});
    INFO(chosen.err);
    REQUIRE(chosen.exitCode == 0);
    CHECK(nlohmann::json::parse(chosen.out)["chosen"][0]["total_steps"] == 4);
}

TEST_CASE("a ReLU gets its threshold from pictures or the conversion is refused", "[cli]") {
    const TemporaryFolder folder;
    writeBrightest(folder);
    const std::string onnx = (folder / "net.onnx").string();
    const std::string nir = (folder / "net.nir").string();
    const std::string data = "mnist:" + folder.path().string();
    writeBrightestNet(onnx, false);
    const ProgramResult refused = cli({"model", "convert", onnx, "-o", nir});
    CHECK(refused.exitCode != 0);
    CHECK(isOneMessage(refused.err));
    CHECK(refused.err.find("--calibrate") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(nir));
    const ProgramResult converted =
        cli({"model", "convert", onnx, "-o", nir, "--calibrate", data, "--percentile", "99"});
    INFO(converted.err);
    REQUIRE(converted.exitCode == 0);
    CHECK(converted.err.find("percentile 99") != std::string::npos);
    const auto judged = cli({"model", "eval", nir, "--data", data, "--steps", "16", "--json"});
    CHECK(nlohmann::json::parse(judged.out)["accuracy"] > 0.9);
}

TEST_CASE("what cannot be judged or converted is one clear message", "[cli]") {
    const TemporaryFolder folder;
    writeBrightest(folder);
    const std::string onnx = (folder / "net.onnx").string();
    const std::string data = "mnist:" + folder.path().string();
    writeBrightestNet(onnx, true);
    const std::string broken = (folder / "broken.onnx").string();
    writeBytes(broken, {1, 2, 3});
    const std::string nir = (folder / "x.nir").string();
    struct Case {
        std::vector<std::string> arguments;
        int status;
        std::string part;
    };
    for (const Case &one :
         {Case{{"model", "eval", onnx}, 2, "--data"},
          Case{{"model", "eval", onnx, "--data", "imagenet:x"}, 2, "mnist:DIR"},
          Case{{"model", "eval", onnx, "--data", "mnist:/no"}, 4, "/no"},
          Case{{"model", "eval", onnx, "--data", data, "--mode", "fast"}, 2, "--mode"},
          Case{{"model", "eval", onnx, "--data", data, "--backend", "x"}, 2, "--backend"},
          Case{{"model", "eval", onnx, "--data", data, "--precision", "x"}, 2, "--precision"},
          Case{{"model", "eval", onnx, "--data", data, "--steps", "0"}, 2, "--steps"},
          Case{{"model", "eval", onnx, "--data", data, "--plot", "x.png"}, 2, "--compare"},
          Case{{"model", "eval", broken, "--data", data}, 4, "broken.onnx"},
          Case{{"model", "info", broken}, 4, "broken.onnx"},
          Case{{"model", "convert", broken, "-o", nir}, 4, "broken.onnx"},
          Case{{"model", "convert", onnx, "-o", onnx}, 2, ".nir"}}) {
        const ProgramResult result = cli(one.arguments);
        INFO(result.err);
        CHECK(result.exitCode == one.status);
        CHECK(result.out.empty());
        CHECK(isOneMessage(result.err));
        CHECK(result.err.find(one.part) != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(nir));
}

namespace {
/// Looks nowhere and says everywhere that the same thing is there: a box of 80x80 of class `kind`.
void writeBlindDetector(const std::string &path, std::size_t kind) {
    std::vector<float> bias(10);
    bias[0] = 2;
    bias[3] = bias[4] = std::log(80.0F / 50);
    bias[5 + kind] = 8;
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({1, 250, 400})})
        .then("grid", Conv2d{{SignalShape::of({10, 1, 50, 50}), std::vector<float>(25000)},
                             bias,
                             {50, 50},
                             {0, 0, 0, 0},
                             {},
                             1})
        .then("output", OutputLayer{});
    REQUIRE(writeNir(builder.build().value(), path, defaultNirStep,
                     {{"stream_input", "picture"},
                      {"stream_window", "32"},
                      {"stream_hop", "32"},
                      {"stream_steps", "1"},
                      {"stream_output", "boxes"},
                      {"stream_classes", "disc,rectangle,triangle,star,cross"}}));
}
}  // namespace

TEST_CASE("a detector is judged on generated scenes, disturbed ones too", "[cli]") {
    const TemporaryFolder folder;
    const std::string model = (folder / "blind.nir").string();
    writeBlindDetector(model, 3);
    const auto judge = [&](const std::vector<std::string> &more) {
        std::vector<std::string> all{"model", "scenes", model, "--scenes", "3"};
        all.insert(all.end(), more.begin(), more.end());
        return cli(all);
    };
    const auto json = nlohmann::json::parse(
        judge({"--json", "--planes", "64", "--noise", "flip:0.05,extra:0.1"}).out);
    CHECK(json["decisions"] == 6);
    REQUIRE(json["classes"].size() == 5);
    CHECK(json["map_50"] < 0.3);
    double objects = 0;
    for (const auto &one : json["classes"]) {
        objects += one["objects"].get<double>();
        CHECK((one["found"].get<double>() + one["wrong"].get<double>() > 0) ==
              (one["name"] == "star"));
    }
    CHECK(objects > 24);  // of 3 scenes, twice, 5 objects each
    const ProgramResult text = judge({"--objects", "2"});
    CHECK(text.out.find("mAP@0.5") != std::string::npos);
    for (const std::string option : {"--noise", "--mode", "--precision"}) {
        const ProgramResult wrong = judge({option, "fog:1"});
        CHECK(wrong.exitCode == 2);
        CHECK(wrong.err.find(option) != std::string::npos);
    }
    const std::string digits = FOVEA_SOURCE_DIR "/datasets/models/digits-spk.nir";
    CHECK(cli({"model", "scenes", digits}).err.find("gives no boxes") != std::string::npos);
}

TEST_CASE("the detector that ships finds and names what it was trained for", "[cli]") {
    const ProgramResult result =
        cli({"model", "scenes", FOVEA_SOURCE_DIR "/datasets/models/detect-snn.nir", "--scenes",
             "12", "--seed", "7000000", "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["decisions"] == 12);
    CHECK(json["map_50"].get<double>() > 0.6);
    CHECK(json["classes"].size() == 5);
}
