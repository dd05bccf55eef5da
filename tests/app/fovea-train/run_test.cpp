// SPDX-License-Identifier: Apache-2.0
// The real program trains on a few drawn digits, goes on after a cut, and says what is wrong.
#include "engine/snn/model.h"
#include "tests/support/files.h"
#include "tests/support/free_port.h"
#include "tests/support/program.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

void put(std::vector<unsigned char> &bytes, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<unsigned char>(number >> shift));
}

/// Pictures of 8x8 with one bright row or column: eight kinds.
void writeSet(const std::filesystem::path &folder, const std::string &name, std::uint32_t count) {
    std::vector<unsigned char> pictures{0, 0, 8, 3}, labels{0, 0, 8, 1};
    put(pictures, count);
    put(pictures, 8);
    put(pictures, 8);
    put(labels, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        labels.push_back(static_cast<unsigned char>(i % 8));
        for (std::uint32_t p = 0; p < 64; ++p)
            pictures.push_back(p / 8 == i % 8 ? 250 : 20);
    }
    writeBytes(folder / (name + "-images-idx3-ubyte"), pictures);
    writeBytes(folder / (name + "-labels-idx1-ubyte"), labels);
}

const std::string preset = R"(
name: rows
data: mnist:SET
network: [conv 4 3, act, pool 2, flatten, linear 10]
batch_norm: true
optimiser: adam
rate: 0.02
batch: 16
epochs: 3
threads: 1
stream: {stream_classes: "0,1,2,3,4,5,6,7,8,9"}
)";

/// A folder with a set, a preset, and what the program said.
struct Bench {
    Bench() {
        writeSet(folder.path(), "train", 160);
        writeSet(folder.path(), "t10k", 32);
        std::ofstream(folder / "p.yaml") << preset;
    }
    std::vector<std::string> options(const std::vector<std::string> &more) const {
        std::vector<std::string> all{"run",   (folder / "p.yaml").string(),
                                     "--set", "data=mnist:" + folder.path().string(),
                                     "-o",    (folder / "out").string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult run(const std::vector<std::string> &more) const {
        return runProgram(FOVEA_TRAIN, options(more));
    }
    nlohmann::json report() const {
        std::ifstream in(folder / "out" / "rows.json");
        return nlohmann::json::parse(in);
    }
    TemporaryFolder folder;
};

}  // namespace

TEST_CASE("pictures are learned, as an ANN with noise and through time", "[train]") {
    const Bench bench;
    const bool spikes = GENERATE(false, true);
    const auto result = spikes ? bench.run({"--set", "show=spikes", "--set", "mode=snn", "--set",
                                            "steps=4", "--set", "channels=4", "--set", "noise=0.5"})
                               : bench.run({"--set", "nq=true", "--set", "report_steps=6"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto report = bench.report();
    CHECK(report.at("epochs").size() == 3);
    CHECK(report.at("test_spiking").get<double>() > 0.5);
    CHECK(report.at("command").get<std::string>().find("fovea-train run ") == 0);
    // What libtorch and the engine say differs by roundings only.
    const auto &engine = report.at("test_by_engine").at(0);
    CHECK(engine.at("score_by_step").size() == (spikes ? 4 : 6));
    CHECK(engine.at("score_by_step").at(3).get<double>() ==
          Approx(report.at("test_spiking").get<double>()).margin(0.1));
    CHECK(engine.at("energy_microjoules_a_sample").get<double>() > 0);
    CHECK(std::filesystem::file_size(bench.folder / "out" / "curve.png") > 1000);
    if (!spikes)
        CHECK(report.at("test_by_engine").back().at("total_steps") == 10);  // 4 to calibrate
    const auto model = loadModel(bench.folder / "out" / "rows.nir");
    REQUIRE(model);
    CHECK((*model)->form.channels == (spikes ? 4 : 1));
    CHECK((*model)->classes->size() == 10);
}

TEST_CASE("a preset may ask for the first spike to be early, and for steady potentials",
          "[train]") {
    const Bench bench;
    const auto result = bench.run({"--set", "mode=snn", "--set", "net_steps=8", "--set",
                                   "loss=latency-doubled", "--set", "regulariser=mppd", "--set",
                                   "network=[flatten, linear 32, act, linear 10, if]"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto report = bench.report();
    CHECK(report.at("recipe").get<std::string>().find("regulariser: mppd") != std::string::npos);
    CHECK(report.at("test_spiking").get<double>() > 0.25);  // one in eight by chance
    // The engine decides by the first spike, too.
    CHECK(report.at("test_by_engine").at(0).at("score_by_step").back().get<double>() ==
          Approx(report.at("test_spiking").get<double>()).margin(0.1));
    const auto model = loadModel(bench.folder / "out" / "rows.nir");
    REQUIRE(model);
    CHECK((*model)->form.readOut == ReadOutKind::FirstSpike);
}

TEST_CASE("a finished run is taken up again and ends as one that was longer", "[train]") {
    const Bench bench;
    REQUIRE(bench.run({"--set", "epochs=3"}).exitCode == 0);
    const auto whole = bench.report();
    REQUIRE(bench.run({"--resume"}).exitCode == 0);
    CHECK(bench.report().at("epochs") == whole.at("epochs"));
    const auto other = bench.run({"--resume", "--set", "network=[flatten, linear 10]"});
    CHECK(other.exitCode != 0);
    CHECK(other.err.find("another network") != std::string::npos);
}

TEST_CASE("two processes have the loss curve of one", "[train]") {
    const Bench bench;
    // A last batch that cannot be halved.
    const std::vector<std::string> common{"--set", "first=151", "--set", "held_out=0.2"};
    REQUIRE(bench.run(common).exitCode == 0);
    const auto whole = bench.report();
    std::filesystem::remove_all(bench.folder / "out");

    const auto together = [&](const std::vector<std::string> &more) {
        const std::string place = "127.0.0.1:" + std::to_string(freePort());
        std::vector<ProgramResult> results;
        const auto part = [&](const std::string &which) {
            std::vector<std::string> all = common;
            all.insert(all.end(), more.begin(), more.end());
            all.insert(all.end(), {"--part", which, "--meet", place});
            return std::make_unique<Program>(FOVEA_TRAIN, bench.options(all));
        };
        const auto first = part("1/2"), second = part("2/2");
        results.push_back(second->wait());
        results.push_back(first->wait());
        return results;
    };
    auto results = together({});
    if (results[1].err.find("libgloo-dev") != std::string::npos) {
        WARN("skipped: this build has no gloo");
        return;
    }
    for (const ProgramResult &result : results) {
        INFO(result.err);
        REQUIRE(result.exitCode == 0);
    }
    const auto halves = bench.report();
    for (std::size_t i = 0; i < whole.at("epochs").size(); ++i) {
        const auto &one = whole.at("epochs").at(i), &two = halves.at("epochs").at(i);
        CHECK(two.at("loss").get<double>() == Approx(one.at("loss").get<double>()).epsilon(1e-3));
    }
    // They go on together, too.
    results = together({"--resume", "--set", "epochs=4"});
    INFO(results[1].err);
    REQUIRE(results[1].exitCode == 0);
    CHECK(bench.report().at("epochs").size() == 4);
}

TEST_CASE("a process that leaves ends the training of the others, with the reason", "[train]") {
    const Bench bench;
    const std::string place = "127.0.0.1:" + std::to_string(freePort());
    const auto part = [&](const std::string &which) {
        return std::make_unique<Program>(
            FOVEA_TRAIN,
            bench.options({"--set", "epochs=100000", "--part", which, "--meet", place}));
    };
    const auto first = part("1/2"), second = part("2/2");
    const bool kills = GENERATE(true, false);
    const auto curve = bench.folder / "out" / "curve.csv";
    for (int i = 0; i < 600 && !std::filesystem::exists(curve); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (!std::filesystem::exists(curve)) {
        CHECK(first->wait().err.find("libgloo-dev") != std::string::npos);
        return;
    }
    second->signal(kills ? SIGKILL : SIGINT);
    const auto result = first->wait();
    INFO(result.err);
    CHECK(result.exitCode == (kills ? 1 : 130));
    CHECK(result.err.find(kills ? "another process of this training" : "was stopped") !=
          std::string::npos);
}

TEST_CASE("parts that cannot be are told", "[train]") {
    const Bench bench;
    const auto told = [&](const std::string &part, const std::string &meet,
                          const std::string &what) {
        const auto result = bench.run({"--part", part, "--meet", meet});
        INFO(result.err);
        CHECK(result.exitCode == 2);
        CHECK(result.err.find(what) != std::string::npos);
    };
    told("3/2", "127.0.0.1:29500", "--part: found '3/2'");
    told("1", "127.0.0.1:29500", "--part: found '1'");
    told("1/2", "29500", "--meet: found '29500'");
    told("1/2", "127.0.0.1:99999", "--meet: found");
    told("1/17", "127.0.0.1:29500", "batch: 16 samples are too few for 17 processes");
}

TEST_CASE("wrong presets are told with field and what is allowed", "[train]") {
    const Bench bench;
    const auto told = [&](const std::string &change, const std::string &part) {
        const auto result = bench.run({"--set", change});
        INFO(result.err);
        CHECK(result.exitCode != 0);
        CHECK(result.err.find(part) != std::string::npos);
    };
    told("epohcs=3", "the nearest is epochs");
    told("epochs=0", "epochs: found '0'");
    told("mode=cnn", "ann or snn");
    told("network=[conv 4]", "line 1 'conv 4': expected conv CHANNELS SIDE");
    told("network=[act from nowhere]", "no layer before it is called 'nowhere'");
    told("network=[flatten, linear 7]", "it gives 7 values, the samples are of 10 classes");
    told("loss=hinge", "loss: found 'hinge', expected one of cross-entropy, one-hot, counts");
    told("loss=latency", "mode snn");
    told("regulariser=mppd", "mode snn");
    told("data=imagenet", "expected mnist:DIR, nmnist:DIR, folder:DIR");
    told("data=folder:/nowhere", "sub-folders");
}

TEST_CASE("recordings of an event camera are learned", "[train]") {
    const TemporaryFolder folder;
    // What gets brighter in the upper half is a 0, what gets darker in the lower half a 1.
    std::ofstream list(folder / "train.txt");
    for (unsigned sample = 1; sample <= 80; ++sample) {
        const unsigned label = sample % 2;
        std::vector<unsigned char> bytes;
        for (unsigned event = 0; event < 60; ++event)
            for (const unsigned byte : {(event * 7 + sample) % 34, event % 15 + 17 * label,
                                        label == 0 ? 0x80U : 0U, event, 0U})
                bytes.push_back(static_cast<unsigned char>(byte));
        writeBytes(folder / (std::to_string(sample) + ".bs2"), bytes);
        list << sample << '\t' << label << '\n';
    }
    list.close();
    std::ofstream(folder / "p.yaml") << R"(
name: events
steps: 4
shift: 1
held_out: 0.25
network: [conv 4 3, lif 2, pool 4, flatten, linear 2]
batch_norm: true
mode: snn
optimiser: adam
rate: 0.02
batch: 16
epochs: 12
threads: 1
)";
    const auto run = [&](const std::string &data) {
        return runProgram(FOVEA_TRAIN, {"run", (folder / "p.yaml").string(), "--set",
                                        "data=nmnist:" + data, "-o", (folder / "out").string()});
    };
    const auto result = run(folder.path().string());
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    std::ifstream in(folder / "out" / "events.json");
    CHECK(nlohmann::json::parse(in).at("test_spiking").get<double>() > 0.8);
    CHECK(loadModel(folder / "out" / "events.nir"));
    CHECK(run("/nowhere").err.find("expected folders Train and Test") != std::string::npos);
    writeBytes(folder / "3.bs2", std::vector<unsigned char>{34, 0, 0, 0, 0});
    CHECK(run(folder.path().string()).err.find("3.bs2: an event at 34,0") != std::string::npos);
}

TEST_CASE("training steps are measured", "[train]") {
    const auto result = runProgram(FOVEA_TRAIN, {"bench", "--json", "--filter",
                                                 "if_forward_backward_small", "--seconds", "0"});
    REQUIRE(result.exitCode == 0);
    const auto line = nlohmann::json::parse(result.out);
    CHECK(line.at("unit") == "Gelem-step/s");
    CHECK(line.at("rate").get<double>() > 0);
}

TEST_CASE("boxes and classes are learned from generated scenes", "[train]") {
    const TemporaryFolder folder;
    std::ofstream(folder / "p.yaml") << R"(
name: things
data: objects
size: 80x50
objects: 3
channels: 16
disturb: [flip:0.1, brightness:0.5]
epoch_samples: 24
network: [conv 8 9 stride 5 pad 2, act, conv 8 4 stride 2 pad 1, act, conv 10 1]
batch_norm: true
nq: true
task: boxes
optimiser: adam
rate: 0.01
batch: 8
epochs: 2
threads: 1
stream: {stream_input: picture, stream_output: boxes}
)";
    const auto run = [&](const std::vector<std::string> &more) {
        std::vector<std::string> all{"run", (folder / "p.yaml").string(), "-o",
                                     (folder / "out").string()};
        all.insert(all.end(), more.begin(), more.end());
        return runProgram(FOVEA_TRAIN, all);
    };
    const auto result = run({});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    std::ifstream in(folder / "out" / "things.json");
    const auto report = nlohmann::json::parse(in);
    CHECK(report.at("score_unit") == "mAP@0.5");
    CHECK(report.at("epochs").at(1).at("loss") < report.at("epochs").at(0).at("loss"));
    // Plain, SRP and COS all run.
    CHECK(report.at("test_by_engine").size() == 3);
    const auto model = loadModel(folder / "out" / "things.nir");
    REQUIRE(model);
    CHECK((*model)->form.output == StreamOutput::Boxes);
    CHECK((*model)->classes->at(4) == "cross");
    CHECK(run({"--set", "network=[conv 9 10 stride 10]"}).err.find("grid of 10 channels") !=
          std::string::npos);
    CHECK(run({"--set", "disturb=[drop:0.1]"}).err.find("disturb") != std::string::npos);
    CHECK(run({"--set", "task=classes"}).err.find("task") != std::string::npos);
}
