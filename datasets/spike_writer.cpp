// SPDX-License-Identifier: Apache-2.0
// Keeps the sidecar in step with the planes, and gives both their names.
#include "datasets/spike_writer.h"

#include "datasets/output_file.h"

#include <optional>
#include <system_error>

namespace fovea {

namespace fs = std::filesystem;

namespace {

// The reader takes sidecars of up to 12 MiB; this leaves room for the other fields.
constexpr std::size_t maxGapBytes = 11 << 20;

}  // namespace

struct SpikeWriter::State {
    Descriptor descriptor;
    fs::path target;
    bool replace = false;
    std::optional<BlockWriter> data;
    OutputFile sidecar;
    std::uint64_t lost = 0;
    std::size_t gapBytes = 0;
    bool begun = false;
    std::uint64_t next = 0;  ///< the source's number of the plane that comes next
    Result<void> health;     ///< the first write error is kept
    bool closed = false;
    fs::path place;  ///< where the data are now

    Result<void> beginSidecar();
    Result<void> addGap(std::uint64_t planes, DropReason reason);
    Result<void> addBlock(const SpikeBlock &block);
    Result<fs::path> close();
    Result<void> settleData();
};

Result<void> SpikeWriter::State::beginSidecar() {
    if (auto done = sidecar.truncate(0); !done)
        return done;
    return sidecar.write(sidecarText(descriptor, true));
}

Result<void> SpikeWriter::State::addGap(std::uint64_t planes, DropReason reason) {
    if (planes == 0)
        return {};
    RecordingGap gap{data->planes(), planes, reason};
    const std::string line = sidecarGapLine(gap);
    if (gapBytes + line.size() > maxGapBytes || lost + planes > Descriptor::maxPlanes)
        return fail(ErrorCode::Io, "{}: {} gaps with {} lost planes are more than a sidecar holds",
                    data->path().string(), descriptor.gaps.size() + 1, lost + planes);
    // On the disk before the planes behind it, so that a crash cannot hide it.
    if (auto done = sidecar.write(line); !done)
        return done;
    gapBytes += line.size();
    lost += planes;
    auto &gaps = descriptor.gaps;
    if (!gaps.empty() && gaps.back().before == gap.before && gaps.back().reason == gap.reason)
        gaps.back().planes += planes;
    else
        gaps.push_back(gap);
    return {};
}

Result<void> SpikeWriter::State::addBlock(const SpikeBlock &block) {
    std::uint32_t plane = 0;
    const auto appendTo = [&](std::uint32_t end) -> Result<void> {
        for (; plane < end; ++plane)
            if (auto done = data->append(block.plane(plane)); !done)
                return done;
        return {};
    };
    for (const Gap &gap : block.gaps()) {
        if (auto done = appendTo(gap.beforeIndex); !done)
            return done;
        if (auto done = addGap(gap.planes, gap.reason); !done)
            return done;
    }
    if (auto done = appendTo(block.planeCount()); !done)
        return done;
    return data->flush();
}

// Leaves exactly the whole planes in the file. What the disk refused is known already.
Result<void> SpikeWriter::State::settleData() {
    if (auto settled = data->settle(); !settled && health)
        health = settled;
    auto &gaps = descriptor.gaps;
    while (!gaps.empty() && gaps.back().before > data->planes())
        gaps.pop_back();
    return data->finish();
}

Result<fs::path> SpikeWriter::State::close() {
    closed = true;
    std::error_code ignored;
    const fs::path part = data->path();
    const bool wasWell = health.has_value();
    if (auto done = settleData(); !done)
        return failed(done);
    const bool untold = wasWell && !health;
    if (data->planes() == 0) {
        removeRecording(part);
        if (untold)
            return failed(health);
        return fail(ErrorCode::Io, "{}: not a single plane was recorded, no file is left",
                    target.string());
    }
    descriptor.planes = data->planes();
    descriptor.closed = health.has_value();
    if (replace && health) {
        if (auto done = replaceRecording(part, target, descriptor); !done)
            return failed(done);
        return place = target;
    }
    for (int number = 0; number < mostNames; ++number) {
        // Somebody may have taken the name meanwhile: the recording is worth more than its name.
        const fs::path path = numberedPath(target, number);
        descriptor.name = path.filename().string();
        if (fs::exists(path, ignored))
            continue;
        if (auto done = writeSidecar(sidecarPath(path), descriptor); !done) {
            if (done.error().code == ErrorCode::InvalidArgument)
                continue;
            // No room left: the sidecar of the unfinished recording says enough.
            if (auto moved = renameNew(sidecarPath(part), sidecarPath(path)); !moved || !*moved)
                return failed(done);
        }
        auto renamed = renameNew(part, path);
        if (renamed && *renamed) {
            fs::remove(sidecarPath(part), ignored);
            placeIndex(indexPath(part), indexPath(path));
            syncFolder(path.parent_path());
            place = path;
            if (untold)
                return fail(ErrorCode::Io, "{}; what was written before is kept: {}",
                            health.error().message, path.string());
            return path;
        }
        fs::remove(sidecarPath(path), ignored);
        if (!renamed)
            return failed(renamed);
    }
    return fail(ErrorCode::Io, "{}: every numbered name is taken; the recording stays {}",
                target.string(), part.string());
}

SpikeWriter::SpikeWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpikeWriter::SpikeWriter(SpikeWriter &&) noexcept = default;
SpikeWriter &SpikeWriter::operator=(SpikeWriter &&) noexcept = default;

SpikeWriter::~SpikeWriter() {
    if (state_ && !state_->closed)
        (void)state_->close();
}

Result<SpikeWriter> SpikeWriter::create(const fs::path &path, Descriptor descriptor,
                                        IfExists ifExists, Packing packing) {
    if (!descriptor.shape.valid())
        return fail(ErrorCode::InvalidArgument, "{}: shape {}, expected sides of 1 to {}",
                    path.string(), toString(descriptor.shape), PlaneShape::maxSide);
    const fs::path wanted = packedPath(path, packing);
    int number = 0;
    for (std::string why; !(why = nameRefusal(numberedPath(wanted, number), ifExists)).empty();)
        if (ifExists != IfExists::NewName || ++number == mostNames)
            return fail(ErrorCode::Io, "{}", why);
    auto state = std::make_unique<State>();
    state->replace = ifExists == IfExists::Replace;
    state->target = numberedPath(wanted, number);
    descriptor.flip = descriptor.flip.value_or(true);
    descriptor.format = packing == Packing::Zstd ? FileFormat::Zstd : FileFormat::Raw;
    descriptor.planes.reset();
    descriptor.closed = false;
    descriptor.gaps.clear();
    descriptor.name = state->target.filename().string();
    BlockWriter::Settings settings;
    settings.layout = {descriptor.shape, 0, *descriptor.flip};
    settings.rateHz = descriptor.rateHz;
    settings.packing = packing;
    state->descriptor = std::move(descriptor);
    const fs::path part = unfinishedPath(state->target);
    auto data = BlockWriter::create(part, settings);
    if (!data)
        return failed(data);
    auto sidecar = OutputFile::create(sidecarPath(part));
    auto begun = sidecar ? sidecar->write(sidecarText(state->descriptor, true))
                         : Result<void>(failed(sidecar));
    if (!begun) {
        removeRecording(part);
        return failed(begun);
    }
    state->place = part;
    state->data.emplace(std::move(*data));
    state->sidecar = std::move(*sidecar);
    return SpikeWriter(std::move(state));
}

Result<void> SpikeWriter::write(const SpikeBlock &block) {
    State &state = *state_;
    if (state.closed)
        return fail(ErrorCode::WrongState, "{}: already closed", state.target.string());
    if (!state.health)
        return state.health;
    if (block.shape() != state.descriptor.shape)
        return fail(ErrorCode::InvalidArgument, "{}: block of {} pixels, the recording has {}",
                    path().string(), toString(block.shape()), toString(state.descriptor.shape));
    if (!state.begun) {
        state.descriptor.firstPlane = block.firstPlane();
        state.next = block.firstPlane();
        state.begun = true;
        // Known only now; an interrupted recording shall tell it, too.
        if (block.firstPlane() != 0)
            state.health = state.beginSidecar();
        if (!state.health)
            return state.health;
    }
    if (block.firstPlane() < state.next)
        return fail(ErrorCode::InvalidArgument, "{}: plane {} comes again, expected {} or later",
                    path().string(), block.firstPlane(), state.next);
    state.health = state.addGap(block.firstPlane() - state.next, DropReason::Sink);
    if (state.health)
        state.health = state.addBlock(block);
    state.next = block.endPlane();
    return state.health;
}

Result<fs::path> SpikeWriter::close() {
    if (state_->closed)
        return fail(ErrorCode::WrongState, "{}: already closed", state_->target.string());
    return state_->close();
}

void SpikeWriter::discard() {
    state_->closed = true;
    removeRecording(path());
}

const fs::path &SpikeWriter::path() const {
    return state_->place;
}

std::uint64_t SpikeWriter::storedPlanes() const {
    return state_->data->planes();
}

std::uint64_t SpikeWriter::storedBytes() const {
    return state_->data->bytes();
}

std::uint64_t SpikeWriter::planes() const {
    return state_->data->planes() + state_->lost;
}

}  // namespace fovea
