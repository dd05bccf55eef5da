// SPDX-License-Identifier: Apache-2.0
// What blocks a recording is made of, with their checksums: the file `<recording>.index`.
#pragma once

#include "datasets/file_handle.h"
#include "datasets/output_file.h"
#include "engine/core/plane_shape.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

/// Some consecutive stored planes of a recording and where they lie.
struct BlockRecord {
    static constexpr std::size_t encodedBytes = 48;
    /// A block takes no more, packed or not.
    static constexpr std::uint32_t maxBytes = 512U << 20;
    /// A block ends behind the plane with which it is so long and ends with a byte.
    static constexpr std::uint32_t usualBytes = 1U << 20;

    std::uint64_t sequence = 0;    ///< counts from 0
    std::uint64_t firstPlane = 0;  ///< stored planes before it
    std::uint64_t offset = 0;      ///< of its bytes in the recording
    std::uint32_t planes = 0;
    std::uint32_t bytes = 0;     ///< in the recording
    std::uint32_t rawBytes = 0;  ///< unpacked
    std::uint32_t crc = 0;       ///< CRC-32 (zlib's) of the bytes in the recording

    [[nodiscard]] std::uint64_t endPlane() const { return firstPlane + planes; }
    [[nodiscard]] std::uint64_t endOffset() const { return offset + bytes; }
    friend bool operator==(const BlockRecord &, const BlockRecord &) = default;
};

/// Little-endian, with a mark and a checksum of its own: it can be told from anything else.
[[nodiscard]] std::array<std::uint8_t, BlockRecord::encodedBytes> encode(const BlockRecord &record);
/// Nothing when the bytes are no record, or a damaged one.
[[nodiscard]] std::optional<BlockRecord>
decodeBlock(std::span<const std::uint8_t, BlockRecord::encodedBytes> bytes);
[[nodiscard]] std::uint32_t checksum(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

/// `<recording>.index`
[[nodiscard]] std::filesystem::path indexPath(const std::filesystem::path &recording);

/// An index as it was read. It is a cache: what it says is believed only as far as the recording
/// bears it out, and a recording without one is as good.
struct BlockIndex {
    PlaneShape shape;
    std::vector<BlockRecord> blocks;  ///< sequence, planes and offsets ascend without a hole
    std::uint64_t badBytes = 0;       ///< behind the last good record
};
/// The blocks up to the first that is damaged, out of order, or not inside `recordingBytes`.
/// BadFile when it is no index at all.
[[nodiscard]] Result<BlockIndex> readIndex(const std::filesystem::path &path,
                                           std::uint64_t recordingBytes);

/// Writes an index record by record, so that a crash costs at most the last one.
///
/// Threads: one.
class IndexWriter {
public:
    [[nodiscard]] static Result<IndexWriter> create(const std::filesystem::path &path,
                                                    PlaneShape shape);
    [[nodiscard]] Result<void> add(const BlockRecord &record);
    [[nodiscard]] const std::filesystem::path &path() const { return file_.path(); }

private:
    explicit IndexWriter(OutputFile file) : file_(std::move(file)) {}
    OutputFile file_;
};

/// Gives an index its final name. An index that is there already and belonged to another recording
/// goes; a file that is no index stays, and then there is none.
void placeIndex(const std::filesystem::path &from, const std::filesystem::path &to);

}  // namespace fovea
