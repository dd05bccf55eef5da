// SPDX-License-Identifier: Apache-2.0
// Puts parts one behind the other, with the gaps between them.
#include "datasets/split_recording.h"

#include <algorithm>

namespace fovea {

namespace {

struct Part {
    std::uint64_t firstStored = 0;  ///< stored planes in the parts before it
    std::unique_ptr<PlaneStore> store;
};

class SplitPlanes final : public PlaneStore {
public:
    SplitPlanes(std::vector<Part> parts, std::uint64_t end, PlaneShape shape)
        : parts_(std::move(parts)), end_(end), shape_(shape) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        std::uint32_t done = 0;
        while (done < count) {
            const std::uint64_t plane = first + done;
            const auto after = behind(plane);
            const Part &part = *std::prev(after);
            const std::uint64_t end = after == parts_.end() ? end_ : after->firstStored;
            const auto wanted =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(count - done, end - plane));
            auto got = part.store->read(plane - part.firstStored, wanted,
                                        words + done * shape_.wordStride(), order);
            if (!got)
                return got;
            done += *got;
            if (*got < wanted)
                break;
        }
        return done;
    }
    std::uint64_t missingFrom(std::uint64_t plane) const override {
        const Part &part = *std::prev(behind(plane));
        return part.store->missingFrom(plane - part.firstStored);
    }

private:
    /// The part after that with this plane.
    [[nodiscard]] std::vector<Part>::const_iterator behind(std::uint64_t plane) const {
        return std::upper_bound(parts_.begin(), parts_.end(), plane,
                                [](std::uint64_t p, const Part &x) { return p < x.firstStored; });
    }

    std::vector<Part> parts_;
    std::uint64_t end_;
    PlaneShape shape_;
};

// Adds `next` behind what `all` has; `end` is the number of the plane that should come next.
Result<void> addPart(SpikeFileInfo &all, const SpikeFileInfo &next, std::uint64_t &end,
                     std::uint64_t &lastPart) {
    const std::string name = next.path.filename().string();
    if (next.shape != all.shape || next.rateHz != all.rateHz)
        return fail(ErrorCode::BadFile,
                    "{}: {} at {} planes/s, the parts before it are {} at {}: they are not of one "
                    "recording",
                    next.path.string(), toString(next.shape), next.rateHz, toString(all.shape),
                    all.rateHz);
    if (all.descriptor && next.descriptor &&
        next.descriptor->recordingId != all.descriptor->recordingId)
        return fail(
            ErrorCode::BadFile,
            "{}: its recording_id is '{}', the first part has '{}': it is left from another "
            "recording; move or remove it",
            next.path.string(), next.descriptor->recordingId, all.descriptor->recordingId);
    const std::uint64_t number = next.descriptor ? next.descriptor->part : 0;
    if (number > lastPart + 1)
        all.warnings.push_back(
            number == lastPart + 2
                ? fmt::format("part {} is missing", number - 1)
                : fmt::format("parts {} to {} are missing", lastPart + 1, number - 1));
    lastPart = number;
    const std::uint64_t begins = next.descriptor ? next.descriptor->firstPlane : end;
    if (begins > Descriptor::maxPlanes)
        return fail(ErrorCode::BadFile, "{}: first_plane: found {}, expected 0 to {}",
                    next.path.string(), begins, Descriptor::maxPlanes);
    if (begins < end)
        all.warnings.push_back(fmt::format(
            "{} begins with plane {}, the part before it ends with {}: its numbers are left out",
            name, begins, end));
    else if (begins > end)
        all.gaps.push_back({all.storedPlanes, begins - end, DropReason::Sink});
    end = std::max(begins, end);
    for (RecordingGap gap : next.gaps) {
        gap.before += all.storedPlanes;
        end += gap.planes;
        all.gaps.push_back(gap);
    }
    for (const std::string &warning : next.warnings)
        all.warnings.push_back(name + ": " + warning);
    end += next.storedPlanes;
    if (end > Descriptor::maxPlanes)
        return fail(ErrorCode::BadFile, "{}: its planes end with number {}, expected at most {}",
                    next.path.string(), end, Descriptor::maxPlanes);
    all.storedPlanes += next.storedPlanes;
    all.fileBytes += next.fileBytes;
    return {};
}

}  // namespace

Result<OpenedRecording> openSplit(const std::filesystem::path &whole,
                                  const std::vector<std::filesystem::path> &parts,
                                  const SpikeFileOptions &options) {
    SpikeFileInfo all;
    std::vector<Part> stores;
    std::uint64_t end = 0;
    std::uint64_t lastPart = 0;
    for (const std::filesystem::path &path : parts) {
        auto part = openRecording(path, options);
        if (!part)
            return failed(part);
        if (stores.empty()) {
            all = part->info;
            all.gaps.clear();
            all.warnings.clear();
            all.storedPlanes = 0;
            all.fileBytes = 0;
            all.path = whole;
            end = all.descriptor ? all.descriptor->firstPlane : 0;
        }
        stores.push_back({all.storedPlanes, std::move(part->store)});
        if (auto added = addPart(all, part->info, end, lastPart); !added)
            return failed(added);
        if (all.descriptor && part->info.descriptor)
            all.descriptor->closed = all.descriptor->closed && part->info.descriptor->closed;
    }
    if (all.descriptor) {
        all.descriptor->part = 0;
        all.descriptor->partOf.clear();
        all.descriptor->recordingId.clear();
        all.descriptor->planes = all.storedPlanes;
    }
    const PlaneShape shape = all.shape;
    const std::uint64_t stored = all.storedPlanes;
    return OpenedRecording{std::move(all),
                           std::make_unique<SplitPlanes>(std::move(stores), stored, shape)};
}

}  // namespace fovea
