// SPDX-License-Identifier: Apache-2.0
// How much of the disk's speed a recording gets, measured beside dd in one run. Printed, not
// judged: what else the machine does decides, too.
#include "datasets/recorder.h"
#include "tests/datasets/recordings.h"
#include "tests/support/dd.h"

#include <chrono>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape shape{400, 250};
constexpr std::uint32_t perBlock = 400;  // 5 MB, 10 ms at 40 kHz

double seconds(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double recordSpeed(const std::filesystem::path &path, const SpikeBlock &planes,
                   std::uint64_t blocks) {
    RecorderOptions options;
    options.path = path;
    RecorderSink sink(options);
    SourceInfo info;
    info.shape = shape;
    info.planeRateHz = 40000;
    SpikeBlock block(shape, perBlock);
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(sink.begin(info));
    for (std::uint64_t i = 0; i < blocks; ++i) {
        block.begin(i * perBlock, 40000);
        for (std::uint32_t p = 0; p < perBlock; ++p)
            std::memcpy(block.append(), planes.plane(p), shape.wordStride() * 8);
        REQUIRE(sink.write(block));
    }
    REQUIRE(sink.finish());
    const double spent = seconds(begin);
    const std::uint64_t bytes = blocks * perBlock * shape.bytes();
    CHECK(std::filesystem::file_size(sink.recordings().front()) == bytes);
    return static_cast<double>(bytes) / spent;
}

void compare(std::uint64_t blocks, int rounds) {
    const TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes(shape, perBlock, 1);
    double best = 0;
    double bestDd = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto dd = folder / "dd";
        bestDd = std::max(bestDd, ddSpeed(dd, blocks * 5));
        std::filesystem::remove(dd);
        best = std::max(best, recordSpeed(folder / "a.dat", planes, blocks));
        for (const auto &entry : std::filesystem::directory_iterator(folder.path()))
            std::filesystem::remove(entry.path());
    }
    if (bestDd <= 0)
        WARN("R1: dd cannot write directly here: no ratio");
    else
        WARN("R1: recorder " << best / 1e6 << " MB/s, dd " << bestDd / 1e6 << " MB/s, ratio "
                             << best / bestDd);
}

}  // namespace

TEST_CASE("R1: a recording beside dd") {
    compare(10, 2);
}

TEST_CASE("R1: a long recording beside dd", "[.soak]") {
    compare(200, 5);
}
