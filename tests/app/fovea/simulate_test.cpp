// SPDX-License-Identifier: Apache-2.0
// fovea simulate: length, truth, seeds, interruption.
#include "tests/app/fovea/cli.h"

#include <array>
#include <bit>
#include <csignal>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<std::string> simulation(const std::string &output, const std::string &seed = "7") {
    return {"simulate",  "--shape", "50x30",  "--rate", "40000", "--objects", "2",
            "--seconds", "0.05",    "--seed", seed,     "-o",    output};
}

}  // namespace

TEST_CASE("simulate makes exactly the planes asked for, and the truth of each", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "scene.dat").string();
    const std::string truth = (folder / "truth.txt").string();
    auto arguments = simulation(dat);
    arguments.insert(arguments.end(), {"--truth", truth});
    const ProgramResult result = cli(arguments);
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    CHECK(std::filesystem::file_size(dat) == (std::uintmax_t{50} * 30 * 2000 + 7) / 8);
    const auto info = nlohmann::json::parse(cli({"info", dat, "--json"}).out);
    CHECK(info["planes"] == 2000);
    CHECK(info["width"] == 50);
    CHECK(info["rate_hz"] == 40000.0);
    CHECK(info["mean_rate"].get<double>() > 0.01);
    const std::string text = contents(truth);
    CHECK(lines(text) > 2000);
    CHECK(lines(text) <= 4000);
    CHECK(text.find("\n1999,") != std::string::npos);
    CHECK(text.find("\n2000,") == std::string::npos);

    const std::string sparse = (folder / "sparse.txt").string();
    arguments = simulation((folder / "b.dat").string());
    arguments.insert(arguments.end(), {"--truth", sparse, "--truth-every", "100"});
    REQUIRE(cli(arguments).exitCode == 0);
    CHECK(lines(contents(sparse)) <= 40);
    CHECK(contents(sparse).find("\n150,") == std::string::npos);
}

TEST_CASE("what was made is told as JSON", "[cli]") {
    const TemporaryFolder folder;
    const auto at = [&](const char *name) { return (folder / name).string(); };
    const auto made = [](std::vector<std::string> arguments) {
        arguments.push_back("--json");
        const ProgramResult result = cli(arguments);
        INFO(result.err);
        REQUIRE(result.exitCode == 0);
        return nlohmann::json::parse(result.out);
    };
    const auto scene = made({"simulate", "--shape", "40x30", "--seconds", "0.01", "--seed", "3",
                             "--objects", "1", "-o", at("a.dat")});
    CHECK(scene["output"] == at("a.dat"));
    CHECK(scene["planes"] == 400);
    CHECK(scene["seed"] == 3);
    const auto noisy = made({"noise", at("a.dat"), "--inject", "flip:0.1", "-o", at("b.dat")});
    CHECK(noisy["changed"] == true);
    CHECK(noisy["planes"] == 400);
    const auto cut = made({"export", at("a.dat"), "--range", "10:30", "-o", at("c.dat")});
    CHECK(cut["first"] == 10);
    CHECK(cut["end"] == 30);
    const auto picture = made({"reconstruct", at("a.dat"), "--at", "100", "-o", at("d.png")});
    CHECK(picture["method"] == "tfp");
    CHECK(picture["plane"] == 100);
    CHECK(cli({"reconstruct", at("a.dat"), "--json", "-o", "-"}).exitCode == 2);
}

TEST_CASE("the same seed gives the same bytes, another seed others", "[cli]") {
    const TemporaryFolder folder;
    const auto make = [&](const std::string &name, const std::string &seed) {
        REQUIRE(cli(simulation((folder / name).string(), seed)).exitCode == 0);
        return contents(folder / name);
    };
    const std::string first = make("a.dat", "7");
    CHECK(first == make("b.dat", "7"));
    CHECK(first != make("c.dat", "8"));
}

TEST_CASE("a recording is never overwritten unless --force says so", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "a.dat").string();
    REQUIRE(cli(simulation(dat)).exitCode == 0);
    const std::string before = contents(dat);
    const ProgramResult again = cli(simulation(dat, "8"));
    CHECK(again.exitCode == 1);
    CHECK(isOneMessage(again.err));
    CHECK(again.err.find("--force") != std::string::npos);
    CHECK(contents(dat) == before);
    auto forced = simulation(dat, "8");
    forced.emplace_back("--force");
    CHECK(cli(forced).exitCode == 0);
    CHECK(contents(dat) != before);
    CHECK(entries(folder.path()) == 3);
}

TEST_CASE("an interrupted simulation leaves nothing behind", "[cli]") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        const TemporaryFolder folder;
        Program program(FOVEA_CLI, {"simulate", "--shape", "32x32", "--seconds", "100", "--rate",
                                    "40000", "-o", (folder / "long.dat").string(), "--truth",
                                    (folder / "truth.txt").string(), "--truth-every", "1000"});
        // Not before something was written.
        for (int i = 0; i < 3000 && entries(folder.path()) < 2; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        REQUIRE(entries(folder.path()) >= 2);
        program.signal(number);
        const ProgramResult result = program.wait(std::chrono::seconds{20});
        CHECK(result.exitCode == (number == SIGINT ? 130 : 143));
        CHECK(result.err == "fovea: stopped\n");
        CHECK(entries(folder.path()) == 0);
    }
}

TEST_CASE("simulate refuses impossible scenes and too little room", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "a.dat").string();
    const auto with = [&](const std::string &option, const std::string &value) {
        return cli({"simulate", "-o", dat, option, value}).exitCode;
    };
    CHECK(with("--objects", "1000") == 2);
    CHECK(with("--seconds", "-1") == 2);
    CHECK(with("--rate", "0") == 2);
    CHECK(with("--light", "moon") == 2);
    CHECK(with("--shape", "99999x1") == 2);
    const ProgramResult huge =
        cli({"simulate", "-o", dat, "--shape", "4000x4000", "--seconds", "86400"});
    CHECK(huge.exitCode == 1);
    CHECK(huge.err.find("free") != std::string::npos);
    CHECK(entries(folder.path()) == 0);
}

TEST_CASE("pictures are shown to the sensor one after another, with their classes", "[cli]") {
    // 8x8 pixels: picture i is white in row i alone.
    const TemporaryFolder folder;
    constexpr unsigned count = 3;
    std::vector<unsigned char> images = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 8, 0, 0, 0, 8};
    std::vector<unsigned char> labels = {0, 0, 8, 1, 0, 0, 0, count, 7, 1, 4};
    for (unsigned i = 0; i < count; ++i)
        for (unsigned pixel = 0; pixel < 64; ++pixel)
            images.push_back(pixel / 8 == i ? 255 : 0);
    writeBytes(folder / "t10k-images-idx3-ubyte", images);
    writeBytes(folder / "t10k-labels-idx1-ubyte", labels);
    const auto make = [&](const std::string &name, const std::string &seed) {
        const ProgramResult result =
            cli({"simulate", "--pictures", "mnist:" + folder.path().string(), "--first", "3",
                 "--planes-each", "50", "--seed", seed, "-o", (folder / name).string(), "--truth",
                 (folder / "spans.csv").string()});
        INFO(result.err);
        REQUIRE(result.exitCode == 0);
        return contents(folder / name);
    };
    const std::string bytes = make("a.dat", "7");
    CHECK(contents(folder / "spans.csv") ==
          "first_plane,planes,class\n0,50,7\n50,50,1\n100,50,4\n");
    REQUIRE(bytes.size() == 150 * 8);
    std::array<std::array<int, 8>, count> spikes{};
    for (std::size_t plane = 0; plane < 150; ++plane)
        for (std::size_t row = 0; row < 8; ++row)  // a row of 8 pixels is a byte
            spikes[plane / 50][row] +=
                std::popcount(static_cast<unsigned char>(bytes[plane * 8 + row]));
    // Whether the file begins with its top or its bottom row is not the question here.
    const bool flipped = spikes[0][7] > spikes[0][0];
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t row = 0; row < 8; ++row) {
            INFO("picture " << i << ", row " << row);
            const int fired = spikes[i][flipped ? 7 - row : row];
            CHECK((row == i ? fired > 50 * 8 * 8 / 10 : fired < 50 * 8 / 10));
        }
    CHECK(make("b.dat", "7") == bytes);
    CHECK(make("c.dat", "8") != bytes);
    const ProgramResult none = cli({"simulate", "--pictures", "mnist:" + (folder / "no").string(),
                                    "-o", (folder / "d.dat").string()});
    CHECK(none.exitCode != 0);
    CHECK(isOneMessage(none.err));
    CHECK_FALSE(std::filesystem::exists(folder / "d.dat"));
}
