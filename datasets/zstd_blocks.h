// SPDX-License-Identifier: Apache-2.0
// Packed recordings (.dat.zst): every block a zstd frame, behind a frame that says what it is.
#pragma once

#include "datasets/block_index.h"
#include "datasets/raw_planes.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fovea {

/// The file is zstd's own format: `zstd -d` makes the plain .dat of it. In front of each frame of
/// spikes stands a skippable frame with its BlockRecord, so the file can be read without its index.
///
/// Threads: one.
class BlockPacker {
public:
    BlockPacker();
    ~BlockPacker();
    BlockPacker(BlockPacker &&) noexcept;
    BlockPacker &operator=(BlockPacker &&) noexcept;

    /// Both frames of the block `raw`, for the place `offset` of the file; valid until the next
    /// call. Fills in where `record` lies and its checksum.
    [[nodiscard]] Result<std::span<const std::uint8_t>>
    pack(std::span<const std::uint8_t> raw, BlockRecord &record, std::uint64_t offset);

private:
    struct Context;
    std::unique_ptr<Context> context_;
    std::vector<std::uint8_t> out_;
};

/// Unpacks a block of `record.rawBytes` bytes. BadFile when its checksum is wrong.
[[nodiscard]] Result<void> unpackBlock(std::span<const std::uint8_t> packed,
                                       const BlockRecord &record, std::span<std::uint8_t> raw);

/// The first bytes of a file are those of one that BlockPacker, or zstd, wrote.
[[nodiscard]] bool looksLikeZstd(std::span<const std::uint8_t, 4> begin);

/// What the frame in front of a block says; nothing when it is damaged.
[[nodiscard]] Result<std::optional<BlockRecord>>
readFront(const FileHandle &file, const RawLayout &layout, const BlockRecord &block);

/// An open packed recording.
struct ZstdRecording {
    std::vector<BlockRecord> blocks;  ///< ascending; where one is damaged planes are missing
    std::uint64_t storedPlanes = 0;   ///< up to the end of the last block
    std::uint64_t lostBytes = 0;      ///< that belong to no block
    bool indexed = false;             ///< the index said where the blocks are
};
/// Finds the blocks: by the index of the file, if that fits, and from its end on by looking.
[[nodiscard]] Result<ZstdRecording> findZstdBlocks(const FileHandle &file, const RawLayout &layout);

/// Planes of a damaged block are refused when they are read.
[[nodiscard]] std::unique_ptr<PlaneStore> makeZstdPlanes(FileHandle file, RawLayout layout,
                                                         std::vector<BlockRecord> blocks);

}  // namespace fovea
