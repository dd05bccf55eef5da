// SPDX-License-Identifier: Apache-2.0
// The program itself: options that make no sense, and no display, end in one line.
#include "tests/support/files.h"
#include "tests/support/program.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace fovea::test {
namespace {

Program::Options offscreen() {
    Program::Options options;
    options.environment = {{"QT_QPA_PLATFORM", "offscreen"}};
    return options;
}

}  // namespace

TEST_CASE("an impossible time before the picture is refused at once", "[app]") {
    for (const char *after : {"nan", "-1", "3601", "inf", "soon"}) {
        INFO(after);
        const ProgramResult result =
            runProgram(FOVEA_GUI, {"--after", after, "--screenshot", "never.png"}, offscreen());
        CHECK_FALSE(result.timedOut);
        CHECK(result.exitCode == 2);
        CHECK(result.err.find("--after") != std::string::npos);
    }
}

TEST_CASE("a picture of the window is written", "[app]") {
    const TemporaryFolder folder;
    const auto picture = folder / "window.png";
    const ProgramResult result = runProgram(FOVEA_GUI,
                                            {"--settings", (folder / "s.ini").string(), "--after",
                                             "0.5", "--screenshot", picture.string()},
                                            offscreen());
    CHECK(result.exitCode == 0);
    CHECK(readBytes(picture).size() > 10000);
}

TEST_CASE("a configuration holds also for a file that is named", "[app]") {
    const TemporaryFolder folder;
    const std::string recording = (folder / "a.dat").string();
    writeBytes(recording, std::vector<unsigned char>(16 * 8 / 8 * 100, 0x55));
    const std::string config = (folder / "c.yaml").string();
    const std::string text = "recon: {gain: 3.25}\n";
    writeBytes(config, {text.begin(), text.end()});
    const auto settings = folder / "s.ini";
    const ProgramResult result =
        runProgram(FOVEA_GUI,
                   {recording, "--shape", "16x8", "--config", config, "--settings",
                    settings.string(), "--after", "1", "--screenshot", (folder / "w.png").string()},
                   offscreen());
    INFO(result.err);
    CHECK(result.exitCode == 0);
    const auto bytes = readBytes(settings);
    const std::string kept(bytes.begin(), bytes.end());
    CHECK(kept.find("gain: 3.25") != std::string::npos);
    CHECK(kept.find("a.dat") != std::string::npos);
}

TEST_CASE("without a display one line says so, and help and version still work", "[app]") {
    Program::Options options;
    options.environment = {{"QT_QPA_PLATFORM", ""}, {"WAYLAND_DISPLAY", ""}, {"DISPLAY", ":77777"}};
    for (const std::vector<std::string> &arguments :
         {std::vector<std::string>{}, std::vector<std::string>{"--check-display"},
          std::vector<std::string>{"recording.dat"}}) {
        const ProgramResult result = runProgram(FOVEA_GUI, arguments, options);
        INFO(result.err);
        CHECK_FALSE(result.timedOut);
        CHECK(result.exitCode == 3);
        CHECK(result.err.find("no display") != std::string::npos);
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    }
    CHECK(runProgram(FOVEA_GUI, {"--version"}, options).exitCode == 0);
    CHECK(runProgram(FOVEA_GUI, {"--help"}, options).out.find("FILE") != std::string::npos);
    CHECK(runProgram(FOVEA_GUI, {"--check-display"}, offscreen()).exitCode == 0);
}

}  // namespace fovea::test
