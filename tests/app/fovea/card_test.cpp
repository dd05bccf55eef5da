// SPDX-License-Identifier: Apache-2.0
// The capture card's camera through the real program, with a library that stands in for the card's.
#include "tests/app/fovea/cli.h"
#include "tests/fakes/wire_stream.h"

#include <csignal>
#include <iostream>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr WireLayout cardLayout{6};
const std::string byLibrary = "source.pcie_library=" FOVEA_FAKE_CARD;

Program::Options atRate(double planesPerSecond) {
    Program::Options options;
    options.environment = {
        {"FAKE_CARD_HEIGHT", std::to_string(cardLayout.height)},
        {"FAKE_CARD_BYTES_PER_SECOND",
         std::to_string(planesPerSecond * static_cast<double>(cardLayout.frameBytes()))}};
    return options;
}

}  // namespace

TEST_CASE("fovea list shows the card whose library the configuration names", "[cli]") {
    const ProgramResult listed = cli({"list", "--set", byLibrary});
    CHECK(listed.exitCode == 0);
    CHECK(listed.out.find("\npcie        PCIe camera  (1000x1000, by ") != std::string::npos);
    CHECK(cli({"list"}).out.find(FOVEA_FAKE_CARD) == std::string::npos);
    const ProgramResult missing = cli({"list", "--set", "source.pcie_library=/nowhere/lib.so"});
    CHECK(missing.exitCode == 0);
    CHECK(missing.out.find("/nowhere/lib.so: no such file") != std::string::npos);
    CHECK(cli({"list", "--set", "source.nothing=1"}).exitCode == 2);
}

TEST_CASE("fovea record takes planes from the card bit for bit", "[cli]") {
    const TemporaryFolder folder;
    const std::string out = (folder / "out.dat").string();
    const ProgramResult result =
        cli({"record", "--source", "pcie", "--set", byLibrary, "--shape", "1000x6", "--rate",
             "2000", "--seconds", "0.5", "--json", "-o", out},
            atRate(2000));
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    const auto file = SpikeFile::open(out);
    REQUIRE(file);
    CHECK(file->info().shape == cardLayout.shape());
    CHECK(file->info().rateHz == 2000);
    REQUIRE(file->info().planes >= 1000);
    WireStream stream(cardLayout);
    std::vector<std::vector<std::uint64_t>> wanted;
    for (std::uint64_t i = 0; i < WireStream::contents; ++i) {
        wanted.emplace_back(cardLayout.shape().wordStride());
        cardLayout.unpack(stream.frame(i).data(), false, wanted.back().data());
    }
    std::vector<std::uint64_t> plane(cardLayout.shape().wordStride());
    REQUIRE(file->readPlane(0, plane));
    std::size_t first = 0;
    while (first < wanted.size() && wanted[first] != plane)
        ++first;
    REQUIRE(first < wanted.size());
    for (std::uint64_t number = 0; number < file->info().planes; ++number) {
        REQUIRE(file->readPlane(number, plane));
        REQUIRE(plane == wanted[(first + number) % wanted.size()]);
    }
    std::cout << "PCIe: fovea record took " << file->info().planes << " planes bit for bit\n";
}

TEST_CASE("fovea detect runs on the card until it is told to stop", "[cli]") {
    // A busy machine may need longer until it streams; told before, it ends with 130.
    ProgramResult result;
    for (const int wait : {800, 4000, 15000}) {
        Program program(
            FOVEA_CLI,
            {"detect", "pcie", "--set", byLibrary, "--shape", "1000x6", "--rate", "2000"},
            atRate(2000));
        std::this_thread::sleep_for(std::chrono::milliseconds{static_cast<int>(wait * slowness())});
        program.signal(SIGINT);
        result = program.wait();
        if (result.exitCode != 130)
            break;
    }
    INFO(result.err);
    CHECK(result.exitCode == 0);
}
