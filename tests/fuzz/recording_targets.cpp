// SPDX-License-Identifier: Apache-2.0
// Recordings, descriptors and labels: everything that reads a file of spikes or beside one.
#include "datasets/labels.h"
#include "datasets/spike_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <array>

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
