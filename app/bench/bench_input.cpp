// SPDX-License-Identifier: Apache-2.0
// Random words with a share of ones, and the file they go to.
#include "app/bench/bench_input.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace fovea {

namespace {

/// Each bit is 1 with probability `share` / 1024: one random word for each binary digit.
std::uint64_t randomWord(Random &random, unsigned share) {
    std::uint64_t word = 0;
    for (unsigned digit = 1; digit < 1024; digit *= 2)
        word = (share & digit) != 0 ? word | random() : word & random();
    return word;
}

}  // namespace

BenchPlanes::BenchPlanes(PlaneShape shape, std::uint32_t planes, double spikeRate,
                         double planeRateHz)
    : block_(shape, planes) {
    Random random(1);
    const auto share = static_cast<unsigned>(std::lround(spikeRate * 1024));
    const std::size_t last = shape.words() - 1;
    const std::uint64_t tail = ~std::uint64_t{0} >> (shape.words() * 64 - shape.pixels());
    block_.begin(0, planeRateHz);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block_.append();
        for (std::size_t word = 0; word < shape.wordStride(); ++word)
            words[word] = word <= last ? randomWord(random, share) : 0;
        words[last] &= tail;
        planes_.push_back(words);
    }
}

Result<std::unique_ptr<BenchFile>> BenchFile::write(const BenchPlanes &planes) {
    const PlaneShape shape = planes.block().shape();
    std::error_code error;
    std::string name =
        (std::filesystem::temp_directory_path(error) / "fovea-bench-XXXXXX").string();
    const int descriptor = error ? -1 : ::mkstemp(name.data());
    if (descriptor < 0)
        return fail(ErrorCode::Io, "{}: no temporary file can be made", name);
    ::close(descriptor);
    std::unique_ptr<BenchFile> file(new BenchFile(name));
    std::ofstream out(name, std::ios::binary);
    // Some megabytes at once, as the recorder does it: what is written in small pieces lies in
    // small pages, and reading that takes the system twice as long.
    constexpr std::size_t together = 256;
    std::vector<std::uint8_t> bytes(shape.bytes() * together);
    for (std::size_t first = 0; first < planes.planes().size(); first += together) {
        const std::size_t count = std::min(together, planes.planes().size() - first);
        for (std::size_t i = 0; i < count; ++i)
            packPlane(planes.planes()[first + i], true, shape, bytes.data(), i * shape.pixels());
        out.write(reinterpret_cast<const char *>(bytes.data()),
                  static_cast<std::streamsize>(shape.bytes() * count));
    }
    out.close();
    if (!out)
        return fail(ErrorCode::Io, "{}: {} planes cannot be written", name, planes.planes().size());
    return file;
}

BenchFile::~BenchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace fovea
