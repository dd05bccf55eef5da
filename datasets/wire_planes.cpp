// SPDX-License-Identifier: Apache-2.0
// Finds the frames of a wire dump without reading all of it, and reads them.
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
constexpr std::size_t readBytes = 262144;

class WireSearch {
public:
    WireSearch(const FileHandle &file, WireLayout layout)
        : file_(file), layout_(layout), frame_(layout.frameBytes()) {}

    // The frame that begins at `byte` is all there by its ids, and the next one (if any) begins
    // behind it.
    [[nodiscard]] bool good(std::uint64_t byte) const {
        std::array<std::uint8_t, WireLayout::idBytes> first{};
        std::array<std::uint8_t, WireLayout::idBytes + WireLayout::blockBytes> ends{};
        const std::uint64_t end = byte + frame_;
        if (end > file_.size() ||
            !file_.readAt(byte + WireLayout::blockBytes - first.size(), first.data(), first.size()))
            return false;
        const bool next = end + WireLayout::blockBytes <= file_.size();
        if (!file_.readAt(end - first.size(), ends.data(), next ? ends.size() : first.size()))
            return false;
        return layout_.isFirst(first.data() + first.size()) &&
               layout_.isLast(ends.data() + first.size()) &&
               (!next || layout_.isFirst(ends.data() + ends.size()));
    }

    // The first whole frame that begins in [from, to), with the start pair before it.
    [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t from, std::uint64_t to) const {
        const std::uint64_t begin = std::max<std::uint64_t>(from, WireLayout::idBytes) - 2;
        WireFrameParser parser(layout_, from == 0);
        std::vector<std::uint8_t> chunk(static_cast<std::size_t>(
            std::min<std::uint64_t>(readBytes, file_.size() - std::min(file_.size(), begin))));
        for (std::uint64_t at = begin;;) {
            const auto bytes = static_cast<std::size_t>(
                std::min<std::uint64_t>(chunk.size(), file_.size() - std::min(file_.size(), at)));
            if (bytes == 0)
                parser.cut(0);
            else if (!file_.readAt(at, chunk.data(), bytes))
                return std::nullopt;
            else
                parser.feed({chunk.data(), bytes});
            if (const auto frame = parser.next())
                return begin + frame->position < to ? std::optional(begin + frame->position)
                                                    : std::nullopt;
            at += bytes;
            if (bytes == 0 || begin + parser.counts().skippedBytes >= to)
                return std::nullopt;
        }
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
                if (!good(byte + frames * frame_))
                    return frames;
        }
        return frames;
    }

private:
    const FileHandle &file_;
    const WireLayout layout_;
    const std::uint64_t frame_;
};

class WirePlanes final : public PlaneStore {
public:
    WirePlanes(FileHandle file, WireLayout layout, bool flip, std::vector<WireIndex::Run> runs)
        : file_(std::move(file)), layout_(layout), flip_(flip), runs_(std::move(runs)) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        const bool flip = flip_ && order == RowOrder::Display;
        const std::size_t bytes = layout_.frameBytes();
        const std::unique_ptr<std::uint8_t[]> frame(new std::uint8_t[bytes]);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto run = std::prev(std::upper_bound(
                runs_.begin(), runs_.end(), first + i,
                [](std::uint64_t at, const auto &r) { return at < r.firstFrame; }));
            const std::uint64_t offset = run->offset + (first + i - run->firstFrame) * bytes;
            if (auto got = file_.readAt(offset, frame.get(), bytes); !got)
                return failed(got);
            if (!layout_.isFrame(frame.get(), false))
                return i;
            layout_.unpack(frame.get(), flip, words + i * layout_.shape().wordStride());
        }
        return count;
    }

private:
    FileHandle file_;
    WireLayout layout_;
    bool flip_;
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
        const std::uint64_t between = *next - byte;
        const std::uint64_t lost = layout.framesIn(between);
        index.gaps.push_back({index.frames, lost, DropReason::Link});
        index.lostBytes += lost * frame - std::min(lost * frame, between);
        budget -= std::min(budget, *next - byte);
        byte = *next;
    }
}

std::unique_ptr<PlaneStore> makeWirePlanes(FileHandle file, WireLayout layout, bool flip,
                                           std::vector<WireIndex::Run> runs) {
    return std::make_unique<WirePlanes>(std::move(file), layout, flip, std::move(runs));
}

}  // namespace fovea
