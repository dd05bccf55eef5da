// SPDX-License-Identifier: Apache-2.0
// Numbers stored planes around the gaps of a recording.
#include "datasets/spike_file.h"

#include "datasets/open_recording.h"
#include "datasets/split_recording.h"

#include <algorithm>

namespace fovea {

/// Where a plane number lies: in the stored planes, or in gap `gap` when `lost`.
struct SpikeFile::Place {
    bool lost = false;
    std::uint64_t stored = 0;  ///< its index, or that of the next stored plane
    std::size_t gap = 0;       ///< the gap it lies in, or the next one
    std::uint64_t left = 0;    ///< planes from here to the end of this gap or run of stored planes
};

SpikeFile::SpikeFile(SpikeFileInfo info, std::unique_ptr<PlaneStore> store)
    : info_(std::move(info)), store_(std::move(store)) {
    std::uint64_t lost = 0;
    gapStart_.reserve(info_.gaps.size());
    for (const RecordingGap &gap : info_.gaps) {
        gapStart_.push_back(gap.before + lost);
        lost += gap.planes;
    }
    info_.planes = info_.storedPlanes + lost;
}

Result<SpikeFile> SpikeFile::open(const std::filesystem::path &path,
                                  const SpikeFileOptions &options) {
    auto opened = openRecording(path, options);
    if (!opened && opened.error().code == ErrorCode::NoDevice)
        if (const auto parts = findParts(path); !parts.empty())
            opened = openSplit(path, parts, options);
    if (!opened)
        return failed(opened);
    return SpikeFile(std::move(opened->info), std::move(opened->store));
}

SpikeFile::Place SpikeFile::place(std::uint64_t plane) const {
    const auto after = std::upper_bound(gapStart_.begin(), gapStart_.end(), plane);
    const auto next = static_cast<std::size_t>(after - gapStart_.begin());
    const std::uint64_t end = next < gapStart_.size() ? gapStart_[next] : info_.planes;
    if (next == 0)
        return {false, plane, 0, end - plane};
    const RecordingGap &gap = info_.gaps[next - 1];
    const std::uint64_t gapEnd = gapStart_[next - 1] + gap.planes;
    if (plane < gapEnd)
        return {true, gap.before, next - 1, gapEnd - plane};
    return {false, gap.before + (plane - gapEnd), next, end - plane};
}

Result<void> SpikeFile::read(std::uint64_t firstPlane, std::uint64_t endPlane, SpikeBlock &block,
                             std::uint32_t epoch, RowOrder order) const {
    if (block.shape() != info_.shape)
        return fail(ErrorCode::InvalidArgument, "{}: block of {} pixels, the recording has {}",
                    info_.path.string(), toString(block.shape()), toString(info_.shape));
    block.begin(firstPlane, info_.rateHz, epoch);
    const std::uint64_t end = std::min(endPlane, info_.planes);
    for (std::uint64_t plane = firstPlane; plane < end && !block.full();) {
        const Place at = place(plane);
        const std::uint64_t span = std::min(at.left, end - plane);
        if (at.lost) {
            block.appendGap(span, info_.gaps[at.gap].reason);
            plane += span;
            continue;
        }
        const std::uint32_t index = block.planeCount();
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(span, block.capacity() - index));
        auto got = store_->read(at.stored, count, block.plane(index), order);
        if (!got)
            return failed(got);
        for (std::uint32_t i = 0; i < *got; ++i)
            (void)block.append();
        plane += *got;
        if (*got < count) {
            const std::uint64_t missing =
                std::min(store_->missingFrom(at.stored + *got), span - *got);
            block.appendGap(missing, DropReason::Link);
            plane += missing;
        }
    }
    return {};
}

Result<bool> SpikeFile::readPlane(std::uint64_t plane, std::span<std::uint64_t> words) const {
    if (plane >= info_.planes || words.size() != info_.shape.wordStride())
        return fail(ErrorCode::InvalidArgument,
                    "{}: plane {} to {} words asked, there are {} planes of {} words",
                    info_.path.string(), plane, words.size(), info_.planes,
                    info_.shape.wordStride());
    const Place at = place(plane);
    if (at.lost)
        return false;
    auto got = store_->read(at.stored, 1, words.data(), RowOrder::Display);
    if (!got)
        return failed(got);
    return *got == 1;
}

}  // namespace fovea
