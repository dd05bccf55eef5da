// SPDX-License-Identifier: Apache-2.0
// The real program with the model camera behind libusb: list, record, unplug and return.
#include "tests/drivers/usb/libusb/libusb_bench.h"
#include "tests/fakes/usb_testbed.h"
#include "tests/support/files.h"
#include "tests/support/program.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <iostream>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

struct CameraBench {
    Ft60xModel camera{vidar};
    UsbTestbed bed{camera};
    CameraBench() {
        bed.plugIn(2);
        camera.setPace(1000 * 12516.0);
    }
};

template <class Ready> void waitFor(Ready ready) {
    const auto deadline = std::chrono::steady_clock::now() + 60s * slowness();
    while (!ready() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(10ms);
    REQUIRE(ready());
}

}  // namespace

TEST_CASE("S1: fovea list shows the camera while it is there", "[usb]") {
    CameraBench bench;
    const auto list = [] { return runProgram(FOVEA_CLI, {"list"}).out; };
    REQUIRE_THAT(list(), Contains("usb") && Contains("Spike camera") &&
                             Contains("serial F601-0001, USB 3, 5 Gb/s, ready"));
    bench.bed.pull();
    REQUIRE_THAT(list(), !Contains("F601-0001") && Contains("synthetic"));
    bench.bed.plugIn(5);
    REQUIRE_THAT(list(), Contains("F601-0001"));
}

TEST_CASE("fovea record takes planes from the camera bit for bit", "[usb]") {
    CameraBench bench;
    const TemporaryFolder folder;
    const std::string out = (folder / "out.dat").string();
    Program program(FOVEA_CLI, {"record", "--source", "usb:F601-0001", "--rate", "1000",
                                "--seconds", "0.5", "-o", out});
    bench.bed.setClient(program.id());
    const ProgramResult result = program.wait();
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto bytes = readBytes(out);
    const std::size_t planes = bytes.size() / vidar.bytes();
    REQUIRE(planes >= 500);
    // The first plane is the one that the camera sent when the program began to look.
    const auto isPlane = [&](std::size_t plane, std::uint64_t content) {
        const auto wanted = bench.camera.frames().payload(content);
        return std::equal(wanted.begin(), wanted.end(),
                          bytes.begin() + static_cast<std::ptrdiff_t>(plane * vidar.bytes()));
    };
    std::uint64_t first = 0;
    while (first < UsbFrameStream::contents && !isPlane(0, first))
        ++first;
    for (std::size_t plane = 0; plane < planes; ++plane)
        REQUIRE(isPlane(plane, first + plane));
}

TEST_CASE("S2: fovea record goes on in another file when the camera is pulled and comes back",
          "[usb]") {
    CameraBench bench;
    const TemporaryFolder folder;
    const auto files = [&] {
        std::size_t count = 0;
        for (const auto &entry : std::filesystem::directory_iterator(folder.path()))
            count += entry.path().extension() == ".dat" || entry.path().extension() == ".part";
        return count;
    };
    Program program(FOVEA_CLI, {"record", "--source", "usb", "--rate", "1000", "-o",
                                (folder / "out.dat").string()});
    bench.bed.setClient(program.id());
    waitFor([&] { return bench.camera.frames().sent() > 500; });
    bench.bed.pull();
    const std::uint64_t before = bench.camera.frames().sent();
    std::this_thread::sleep_for(2s * slowness());  // nobody plugs in faster than a camera is missed
    bench.bed.plugIn(11);
    waitFor([&] { return bench.camera.frames().sent() > before + 500; });
    program.signal(SIGINT);
    const ProgramResult result = program.wait();
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    REQUIRE_THAT(result.err, Contains("source lost: usb:F601-0001"));
    REQUIRE(files() == 2);
    std::cout << "fovea record survived an unplug: " << files() << " recordings\n";
}

TEST_CASE("fovea play and detect take the camera, too", "[usb]") {
    for (const char *const command : {"play", "detect"}) {
        CameraBench bench;
        Program program(FOVEA_CLI, {command, "usb", "--rate", "1000"});
        bench.bed.setClient(program.id());
        waitFor([&] { return bench.camera.frames().sent() > 700; });
        program.signal(SIGINT);
        const ProgramResult result = program.wait();
        INFO(command << ": " << result.err);
        REQUIRE(result.exitCode == 0);
        REQUIRE_FALSE(result.out.empty());
    }
}

TEST_CASE("S1: fovea list --watch tells when the camera comes and goes", "[usb]") {
    CameraBench bench;
    const TemporaryFolder folder;
    const std::string out = (folder / "events").string();
    Program program("/bin/sh", {"-c", "exec '" FOVEA_CLI "' list --watch --json > '" + out + "'"});
    const auto events = [&out] {
        std::string seen;
        std::ifstream lines(out);
        for (std::string line; std::getline(lines, line);)
            if (line.find("F601-0001") != std::string::npos) {
                seen += line.find("\"added\"") != std::string::npos ? '+' : '-';
                REQUIRE_THAT(line, Contains("\"speed\":\"USB 3, 5 Gb/s\"") &&
                                       Contains("\"state\":\"ready\""));
            }
        return seen;
    };
    waitFor([&] { return events() == "+"; });
    bench.bed.pull();
    waitFor([&] { return events() == "+-"; });
    bench.bed.plugIn(7);
    waitFor([&] { return events() == "+-+"; });
    program.signal(SIGINT);
    const ProgramResult result = program.wait();
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    REQUIRE(events() == "+-+");
    std::cout << "S1: fovea list --watch over a pull and a plug, looking every 250 ms: +-+\n";
}

TEST_CASE("S2: fovea play and detect wait for a lost camera and tell loss and return", "[usb]") {
    for (const char *const command : {"play", "detect"}) {
        CameraBench bench;
        Program program(FOVEA_CLI, {command, "usb", "--rate", "1000", "--json"});
        bench.bed.setClient(program.id());
        waitFor([&] { return bench.camera.frames().sent() > 700; });
        bench.bed.pull();
        const std::uint64_t before = bench.camera.frames().sent();
        std::this_thread::sleep_for(1500ms * slowness());
        bench.bed.plugIn(11);
        waitFor([&] { return bench.camera.frames().sent() > before + 1500; });
        program.signal(SIGINT);
        const ProgramResult result = program.wait();
        INFO(command << ": " << result.err);
        REQUIRE(result.exitCode == 0);
        REQUIRE_THAT(result.err, Contains("source lost: usb:F601-0001: the camera was unplugged") &&
                                     Contains("waiting for it to come back") &&
                                     Contains("the source is back after"));
        std::cout << "S2: fovea " << command << " survived an unplug\n";
    }
}

TEST_CASE("S2: a signal while the camera is away is no failure of it", "[usb]") {
    CameraBench bench;
    Program program(FOVEA_CLI, {"play", "usb", "--rate", "1000"});
    bench.bed.setClient(program.id());
    waitFor([&] { return bench.camera.frames().sent() > 700; });
    bench.bed.pull();
    std::this_thread::sleep_for(2s * slowness());
    program.signal(SIGINT);
    const ProgramResult result = program.wait();
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    REQUIRE_THAT(result.err, Contains("source lost"));
}

TEST_CASE("S2: told not to wait, a lost camera ends the program with 5", "[usb]") {
    const TemporaryFolder folder;
    const std::string recording = (folder / "out.dat").string();
    const std::vector<std::vector<std::string>> commands{
        {"play", "usb", "--no-reconnect"},
        {"detect", "usb", "--no-reconnect", "--mot", (folder / "out.txt").string()},
        {"record", "--source", "usb", "--close-when-lost", "-o", recording}};
    for (std::vector<std::string> arguments : commands) {
        CameraBench bench;
        for (const char *more : {"--rate", "1000"})
            arguments.emplace_back(more);
        Program program(FOVEA_CLI, arguments);
        bench.bed.setClient(program.id());
        waitFor([&] { return bench.camera.frames().sent() > 700; });
        bench.bed.pull();
        const ProgramResult result = program.wait();
        INFO(arguments[0] << ": " << result.err);
        REQUIRE(result.exitCode == 5);
        REQUIRE_THAT(result.err, Contains("source lost") && Contains("unplugged"));
    }
    // What came until then is whole.
    REQUIRE(std::filesystem::exists(folder / "out.txt"));
    const ProgramResult info = runProgram(FOVEA_CLI, {"info", recording, "--json"});
    REQUIRE_THAT(info.out, Contains("\"closed\": true"));
}
