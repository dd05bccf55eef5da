// SPDX-License-Identifier: Apache-2.0
// What every subcommand does alike: help, version, usage errors, configuration errors, pipes.
#include "tests/app/fovea/cli.h"

#include <fstream>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("version and help are data", "[cli]") {
    const ProgramResult version = cli({"--version"});
    CHECK(version.exitCode == 0);
    CHECK(version.out.rfind("fovea 0.", 0) == 0);
    CHECK(version.err.empty());
    const ProgramResult help = cli({"--help"});
    CHECK(help.exitCode == 0);
    for (const char *const name : {"info", "play", "reconstruct", "detect", "record", "simulate",
                                   "noise", "export", "evaluate", "list"}) {
        CHECK(help.out.find(name) != std::string::npos);
        const ProgramResult sub = cli({name, "--help"});
        CHECK(sub.exitCode == 0);
        CHECK(sub.out.find("--quiet") != std::string::npos);
    }
}

TEST_CASE("a wrong command line is one line on stderr and status 2", "[cli]") {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"inform"},
        {"info"},
        {"info", "x.dat", "--shap", "4x4"},
        {"info", "x.dat", "--shape"},
        {"info", "x.dat", "--shape", "4by4"},
        {"info", "x.dat", "--shape", "0x4"},
        {"info", "x.dat", "--rate", "fast"},
        {"info", "x.dat", "--rate", "nan"},
        {"info", "x.dat", "--rate", "1,5"},
        {"info", "x.dat", "--format", "bmp"},
        {"info", "x.dat", "--flip", "--no-flip"},
        {"simulate", "-o", ""},
        {"simulate", "-o", "x.dat", "--seconds", "0"},
        {"reconstruct", "x.dat"},
        {"reconstruct", "x.dat", "-o", "y.png", "--at", "-1"},
        {"reconstruct", "x.dat", "-o", "y.png", "--method", "magic"},
        {"reconstruct", "x.dat", "-o", "y.png", "--window", "32"},
        {"noise", "x.dat", "-o", "y.dat", "--inject", "flip"},
        {"noise", "x.dat", "-o", "y.dat", "--inject", "flip:2"},
        {"noise", "x.dat", "-o", "y.dat", "--inject", "spin:0.1"},
        {"evaluate", "--truth", "x.txt"},
    };
    for (const auto &arguments : wrong) {
        std::string line;
        for (const std::string &argument : arguments)
            line += argument + " ";
        INFO("fovea " << line);
        const ProgramResult result = cli(arguments);
        CHECK(result.exitCode == 2);
        CHECK(result.out.empty());
        INFO(result.err);
        CHECK(isOneMessage(result.err));
    }
}

TEST_CASE("a wrong configuration names file, line and key before anything is opened", "[cli]") {
    const TemporaryFolder folder;
    const std::string config = (folder / "c.yaml").string();
    std::ofstream(config) << "source:\n  speed: 1\n  shappe: 4x4\n";
    const ProgramResult result = cli({"info", "/nowhere/x.dat", "--config", config});
    CHECK(result.exitCode == 2);
    INFO(result.err);
    CHECK(isOneMessage(result.err));
    CHECK(result.err.find(config + ":3:") != std::string::npos);
    CHECK(result.err.find("shappe") != std::string::npos);
    CHECK(result.err.find("shape") != std::string::npos);
    CHECK(cli({"info", "/nowhere/x.dat", "--config", "/nowhere/c.yaml"}).exitCode == 2);
    CHECK(cli({"info", "/nowhere/x.dat", "--backend", "cuda"}).exitCode == 3);
}

TEST_CASE("a configuration file is as good as options", "[cli]") {
    const TemporaryFolder folder;
    const std::string config = (folder / "c.yaml").string();
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {8, 4}, 10);
    std::ofstream(config) << "source:\n  shape: 8x4\n  rate_hz: 20000\n";
    const ProgramResult result = cli({"info", dat, "--config", config, "--json"});
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["planes"] == 10);
    CHECK(json["rate_hz"] == 20000.0);
}

TEST_CASE("a reader that leaves is no error message", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {8, 4}, 10);
    Program::Options options;
    options.closeOut = true;
    const ProgramResult result = cli({"info", dat, "--shape", "8x4"}, options);
    CHECK(result.exitCode == 141);
    CHECK(result.err.empty());
}

TEST_CASE("numbers do not depend on the locale", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {8, 4}, 10);
    const std::vector<std::string> arguments = {"info",   dat,       "--shape", "8x4",
                                                "--rate", "12345.5", "--json"};
    const ProgramResult plain = cli(arguments, {{{"LC_ALL", "C"}}, {}, false});
    REQUIRE(plain.exitCode == 0);
    CHECK(plain.out.find("12345.5") != std::string::npos);
    for (const char *const name : {"de_DE.UTF-8", "no_such_locale"})
        CHECK(cli(arguments, {{{"LC_ALL", name}}, {}, false}).out == plain.out);
}

TEST_CASE("the word that is wrong is named, with the nearest that is right", "[cli]") {
    CHECK(cli({"nosuch"}).err.find("unknown command 'nosuch'") != std::string::npos);
    CHECK(cli({"recrd"}).err.find("nearest is record") != std::string::npos);
    CHECK(cli({"info", "--shap"}).err.find("unknown option '--shap', nearest is --shape") !=
          std::string::npos);
    CHECK(cli({"info"}).err.find("FILE") != std::string::npos);
}

TEST_CASE("options that contradict themselves are refused", "[cli]") {
    const TemporaryFolder folder;
    const std::string same = (folder / "same.dat").string();
    writeRandomDat(folder / "x.dat", {8, 8}, 20);
    const std::string dat = (folder / "x.dat").string();
    const std::vector<std::vector<std::string>> wrong = {
        {"simulate", "--seconds", "0.01", "-o", same, "--truth", same},
        {"simulate", "--seconds", "0.01", "-o", same, "--truth", same + ".yaml"},
        {"simulate", "--seconds", "0.01", "-o", "-"},
        {"play", dat, "--shape", "8x8", "--speed", "0/5"},
        {"play", dat, "--shape", "8x8", "--range", "0:0"},
        {"evaluate", "--truth", dat, "--tracks", dat, "--from", "5", "--to", "2"},
    };
    for (const auto &arguments : wrong) {
        const ProgramResult result = cli(arguments);
        INFO(arguments.front() << " " << result.err);
        CHECK(result.exitCode == 2);
        CHECK(isOneMessage(result.err));
    }
    CHECK(entries(folder.path()) == 1);
}
