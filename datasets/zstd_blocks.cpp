// SPDX-License-Identifier: Apache-2.0
// Packing, finding and unpacking blocks of planes with zstd.
#include "datasets/zstd_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <zstd.h>

namespace fovea {

namespace {

// Spikes are nearly noise: higher levels take much longer and gain nothing.
constexpr int level = 1;
constexpr std::uint32_t skippableMark = 0x184D2A50;
constexpr std::uint32_t frameMark = 0xFD2FB528;
/// For the next block behind the last good one: far more than blocks are long. A hole may be
/// without end.
constexpr std::uint64_t searchedBytes = std::uint64_t{64} << 20;
constexpr std::size_t windowBytes = std::size_t{64} << 10;
constexpr std::size_t frontBytes = 8 + BlockRecord::encodedBytes;

void putWord(std::uint8_t *at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t wordAt(const std::uint8_t *at) {
    return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
           static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

struct FreePacker {
    void operator()(ZSTD_CCtx *context) const { ZSTD_freeCCtx(context); }
};

// A block as BlockWriter and BlockPacker make them, so that nobody else says how much memory it
// takes, or how many planes are missing before it: those lay in blocks that had room in the file.
bool isOurs(const BlockRecord &record, const RawLayout &layout) {
    const std::uint64_t most = BlockRecord::usualBytes + layout.bytesOf(8);
    const std::uint64_t mostPlanes = layout.planesIn(most);
    return record.rawBytes == layout.bytesOf(record.planes) && record.rawBytes <= most &&
           record.bytes <= ZSTD_compressBound(record.rawBytes) && record.offset >= frontBytes &&
           record.sequence <= (record.offset - frontBytes) / (frontBytes + 1) &&
           (record.firstPlane + mostPlanes - 1) / mostPlanes <= record.sequence;
}

// What stands in front of a block at `offset`, if it does and fits in there.
std::optional<BlockRecord> frontAt(const std::uint8_t *bytes, std::uint64_t offset,
                                   std::uint64_t fileBytes, const RawLayout &layout) {
    if (wordAt(bytes) != skippableMark || wordAt(bytes + 4) != BlockRecord::encodedBytes)
        return std::nullopt;
    const auto record = decodeBlock(std::span<const std::uint8_t, BlockRecord::encodedBytes>(
        bytes + 8, BlockRecord::encodedBytes));
    const bool good = record && record->offset == offset + frontBytes &&
                      record->endOffset() <= fileBytes && isOurs(*record, layout);
    return good ? record : std::nullopt;
}

// `at` is at least the length of a front before the end of the file.
Result<std::optional<BlockRecord>> recordAt(const FileHandle &file, std::uint64_t at,
                                            const RawLayout &layout) {
    std::array<std::uint8_t, frontBytes> front{};
    if (auto got = file.readAt(at, front.data(), front.size()); !got)
        return failed(got);
    return frontAt(front.data(), at, file.size(), layout);
}

// Goes through a file from block to block.
class Finder {
public:
    Finder(const FileHandle &file, const RawLayout &layout, ZstdRecording &found)
        : file_(file), layout_(layout), found_(found) {}

    Result<void> run(std::uint64_t at) {
        std::uint64_t limit = at + searchedBytes;
        while (at + frontBytes <= file_.size()) {
            auto record = look(at);
            if (!record)
                return failed(record);
            if (!*record) {
                auto next = search(at + 1, limit);
                if (!next)
                    return failed(next);
                found_.lostBytes += *next - at;
                at = *next;
                continue;
            }
            found_.blocks.push_back(**record);
            at = (*record)->endOffset();
            limit = at + searchedBytes;
        }
        found_.lostBytes += file_.size() - at;
        return {};
    }
    /// The block whose front is at `at` and comes after those that were found.
    Result<std::optional<BlockRecord>> look(std::uint64_t at) const {
        const bool here = at >= begin_ && at + frontBytes <= begin_ + window_.size();
        auto record = here ? Result<std::optional<BlockRecord>>(
                                 frontAt(window_.data() + (at - begin_), at, file_.size(), layout_))
                           : recordAt(file_, at, layout_);
        if (record && *record && !found_.blocks.empty() &&
            ((*record)->firstPlane < found_.blocks.back().endPlane() ||
             (*record)->sequence <= found_.blocks.back().sequence))
            record->reset();
        return record;
    }

private:
    // Where the next front may begin, or the end of the file when none begins before `limit`. The
    // window stays for what follows: marks without a block must not cost a read each.
    Result<std::uint64_t> search(std::uint64_t at, std::uint64_t limit) {
        std::array<std::uint8_t, 8> mark{};
        putWord(mark.data(), skippableMark);
        putWord(mark.data() + 4, BlockRecord::encodedBytes);
        while (at + frontBytes <= file_.size() && at < limit) {
            if (at < begin_ || at + frontBytes > begin_ + window_.size()) {
                begin_ = at;
                window_.resize(static_cast<std::size_t>(
                    std::min<std::uint64_t>(windowBytes, file_.size() - at)));
                if (auto got = file_.readAt(at, window_.data(), window_.size()); !got)
                    return failed(got);
            }
            const auto from = window_.begin() + static_cast<std::ptrdiff_t>(at - begin_);
            const auto hit = std::search(from, window_.end(), mark.begin(), mark.end());
            if (hit != window_.end())
                return begin_ + static_cast<std::uint64_t>(hit - window_.begin());
            at = begin_ + window_.size() - (mark.size() - 1);
        }
        return file_.size();
    }

    const FileHandle &file_;
    const RawLayout &layout_;
    ZstdRecording &found_;
    std::uint64_t begin_ = 0;  ///< of the window in the file
    std::vector<std::uint8_t> window_;
};

class ZstdPlanes final : public PlaneStore {
public:
    ZstdPlanes(FileHandle file, RawLayout layout, std::vector<BlockRecord> blocks)
        : file_(std::move(file)), layout_(layout), blocks_(std::move(blocks)) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        const bool flip = layout_.flip && order == RowOrder::Display;
        const auto bits = static_cast<std::size_t>(layout_.planeBits());
        const std::lock_guard lock(mutex_);
        for (std::uint32_t done = 0; done < count;) {
            const std::uint64_t plane = first + done;
            const auto after = behind(plane);
            if (after == blocks_.begin() || std::prev(after)->endPlane() <= plane)
                return done;
            const BlockRecord &block = *std::prev(after);
            auto there = fetch(block);
            if (!there)
                return failed(there);
            if (!*there)
                return done;
            const auto end = std::min<std::uint64_t>(block.endPlane(), first + count);
            for (std::uint64_t p = plane; p < end; ++p, ++done)
                unpackPlane(raw_.data(), static_cast<std::size_t>(p - block.firstPlane) * bits,
                            layout_.shape.width, flip, layout_.shape,
                            words + done * layout_.shape.wordStride());
        }
        return count;
    }
    std::uint64_t missingFrom(std::uint64_t plane) const override {
        const auto after = behind(plane);
        if (after != blocks_.begin() && plane < std::prev(after)->endPlane())
            return std::prev(after)->endPlane() - plane;
        return after == blocks_.end() ? 1 : after->firstPlane - plane;
    }

private:
    /// The block after that with this plane.
    [[nodiscard]] std::vector<BlockRecord>::const_iterator behind(std::uint64_t plane) const {
        return std::upper_bound(
            blocks_.begin(), blocks_.end(), plane,
            [](std::uint64_t p, const BlockRecord &block) { return p < block.firstPlane; });
    }
    // Puts the block into `raw_`; false when it is damaged.
    Result<bool> fetch(const BlockRecord &block) const {
        if (held_ && held_->sequence == block.sequence)
            return heldIsGood_;
        held_.reset();
        packed_.resize(block.bytes);
        if (auto got = file_.readAt(block.offset, packed_.data(), packed_.size()); !got)
            return failed(got);
        raw_.resize(block.rawBytes + 8U);
        heldIsGood_ =
            unpackBlock(packed_, block, std::span(raw_).first(block.rawBytes)).has_value();
        held_ = block;
        return heldIsGood_;
    }

    FileHandle file_;
    RawLayout layout_;
    std::vector<BlockRecord> blocks_;
    mutable std::mutex mutex_;  ///< of everything below
    mutable std::vector<std::uint8_t> packed_;
    mutable std::vector<std::uint8_t> raw_;
    mutable std::optional<BlockRecord> held_;
    mutable bool heldIsGood_ = false;
};

}  // namespace

struct BlockPacker::Context {
    std::unique_ptr<ZSTD_CCtx, FreePacker> zstd{ZSTD_createCCtx()};
};

BlockPacker::BlockPacker() : context_(std::make_unique<Context>()) {}
BlockPacker::~BlockPacker() = default;
BlockPacker::BlockPacker(BlockPacker &&) noexcept = default;
BlockPacker &BlockPacker::operator=(BlockPacker &&) noexcept = default;

Result<std::span<const std::uint8_t>> BlockPacker::pack(std::span<const std::uint8_t> raw,
                                                        BlockRecord &record, std::uint64_t offset) {
    out_.resize(frontBytes + ZSTD_compressBound(raw.size()));
    const std::size_t bytes =
        ZSTD_compressCCtx(context_->zstd.get(), out_.data() + frontBytes, out_.size() - frontBytes,
                          raw.data(), raw.size(), level);
    if (ZSTD_isError(bytes) != 0)
        return fail(ErrorCode::Io, "packing a block: {}", ZSTD_getErrorName(bytes));
    record.offset = offset + frontBytes;
    record.bytes = static_cast<std::uint32_t>(bytes);
    record.rawBytes = static_cast<std::uint32_t>(raw.size());
    record.crc = checksum(std::span(out_).subspan(frontBytes, bytes));
    putWord(out_.data(), skippableMark);
    putWord(out_.data() + 4, BlockRecord::encodedBytes);
    const auto said = encode(record);
    std::copy(said.begin(), said.end(), out_.begin() + 8);
    return std::span<const std::uint8_t>(out_).first(frontBytes + bytes);
}

Result<void> unpackBlock(std::span<const std::uint8_t> packed, const BlockRecord &record,
                         std::span<std::uint8_t> raw) {
    if (checksum(packed) != record.crc)
        return fail(ErrorCode::BadFile, "wrong checksum");
    const std::size_t bytes = ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size());
    if (ZSTD_isError(bytes) != 0 || bytes != raw.size())
        return fail(ErrorCode::BadFile, "cannot be unpacked");
    return {};
}

bool looksLikeZstd(std::span<const std::uint8_t, 4> begin) {
    const std::uint32_t mark = wordAt(begin.data());
    return mark == skippableMark || mark == frameMark;
}

Result<std::optional<BlockRecord>> readFront(const FileHandle &file, const RawLayout &layout,
                                             const BlockRecord &block) {
    if (block.offset < frontBytes)
        return std::nullopt;
    return recordAt(file, block.offset - frontBytes, layout);
}

Result<ZstdRecording> findZstdBlocks(const FileHandle &file, const RawLayout &layout) {
    ZstdRecording found;
    Finder finder(file, layout, found);
    std::uint64_t from = 0;
    if (auto index = readIndex(indexPath(file.path()), file.size());
        index && !index->blocks.empty() && index->shape == layout.shape &&
        std::all_of(index->blocks.begin(), index->blocks.end(),
                    [&](const BlockRecord &block) { return isOurs(block, layout); })) {
        // The last block stands for all: each is checked when it is read.
        const BlockRecord last = index->blocks.back();
        if (const auto seen = finder.look(last.offset - frontBytes); seen && *seen == last) {
            found.blocks = std::move(index->blocks);
            found.indexed = true;
            from = last.endOffset();
        }
    }
    if (auto looked = finder.run(from); !looked)
        return failed(looked);
    if (found.blocks.empty())
        return fail(ErrorCode::BadFile,
                    "{}: no block of {} pixels in it: it is packed by another program (zstd -d "
                    "makes a .dat of it), or its shape is another one",
                    file.path().string(), toString(layout.shape));
    found.storedPlanes = found.blocks.back().endPlane();
    return found;
}

std::unique_ptr<PlaneStore> makeZstdPlanes(FileHandle file, RawLayout layout,
                                           std::vector<BlockRecord> blocks) {
    return std::make_unique<ZstdPlanes>(std::move(file), layout, std::move(blocks));
}

}  // namespace fovea
