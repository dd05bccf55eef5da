// SPDX-License-Identifier: Apache-2.0
// Every truncation and thousands of flipped bits through every reader: an error or what is valid,
// in bounded time and memory.
#include "datasets/labels.h"
#include "datasets/spike_writer.h"
#include "datasets/verify_recording.h"
#include "tests/datasets/recordings.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <functional>
#include <malloc.h>
#include <new>
#include <unistd.h>

namespace {

std::atomic<std::size_t> heapNow{0};
std::atomic<std::size_t> heapPeak{0};

[[maybe_unused]] void *counted(void *memory) {
    if (memory == nullptr)
        throw std::bad_alloc();
    const std::size_t now = heapNow += ::malloc_usable_size(memory);
    std::size_t peak = heapPeak;
    while (now > peak && !heapPeak.compare_exchange_weak(peak, now)) {
    }
    return memory;
}

[[maybe_unused]] void uncounted(void *memory) {
    if (memory != nullptr)
        heapNow -= ::malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FOVEA_HEAP_IS_TAKEN  // by the sanitizer's own counting: the other builds check the limit
#endif
#endif
#ifndef FOVEA_HEAP_IS_TAKEN
// Counts what readers take from the heap (planes in blocks are the caller's, and aligned).
void *operator new(std::size_t bytes) {
    return counted(std::malloc(std::max<std::size_t>(1, bytes)));
}
void *operator new[](std::size_t bytes) {
    return counted(std::malloc(std::max<std::size_t>(1, bytes)));
}
void *operator new(std::size_t bytes, const std::nothrow_t &) noexcept {
    void *memory = std::malloc(std::max<std::size_t>(1, bytes));
    return memory == nullptr ? nullptr : counted(memory);
}
void *operator new[](std::size_t bytes, const std::nothrow_t &tag) noexcept {
    return ::operator new(bytes, tag);
}
void operator delete(void *memory) noexcept {
    uncounted(memory);
}
void operator delete[](void *memory) noexcept {
    uncounted(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
    uncounted(memory);
}
void operator delete[](void *memory, std::size_t) noexcept {
    uncounted(memory);
}

void operator delete(void *memory, const std::nothrow_t &) noexcept {
    uncounted(memory);
}
void operator delete[](void *memory, const std::nothrow_t &) noexcept {
    uncounted(memory);
}
#endif

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr int flips = sanitized ? 200 : 10'000;
constexpr std::size_t heapSlack = 16U << 20;

double threadSeconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Gives an existing file new contents. Truncating it to nothing first would make some file systems
// wait for the disk each time.
void rewrite(const std::filesystem::path &path, const Bytes &bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    const bool good =
        ::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()) &&
        ::ftruncate(file, static_cast<off_t>(bytes.size())) == 0;
    ::close(file);
    REQUIRE(good);
}

using Read = std::function<void()>;

// Runs `read` and checks its time and memory.
void bounded(std::size_t fileBytes, const Read &read) {
    const std::size_t heap = heapNow;
    heapPeak = heap;
    const double start = threadSeconds();
    read();
    const double seconds = threadSeconds() - start;
    if (seconds >= 0.05 * slowness() * (sanitized ? 5 : 1))
        FAIL("took " << seconds << " s");
    if (heapPeak - heap > fileBytes + heapSlack)
        FAIL("took " << heapPeak - heap << " bytes for a file of " << fileBytes);
}

// Damages `good` in every way and gives each to `read` (a flip: `cut` is false).
void damage(const Bytes &good, const std::function<void(const Bytes &, bool cut)> &read) {
    for (std::size_t length = 0; length <= good.size(); ++length)
        bounded(length, [&, bytes = Bytes(good.begin(),
                                          good.begin() + static_cast<std::ptrdiff_t>(length))] {
            read(bytes, true);
        });
    WARN("C2: " << good.size() + 1 << " lengths and " << flips << " bit flips");
    Random random(good.size());
    for (int i = 0; i < flips; ++i) {
        Bytes bytes = good;
        for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
            const std::uint64_t bit = random.below(bytes.size() * 8);
            bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ 1U << bit % 8);
        }
        bounded(bytes.size(), [&] { read(bytes, false); });
    }
}

// All planes in blocks of a few, or nothing when opening or reading gives an error.
std::vector<std::vector<std::uint64_t>> planesOf(const std::filesystem::path &path,
                                                 const SpikeFileOptions &options = {}) {
    std::vector<std::vector<std::uint64_t>> planes;
    const auto file = SpikeFile::open(path, options);
    if (!file) {
        if (file.error().message.find(path.stem().string()) == std::string::npos)
            FAIL("does not name the file: " << file.error().message);
        return planes;
    }
    if (file->info().shape.pixels() > 1'000'000)
        return planes;  // a shape that lies: one plane still fits in the file
    SpikeBlock block(file->info().shape, 3);
    for (std::uint64_t plane = 0; plane < file->info().planes && planes.size() < 1000;) {
        if (!file->read(plane, toTheEnd, block))
            break;
        if (block.endPlane() <= plane)
            FAIL("stands still at plane " << plane);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            planes.emplace_back(block.plane(i), block.plane(i) + block.shape().wordStride());
        plane = block.endPlane();
    }
    return planes;
}

using Planes = std::vector<std::vector<std::uint64_t>>;

bool startsWith(const Planes &whole, const Planes &part) {
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

}  // namespace

TEST_CASE("C2: damaged header-less files") {
    TemporaryFolder folder;
    for (const FileFormat format : {FileFormat::Raw, FileFormat::RawWithHead}) {
        const auto path = folder / "a.dat";
        const SpikeFileOptions options = withShape(13, 7, format);
        const Bytes good =
            rawBytes(randomPlanes({13, 7}, 40, 1), true, format == FileFormat::Raw ? 0 : 16);
        writeBytes(path, good);
        const Planes whole = planesOf(path, options);
        REQUIRE(whole.size() == 40);
        damage(good, [&](const Bytes &bytes, bool cut) {
            rewrite(path, bytes);
            const Planes planes = planesOf(path, options);
            if (cut ? !startsWith(whole, planes) : planes.size() != whole.size())
                FAIL("not a prefix at " << bytes.size());
        });
    }
}

TEST_CASE("C2: damaged sidecars") {
    TemporaryFolder folder;
    const auto path = folder / "a.dat";
    writeBytes(path, rawBytes(randomPlanes({13, 7}, 40, 1), true));
    for (const bool closed : {true, false}) {
        Descriptor d;
        d.shape = {13, 7};
        d.rateHz = 20000;
        d.flip = true;
        d.format = FileFormat::Raw;
        d.device = "camera";
        d.settings = {{"gain", "2"}, {"mode", "a"}};
        d.closed = closed;
        if (closed)
            d.planes = 40;
        d.gaps = {{3, 2, DropReason::Ring}, {40, 7, DropReason::Link}};
        const std::string text = sidecarText(d, !closed);
        writeText(sidecarPath(path), text);
        REQUIRE(planesOf(path).size() == 40);
        damage(Bytes(text.begin(), text.end()), [&](const Bytes &bytes, bool) {
            rewrite(sidecarPath(path), bytes);
            (void)planesOf(path);
        });
    }
}

TEST_CASE("C2: damaged SpikeCV descriptors") {
    TemporaryFolder folder;
    const auto path = folder / "a.dat";
    writeBytes(path, rawBytes(randomPlanes({13, 7}, 40, 1), true));
    const std::string text = "filename: set\nspike_w: 13\nspike_h: 7\nis_labeled: True\n"
                             "labeled_data_type:\n  - 3.1\n  - 4\nlabeled_data_suffix: 'txt'\n";
    damage(Bytes(text.begin(), text.end()), [&](const Bytes &bytes, bool) {
        rewrite(folder / "config.yaml", bytes);
        (void)planesOf(path);
    });
}

TEST_CASE("C2: damaged packed recordings and indexes") {
    TemporaryFolder folder;
    Descriptor descriptor;
    descriptor.shape = {13, 7};
    descriptor.rateHz = 400;
    for (const Packing packing : {Packing::Zstd, Packing::None}) {
        const auto base = folder / (packing == Packing::Zstd ? "a.dat" : "b.dat");
        auto writer = SpikeWriter::create(base, descriptor, IfExists::Refuse, packing);
        REQUIRE(writer);
        REQUIRE(writer->write(randomPlanes({13, 7}, 40, 1)));
        const auto path = writer->close().value();
        const Planes whole = planesOf(path);
        REQUIRE(whole.size() == 40);
        const Bytes good = readBytes(path);
        const Bytes index = readBytes(indexPath(path));
        if (packing == Packing::Zstd)
            damage(good, [&](const Bytes &bytes, bool cut) {
                rewrite(path, bytes);
                const Planes planes = planesOf(path);
                // Checksums cover every plane: what is read is right.
                if (cut && !startsWith(whole, planes))
                    FAIL("not a prefix at " << bytes.size());
                for (const auto &plane : planes)
                    if (std::find(whole.begin(), whole.end(), plane) == whole.end())
                        FAIL("a wrong plane was read");
            });
        rewrite(path, good);
        damage(index, [&](const Bytes &bytes, bool) {
            rewrite(indexPath(path), bytes);
            if (planesOf(path) != whole)
                FAIL("a wrong index made a good file unreadable");
        });
    }
}

TEST_CASE("C2: damaged wire dumps") {
    TemporaryFolder folder;
    const auto path = folder / "a.bin";
    const SpikeFileOptions options = withShape(1000, 2, FileFormat::M1k40);
    Bytes good = wireBytes(randomPlanes({1000, 2}, 12, 1));
    good.erase(good.begin(), good.begin() + 96);
    writeBytes(path, good);
    const Planes whole = planesOf(path, options);
    REQUIRE(whole.size() == 11);
    damage(good, [&](const Bytes &bytes, bool cut) {
        rewrite(path, bytes);
        const Planes planes = planesOf(path, options);
        if (cut ? !startsWith(whole, planes) : planes.size() > whole.size())
            FAIL("not a prefix at " << bytes.size());
        SpikeFileOptions automatic;
        (void)planesOf(path, automatic);
    });
}

TEST_CASE("C2: damaged archives") {
    TemporaryFolder folder;
    const auto path = folder / "a.npz";
    const SpikeBlock block = randomPlanes({13, 7}, 12, 1);
    Bytes label;
    put<std::int64_t>(label, 3);
    for (const bool deflate : {true, false}) {
        const Bytes good = zipBytes({{"spk.npy", spikeArray(block), deflate},
                                     {"label.npy", npyBytes("<i8", "()", label), deflate},
                                     {"label_name.npy", npyBytes("<U2", "()", label), deflate}});
        writeBytes(path, good);
        const Planes whole = planesOf(path);
        REQUIRE(whole.size() == 12);
        int opened = 0;
        damage(good, [&](const Bytes &bytes, bool cut) {
            rewrite(path, bytes);
            const Planes planes = planesOf(path);
            opened += planes.empty() ? 0 : 1;
            // The checksum covers the planes: what opens is right.
            if (cut ? !planes.empty() && bytes.size() < good.size()
                    : !planes.empty() && planes != whole)
                FAIL("damage was not noticed at " << bytes.size());
        });
        CHECK(opened > 0);
    }
}

TEST_CASE("C2: damaged label files") {
    std::string mot;
    std::string boxes;
    for (std::uint64_t i = 0; i < 20; ++i) {
        mot += motLine({i, 3, {12.25F, 340.5F, 45.75F, 12.5F}, 0.5F, -1, -1});
        boxes += fmt::format("0.{} 157,90,178,102,0 199,42,222,49,0\n{},20,30,40,1\n", i, i);
    }
    damage(Bytes(mot.begin(), mot.end()), [](const Bytes &bytes, bool) {
        const auto rows = parseMot(std::string(bytes.begin(), bytes.end()), "x");
        if (rows ? rows->size() > 21 : !rows.error().message.starts_with("x:"))
            FAIL("wrong answer");
    });
    damage(Bytes(boxes.begin(), boxes.end()), [](const Bytes &bytes, bool) {
        const auto rows = parseDetectionLabels(std::string(bytes.begin(), bytes.end()), "x");
        if (rows ? rows->size() > 62 : !rows.error().message.starts_with("x:"))
            FAIL("wrong answer");
    });
}
