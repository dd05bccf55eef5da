// SPDX-License-Identifier: Apache-2.0
// fovea noise: seeds, strengths, tags and lost planes.
#include "tests/app/fovea/cli.h"

#include <bit>

using namespace fovea;
using namespace fovea::test;

namespace {

class NoiseRun {
public:
    NoiseRun() { writeRandomDat(input_, {64, 40}, 300); }
    /// The bytes of the recording with this noise.
    std::string operator()(const std::string &name, std::vector<std::string> more) const {
        const std::filesystem::path out = folder_ / name;
        more.insert(more.begin(),
                    {"noise", input_.string(), "--shape", "64x40", "-o", out.string()});
        const ProgramResult result = cli(more);
        INFO(result.err);
        REQUIRE(result.exitCode == 0);
        return contents(out);
    }
    [[nodiscard]] nlohmann::json info(const std::string &name) const {
        return nlohmann::json::parse(cli({"info", (folder_ / name).string(), "--json"}).out);
    }
    [[nodiscard]] std::string input() const { return contents(input_); }
    [[nodiscard]] const std::filesystem::path &path() const { return input_; }

private:
    TemporaryFolder folder_;
    std::filesystem::path input_ = folder_ / "x.dat";
};

double shareOfDifferentBits(const std::string &a, const std::string &b) {
    REQUIRE(a.size() == b.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        different += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(
            static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]))));
    return static_cast<double>(different) / (8.0 * static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("flips have the asked strength, the same seed the same bytes", "[cli]") {
    const NoiseRun noise;
    const std::string first = noise("a.dat", {"--inject", "flip:0.01", "--seed", "3"});
    CHECK(shareOfDifferentBits(first, noise.input()) == Approx(0.01).margin(0.001));
    CHECK(first == noise("b.dat", {"--inject", "flip:0.01", "--seed", "3"}));
    CHECK(first != noise("c.dat", {"--inject", "flip:0.01", "--seed", "4"}));
    CHECK(noise.info("a.dat")["noise"] == "flip:0.01 seed 3");
    CHECK(noise.info("a.dat")["planes"] == 300);
}

TEST_CASE("no noise is the same recording, bit for bit", "[cli]") {
    const NoiseRun noise;
    CHECK(noise("a.dat", {}) == noise.input());
    CHECK(noise("b.dat", {"--inject", "flip:0"}) == noise.input());
    CHECK(noise.info("a.dat")["noise"] == "");
}

TEST_CASE("lost planes become gaps of the new recording", "[cli]") {
    const NoiseRun noise;
    const std::string bytes =
        noise("a.dat", {"--inject", "drop:0.2", "--inject", "flip:0.01", "--seed", "3"});
    const auto info = noise.info("a.dat");
    CHECK(info["planes"] == 300);
    const auto stored = info["stored_planes"].get<std::size_t>();
    CHECK(stored < 280);
    CHECK(bytes.size() == stored * 64 * 40 / 8);
    std::size_t lost = 0;
    for (const auto &gap : info["gaps"]) {
        CHECK(gap["reason"] == "injected");
        lost += gap["planes"].get<std::size_t>();
    }
    CHECK(lost + stored == 300);
}

TEST_CASE("the input is never the output", "[cli]") {
    const NoiseRun noise;
    const std::string before = noise.input();
    const std::string path = noise.path().string();
    CHECK(cli({"noise", path, "--shape", "64x40", "--inject", "flip:0.1", "-o", path, "--force"})
              .exitCode == 2);
    CHECK(noise.input() == before);
}

TEST_CASE("noise that hits nothing says so", "[cli]") {
    const TemporaryFolder folder;
    const std::string dat = (folder / "x.dat").string();
    const std::string out = (folder / "out.dat").string();
    writeRandomDat(dat, {8, 8}, 5);
    const ProgramResult none = cli(
        {"noise", dat, "--shape", "8x8", "--inject", "drop:0.000001", "--seed", "3", "-o", out});
    CHECK(none.exitCode == 0);
    CHECK(none.err.find("nothing was changed") != std::string::npos);
    const ProgramResult some = cli({"noise", dat, "--shape", "8x8", "--inject", "flip:0.5",
                                    "--seed", "3", "-o", out, "--force"});
    CHECK(some.exitCode == 0);
    CHECK(some.err.find("nothing was changed") == std::string::npos);
}
