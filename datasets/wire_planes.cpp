// SPDX-License-Identifier: Apache-2.0
// Locks on the frame starts of a wire dump, finds them again after a loss, unpacks rows.
#include "datasets/wire_planes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace fovea {

namespace {

constexpr std::uint64_t lockBytes = 16 << 20;
constexpr std::uint64_t maxChecks = 65536;
// Looking for the way back after one loss, and after all losses together, ends here, so that a hole
// of terabytes cannot hang us.
constexpr std::uint64_t searchBytes = 128 << 20;
constexpr std::uint64_t allSearchBytes = 1 << 30;
// A sound dump has next to no false starts; this bounds the work in a malicious one.
constexpr int maxFalseStarts = 4096;
constexpr std::size_t segmentPixels = 500;

// The 12 id bits of a block end its last 16-bit word; the 4 below are pixels.
std::uint32_t idAt(const std::uint8_t *blockEnd) {
    return (blockEnd[-2] | std::uint32_t{blockEnd[-1]} << 8) >> 4;
}

class WireSearch {
public:
    WireSearch(const FileHandle &file, WireLayout layout)
        : file_(file), frame_(layout.frameBytes()), firstId_(layout.height / 2),
          lastId_(layout.height / 2 | 3U << 10) {}

    // A frame may begin here: the block before ends one, the block behind begins one. A file that
    // begins with a frame has no block before.
    [[nodiscard]] bool startsAt(std::uint64_t byte) const {
        std::array<std::uint8_t, 2> id{};
        if (byte + WireLayout::blockBytes > file_.size())
            return false;
        if (!file_.readAt(byte + WireLayout::blockBytes - 2, id.data(), 2) ||
            idAt(id.data() + 2) != firstId_)
            return false;
        return byte == 0 || (byte >= 2 && file_.readAt(byte - 2, id.data(), 2) &&
                             idAt(id.data() + 2) == lastId_);
    }

    // The frame that begins at `byte` is all there, and the next one (if any) begins behind it.
    [[nodiscard]] bool endsWell(std::uint64_t byte) const {
        const std::uint64_t end = byte + frame_;
        if (end > file_.size())
            return false;
        std::array<std::uint8_t, 2 + WireLayout::blockBytes> ids{};
        const bool next = end + WireLayout::blockBytes <= file_.size();
        if (!file_.readAt(end - 2, ids.data(), next ? ids.size() : 2))
            return false;
        return idAt(ids.data() + 2) == lastId_ &&
               (!next || idAt(ids.data() + ids.size()) == firstId_);
    }

    [[nodiscard]] bool good(std::uint64_t byte) const { return startsAt(byte) && endsWell(byte); }

    // The first good frame that begins in [from, to).
    [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t from, std::uint64_t to) const {
        int falseStarts = 0;
        if (from == 0 && good(0))
            return 0;
        const std::uint64_t end = std::min(to, file_.size());
        const auto lastHigh = static_cast<std::uint8_t>(lastId_ >> 4);
        std::vector<std::uint8_t> buffer(
            static_cast<std::size_t>(std::min<std::uint64_t>(chunk, end - std::min(end, from))));
        // A start at byte p shows in byte p - 1, the upper half of the last frame's id.
        for (std::uint64_t at = std::max<std::uint64_t>(from, 1) - 1; at + 1 < end;
             at += buffer.size()) {
            const std::size_t bytes =
                static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - 1 - at));
            if (!file_.readAt(at, buffer.data(), bytes))
                return std::nullopt;
            for (const std::uint8_t *next = buffer.data();; ++next) {
                const auto left = static_cast<std::size_t>(buffer.data() + bytes - next);
                next = static_cast<const std::uint8_t *>(std::memchr(next, lastHigh, left));
                if (next == nullptr)
                    break;
                const std::uint64_t byte =
                    at + static_cast<std::uint64_t>(next - buffer.data()) + 1;
                if (!couldStart(buffer.data(), bytes, next) || !startsAt(byte))
                    continue;
                if (endsWell(byte))
                    return byte;
                if (++falseStarts == maxFalseStarts)
                    return std::nullopt;
            }
        }
        return std::nullopt;
    }

    // Whole frames that follow each other from `byte` on, which is known to start one.
    [[nodiscard]] std::uint64_t countFrom(std::uint64_t byte) const {
        const std::uint64_t all = (file_.size() - byte) / frame_;
        const std::uint64_t stride = std::max<std::uint64_t>(1, all / maxChecks);
        std::uint64_t frames = 0;
        while (frames < all) {
            const std::uint64_t step = std::min(stride, all - frames);
            if (step > 1 && good(byte + (frames + step - 1) * frame_)) {
                frames += step;
                continue;
            }
            for (std::uint64_t i = 0; i < step; ++i, ++frames)
                if (!endsWell(byte + frames * frame_))
                    return frames;
        }
        return frames;
    }

private:
    static constexpr std::size_t chunk = 262144;

    // Looks at what the buffer has of the ids before asking the file.
    [[nodiscard]] bool couldStart(const std::uint8_t *buffer, std::size_t bytes,
                                  const std::uint8_t *lastHigh) const {
        if (lastHigh > buffer && idAt(lastHigh + 1) != lastId_)
            return false;
        const std::uint8_t *firstEnd = lastHigh + 1 + WireLayout::blockBytes;
        return firstEnd > buffer + bytes || idAt(firstEnd) == firstId_;
    }

    const FileHandle &file_;
    std::uint64_t frame_;
    std::uint32_t firstId_;
    std::uint32_t lastId_;
};

class WirePlanes final : public PlaneStore {
public:
    WirePlanes(FileHandle file, WireLayout layout, std::vector<WireIndex::Run> runs)
        : file_(std::move(file)), layout_(layout), runs_(std::move(runs)) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        const bool flip = layout_.flip && order == RowOrder::Display;
        const PlaneShape shape{WireLayout::width, layout_.height};
        const auto bytes = static_cast<std::size_t>(layout_.frameBytes());
        const std::unique_ptr<std::uint8_t[]> frame(new std::uint8_t[bytes]);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto run = std::prev(std::upper_bound(
                runs_.begin(), runs_.end(), first + i,
                [](std::uint64_t at, const auto &r) { return at < r.firstFrame; }));
            const std::uint64_t offset = run->offset + (first + i - run->firstFrame) * bytes;
            if (auto got = file_.readAt(offset, frame.get(), bytes); !got)
                return failed(got);
            const std::uint32_t line = layout_.height / 2;
            if (idAt(frame.get() + WireLayout::blockBytes) != line ||
                idAt(frame.get() + bytes) != (line | 3U << 10))
                return i;
            unpack(frame.get(), flip, words + i * shape.wordStride());
        }
        return count;
    }

private:
    void unpack(const std::uint8_t *block, bool flip, std::uint64_t *words) const {
        const PlaneShape shape{WireLayout::width, layout_.height};
        std::memset(words, 0, shape.wordStride() * 8);
        auto *target = reinterpret_cast<std::uint8_t *>(words);
        for (std::uint32_t row = 0; row < layout_.height; ++row) {
            const std::size_t to = flip ? layout_.height - 1 - row : row;
            for (std::size_t half = 0; half < 2; ++half, block += WireLayout::blockBytes)
                copyBits(block, 0, target, to * WireLayout::width + half * segmentPixels,
                         segmentPixels);
        }
    }

    FileHandle file_;
    WireLayout layout_;
    std::vector<WireIndex::Run> runs_;
};

}  // namespace

bool looksLikeWire(const FileHandle &file, WireLayout layout) {
    const WireSearch search(file, layout);
    const auto start = search.find(0, 3 * layout.frameBytes());
    // The last frame of a file has no start pair behind it; one frame alone proves nothing.
    return start && *start + layout.frameBytes() + WireLayout::blockBytes <= file.size();
}

Result<WireIndex> indexWire(const FileHandle &file, WireLayout layout) {
    const WireSearch search(file, layout);
    const std::uint64_t frame = layout.frameBytes();
    const auto start = search.find(0, lockBytes);
    if (!start)
        return fail(ErrorCode::BadFile,
                    "{}: no frame start (channel 3, line {} before channel 0, line {}) {} bytes "
                    "before another one in the first {} bytes",
                    file.path().string(), layout.height / 2, layout.height / 2, frame, lockBytes);
    WireIndex index;
    index.leadingBytes = *start;
    std::uint64_t budget = allSearchBytes;
    for (std::uint64_t byte = *start;;) {
        const std::uint64_t frames = search.countFrom(byte);
        index.runs.push_back({index.frames, byte, frames});
        index.frames += frames;
        byte += frames * frame;
        const auto next = search.find(byte + 1, byte + 1 + std::min(budget, searchBytes));
        if (!next) {
            index.trailingBytes = file.size() - byte;
            return index;
        }
        const std::uint64_t lost = (*next - byte + frame - 1) / frame;
        index.gaps.push_back({index.frames, lost, DropReason::Link});
        index.lostBytes += lost * frame - (*next - byte);
        budget -= std::min(budget, *next - byte);
        byte = *next;
    }
}

std::unique_ptr<PlaneStore> makeWirePlanes(FileHandle file, WireLayout layout,
                                           std::vector<WireIndex::Run> runs) {
    return std::make_unique<WirePlanes>(std::move(file), layout, std::move(runs));
}

}  // namespace fovea
