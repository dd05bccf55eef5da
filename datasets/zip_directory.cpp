// SPDX-License-Identifier: Apache-2.0
// The directory of a zip archive: every offset and size in it is checked before it is used.
#include "datasets/zip_member.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace fovea {

namespace {

constexpr std::size_t endBytes = 22;
constexpr std::size_t entryBytes = 46;
constexpr std::uint64_t maxDirectoryBytes = 8 << 20;
constexpr std::uint32_t directoryEnd = 0x06054b50;
constexpr std::uint32_t entryMark = 0x02014b50;
// Deflate cannot shrink anything further than this.
constexpr std::uint64_t maxRatio = 1040;

template <class T> T valueAt(std::string_view bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// Sizes and offset that do not fit in 32 bits stand in an extra field, in this order.
bool readWide(std::string_view extra, ZipEntry &entry) {
    constexpr std::uint64_t wide = 0xFFFFFFFF;
    while (extra.size() >= 4) {
        const auto id = valueAt<std::uint16_t>(extra, 0);
        std::string_view body = extra.substr(4);
        const std::size_t length =
            std::min<std::size_t>(body.size(), valueAt<std::uint16_t>(extra, 2));
        extra = body.substr(length);
        body = body.substr(0, length);
        if (id != 1)
            continue;
        for (std::uint64_t *value : {&entry.bytes, &entry.packedBytes, &entry.headerOffset}) {
            if (*value != wide || body.size() < 8)
                continue;
            *value = valueAt<std::uint64_t>(body, 0);
            body.remove_prefix(8);
        }
    }
    return entry.bytes != wide && entry.packedBytes != wide && entry.headerOffset != wide;
}

Result<ZipEntry> readEntry(const std::string &file, std::uint64_t fileBytes,
                           std::string_view &directory) {
    if (directory.size() < entryBytes || valueAt<std::uint32_t>(directory, 0) != entryMark)
        return fail(ErrorCode::BadFile, "{}: damaged zip directory", file);
    ZipEntry entry;
    const auto flags = valueAt<std::uint16_t>(directory, 8);
    const auto method = valueAt<std::uint16_t>(directory, 10);
    entry.crc = valueAt<std::uint32_t>(directory, 16);
    entry.packedBytes = valueAt<std::uint32_t>(directory, 20);
    entry.bytes = valueAt<std::uint32_t>(directory, 24);
    const std::size_t name = valueAt<std::uint16_t>(directory, 28);
    const std::size_t extra = valueAt<std::uint16_t>(directory, 30);
    const std::size_t comment = valueAt<std::uint16_t>(directory, 32);
    entry.headerOffset = valueAt<std::uint32_t>(directory, 42);
    if (directory.size() - entryBytes < name + extra + comment)
        return fail(ErrorCode::BadFile, "{}: damaged zip directory", file);
    entry.name = directory.substr(entryBytes, name);
    const bool known = readWide(directory.substr(entryBytes + name, extra), entry);
    directory.remove_prefix(entryBytes + name + extra + comment);
    if ((flags & 1) != 0 || (method != 0 && method != 8))
        return fail(ErrorCode::BadFile,
                    "{}: member {}: method {}{}, expected stored (0) or deflated (8)", file,
                    entry.name, method, (flags & 1) != 0 ? ", encrypted" : "");
    entry.deflated = method == 8;
    const bool fits = known && entry.packedBytes <= fileBytes && entry.headerOffset < fileBytes;
    const std::uint64_t most = entry.deflated ? maxRatio : 1;
    if (!fits || (entry.bytes > 0 && (entry.bytes - 1) / most > entry.packedBytes) ||
        (!entry.deflated && entry.bytes != entry.packedBytes))
        return fail(ErrorCode::BadFile, "{}: member {}: {} bytes packed to {} are impossible here",
                    file, entry.name, entry.bytes, entry.packedBytes);
    return entry;
}

}  // namespace

Result<std::vector<ZipEntry>> readZipDirectory(const FileHandle &file) {
    const std::string name = file.path().string();
    // The end record may be followed by a comment of up to 64 KiB.
    std::string tail(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 65557)), '\0');
    if (auto got = file.readAt(file.size() - tail.size(), tail.data(), tail.size()); !got)
        return failed(got);
    std::size_t end = std::string::npos;
    for (std::size_t i = 0; i + endBytes <= tail.size(); ++i)
        if (const std::size_t at = tail.size() - endBytes - i;
            valueAt<std::uint32_t>(tail, at) == directoryEnd &&
            valueAt<std::uint16_t>(tail, at + 20) == i) {
            end = at;
            break;
        }
    if (end == std::string::npos)
        return fail(ErrorCode::BadFile, "{}: no zip directory at the end: not an npz file, or cut",
                    name);
    const auto count = valueAt<std::uint16_t>(tail, end + 10);
    const std::uint64_t bytes = valueAt<std::uint32_t>(tail, end + 12);
    const std::uint64_t offset = valueAt<std::uint32_t>(tail, end + 16);
    if (bytes > maxDirectoryBytes || offset > file.size() || bytes > file.size() - offset)
        return fail(ErrorCode::BadFile,
                    "{}: zip directory of {} bytes at {}, expected at most {} inside the file",
                    name, bytes, offset, maxDirectoryBytes);
    std::string directory(static_cast<std::size_t>(bytes), '\0');
    if (auto got = file.readAt(offset, directory.data(), directory.size()); !got)
        return failed(got);
    std::vector<ZipEntry> entries;
    std::string_view rest = directory;
    for (unsigned i = 0; i < count; ++i) {
        auto entry = readEntry(name, file.size(), rest);
        if (!entry)
            return failed(entry);
        entries.push_back(std::move(*entry));
    }
    return entries;
}

}  // namespace fovea
