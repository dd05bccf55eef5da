// SPDX-License-Identifier: Apache-2.0
// fovea reconstruct gives the pictures of the golden set, pixel by pixel.
#include "tests/app/fovea/cli.h"
#include "tests/support/golden.h"

#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"
#include "engine/core/spike_block.h"

#include <cstring>
#include <opencv2/imgcodecs.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

/// The options that ask for the picture of a golden case; empty when no single picture is stored.
std::vector<std::string> optionsFor(const GoldenCase &one) {
    const auto &params = one.json.at("params");
    if (one.file.empty())
        return {};
    const std::string at = std::to_string(one.json.at("frame").get<int>());
    if (one.algorithm == "TFP.spikes2frame") {
        const int half = params.at("half_win_length");
        return {"--method", "tfp", "--window", std::to_string(2 * half + 1), "--at", at};
    }
    if (one.algorithm.rfind("TFSTP", 0) == 0) {
        const bool offline = one.algorithm == "TFSTP.spikes2images_offline";
        return {"--method",  "tfstp", "--form", offline ? "offline" : "online",
                "--history", "4095",  "--at",   at};
    }
    const std::string reach = std::to_string(params.at("max_search_half_window").get<int>());
    const bool stack = one.algorithm == "TFI.spikes2images";
    return {"--method", "tfi", "--convention", stack ? "stack" : "single",
            "--reach",  reach, "--at",         at};
}

cv::Mat readPng(const std::filesystem::path &path) {
    return cv::imread(path.string(), cv::IMREAD_UNCHANGED);
}

}  // namespace

TEST_CASE("reconstruct is pixel-exact to every golden picture", "[cli][golden][long]") {
    if (!goldenFolder()) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    const TemporaryFolder folder;
    int ran = 0;
    for (const GoldenCase &one :
         goldenCases({"TFP.spikes2frame", "TFI.spikes2frame", "TFI.spikes2images",
                      "TFSTP.spikes2images_online", "TFSTP.spikes2images_offline"})) {
        std::vector<std::string> arguments = optionsFor(one);
        if (arguments.empty())
            continue;  // whole stacks are stored as hashes: the library's own tests check them
        INFO(one.id);
        const auto png = folder / (one.id + ".png");
        arguments.insert(arguments.begin(),
                         {"reconstruct", one.input.string(), "--shape", toString(one.shape)});
        arguments.insert(arguments.end(), {"-o", png.string()});
        const ProgramResult result = cli(arguments);
        INFO(result.err);
        REQUIRE(result.exitCode == 0);
        CHECK(result.out.empty());
        const cv::Mat picture = readPng(png);
        const NpyArray expected = readNpy(one.file);
        REQUIRE(picture.type() == CV_8UC1);
        REQUIRE(picture.total() == expected.bytes.size());
        CHECK(std::equal(expected.bytes.begin(), expected.bytes.end(), picture.data));
        ++ran;
    }
    WARN(ran << " golden pictures compared");
    CHECK(ran > 0);
}

TEST_CASE("raw shows the stored bits, top row first", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeBytes(dat, {0x01});  // 4x2, bottom row first: the left bottom pixel fires
    const std::string png = (folder / "x.png").string();
    const std::vector<std::string> base = {"reconstruct", dat,    "--shape", "4x2", "--method",
                                           "raw",         "--at", "0",       "-o",  png};
    std::vector<std::string> flipped = base;
    flipped.emplace_back("--flip");
    REQUIRE(cli(flipped).exitCode == 0);
    cv::Mat picture = readPng(png);
    REQUIRE(picture.rows == 2);
    REQUIRE(picture.cols == 4);
    CHECK(cv::sum(picture)[0] == 255);
    CHECK(picture.at<unsigned char>(1, 0) == 255);
    std::vector<std::string> upright = base;
    upright.emplace_back("--no-flip");
    REQUIRE(cli(upright).exitCode == 0);
    picture = readPng(png);
    CHECK(picture.at<unsigned char>(0, 0) == 255);
}

TEST_CASE("planes without all their neighbours are refused unless --edge says so", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    const std::string png = (folder / "x.png").string();
    writeRandomDat(dat, {8, 4}, 40);
    const std::vector<std::string> base = {"reconstruct", dat,  "--shape", "8x4",
                                           "--window",    "33", "-o",      png};
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> all = base;
        all.insert(all.end(), more.begin(), more.end());
        return cli(all);
    };
    CHECK(with({"--at", "20"}).exitCode == 0);
    CHECK(with({}).exitCode == 0);
    std::filesystem::remove(png);
    const ProgramResult early = with({"--at", "3"});
    CHECK(early.exitCode == 2);
    CHECK(isOneMessage(early.err));
    CHECK_FALSE(std::filesystem::exists(png));
    CHECK(with({"--at", "3", "--edge"}).exitCode == 0);
    CHECK(with({"--at", "40", "--edge"}).exitCode == 2);
    CHECK(with({"--at", "99999999999", "--edge"}).exitCode == 2);
}

TEST_CASE("outputs that cannot be: nothing is half written, the input stays", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    writeRandomDat(dat, {8, 4}, 40);
    const std::string before = contents(dat);
    const auto to = [&](const std::string &output) {
        return cli({"reconstruct", dat, "--shape", "8x4", "-o", output});
    };
    const ProgramResult same = to(dat);
    CHECK(same.exitCode == 2);
    CHECK(same.err.find("input") != std::string::npos);
    CHECK(contents(dat) == before);
    const std::string other = (folder / "other.dat").string();
    writeRandomDat(other, {8, 4}, 4);
    CHECK(to(other).exitCode == 2);
    CHECK(std::filesystem::file_size(other) == 16);
    std::filesystem::remove(other);
    CHECK(to((folder / "no").string() + "/x.png").exitCode == 1);
    CHECK(to(folder.path().string()).exitCode == 1);
    const ProgramResult jpeg = to((folder / "x.jpg").string());
    CHECK(jpeg.exitCode == 2);
    CHECK(jpeg.err.find("expected .png") != std::string::npos);
    if (std::filesystem::exists("/dev/full")) {
        const ProgramResult full = to("/dev/full");
        CHECK(full.exitCode == 1);
        CHECK(isOneMessage(full.err));
    }
    CHECK(entries(folder.path()) == 1);
    const ProgramResult out = to("-");
    CHECK(out.exitCode == 0);
    CHECK(out.out.substr(1, 3) == "PNG");
}

TEST_CASE("adaptive and stability pictures, causal, 16 bits, automatic range", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "scene.dat").string();
    const std::string png = (folder / "out.png").string();
    REQUIRE(cli({"simulate", "--shape", "80x64", "--seconds", "0.005", "--seed", "3", "-o", dat})
                .exitCode == 0);
    for (const std::string method : {"adaptive", "stability", "tfp"}) {
        for (const std::string mode : {"centred", "causal"}) {
            const std::vector<std::string> base = {"reconstruct", dat,   "--shape",  "80x64",
                                                   "--at",        "100", "--method", method,
                                                   "--mode",      mode,  "-o",       png};
            INFO(method << " " << mode);
            REQUIRE(cli(base).exitCode == 0);
            const cv::Mat grey = readPng(png);
            REQUIRE(grey.type() == CV_8UC1);
            std::vector<std::string> deep = base;
            deep.insert(deep.end(), {"--bits", "16"});
            REQUIRE(cli(deep).exitCode == 0);
            const cv::Mat levels = readPng(png);
            REQUIRE(levels.type() == CV_16UC1);
            for (int y = 0; y < grey.rows; ++y)
                for (int x = 0; x < grey.cols; ++x)
                    REQUIRE(std::abs(levels.at<std::uint16_t>(y, x) / 257.0 -
                                     grey.at<std::uint8_t>(y, x)) < 1.01);
            deep.insert(deep.end(), {"--exposure", "auto"});
            REQUIRE(cli(deep).exitCode == 0);
            double low = 0;
            double high = 0;
            cv::minMaxLoc(readPng(png), &low, &high);
            CHECK(low == 0);
            CHECK(high == 65535);
        }
    }
    const auto refused = [&](const std::string &option, const std::string &value) {
        return cli({"reconstruct", dat, "--shape", "80x64", "-o", png, option, value}).exitCode;
    };
    CHECK(refused("--bits", "12") == 2);
    CHECK(refused("--mode", "sideways") == 2);
    CHECK(refused("--exposure", "wide") == 2);
}

TEST_CASE("the network that ships makes better pictures of what moves than a mean rate",
          "[cli][long]") {
    const TemporaryFolder folder;
    SyntheticSettings settings;
    settings.seed = 77;
    const synthetic::Scene scene(settings);
    synthetic::Sensor sensor(scene, settings);
    SpikeBlock block(settings.shape, 61);
    block.begin(0, settings.planeRateHz);
    std::vector<std::uint64_t *> rows;
    for (int i = 0; i < 61; ++i)
        rows.push_back(block.append());
    sensor.expose(0, rows);
    std::vector<unsigned char> bytes(61 * settings.shape.bytes());
    for (std::uint32_t i = 0; i < 61; ++i)
        std::memcpy(bytes.data() + i * settings.shape.bytes(), block.plane(i),
                    settings.shape.bytes());
    const std::string dat = (folder / "scene.dat").string();
    writeBytes(dat, bytes);
    const Picture truth = scene.pictureAt(30);
    const auto fitted = [&](std::initializer_list<std::string> method) {
        const std::string out = (folder / "out.png").string();
        std::vector<std::string> all{"reconstruct", dat,  "--shape", "400x250", "--no-flip",
                                     "--at",        "30", "-o",      out};
        all.insert(all.end(), method);
        REQUIRE(cli(all).exitCode == 0);
        const cv::Mat made = cv::imread(out, cv::IMREAD_GRAYSCALE);
        REQUIRE(made.total() == truth.shape.pixels());
        double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
        for (std::size_t i = 0; i < made.total(); ++i) {
            const double a = made.data[i];
            const double b = truth.grey[i];
            x += a, y += b, xx += a * a, xy += a * b, yy += b * b;
        }
        const auto n = static_cast<double>(made.total());
        const double common = xy / n - x * y / n / n;
        const double error = yy / n - y * y / n / n - common * common / (xx / n - x * x / n / n);
        return 10 * std::log10(255 * 255 / error);
    };
    const double network =
        fitted({"--method", "snn", "--model", FOVEA_SOURCE_DIR "/datasets/models/recon-snn.nir"});
    const double mean = fitted({"--method", "tfp", "--window", "41"});
    INFO(network << " dB, TFP " << mean << " dB");
    CHECK(network > mean + 1);
}
