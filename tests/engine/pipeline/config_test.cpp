// SPDX-License-Identifier: Apache-2.0
// Configuration text: what is read, what is refused, and with which words.
#include "engine/pipeline/config.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <clocale>
#include <cstdlib>

using namespace fovea;

namespace {

std::string errorOf(const std::string &yaml) {
    const Result<Config> config = parseConfig(yaml, "x.yaml");
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == ErrorCode::Usage);
    return config.error().message;
}

struct Bad {
    const char *yaml;
    std::vector<const char *> words;  ///< all of which the message must hold
};

}  // namespace

TEST_CASE("empty texts give the defaults") {
    for (const char *yaml :
         {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF", "source:\n"}) {
        INFO(yaml);
        const Result<Config> config = parseConfig(yaml, "x.yaml");
        REQUIRE(config.has_value());
        CHECK(toYaml(*config) == toYaml(Config{}));
    }
}

TEST_CASE("values are read into their places") {
    const Result<Config> config = parseConfig(R"(
source: {kind: file, path: "a b.dat", shape: 400x250, rate_hz: 2e4, flip: false, speed: 0.001}
noise: {seed: 3, inject: ["flip:0.01", "missing:0.5 off"]}
recon: {method: tfi, convention: stack, reach: 40, window: 41}
detect: {enabled: false, every: 7, method: attention}
display: {views: [raw, tfp clean], rate_hz: 30}
model: {file: "a net.nir", mode: cos, steps: 3, calibration: 2, hop: 5, fit: tiles, precision: int8}
service: {port: 0, output: out.jsonl}
)",
                                              "x.yaml");
    INFO((config ? std::string() : config.error().message));
    REQUIRE(config.has_value());
    CHECK(config->source.path == "a b.dat");
    CHECK(config->source.shape == PlaneShape{400, 250});
    CHECK(config->source.planeRateHz == 20000);
    CHECK(config->source.flip == false);
    CHECK(config->source.speed == 0.001);
    CHECK(config->noise.seed == 3);
    REQUIRE(config->noise.injectors.size() == 2);
    CHECK(config->noise.injectors[0].strength == Approx(0.01));
    CHECK(config->noise.injectors[0].enabled);
    CHECK_FALSE(config->noise.injectors[1].enabled);
    CHECK(config->recon.convention == TfiConvention::Stack);
    CHECK(config->detect.every == 7);
    CHECK(config->detect.detector.method == DetectionMethod::Attention);
    REQUIRE(config->display.views.size() == 2);
    CHECK(config->display.views[1] == ViewConfig{"tfp", true});
    CHECK(config->service.port == 0);
    const ModelSettings &model = config->model.settings;
    CHECK(model.file == "a net.nir");
    CHECK(model.mode == InferenceMode::Cos);
    CHECK(model.steps == 3);
    CHECK(model.calibration == 2);
    CHECK(model.hop == 5);
    CHECK(model.fit == ModelFit::Tiles);
    CHECK(model.precision == Precision::Int8);

    const Result<Config> again = parseConfig(toYaml(*config), "again");
    REQUIRE(again.has_value());
    CHECK(toYaml(*again) == toYaml(*config));
    const Result<Config> commented = parseConfig(commentedYaml(*config), "commented");
    REQUIRE(commented.has_value());
    CHECK(toYaml(*commented) == toYaml(*config));
}

TEST_CASE("wrong texts name place, key, what was found and what is allowed") {
    const std::vector<Bad> table = {
        {"sorce: {}", {"x.yaml:1:1", "sorce", "nearest is 'source'"}},
        {"source:\n  rat_hz: 3", {"x.yaml:2:3", "source.rat_hz", "nearest is 'rate_hz'"}},
        {"source:\n  rate_hz: fast", {"x.yaml:2:12", "source.rate_hz", "'fast'", "from 1 to"}},
        {"source: {rate_hz: 0}", {"source.rate_hz", "'0'"}},
        {"source: {rate_hz: -5}", {"'-5'"}},
        {"source: {rate_hz: nan}", {"'nan'"}},
        {"source: {rate_hz: .nan}", {"'.nan'"}},
        {"source: {rate_hz: inf}", {"'inf'"}},
        {"source: {rate_hz: 1e99}", {"'1e99'"}},
        {"source: {rate_hz: 1e999}", {"'1e999'"}},
        {"source: {rate_hz: 40,5}", {"x.yaml"}},
        {"source: {rate_hz: '40,5'}", {"'40,5'"}},
        {"source: {rate_hz: 0x10}", {"'0x10'"}},
        {"source: {rate_hz: [1]}", {"[1]"}},
        {"source: {rate_hz: {a: 1}}", {"group of keys"}},
        {"source: {rate_hz: }", {"nothing"}},
        {"source: {shape: 400}", {"WIDTHxHEIGHT"}},
        {"source: {shape: 400x}", {"WIDTHxHEIGHT"}},
        {"source: {shape: 0x250}", {"WIDTHxHEIGHT"}},
        {"source: {shape: 99999x250}", {"WIDTHxHEIGHT"}},
        {"source: {shape: -4x2}", {"WIDTHxHEIGHT"}},
        {"source: {shape: 4x2x3}", {"WIDTHxHEIGHT"}},
        {"source: {kind: camera}", {"'camera'", "synthetic, file, usb, pcie"}},
        {"source: {kind: [file]}", {"synthetic, file"}},
        {"source: {kind: file, kind: usb}", {"x.yaml", "kind"}},
        {"source: {flip: yes}", {"'yes'", "true or false"}},
        {"source: {every_plane: 1}", {"true or false"}},
        {"source: {path: {a: b}}", {"a text"}},
        {"source: {path: [a]}", {"a text"}},
        {"source: {format: tiff}", {"auto, raw, head, m1k40, npz, zstd"}},
        {"source: {speed: -1}", {"from 0 to"}},
        {"source: {objects: 5.5}", {"whole number"}},
        {"source: {objects: 1000}", {"from 0 to 64"}},
        {"source: {seed: -1}", {"whole number"}},
        {"source: {seed: 99999999999999999999999}", {"whole number"}},
        {"source: {light: disco}", {"constant, fluorescent"}},
        {"source: 5", {"x.yaml:1:9", "keys with values"}},
        {"source: [a, b]", {"keys with values"}},
        {"- a\n- b", {"the sections"}},
        {"just text", {"the sections"}},
        {"source: {}\nsource: {}", {"x.yaml:2", "twice"}},
        {"? [a, b]\n: 3", {"unknown key"}},
        {"source:\n  ? {a: b}\n  : 3", {"unknown key"}},
        {"noise: {inject: flip}", {"a list of kind:strength"}},
        {"noise: {inject: [flip]}", {"kinds:", "flip"}},
        {"noise: {inject: ['flop:0.1']}", {"kinds:"}},
        {"noise: {inject: ['flip:2']}", {"kinds:"}},
        {"noise: {inject: ['flip:-0.1']}", {"kinds:"}},
        {"noise: {inject: ['flip:nan']}", {"kinds:"}},
        {"noise: {inject: [[a]]}", {"a list"}},
        {"noise: {seed: abc}", {"whole number"}},
        {"recon: {method: magic}", {"raw, tfp, tfi, tfstp, stability, adaptive"}},
        {"recon: {window: 0}", {"recon.window"}},
        {"recon:\n  window: 32", {"x.yaml:2:11", "recon.window", "'32'", "odd"}},
        {"noise:\n  inject: ['flip:0.1', 'flip:0.2']", {"x.yaml:2:11", "noise.inject", "once"}},
        {"source: {}\n---\nsource: {}", {"x.yaml:2:1", "2 YAML documents"}},
        {", source: {}", {"x.yaml:1:1", "2 YAML documents"}},
        {"source: {}\n}", {"x.yaml:2:1"}},
        {"recon: {window: 99999}", {"recon.window"}},
        {"recon: {convention: both}", {"single, stack"}},
        {"recon: {reach: 0}", {"recon.reach"}},
        {"recon: {gamma: 0}", {"recon.gamma"}},
        {"detect: {enabled: maybe}", {"true or false"}},
        {"detect: {method: yolo}", {"motion, attention, snn"}},
        {"model:\n  mode: nq", {"x.yaml:2:9", "model.mode", "'nq'", "one of if, srp, cos"}},
        {"model: {stepps: 4}", {"model.stepps", "nearest is 'steps'"}},
        {"model: {steps: 5000}", {"model.steps", "'5000'", "from 0 to 4096"}},
        {"model: {calibration: 0}", {"model.calibration", "from 1 to 4096"}},
        {"model: {window: -1}", {"model.window", "from 0 to 65536"}},
        {"model: {hop: 1.5}", {"model.hop", "'1.5'"}},
        {"model: {fit: stretch}", {"model.fit", "auto, exact, crop, resize, tiles"}},
        {"model: {backend: tpu}", {"model.backend", "auto, reference, cpu, cuda"}},
        {"model: {precision: fp64}", {"model.precision", "fp32, bf16, int8"}},
        {"detect: {attention_mode: slow}", {"exact, fast"}},
        {"detect: {every: -1}", {"whole number"}},
        {"detect: {min_area: 0}", {"detect.min_area"}},
        {"recon: {form: both}", {"online, offline"}},
        {"recon: {history: 0}", {"1", "4095"}},
        {"display: {views: tfp}", {"raw, tfp, tfi"}},
        {"display: {views: [tfp dirty]}", {"raw, tfp, tfi"}},
        {"display: {rate_hz: 0}", {"display.rate_hz"}},
        {"engine: {block_ms: 1000}", {"engine.block_ms"}},
        {"engine: {ring_ms: 0}", {"engine.ring_ms"}},
        {"recorder: {file: x}", {"x.yaml:1:1", "unknown key 'recorder'"}},
        {"record: {path: x}", {"x.yaml:1:10", "unknown key 'record.path'", "on_lost"}},
        {"record: {on_lost: stay}", {"record.on_lost", "'stay'", "continue, close"}},
        {"service: {port: 70000}", {"from 0 to 65535"}},
        {"service: {port: 80.5}", {"whole number"}},
        {"source: {kind: file", {"x.yaml"}},
        {"source: 'unclosed", {"x.yaml"}},
        {"source: *nowhere", {"x.yaml"}},
        {"\tsource: {}", {"x.yaml"}},
        {"source: {kind: !!binary x}\n: :", {"x.yaml"}},
    };
    for (const Bad &bad : table) {
        INFO(bad.yaml);
        const std::string message = errorOf(bad.yaml);
        INFO(message);
        for (const char *word : bad.words)
            CHECK(message.find(word) != std::string::npos);
    }
    WARN(table.size() << " bad configurations refused");
}

TEST_CASE("hostile texts end soon in one error") {
    CHECK(errorOf(std::string(2 << 20, 'a')).find("at most") != std::string::npos);
    CHECK(errorOf(std::string(100000, '[')).find("nested") != std::string::npos);
    CHECK(errorOf(std::string(100000, '{')).find("nested") != std::string::npos);
    std::string dashes;
    for (int i = 0; i < 20000; ++i)
        dashes += "- ";
    CHECK(errorOf(dashes).find("nested") != std::string::npos);
    CHECK(errorOf(std::string("source: \0 {}", 12)).find("x.yaml") != std::string::npos);
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 30; ++i) {
        bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
    }
    CHECK(errorOf(bomb).find("unknown key") != std::string::npos);
}

TEST_CASE("numbers do not depend on the locale") {
    const char *before = std::setlocale(LC_ALL, nullptr);
    const std::string saved = before != nullptr ? before : "C";
    for (const char *locale : {"C", "de_DE.UTF-8", "de_DE.utf8"}) {
        if (std::setlocale(LC_ALL, locale) == nullptr)
            continue;
        const Result<Config> config = parseConfig("source: {speed: 0.5}", "x.yaml");
        REQUIRE(config.has_value());
        CHECK(config->source.speed == 0.5);
        CHECK(toYaml(*config).find("speed: 0.5") != std::string::npos);
    }
    std::setlocale(LC_ALL, saved.c_str());
}

TEST_CASE("files that cannot be a configuration") {
    const test::TemporaryFolder folder;
    CHECK_FALSE(loadConfig(folder / "none.yaml").has_value());
    CHECK_FALSE(loadConfig(folder.path()).has_value());
    test::writeBytes(folder / "big.yaml", std::vector<unsigned char>(3U << 20U, '#'));
    const auto big = loadConfig(folder / "big.yaml");
    REQUIRE_FALSE(big.has_value());
    CHECK(big.error().message.find("at most") != std::string::npos);
    test::writeBytes(folder / "good.yaml", {'e', 'n', 'g', 'i', 'n', 'e', ':', ' ', '{', '}'});
    CHECK(loadConfig(folder / "good.yaml").has_value());
}

TEST_CASE("single fields and environment variables are checked the same way") {
    Config config;
    CHECK(setField(config, "source.rate_hz", "20000", "--rate").has_value());
    CHECK(config.source.planeRateHz == 20000);
    CHECK(setField(config, "source.path", "a: [b", "--path").has_value());
    CHECK(config.source.path == "a: [b");
    CHECK(setField(config, "noise.inject", "[\"flip:0.1\"]", "--inject").has_value());
    CHECK(config.noise.injectors.size() == 1);
    const auto bad = setField(config, "source.rate_hz", "fast", "--rate");
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().message.find("--rate: source.rate_hz") == 0);
    const auto unknown = setField(config, "source.rat_hz", "1", "--rat");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().message.find("nearest is 'source.rate_hz'") != std::string::npos);

    ::setenv("FOVEA_SERVICE_PORT", "1234", 1);
    CHECK(applyEnvironment(config).has_value());
    CHECK(config.service.port == 1234);
    ::setenv("FOVEA_SERVICE_PORT", "x", 1);
    const auto refused = applyEnvironment(config);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("FOVEA_SERVICE_PORT") == 0);
    ::unsetenv("FOVEA_SERVICE_PORT");
    ::setenv("FOVEA_RECON_WINDOW", "32", 1);
    CHECK(applyEnvironment(config).error().message.find("odd") != std::string::npos);
    ::unsetenv("FOVEA_RECON_WINDOW");
    ::setenv("FOVEA_SOURCE_RATEHZ", "3", 1);
    const std::string misspelt = applyEnvironment(config).error().message;
    CHECK(misspelt.find("FOVEA_SOURCE_RATEHZ") == 0);
    CHECK(misspelt.find("FOVEA_SOURCE_RATE_HZ") != std::string::npos);
    ::unsetenv("FOVEA_SOURCE_RATEHZ");
    CHECK(setField(config, "recon.window", "32", "--set").error().message.find("odd") !=
          std::string::npos);
}
