// SPDX-License-Identifier: Apache-2.0
// Reading recordings by plane number: golden loads, gaps, ranges, several threads, huge files.
#include "datasets/spike_file.h"

#include "datasets/file_handle.h"
#include "tests/datasets/recordings.h"
#include "tests/support/golden.h"

#include <atomic>
#include <ctime>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

// One byte a pixel, planes one after the other.
std::vector<std::uint8_t> unpacked(const SpikeBlock &block) {
    const std::size_t pixels = block.shape().pixels();
    std::vector<std::uint8_t> bytes(pixels * block.planeCount());
    for (std::uint32_t plane = 0; plane < block.planeCount(); ++plane)
        for (std::size_t pixel = 0; pixel < pixels; ++pixel)
            bytes[plane * pixels + pixel] = testBit(block.plane(plane), pixel) ? 1 : 0;
    return bytes;
}

std::size_t residentBytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

double cpuSeconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

TEST_CASE("raw recordings load as SpikeCV loads them", "[golden][long]") {
    if (!goldenFolder()) {
        WARN("golden folder is absent: skipped");
        return;
    }
    const auto cases = goldenCases({"SpikeStream.get_spike_matrix"});
    REQUIRE_FALSE(cases.empty());
    for (const GoldenCase &one : cases) {
        CAPTURE(one.id);
        SpikeFileOptions options;
        options.shape = one.shape;
        options.flip = one.json.at("params").at("flipud").get<bool>();
        const auto file = SpikeFile::open(one.input, options);
        REQUIRE(file);
        std::vector<std::uint8_t> bytes;
        if (one.json.at("frame").is_number()) {
            SpikeBlock block(one.shape, 1);
            const std::uint64_t plane = one.json.at("frame");
            REQUIRE(file->read(plane, plane + 1, block));
            REQUIRE(block.firstPlane() == plane);
            bytes = unpacked(block);
        } else {
            REQUIRE(one.json.at("frame") == "all");
            REQUIRE(file->info().planes == one.json.at("shape").at(0).get<std::uint64_t>());
            bytes = unpacked(readPlanes(*file).value());
        }
        CHECK(sha256(bytes.data(), bytes.size()) == one.json.at("sha256_raw").get<std::string>());
        if (!one.file.empty())
            CHECK(readNpy(one.file).bytes == bytes);
    }
    WARN(cases.size() << " golden loader cases ran");
}

TEST_CASE("planes keep their numbers around gaps") {
    TemporaryFolder folder;
    const PlaneShape shape{12, 4};
    const SpikeBlock planes = randomPlanes(shape, 10, 1);
    writeBytes(folder / "a.dat", rawBytes(planes, true));
    writeText(folder / "a.dat.yaml", "spike_w: 12\nspike_h: 4\nrate_hz: 20000\nplanes: 10\n"
                                     "gaps:\n- [0, 2, ring]\n- [3, 5, link]\n- [3, 1, sink]\n"
                                     "- [10, 7, buffer]\n");
    const auto file = SpikeFile::open(folder / "a.dat");
    REQUIRE(file);
    CHECK(file->info().planes == 25);
    CHECK(file->info().storedPlanes == 10);
    CHECK(file->info().seconds() == Approx(25 / 20000.0));
    CHECK(file->info().warnings.empty());

    SpikeBlock block(shape, 16);
    REQUIRE(file->read(0, toTheEnd, block));
    CHECK(block.planeCount() == 10);
    CHECK(block.endPlane() == 25);
    const std::vector<Gap> expected{{0, DropReason::Ring, 2},
                                    {3, DropReason::Link, 5},
                                    {3, DropReason::Sink, 1},
                                    {10, DropReason::Buffer, 7}};
    CHECK(std::vector<Gap>(block.gaps().begin(), block.gaps().end()) == expected);
    CHECK(block.planeNumber(2) == 4);
    CHECK(block.planeNumber(3) == 11);

    // Every range gives the same planes as the whole, whatever the block size.
    std::vector<std::uint64_t> words(shape.wordStride());
    for (std::uint64_t first = 0; first <= 26; ++first)
        for (const std::uint32_t capacity : {1U, 2U, 7U, 30U}) {
            SpikeBlock part(shape, capacity);
            std::uint64_t next = first;
            std::uint64_t stored = 0;
            while (next < 22) {
                REQUIRE(file->read(next, 22, part, 9));
                REQUIRE(part.firstPlane() == next);
                REQUIRE(part.epoch() == 9);
                REQUIRE_FALSE(part.empty());
                for (std::uint32_t i = 0; i < part.planeCount(); ++i) {
                    const auto there = file->readPlane(part.planeNumber(i), words);
                    REQUIRE(there);
                    REQUIRE(*there);
                    REQUIRE(std::memcmp(words.data(), part.plane(i), words.size() * 8) == 0);
                }
                stored += part.planeCount();
                next = part.endPlane();
            }
            if (first <= 22)
                CHECK(next == 22);
            if (first == 0)
                CHECK(stored == 10);
        }
    CHECK(*file->readPlane(0, words) == false);
    CHECK(*file->readPlane(10, words) == false);
    CHECK(*file->readPlane(24, words) == false);
    CHECK(file->readPlane(25, words).error().code == ErrorCode::InvalidArgument);
    REQUIRE(file->read(25, toTheEnd, block));
    CHECK(block.empty());
    SpikeBlock other({4, 12}, 1);
    CHECK(file->read(0, 1, other).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("several threads read one file") {
    TemporaryFolder folder;
    const PlaneShape shape{31, 9};
    const SpikeBlock planes = randomPlanes(shape, 64, 3);
    writeBytes(folder / "raw.dat", rawBytes(planes, true));
    writeBytes(folder / "a.npz", zipBytes({{"spk.npy", spikeArray(planes), true}}));
    for (const char *name : {"raw.dat", "a.npz"}) {
        const auto file = SpikeFile::open(folder / name, withShape(31, 9));
        REQUIRE(file);
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (std::uint64_t seed = 0; seed < 3; ++seed)
            threads.emplace_back([&, seed] {
                Random random(seed);
                SpikeBlock block(shape, 3);
                for (int i = 0; i < 200; ++i) {
                    const std::uint64_t first = random.below(62);
                    if (!file->read(first, toTheEnd, block) ||
                        !samePlane(block, 2, planes, static_cast<std::uint32_t>(first + 2)))
                        ++wrong;
                }
            });
        for (auto &thread : threads)
            thread.join();
        CHECK(wrong == 0);
    }
}

TEST_CASE("reading keeps up with a camera") {
    // Figures depend on the machine, so they are printed; what is checked is that the flip and the
    // numbering cost less than ten plain copies of the same bytes out of the page cache.
    TemporaryFolder folder;
    const PlaneShape shape{400, 250};
    constexpr std::uint32_t planes = 4000;
    const Bytes bytes(planes * shape.bytes(), 0x5A);
    writeBytes(folder / "a.dat", bytes);
    const auto secondsOf = [](const auto &work) {
        double best = 1e9;
        for (int i = 0; i < 5; ++i) {
            const double start = cpuSeconds();
            work();
            best = std::min(best, cpuSeconds() - start);
        }
        return best;
    };
    const double plain = secondsOf([&] {
        const auto file = FileHandle::open(folder / "a.dat");
        Bytes part(400 * shape.bytes());
        for (std::uint64_t at = 0; at < bytes.size(); at += part.size())
            REQUIRE(file->readAt(at, part.data(), part.size()));
    });
    SpikeBlock block(shape, 400);
    const auto all = [&](bool flip) {
        SpikeFileOptions options = withShape(400, 250);
        options.flip = flip;
        const auto file = SpikeFile::open(folder / "a.dat", options);
        REQUIRE(file);
        for (std::uint64_t plane = 0; plane < planes; plane += 400)
            REQUIRE(file->read(plane, toTheEnd, block));
    };
    const double upright = secondsOf([&] { all(false); });
    const double flipped = secondsOf([&] { all(true); });
    WARN("400x250 planes per CPU second: " << planes / flipped << " flipped, " << planes / upright
                                           << " upright, plain copy " << planes / plain);
    CHECK(flipped < 10 * plain);
}

TEST_CASE("a file that shrinks while it is open gives an error") {
    TemporaryFolder folder;
    writeBytes(folder / "a.dat", Bytes(80));
    const auto file = SpikeFile::open(folder / "a.dat", withShape(8, 8));
    REQUIRE(file);
    std::filesystem::resize_file(folder / "a.dat", 33);
    SpikeBlock block({8, 8}, 10);
    CHECK(file->read(0, 4, block));
    CHECK(file->read(0, 5, block).error().code == ErrorCode::BadFile);
}

TEST_CASE("C3: a file of 100 GB opens at once") {
    TemporaryFolder folder;
    constexpr std::uint64_t bytes = 100'000'000'000;
    for (const auto &[name, format] :
         {std::pair{"a.dat", FileFormat::Auto}, std::pair{"b.dat", FileFormat::M1k40},
          std::pair{"c.npz", FileFormat::Auto}, std::pair{"d.zst", FileFormat::Zstd}}) {
        CAPTURE(name);
        writeBytes(folder / name, {});
        if (::truncate((folder / name).c_str(), bytes) != 0) {
            WARN("no sparse files of 100 GB here: skipped");
            return;
        }
        SpikeFileOptions options;
        options.format = format;
        if (format != FileFormat::M1k40)
            options.shape = PlaneShape{400, 250};
        const std::size_t before = residentBytes();
        const double start = cpuSeconds();
        const auto file = SpikeFile::open(folder / name, options);
        const double opening = cpuSeconds() - start;
        CHECK(opening < 1 * slowness());
        CHECK(file.has_value() == (std::string(name) == "a.dat"));
        if (file) {
            CHECK(file->info().planes == bytes / 12500);
            SpikeBlock block({400, 250}, 4);
            const double seek = cpuSeconds();
            REQUIRE(file->read(bytes / 12500 - 4, toTheEnd, block));
            const double seeking = cpuSeconds() - seek;
            CHECK(seeking < 0.2 * slowness());
            CHECK(block.planeCount() == 4);
            WARN("C3: 100 GB open in " << opening * 1e3 << " ms of CPU, seek in " << seeking * 1e3
                                       << " ms");
        }
        CHECK(residentBytes() < before + (100U << 20));
    }
}

TEST_CASE("C3: a wire dump of 100 GB that ends in a hole opens at once") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({1000, 1000}, 2, 5);
    writeBytes(folder / "a.bin", wireBytes(planes));
    if (::truncate((folder / "a.bin").c_str(), 100'000'000'000) != 0) {
        WARN("no sparse files of 100 GB here: skipped");
        return;
    }
    const double start = cpuSeconds();
    const auto file = SpikeFile::open(folder / "a.bin");
    CHECK(cpuSeconds() - start < 2 * slowness());
    REQUIRE(file);
    CHECK(file->info().format == FileFormat::M1k40);
    // The last frame has no frame start behind it.
    CHECK(file->info().planes == 1);
    CHECK(file->info().warnings.size() == 1);
    CHECK(isPrefix(readPlanes(*file).value(), planes));
}
