// SPDX-License-Identifier: Apache-2.0
// Where blocks end, what their checksums are, and what is left after a failed disk.
#include "datasets/block_writer.h"

#include "datasets/zstd_blocks.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <vector>

namespace fovea {

namespace {

constexpr std::size_t blockBytes = BlockRecord::usualBytes;
constexpr double blockSeconds = 0.025;
constexpr double assumedRateHz = 40000;

}  // namespace

struct BlockWriter::State {
    State(const Settings &s, StreamFile f) : settings(s), file(std::move(f)) {}

    Settings settings;
    StreamFile file;
    std::optional<IndexWriter> index;  ///< none when the disk refused it
    std::optional<BlockPacker> packer;
    std::uint64_t planesPerBlock = 1;
    std::vector<std::uint8_t> buffer;  ///< whole bytes, then the byte that is not yet full
    std::size_t bufferBits = 0;
    std::uint64_t stored = 0;
    std::uint64_t inFile = 0;         ///< bytes given to the file
    BlockRecord block;                ///< the open one; `bytes` are those already in the file
    std::deque<BlockRecord> waiting;  ///< ended, but not yet wholly in the file
    BlockRecord whole;                ///< the last one that is in the file

    [[nodiscard]] Result<void> give(std::span<const std::uint8_t> bytes) {
        inFile += bytes.size();
        return file.append(bytes);
    }
    [[nodiscard]] bool isLarge() const {
        return block.planes >= planesPerBlock || block.bytes + bufferBits / 8 >= blockBytes;
    }
    Result<void> passOn(std::size_t bytes);
    Result<void> flush();
    Result<void> endBlock();
    void list();
    void listRest();
    [[nodiscard]] Result<void> settle();
};

// The first `bytes` of the buffer to the file; the byte that is not yet full stays in front. Planes
// write over whatever is behind it.
Result<void> BlockWriter::State::passOn(std::size_t bytes) {
    const auto part = std::span(buffer).first(bytes);
    block.crc = checksum(part, block.crc);
    block.bytes += static_cast<std::uint32_t>(bytes);
    auto done = give(part);
    if (bytes * 8 < bufferBits)
        buffer[0] = buffer[bytes];
    bufferBits = bytes * 8 > bufferBits ? 0 : bufferBits - bytes * 8;
    return done;
}

Result<void> BlockWriter::State::flush() {
    // A packed block can only be handed over as a whole.
    return packer ? Result<void>{} : passOn(bufferBits / 8);
}

Result<void> BlockWriter::State::endBlock() {
    if (block.planes == 0)
        return {};
    Result<void> done;
    const std::size_t rest = (bufferBits + 7) / 8;
    block.rawBytes = block.bytes + static_cast<std::uint32_t>(rest);
    if (bufferBits % 8 != 0)  // the bits behind the last pixel are zeros
        buffer[rest - 1] =
            static_cast<std::uint8_t>(buffer[rest - 1] & ((1U << bufferBits % 8) - 1));
    if (packer) {
        const auto packed = packer->pack(std::span(buffer).first(rest), block, inFile);
        if (!packed)
            return tl::make_unexpected(packed.error());
        done = give(*packed);
        bufferBits = 0;
    } else {
        done = passOn(rest);
    }
    waiting.push_back(block);
    block = {block.sequence + 1, stored, inFile, 0, 0, 0, 0};
    list();
    return done;
}

// Moves what is in the file by now from `waiting` to the index.
void BlockWriter::State::list() {
    const std::uint64_t written = file.written();
    while (!waiting.empty() && waiting.front().endOffset() <= written) {
        whole = waiting.front();
        waiting.pop_front();
        if (index && !index->add(whole))
            index.reset();  // a cache; the error of the recording itself will be told
    }
}

// What is whole of a block that the disk cut is a block, too.
void BlockWriter::State::listRest() {
    BlockRecord rest;
    rest.sequence = whole.planes > 0 ? whole.sequence + 1 : 0;
    rest.firstPlane = whole.endPlane();
    rest.offset = whole.endOffset();
    rest.planes = static_cast<std::uint32_t>(stored - rest.firstPlane);
    rest.bytes = rest.rawBytes = static_cast<std::uint32_t>(inFile - rest.offset);
    if (rest.planes == 0 || !index)
        return;
    const auto written = FileHandle::open(file.path());
    std::vector<std::uint8_t> bytes(rest.bytes);
    if (!written || !written->readAt(rest.offset, bytes.data(), bytes.size()))
        return;
    rest.crc = checksum(bytes);
    (void)index->add(rest);
}

Result<void> BlockWriter::State::settle() {
    auto health = endBlock();
    if (auto drained = file.drain(); !drained)
        health = failed(drained);
    list();
    if (health)
        return health;
    const RawLayout &layout = settings.layout;
    stored = packer ? whole.endPlane() : std::min(stored, layout.planesIn(file.written()));
    inFile = packer ? whole.endOffset() : layout.bytesOf(stored);
    if (auto cut = file.truncate(inFile); !cut)
        return cut;
    listRest();
    return health;
}

BlockWriter::BlockWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockWriter::BlockWriter(BlockWriter &&) noexcept = default;
BlockWriter &BlockWriter::operator=(BlockWriter &&) noexcept = default;
BlockWriter::~BlockWriter() = default;

Result<BlockWriter> BlockWriter::create(const std::filesystem::path &path,
                                        const Settings &settings) {
    auto file = StreamFile::create(path, settings.stream);
    if (!file)
        return failed(file);
    auto state = std::make_unique<State>(settings, std::move(*file));
    const PlaneShape shape = settings.layout.shape;
    auto index = IndexWriter::create(indexPath(path), shape);
    if (!index) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        return failed(index);
    }
    state->index.emplace(std::move(*index));
    if (settings.packing == Packing::Zstd)
        state->packer.emplace();
    const double rate = settings.rateHz.value_or(assumedRateHz);
    state->planesPerBlock = static_cast<std::uint64_t>(std::max(1.0, rate * blockSeconds));
    // Up to eight planes until one ends with a byte.
    state->buffer.resize(blockBytes + 8 * (shape.bytes() + 2));
    return BlockWriter(std::move(state));
}

Result<void> BlockWriter::append(const std::uint64_t *plane) {
    State &s = *state_;
    const RawLayout &layout = s.settings.layout;
    packPlane(plane, layout.flip, layout.shape, s.buffer.data(), s.bufferBits);
    s.bufferBits += layout.shape.pixels();
    ++s.stored;
    ++s.block.planes;
    return s.isLarge() && s.bufferBits % 8 == 0 ? s.endBlock() : Result<void>{};
}

Result<void> BlockWriter::flush() {
    auto done = state_->flush();
    state_->list();
    return done;
}

Result<void> BlockWriter::settle() {
    return state_->settle();
}

Result<void> BlockWriter::finish() {
    return state_->file.finish();
}

std::uint64_t BlockWriter::planes() const {
    return state_->stored;
}

std::uint64_t BlockWriter::bytes() const {
    return state_->inFile + (state_->bufferBits + 7) / 8;
}

const std::filesystem::path &BlockWriter::path() const {
    return state_->file.path();
}

}  // namespace fovea
