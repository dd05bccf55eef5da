// SPDX-License-Identifier: Apache-2.0
// Packs planes into continuous bits and keeps the sidecar in step.
#include "datasets/spike_writer.h"

#include "datasets/output_file.h"
#include "datasets/raw_planes.h"

#include <algorithm>
#include <system_error>
#include <vector>

namespace fovea {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t bufferBytes = 1 << 20;
// The reader takes sidecars of up to 12 MiB; this leaves room for the other fields.
constexpr std::size_t maxGapBytes = 11 << 20;
constexpr int maxNames = 100000;

fs::path partOf(const fs::path &path) {
    return fs::path(path.native() + ".part");
}

// "scene.dat" -> "scene-3.dat"
fs::path numbered(const fs::path &path, int number) {
    if (number == 0)
        return path;
    return path.parent_path() /
           fs::path(path.stem().native() + fmt::format("-{}", number) + path.extension().native());
}

bool isTaken(const fs::path &path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

// Why a recording cannot get this name; empty when it can.
std::string refusal(const fs::path &path, IfExists ifExists) {
    const fs::path part = partOf(path);
    if (isTaken(part) || isTaken(sidecarPath(part)))
        return fmt::format(
            "{}: is being recorded, or its recording was interrupted: then it can be "
            "read as it is (fovea info {}); move or remove it, or give another name",
            part.string(), part.string());
    if (ifExists != IfExists::Replace)
        for (const fs::path &one : {path, sidecarPath(path)})
            if (isTaken(one))
                return fmt::format("{}: exists; give another name, nothing is overwritten",
                                   one.string());
    return {};
}

}  // namespace

struct SpikeWriter::State {
    Descriptor descriptor;
    RawLayout layout;
    fs::path target;
    bool replace = false;
    OutputFile data;
    OutputFile sidecar;
    std::vector<std::uint8_t> buffer;  ///< whole bytes, then the byte that is not yet full
    std::size_t bufferBits = 0;
    std::uint64_t stored = 0;  ///< planes, also those still in the buffer
    std::uint64_t lost = 0;
    std::size_t gapBytes = 0;
    bool begun = false;
    std::uint64_t next = 0;  ///< the source's number of the plane that comes next
    Result<void> health;     ///< the first write error is kept
    bool closed = false;

    Result<void> append(const std::uint64_t *plane);
    Result<void> flush();
    Result<void> addGap(std::uint64_t planes, DropReason reason);
    Result<void> addBlock(const SpikeBlock &block);
    Result<fs::path> close();
    Result<void> settleData();
    Result<void> writeFinalSidecar(const fs::path &path) const;
};

// Writes all whole bytes; the byte that is not yet full stays in front of the buffer.
Result<void> SpikeWriter::State::flush() {
    const std::size_t bytes = bufferBits / 8;
    if (auto done = data.write(std::span(buffer).first(bytes)); !done)
        return done;
    const std::uint8_t rest = bufferBits % 8 != 0 ? buffer[bytes] : std::uint8_t{0};
    std::fill(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(bytes) + 1,
              std::uint8_t{0});
    buffer[0] = rest;
    bufferBits %= 8;
    return {};
}

Result<void> SpikeWriter::State::append(const std::uint64_t *plane) {
    const std::size_t bits = layout.shape.pixels();
    if ((bufferBits + bits + 7) / 8 >= buffer.size())
        if (auto done = flush(); !done)
            return done;
    packPlane(plane, layout.flip, layout.shape, buffer.data(), bufferBits);
    bufferBits += bits;
    ++stored;
    return {};
}

Result<void> SpikeWriter::State::addGap(std::uint64_t planes, DropReason reason) {
    if (planes == 0)
        return {};
    RecordingGap gap{stored, planes, reason};
    const std::string line = sidecarGapLine(gap);
    if (gapBytes + line.size() > maxGapBytes || lost + planes > Descriptor::maxPlanes)
        return fail(ErrorCode::Io, "{}: {} gaps with {} lost planes are more than a sidecar holds",
                    data.path().string(), descriptor.gaps.size() + 1, lost + planes);
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
            if (auto done = append(block.plane(plane)); !done)
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
    return flush();
}

// Leaves exactly the whole planes in the file, the last one filled up to a byte.
Result<void> SpikeWriter::State::settleData() {
    if (health && bufferBits > 0)
        health = data.write(std::span(buffer).first((bufferBits + 7) / 8));
    if (!health) {
        stored = std::min(stored, layout.planesIn(data.bytes()));
        const std::uint64_t bytes = layout.bytesOf(stored);
        if (auto done = data.truncate(bytes); !done)
            return done;
        auto &gaps = descriptor.gaps;
        while (!gaps.empty() && gaps.back().before > stored)
            gaps.pop_back();
    }
    return data.finish();
}

Result<void> SpikeWriter::State::writeFinalSidecar(const fs::path &path) const {
    auto file = OutputFile::create(path);
    if (!file)
        return failed(file);
    auto done = file->write(sidecarText(descriptor));
    if (done)
        done = file->finish();
    std::error_code ignored;
    if (!done)
        fs::remove(path, ignored);
    return done;
}

Result<fs::path> SpikeWriter::State::close() {
    closed = true;
    std::error_code ignored;
    const fs::path part = data.path();
    if (auto done = settleData(); !done)
        return failed(done);
    if (stored == 0) {
        fs::remove(part, ignored);
        fs::remove(sidecarPath(part), ignored);
        return fail(ErrorCode::BadFile, "{}: not a single plane was recorded, no file is left",
                    target.string());
    }
    if (replace && health) {
        fs::remove(sidecarPath(target), ignored);
        fs::remove(target, ignored);
    }
    descriptor.planes = stored;
    descriptor.closed = true;
    for (int number = 0; number < maxNames; ++number) {
        // Somebody may have taken the name meanwhile: the recording is worth more than its name.
        const fs::path path = numbered(target, number);
        descriptor.name = path.filename().string();
        if (fs::exists(path, ignored))
            continue;
        if (auto done = writeFinalSidecar(sidecarPath(path)); !done) {
            if (done.error().code == ErrorCode::InvalidArgument)
                continue;
            // No room left: the sidecar of the unfinished recording says enough.
            if (auto moved = renameNew(sidecarPath(part), sidecarPath(path)); !moved || !*moved)
                return failed(done);
        }
        auto renamed = renameNew(part, path);
        if (renamed && *renamed) {
            fs::remove(sidecarPath(part), ignored);
            syncFolder(path.parent_path());
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
                                        IfExists ifExists) {
    if (!descriptor.shape.valid())
        return fail(ErrorCode::InvalidArgument, "{}: shape {}, expected sides of 1 to {}",
                    path.string(), toString(descriptor.shape), PlaneShape::maxSide);
    int number = 0;
    for (std::string why; !(why = refusal(numbered(path, number), ifExists)).empty();)
        if (ifExists != IfExists::NewName || ++number == maxNames)
            return fail(ErrorCode::Io, "{}", why);
    auto state = std::make_unique<State>();
    state->replace = ifExists == IfExists::Replace;
    state->target = numbered(path, number);
    descriptor.flip = descriptor.flip.value_or(true);
    descriptor.format = FileFormat::Raw;
    descriptor.planes.reset();
    descriptor.closed = false;
    descriptor.gaps.clear();
    descriptor.name = state->target.filename().string();
    state->layout = {descriptor.shape, 0, *descriptor.flip};
    state->descriptor = std::move(descriptor);
    const fs::path part = partOf(state->target);
    auto data = OutputFile::create(part);
    if (!data)
        return failed(data);
    std::error_code ignored;
    auto sidecar = OutputFile::create(sidecarPath(part));
    auto begun = sidecar ? sidecar->write(sidecarText(state->descriptor, true))
                         : Result<void>(failed(sidecar));
    if (!begun) {
        fs::remove(part, ignored);
        if (sidecar)
            fs::remove(sidecarPath(part), ignored);
        return failed(begun);
    }
    state->data = std::move(*data);
    state->sidecar = std::move(*sidecar);
    state->buffer.resize(std::max(bufferBytes, state->layout.shape.bytes() + 2));
    return SpikeWriter(std::move(state));
}

Result<void> SpikeWriter::write(const SpikeBlock &block) {
    State &state = *state_;
    if (state.closed)
        return fail(ErrorCode::WrongState, "{}: already closed", state.target.string());
    if (!state.health)
        return state.health;
    if (block.shape() != state.layout.shape)
        return fail(ErrorCode::InvalidArgument, "{}: block of {} pixels, the recording has {}",
                    path().string(), toString(block.shape()), toString(state.layout.shape));
    if (!state.begun) {
        state.descriptor.firstPlane = block.firstPlane();
        state.next = block.firstPlane();
        state.begun = true;
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
    std::error_code ignored;
    fs::remove(path(), ignored);
    fs::remove(sidecarPath(path()), ignored);
}

const fs::path &SpikeWriter::path() const {
    return state_->data.path();
}

std::uint64_t SpikeWriter::storedPlanes() const {
    return state_->stored;
}

std::uint64_t SpikeWriter::planes() const {
    return state_->stored + state_->lost;
}

}  // namespace fovea
