// SPDX-License-Identifier: Apache-2.0
// Reads blocks and compares their checksums.
#include "datasets/verify_recording.h"

#include "datasets/zstd_blocks.h"

#include <algorithm>
#include <system_error>

namespace fovea {

namespace {

constexpr std::size_t rebuiltBytes = std::size_t{1} << 20;

Result<void> unsupported(const SpikeFileInfo &info) {
    if (info.format == FileFormat::Raw || info.format == FileFormat::Zstd)
        return {};
    return fail(ErrorCode::Unsupported, "{}: format {} has no blocks to check; allowed: raw, zstd",
                info.path.string(), toString(info.format));
}

// The blocks of the file, or a note why there are none.
Result<std::vector<BlockRecord>> blocksOf(const FileHandle &file, const SpikeFileInfo &info,
                                          RecordingCheck &check) {
    const RawLayout layout{info.shape, 0, info.flip};
    if (info.format == FileFormat::Zstd) {
        auto found = findZstdBlocks(file, layout);
        if (!found)
            return failed(found);
        return std::move(found->blocks);
    }
    auto index = readIndex(indexPath(info.path), file.size());
    if (!index) {
        check.note = "there is no index: " + index.error().message;
        return std::vector<BlockRecord>{};
    }
    const bool fits = index->shape == info.shape &&
                      std::all_of(index->blocks.begin(), index->blocks.end(), [&](const auto &b) {
                          return b.bytes == b.rawBytes && b.rawBytes == layout.bytesOf(b.planes);
                      });
    if (!fits) {
        check.note = "the index belongs to another recording";
        index->blocks.clear();
    } else if (index->badBytes > 0) {
        check.note = fmt::format("{} bytes of the index are damaged", index->badBytes);
    }
    return std::move(index->blocks);
}

}  // namespace

Result<RecordingCheck> verifyRecording(const SpikeFileInfo &info, const ByteProgress &progress) {
    if (auto good = unsupported(info); !good)
        return failed(good);
    auto file = FileHandle::open(info.path);
    if (!file)
        return failed(file);
    RecordingCheck check;
    auto blocks = blocksOf(*file, info, check);
    if (!blocks)
        return failed(blocks);
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint8_t> raw;
    std::uint64_t end = 0;
    for (const BlockRecord &block : *blocks) {
        bytes.resize(block.bytes);
        if (auto got = file->readAt(block.offset, bytes.data(), bytes.size()); !got)
            return failed(got);
        bool good = checksum(bytes) == block.crc;
        if (good && info.format == FileFormat::Zstd) {
            raw.resize(block.rawBytes);
            const auto front = readFront(*file, {info.shape, 0, info.flip}, block);
            good = unpackBlock(bytes, block, raw) && front && *front == block;
        }
        if (!good)
            check.damaged.push_back(block);
        ++check.blocks;
        check.checkedPlanes += block.planes;
        check.uncheckedPlanes += block.firstPlane - end;
        end = block.endPlane();
        if (!progress(block.endOffset()))
            return fail(ErrorCode::Cancelled, "{}: checking was stopped", info.path.string());
    }
    check.uncheckedPlanes += info.storedPlanes - std::min(end, info.storedPlanes);
    if (check.uncheckedPlanes > 0 && check.note.empty())
        check.note = info.format == FileFormat::Zstd
                         ? "their blocks are missing"
                         : "the recording was interrupted before they were listed";
    return check;
}

Result<void> rebuildIndex(const SpikeFileInfo &info, const ByteProgress &progress) {
    if (info.format != FileFormat::Raw)
        return fail(ErrorCode::Unsupported,
                    "{}: format {} needs no new index; allowed: raw recordings", info.path.string(),
                    toString(info.format));
    auto file = FileHandle::open(info.path);
    if (!file)
        return failed(file);
    const std::filesystem::path target = indexPath(info.path);
    const std::filesystem::path made = target.native() + ".new";
    auto index = IndexWriter::create(made, info.shape);
    if (!index)
        return failed(index);
    const RawLayout layout{info.shape, 0, info.flip};
    const std::uint64_t step =
        std::max<std::uint64_t>(1,
                                rebuiltBytes / std::max<std::size_t>(1, info.shape.bytes() * 8)) *
        8;
    std::vector<std::uint8_t> bytes;
    BlockRecord block;
    Result<void> done;
    for (std::uint64_t plane = 0; done && plane < info.storedPlanes; plane += block.planes) {
        block.firstPlane = plane;
        block.planes =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(step, info.storedPlanes - plane));
        block.bytes = block.rawBytes = static_cast<std::uint32_t>(layout.bytesOf(block.planes));
        bytes.resize(block.bytes);
        done = file->readAt(block.offset, bytes.data(), bytes.size());
        block.crc = checksum(bytes);
        if (done)
            done = index->add(block);
        block.offset += block.bytes;
        ++block.sequence;
        if (done && !progress(block.offset))
            done = fail(ErrorCode::Cancelled, "{}: stopped", info.path.string());
    }
    std::error_code ignored;
    if (!done)
        std::filesystem::remove(made, ignored);
    else
        placeIndex(made, target);
    return done;
}

}  // namespace fovea
