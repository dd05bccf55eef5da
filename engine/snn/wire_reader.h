// SPDX-License-Identifier: Apache-2.0
// Protocol-buffer wire format read from a file without loading it: what ONNX files are made of.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

/// Some bytes of a file.
struct FileRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t size() const { return end - begin; }
};

/// A regular file read at any offset through a small window. The first error stays: reading goes on
/// with zeros, and status() tells at the end.
///
/// Threads: one at a time.
class ByteFile {
public:
    /// BadFile when it is not there or not a regular file.
    [[nodiscard]] static Result<ByteFile> open(const std::filesystem::path &path);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }
    [[nodiscard]] std::uint8_t byteAt(std::uint64_t offset);
    /// `count` bytes at `offset` to `target`.
    void read(std::uint64_t offset, void *target, std::uint64_t count);
    /// Remembers the first damage; `what` says where and which.
    void damaged(const std::string &what);
    [[nodiscard]] bool good() const { return damage_.empty(); }
    [[nodiscard]] Result<void> status() const;

private:
    ByteFile() = default;
    bool fill(std::uint64_t offset);

    std::filesystem::path path_;
    std::ifstream in_;
    std::uint64_t size_ = 0;
    std::uint64_t windowBegin_ = 0;
    std::vector<std::uint8_t> window_;
    std::string damage_;
};

/// One field of a message.
struct WireField {
    enum class Type : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    std::uint64_t number = 0;
    Type type = Type::Varint;
    std::uint64_t value = 0;  ///< of a varint or fixed field, as its bits
    FileRange range;          ///< the contents of bytes; the encoded number of all others
};

/// Goes through the fields of one message. Damage goes to the file; next() then ends.
///
/// Threads: one at a time.
class WireReader {
public:
    WireReader(ByteFile &file, FileRange range) : file_(file), at_(range.begin), end_(range.end) {}

    [[nodiscard]] std::optional<WireField> next();
    /// The next bare varint of a packed list.
    [[nodiscard]] std::uint64_t varint();
    [[nodiscard]] bool atEnd() const { return at_ >= end_ || !file_.good(); }

    /// What a field holds; damage when it is of another type.
    [[nodiscard]] std::int64_t integer(const WireField &field);
    [[nodiscard]] float single(const WireField &field);
    [[nodiscard]] FileRange bytes(const WireField &field);
    /// At most `limit` bytes.
    [[nodiscard]] std::string text(const WireField &field, std::uint64_t limit = 4096);

private:
    [[nodiscard]] std::uint64_t fixed(unsigned bytes);
    void expect(const WireField &field, WireField::Type type);

    ByteFile &file_;
    std::uint64_t at_;
    std::uint64_t end_;
};

}  // namespace fovea
