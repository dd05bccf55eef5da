// SPDX-License-Identifier: Apache-2.0
// Varints, fixed numbers and lengths, each held against what is left.
#include "engine/snn/wire_reader.h"

#include <algorithm>
#include <bit>

namespace fovea {

namespace {

constexpr std::uint64_t windowBytes = 1U << 16;

}  // namespace

Result<ByteFile> ByteFile::open(const std::filesystem::path &path) {
    std::error_code unknown;
    const auto status = std::filesystem::status(path, unknown);
    if (!std::filesystem::exists(status))
        return fail(ErrorCode::BadFile, "{}: No such file", path.string());
    if (!std::filesystem::is_regular_file(status))
        return fail(ErrorCode::BadFile, "{}: not a regular file", path.string());
    ByteFile file;
    file.path_ = path;
    file.size_ = std::filesystem::file_size(path, unknown);
    file.in_.open(path, std::ios::binary);
    if (unknown || !file.in_)
        return fail(ErrorCode::BadFile, "{}: cannot be read", path.string());
    return file;
}

bool ByteFile::fill(std::uint64_t offset) {
    if (offset >= size_) {
        damaged(fmt::format("byte {} lies beyond the end", offset));
        return false;
    }
    window_.resize(std::min(windowBytes, size_ - offset));
    windowBegin_ = offset;
    read(offset, window_.data(), window_.size());
    return good();
}

std::uint8_t ByteFile::byteAt(std::uint64_t offset) {
    if (offset < windowBegin_ || offset - windowBegin_ >= window_.size())
        if (!good() || !fill(offset))
            return 0;
    return window_[offset - windowBegin_];
}

void ByteFile::read(std::uint64_t offset, void *target, std::uint64_t count) {
    if (!good() || count == 0)
        return;
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(static_cast<char *>(target), static_cast<std::streamsize>(count));
    if (!in_)
        damaged(
            fmt::format("{} bytes at {} cannot be read, the file has {}", count, offset, size_));
}

void ByteFile::damaged(const std::string &what) {
    if (damage_.empty())
        damage_ = what;
}

Result<void> ByteFile::status() const {
    if (good())
        return {};
    return fail(ErrorCode::BadFile, "{}: {}", path_.string(), damage_);
}

std::uint64_t WireReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (at_ >= end_) {
            file_.damaged(fmt::format("a number is cut off at byte {}", at_));
            return 0;
        }
        const std::uint8_t byte = file_.byteAt(at_++);
        if (shift < 64)
            value |= std::uint64_t{byte & 0x7FU} << shift;
        if ((byte & 0x80U) == 0)
            return value;
    }
    file_.damaged(fmt::format("a number before byte {} has no end", at_));
    return 0;
}

std::uint64_t WireReader::fixed(unsigned bytes) {
    if (end_ - at_ < bytes) {
        file_.damaged(fmt::format("a number is cut off at byte {}", at_));
        return 0;
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i)
        value |= std::uint64_t{file_.byteAt(at_++)} << (8 * i);
    return value;
}

std::optional<WireField> WireReader::next() {
    if (atEnd())
        return std::nullopt;
    const std::uint64_t start = at_;
    const std::uint64_t key = varint();
    WireField field{key >> 3U, static_cast<WireField::Type>(key & 7U), 0, {at_, at_}};
    switch (field.type) {
    case WireField::Type::Varint:
        field.value = varint();
        break;
    case WireField::Type::Fixed64:
        field.value = fixed(8);
        break;
    case WireField::Type::Fixed32:
        field.value = fixed(4);
        break;
    case WireField::Type::Bytes: {
        const std::uint64_t length = varint();
        if (length > end_ - at_) {
            file_.damaged(fmt::format("{} bytes announced at byte {}, {} are there", length, start,
                                      end_ - at_));
            return std::nullopt;
        }
        field.range.begin = at_;
        at_ += length;
        break;
    }
    default:
        file_.damaged(fmt::format("no field that is known begins at byte {}", start));
        return std::nullopt;
    }
    field.range.end = at_;
    return file_.good() ? std::optional(field) : std::nullopt;
}

void WireReader::expect(const WireField &field, WireField::Type type) {
    if (field.type != type)
        file_.damaged(fmt::format("field {} at byte {} is of the wrong kind", field.number,
                                  field.range.begin));
}

std::int64_t WireReader::integer(const WireField &field) {
    expect(field, WireField::Type::Varint);
    return static_cast<std::int64_t>(field.value);
}

float WireReader::single(const WireField &field) {
    expect(field, WireField::Type::Fixed32);
    return std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
}

FileRange WireReader::bytes(const WireField &field) {
    expect(field, WireField::Type::Bytes);
    return field.type == WireField::Type::Bytes ? field.range : FileRange{};
}

std::string WireReader::text(const WireField &field, std::uint64_t limit) {
    const FileRange range = bytes(field);
    if (range.size() > limit) {
        file_.damaged(fmt::format("a text of {} bytes at byte {}, allowed are {}", range.size(),
                                  range.begin, limit));
        return {};
    }
    std::string text(range.size(), '\0');
    for (std::uint64_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>(file_.byteAt(range.begin + i));
    return text;
}

}  // namespace fovea
