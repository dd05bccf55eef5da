// SPDX-License-Identifier: Apache-2.0
// Integrate-and-fire pixels, and the file their spikes go to.
#include "app/bench/bench_input.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace fovea {

namespace {

/// Pixels of a spike camera: each gathers light and fires whenever it has enough, here when a
/// 32-bit sum runs over.
class Pixels {
public:
    Pixels(std::size_t count, double spikeRate) : sums_(count), steps_(count), noise_(count) {
        Random random(1);
        for (std::size_t i = 0; i < count; ++i) {
            sums_[i] = static_cast<std::uint32_t>(random());
            noise_[i] = static_cast<std::uint32_t>(random());
            steps_[i] = static_cast<std::uint32_t>(spikeRate * random.uniform(0.5, 1.5) * 0x1p32);
        }
    }
    /// A plane later; `words` are zero before.
    void expose(std::uint64_t *words) {
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            noise_[i] = noise_[i] * 1664525U + 1013904223U;  // Numerical Recipes
            // Light of a plane: the mean and up to a quarter more or less.
            const std::uint32_t half = steps_[i] / 2;
            const auto light = static_cast<std::uint32_t>(steps_[i] - half / 2 +
                                                          (std::uint64_t{noise_[i]} * half >> 32));
            sums_[i] += light;
            words[i / 64] |= std::uint64_t{sums_[i] < light} << (i % 64);
        }
    }

private:
    std::vector<std::uint32_t> sums_, steps_, noise_;
};

}  // namespace

BenchPlanes::BenchPlanes(PlaneShape shape, std::uint32_t planes, double spikeRate,
                         double planeRateHz)
    : block_(shape, planes) {
    Pixels pixels(shape.pixels(), spikeRate);
    block_.begin(0, planeRateHz);
    for (std::uint32_t i = 0; i < planes; ++i) {
        std::uint64_t *words = block_.append();
        std::fill_n(words, shape.wordStride(), std::uint64_t{0});
        pixels.expose(words);
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
