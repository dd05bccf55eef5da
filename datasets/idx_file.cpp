// SPDX-License-Identifier: Apache-2.0
// Header, sides, bytes; zlib passes what is not packed through.
#include "datasets/idx_file.h"

#include <algorithm>
#include <array>
#include <memory>
#include <zlib.h>

namespace fovea {

namespace {

struct Close {
    void operator()(gzFile_s *file) const { gzclose(file); }
};

constexpr std::uint64_t chunkBytes = std::uint64_t{1} << 20;

}  // namespace

Result<IdxFile> readIdx(const std::filesystem::path &path, std::uint64_t items) {
    const std::string name = path.string();
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown))
        return fail(ErrorCode::BadFile, "{}: not there, or no regular file", name);
    const std::unique_ptr<gzFile_s, Close> file(gzopen(path.c_str(), "rb"));
    if (!file)
        return fail(ErrorCode::BadFile, "{}: cannot be read", name);
    const auto read = [&](void *target, std::uint64_t count) {
        return gzread(file.get(), target, static_cast<unsigned>(count)) == static_cast<int>(count);
    };
    std::array<std::uint8_t, 4> head{};
    if (!read(head.data(), head.size()) || head[0] != 0 || head[1] != 0 || head[2] != 8 ||
        head[3] < 1 || head[3] > 4)
        return fail(ErrorCode::BadFile,
                    "{}: not an idx file of bytes (00 00 08 and 1 to 4 sides, perhaps packed by "
                    "gzip)",
                    name);
    IdxFile idx;
    std::uint64_t item = 1;
    for (int i = 0; i < head[3]; ++i) {
        std::array<std::uint8_t, 4> side{};
        if (!read(side.data(), side.size()))
            return fail(ErrorCode::BadFile, "{}: ends within its header", name);
        idx.sides.push_back(std::uint32_t{side[0]} << 24U | std::uint32_t{side[1]} << 16U |
                            std::uint32_t{side[2]} << 8U | side[3]);
        if (i > 0)
            item *= idx.sides.back();
        if (idx.sides.back() == 0 || item > maxIdxItemBytes)
            return fail(ErrorCode::BadFile, "{}: side {} is {}, allowed are items of 1 to {} bytes",
                        name, i + 1, idx.sides.back(), maxIdxItemBytes);
    }
    idx.sides[0] = static_cast<std::uint32_t>(std::min<std::uint64_t>(idx.sides[0], items));
    const std::uint64_t wanted = idx.sides[0] * item;
    while (idx.values.size() < wanted) {
        const std::uint64_t at = idx.values.size();
        const std::uint64_t count = std::min(chunkBytes, wanted - at);
        idx.values.resize(at + count);
        if (!read(idx.values.data() + at, count))
            return fail(ErrorCode::BadFile, "{}: ends early or is damaged, {} items are wanted",
                        name, idx.sides[0]);
    }
    return idx;
}

}  // namespace fovea
