// SPDX-License-Identifier: Apache-2.0
// Cuts planes out of the continuous bits of a .dat.
#include "datasets/raw_planes.h"

#include <algorithm>
#include <array>

namespace fovea {

std::uint64_t RawLayout::planesIn(std::uint64_t bytes) const {
    // 8 * bytes may not fit in 64 bits for a sparse file of exabytes.
    const std::uint64_t whole = bytes / planeBits();
    return whole * 8 + (bytes % planeBits()) * 8 / planeBits();
}

std::uint64_t RawLayout::bytesOf(std::uint64_t planes) const {
    return planes / 8 * planeBits() + (planes % 8 * planeBits() + 7) / 8;
}

namespace {

class RawPlanes final : public PlaneStore {
public:
    RawPlanes(FileHandle file, RawLayout layout) : file_(std::move(file)), layout_(layout) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        const bool flip = layout_.flip && order == RowOrder::Display;
        if (!flip && layout_.headBits == 0 && layout_.planeBits() % 8 == 0)
            return readWhole(first, count, words);
        const std::size_t planeBytes = static_cast<std::size_t>(layout_.bytesOf(1)) + 1;
        // Some planes a system call, in a buffer that stays in the cache and needs no new pages:
        // those cost more than the call. Large planes come one by one.
        alignas(64) std::uint8_t near[65536];
        const std::size_t step = std::max<std::size_t>(1, sizeof(near) / planeBytes);
        const bool large = planeBytes > sizeof(near);
        const std::unique_ptr<std::uint8_t[]> far(large ? new std::uint8_t[planeBytes] : nullptr);
        std::uint8_t *buffer = large ? far.get() : near;
        for (std::uint32_t done = 0; done < count;) {
            const auto planes =
                static_cast<std::uint32_t>(std::min<std::size_t>(step, count - done));
            if (auto got = readSome(first + done, planes, flip, buffer, words); !got)
                return failed(got);
            done += planes;
            words += planes * layout_.shape.wordStride();
        }
        return count;
    }

private:
    /// Planes that are as they are in memory, but for the padding: the system puts them there.
    Result<std::uint32_t> readWhole(std::uint64_t first, std::uint32_t count,
                                    std::uint64_t *words) const {
        const std::size_t bytes = layout_.shape.bytes();
        const std::size_t stride = layout_.shape.wordStride();
        std::array<FileHandle::Part, 64> parts;
        for (std::uint32_t done = 0; done < count;) {
            const auto planes =
                static_cast<std::uint32_t>(std::min<std::size_t>(parts.size(), count - done));
            for (std::uint32_t i = 0; i < planes; ++i) {
                std::uint64_t *plane = words + (done + i) * stride;
                std::fill(plane + bytes / 8, plane + stride, std::uint64_t{0});
                parts[i] = {plane, bytes};
            }
            if (auto got = file_.readAt((first + done) * bytes, std::span(parts).first(planes));
                !got)
                return failed(got);
            done += planes;
        }
        return count;
    }

    Result<void> readSome(std::uint64_t first, std::uint32_t planes, bool flip,
                          std::uint8_t *buffer, std::uint64_t *words) const {
        const std::uint64_t bits = layout_.planeBits();
        const std::uint64_t phase = first % 8 * bits % 8;
        const std::uint64_t byte = first / 8 * bits + first % 8 * bits / 8;
        const std::size_t bytes = static_cast<std::size_t>((phase + planes * bits + 7) / 8);
        if (auto got = file_.readAt(byte, buffer, bytes); !got)
            return got;
        for (std::uint32_t i = 0; i < planes; ++i)
            unpackPlane(buffer, static_cast<std::size_t>(phase + i * bits),
                        static_cast<std::size_t>(layout_.rowBits()), flip, layout_.shape,
                        words + i * layout_.shape.wordStride());
        return {};
    }

    FileHandle file_;
    RawLayout layout_;
};

}  // namespace

std::unique_ptr<PlaneStore> makeRawPlanes(FileHandle file, RawLayout layout) {
    return std::make_unique<RawPlanes>(std::move(file), layout);
}

}  // namespace fovea
