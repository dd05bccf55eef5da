// SPDX-License-Identifier: Apache-2.0
// Recordings, descriptors and labels: everything that reads a file of spikes or beside one.
#include "datasets/block_index.h"
#include "datasets/labels.h"
#include "datasets/spike_file.h"
#include "datasets/verify_recording.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace fovea::fuzz {

namespace {

constexpr std::uint32_t planesAtOnce = 16;
constexpr std::uint64_t mostPlanes = 64;

/// Reads the beginning and the end, and single planes.
void readSome(const SpikeFile &file) {
    const SpikeFileInfo &info = file.info();
    SpikeBlock block(info.shape, planesAtOnce);
    for (std::uint64_t at = 0; at < std::min(info.planes, mostPlanes);) {
        if (!file.read(at, info.planes, block) || block.empty())
            break;
        at = block.endPlane();
    }
    (void)file.read(info.planes - std::min<std::uint64_t>(info.planes, 3), info.planes, block, 1,
                    RowOrder::Stored);
    std::vector<std::uint64_t> words(info.shape.wordStride());
    (void)file.readPlane(info.planes / 2, words);
}

/// The first byte says the shape (a few of the sizes that are odd in some way) and the flip.
SpikeFileOptions options(Bytes &bytes, FileFormat format) {
    constexpr std::array<PlaneShape, 4> shapes{{{8, 3}, {13, 5}, {40, 10}, {1, 1}}};
    const std::uint8_t choice = takeByte(bytes);
    SpikeFileOptions options;
    options.format = format;
    options.shape = format == FileFormat::M1k40 ? PlaneShape{1000, choice % 2 == 0 ? 2U : 4U}
                                                : shapes[choice % shapes.size()];
    if (choice % 8 >= 4)
        options.flip = choice % 16 >= 8;
    return options;
}

void readAs(std::string_view name, Bytes bytes, const SpikeFileOptions &options) {
    const auto file = SpikeFile::open(writeFile(name, bytes), options);
    if (file && file->info().shape.bytes() <= (1U << 20))
        readSome(*file);
}

/// What carries a checksum would hardly ever get behind it: where the mark of a record stands its
/// checksum is made right.
std::vector<std::uint8_t> withChecksums(Bytes bytes) {
    constexpr std::size_t wordBytes = 4;
    std::vector<std::uint8_t> result(bytes.begin(), bytes.end());
    const auto put = [&](std::size_t at, std::uint32_t sum) {
        std::memcpy(result.data() + at, &sum, wordBytes);  // little-endian, as all of Fovea
    };
    constexpr std::size_t headSum = 28;
    if (result.size() >= headSum + wordBytes && asText(result).starts_with("FOVEAIDX"))
        put(headSum, checksum(Bytes(result).first(headSum)));
    for (std::size_t at = 0; at + BlockRecord::encodedBytes <= result.size(); ++at)
        if (asText(Bytes(result).subspan(at)).starts_with("FVBK"))
            put(at + wordBytes,
                checksum(Bytes(result).subspan(at + 2 * wordBytes,
                                               BlockRecord::encodedBytes - 2 * wordBytes)));
    return result;
}

/// Every block against its checksum, and an index made anew.
void verify(const SpikeFile &file) {
    const auto goOn = [](std::uint64_t) { return true; };
    (void)verifyRecording(file.info(), goOn);
    (void)rebuildIndex(file.info(), goOn);
}

}  // namespace

void rawRecording(Bytes bytes) {
    const SpikeFileOptions how = options(bytes, FileFormat::Raw);
    readAs("a.dat", bytes, how);
}

void headRecording(Bytes bytes) {
    const SpikeFileOptions how = options(bytes, FileFormat::RawWithHead);
    readAs("a.dat", bytes, how);
}

void wireRecording(Bytes bytes) {
    const SpikeFileOptions how = options(bytes, FileFormat::M1k40);
    readAs("a.bin", bytes, how);
}

void npzRecording(Bytes bytes) {
    readAs("a.npz", bytes, {});
}

/// Up to the first zero byte it is the sidecar, then the recording.
void recordingWithSidecar(Bytes bytes) {
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
    const auto text = static_cast<std::size_t>(end - bytes.begin());
    (void)writeFile("b.dat.yaml", bytes.first(text));
    readAs("b.dat", bytes.subspan(std::min(text + 1, bytes.size())), {});
}

/// An index beside a plain recording of 240 bytes, whose shape it names or not.
void recordingIndex(Bytes bytes) {
    static const std::array<std::uint8_t, 240> spikes{};
    SpikeFileOptions how = options(bytes, FileFormat::Raw);
    const auto path = writeFile("e.dat", spikes);
    const auto index = withChecksums(bytes);
    (void)readIndex(writeFile("e.dat.index", index), spikes.size());
    if (const auto file = SpikeFile::open(path, how))
        verify(*file);
}

/// Up to a byte 255 it is the index, then the packed recording.
void packedRecording(Bytes bytes) {
    const SpikeFileOptions how = options(bytes, FileFormat::Zstd);
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{255});
    const auto length = static_cast<std::size_t>(end - bytes.begin());
    (void)writeFile("f.dat.zst.index", withChecksums(bytes.first(length)));
    const auto packed = withChecksums(bytes.subspan(std::min(length + 1, bytes.size())));
    const auto file = SpikeFile::open(writeFile("f.dat.zst", packed), how);
    if (!file)
        return;
    readSome(*file);
    verify(*file);
}

void sidecar(Bytes bytes) {
    if (const auto read = readSidecar(writeFile("c.dat.yaml", bytes)))
        (void)sidecarText(*read);
}

void spikeCvConfig(Bytes bytes) {
    (void)readSpikeCvConfig(writeFile("config.yaml", bytes));
}

void motLabels(Bytes bytes) {
    if (const auto rows = parseMot(asText(bytes), "fuzz"))
        for (const MotRow &row : *rows)
            (void)motLine(row);
}

void detectionLabels(Bytes bytes) {
    (void)parseDetectionLabels(asText(bytes), "fuzz");
}

}  // namespace fovea::fuzz
