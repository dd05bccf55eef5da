// SPDX-License-Identifier: Apache-2.0
// Records of blocks as bytes, and the file that lists them.
#include "datasets/block_index.h"

#include "datasets/crc32.h"

#include <algorithm>
#include <cstring>
#include <system_error>

namespace fovea {

namespace {

constexpr std::uint32_t recordMark = 0x4B425646;  // "FVBK"
constexpr std::array<char, 8> indexMark{'F', 'O', 'V', 'E', 'A', 'I', 'D', 'X'};
constexpr std::uint32_t version = 1;
constexpr std::size_t headBytes = 32;
constexpr std::size_t recordsRead = 1024;  // at once

template <class T> void put(std::uint8_t *&at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        *at++ = static_cast<std::uint8_t>(value >> (8 * i));
}

template <class T> T take(const std::uint8_t *&at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value | static_cast<T>(*at++) << (8 * i));
    return value;
}

std::array<std::uint8_t, headBytes> headOf(PlaneShape shape) {
    std::array<std::uint8_t, headBytes> head{};
    std::memcpy(head.data(), indexMark.data(), indexMark.size());
    std::uint8_t *at = head.data() + indexMark.size();
    put(at, version);
    put(at, static_cast<std::uint32_t>(BlockRecord::encodedBytes));
    put(at, shape.width);
    put(at, shape.height);
    put(at, std::uint32_t{0});
    put(at, checksum(std::span(head).first(headBytes - 4)));
    return head;
}

bool follows(const BlockRecord &record, const BlockIndex &index, std::uint64_t recordingBytes) {
    const bool first = index.blocks.empty();
    const BlockRecord before = first ? BlockRecord{} : index.blocks.back();
    return record.sequence == index.blocks.size() && record.firstPlane == before.endPlane() &&
           record.offset >= before.endOffset() && record.endOffset() <= recordingBytes;
}

}  // namespace

std::uint32_t checksum(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    return crc32Of(bytes, before);
}

std::array<std::uint8_t, BlockRecord::encodedBytes> encode(const BlockRecord &record) {
    std::array<std::uint8_t, BlockRecord::encodedBytes> bytes{};
    std::uint8_t *at = bytes.data() + 8;
    put(at, record.sequence);
    put(at, record.firstPlane);
    put(at, record.offset);
    put(at, record.planes);
    put(at, record.bytes);
    put(at, record.rawBytes);
    put(at, record.crc);
    at = bytes.data();
    put(at, recordMark);
    put(at, checksum(std::span(bytes).subspan(8)));
    return bytes;
}

std::optional<BlockRecord>
decodeBlock(std::span<const std::uint8_t, BlockRecord::encodedBytes> bytes) {
    const std::uint8_t *at = bytes.data();
    if (take<std::uint32_t>(at) != recordMark ||
        take<std::uint32_t>(at) != checksum(bytes.subspan(8)))
        return std::nullopt;
    BlockRecord record;
    record.sequence = take<std::uint64_t>(at);
    record.firstPlane = take<std::uint64_t>(at);
    record.offset = take<std::uint64_t>(at);
    record.planes = take<std::uint32_t>(at);
    record.bytes = take<std::uint32_t>(at);
    record.rawBytes = take<std::uint32_t>(at);
    record.crc = take<std::uint32_t>(at);
    constexpr std::uint64_t most = std::uint64_t{1} << 60;
    const bool sane = record.planes > 0 && record.bytes > 0 &&
                      std::max(record.bytes, record.rawBytes) <= BlockRecord::maxBytes &&
                      std::max(record.firstPlane, record.offset) < most;
    return sane ? std::optional(record) : std::nullopt;
}

std::filesystem::path indexPath(const std::filesystem::path &recording) {
    return std::filesystem::path(recording.native() + ".index");
}

Result<BlockIndex> readIndex(const std::filesystem::path &path, std::uint64_t recordingBytes) {
    const auto file = FileHandle::open(path);
    if (!file)
        return tl::make_unexpected(file.error());
    std::array<std::uint8_t, headBytes> head{};
    if (file->size() >= headBytes)
        if (auto got = file->readAt(0, head.data(), headBytes); !got)
            return tl::make_unexpected(got.error());
    BlockIndex index;
    const std::uint8_t *at = head.data() + 16;
    index.shape.width = take<std::uint32_t>(at);
    index.shape.height = take<std::uint32_t>(at);
    if (!index.shape.valid() || head != headOf(index.shape))
        return fail(ErrorCode::BadFile, "{}: is no index of a recording", path.string());
    std::uint64_t offset = headBytes;
    std::vector<std::uint8_t> some(recordsRead * BlockRecord::encodedBytes);
    for (bool good = true; good && file->size() - offset >= BlockRecord::encodedBytes;) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(
            (file->size() - offset) / BlockRecord::encodedBytes, recordsRead));
        if (auto got = file->readAt(offset, some.data(), count * BlockRecord::encodedBytes); !got)
            return tl::make_unexpected(got.error());
        for (std::size_t i = 0; i < count && good; ++i) {
            const auto record = decodeBlock(std::span(some)
                                                .subspan(i * BlockRecord::encodedBytes)
                                                .first<BlockRecord::encodedBytes>());
            good = record && follows(*record, index, recordingBytes);
            if (good) {
                index.blocks.push_back(*record);
                offset += BlockRecord::encodedBytes;
            }
        }
    }
    index.badBytes = file->size() - offset;
    return index;
}

Result<IndexWriter> IndexWriter::create(const std::filesystem::path &path, PlaneShape shape) {
    auto file = OutputFile::create(path);
    if (!file)
        return failed(file);
    if (auto done = file->write(headOf(shape)); !done)
        return failed(done);
    return IndexWriter(std::move(*file));
}

Result<void> IndexWriter::add(const BlockRecord &record) {
    return file_.write(encode(record));
}

void placeIndex(const std::filesystem::path &from, const std::filesystem::path &to) {
    std::error_code ignored;
    if (readIndex(to, 0))
        std::filesystem::remove(to, ignored);
    if (const auto moved = renameNew(from, to); !moved || !*moved)
        std::filesystem::remove(from, ignored);
}

}  // namespace fovea
