// SPDX-License-Identifier: Apache-2.0
// Options become configuration keys with the right precedence and messages.
#include "app/options.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

using namespace fovea;

namespace {

struct Parsed {
    CLI::App app{"test", "test"};
    ConfigOptions options{app};
    Parsed() {
        options.addRecording();
        options.addRecon();
        options.addScene();
    }
    Result<Config> operator()(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());
        app.parse(arguments);
        return options.resolve();
    }
};

}  // namespace

TEST_CASE("options set the keys they are named after", "[app]") {
    Parsed parsed;
    const auto config =
        parsed({"--shape", "8x4", "--rate", "20000", "--no-flip", "--format", "raw", "--method",
                "tfi", "--convention", "stack", "--reach", "9", "--seed", "77", "--objects", "2"});
    REQUIRE(config);
    CHECK(config->source.shape == PlaneShape{8, 4});
    CHECK(config->source.planeRateHz == 20000.0);
    CHECK(config->source.flip == false);
    CHECK(config->source.format == "raw");
    CHECK(config->recon.method == ReconMethod::Tfi);
    CHECK(config->recon.convention == TfiConvention::Stack);
    CHECK(config->recon.reach == 9);
    CHECK(config->source.seed == 77);
    CHECK(config->source.objects == 2);
    CHECK(parsed.options.given("source.rate_hz"));
    CHECK_FALSE(parsed.options.given("source.loop"));
}

TEST_CASE("options win over environment, environment over file, file over defaults", "[app]") {
    const test::TemporaryFolder folder;
    const std::string path = (folder / "c.yaml").string();
    std::ofstream(path) << "recon:\n  window: 11\n  reach: 5\n  gain: 3\n";
    setenv("FOVEA_RECON_WINDOW", "13", 1);
    setenv("FOVEA_RECON_REACH", "6", 1);
    Parsed parsed;
    const auto config = parsed({"--config", path, "--window", "15"});
    unsetenv("FOVEA_RECON_WINDOW");
    unsetenv("FOVEA_RECON_REACH");
    REQUIRE(config);
    CHECK(config->recon.window == 15);
    CHECK(config->recon.reach == 6);
    CHECK(config->recon.gain == 3.0);
}

TEST_CASE("a bad value names option, value and what is allowed", "[app]") {
    Parsed parsed;
    const auto config = parsed({"--window", "9999999"});
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::Usage);
    CHECK(config.error().message.find("--window") != std::string::npos);
    CHECK(config.error().message.find("9999999") != std::string::npos);
    CHECK(config.error().message.find("4095") != std::string::npos);
}

TEST_CASE("--set takes any key and refuses what is none", "[app]") {
    CHECK(Parsed{}({"--set", "detect.every=40"})->detect.every == 40);
    CHECK_FALSE(Parsed{}({"--set", "detect.evry=40"}));
    CHECK_FALSE(Parsed{}({"--set", "detect.every"}));
}

TEST_CASE("a missing or wrong configuration file is a matter of usage", "[app]") {
    CHECK(Parsed{}({"--config", "/nowhere/c.yaml"}).error().code == ErrorCode::Usage);
    const test::TemporaryFolder folder;
    const std::string path = (folder / "c.yaml").string();
    std::ofstream(path) << "source:\n  rate_hz: fast\n";
    const auto config = Parsed{}({"--config", path});
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::Usage);
    CHECK(config.error().message.find(path + ":2:") == 0);
}

TEST_CASE("a backend that is not there is refused", "[app]") {
    CHECK(Parsed{}({"--backend", "cpu"})->engine.backend == BackendKind::Cpu);
    CHECK(Parsed{}({"--backend", "auto"})->engine.backend == BackendKind::Auto);
    CHECK(Parsed{}({"--backend", "gpu"}).error().code == ErrorCode::Usage);
    if (const auto device = openCuda())
        CHECK(Parsed{}({"--backend", "cuda"})->engine.backend == BackendKind::Cuda);
    else
        CHECK(Parsed{}({"--backend", "cuda"}).error().code == ErrorCode::NoDevice);
}

TEST_CASE("numbers are read whole, in range and without the locale", "[app]") {
    CLI::App app;
    std::uint64_t count = 1;
    double factor = 1;
    addNumber(app, "--count", count, 0, 10, "");
    addNumber(app, "--factor", factor, 0, 2, "");
    app.parse("--count 7 --factor 1.5");
    CHECK(count == 7);
    CHECK(factor == 1.5);
    for (const char *const bad :
         {"--count 11", "--count -1", "--count 1.5", "--count 3x", "--count 99999999999999999999",
          "--factor nan", "--factor 1,5", "--factor inf", "--factor 2.001"})
        CHECK_THROWS_AS(app.parse(std::string(bad)), CLI::ValidationError);
}

TEST_CASE("ranges", "[app]") {
    auto range = parseRange("3:7");
    REQUIRE(range);
    CHECK(range->first == 3);
    CHECK(range->last == 7U);
    CHECK(range->fit(7));
    CHECK_FALSE(range->fit(6));
    range = parseRange("5:");
    REQUIRE(range);
    REQUIRE(range->fit(9));
    CHECK(range->last == 9U);
    range = parseRange(":4");
    REQUIRE(range);
    CHECK(range->first == 0);
    for (const char *const bad : {"", "5", "a:b", "1:2:3", "-1:4", "1:x"})
        CHECK_FALSE(parseRange(bad));
    CHECK_FALSE(parseRange("4:4")->fit(9));
    CHECK_FALSE(parseRange("5:4")->fit(9));
}
