// SPDX-License-Identifier: Apache-2.0
// A session's blocks to SpikeWriter: parts, what is kept before a trigger, how it is packed.
#include "datasets/recorder.h"

#include "datasets/disk_probe.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace fovea {

namespace {

/// Blocks that leave the store for each one that comes, so that it empties while others come.
constexpr std::size_t heldAtOnce = 3;
/// Of blocks, also of those that hold gaps only.
constexpr std::size_t mostHeld = 100000;

std::uint64_t blockBytes(const SpikeBlock &block) {
    return std::uint64_t{block.planeCount()} * block.shape().wordStride() * sizeof(std::uint64_t);
}

// The planes and gaps of `block` whose numbers are below `end`.
std::unique_ptr<SpikeBlock> beginningOf(const SpikeBlock &block, std::uint64_t end) {
    auto part = std::make_unique<SpikeBlock>(block.shape(), std::max(1U, block.planeCount()));
    part->begin(block.firstPlane(), block.planeRateHz(), block.epoch());
    const std::size_t bytes = block.shape().wordStride() * sizeof(std::uint64_t);
    const auto planesUpTo = [&](std::uint32_t index) {
        while (part->planeCount() < index && part->endPlane() < end) {
            const std::uint64_t *from = block.plane(part->planeCount());
            std::memcpy(part->append(), from, bytes);
        }
    };
    for (const Gap &gap : block.gaps()) {
        planesUpTo(gap.beforeIndex);
        if (part->endPlane() < end)
            part->appendGap(std::min(gap.planes, end - part->endPlane()), gap.reason);
    }
    planesUpTo(block.planeCount());
    return part;
}

}  // namespace

std::string RecorderSink::name() const {
    return fmt::format("recorder {}", options_.path.filename().string());
}

// The file of part `part` (from 1) of the recording `base`, or that of a whole one.
std::filesystem::path RecorderSink::fileOf(const std::filesystem::path &base,
                                           std::uint64_t part) const {
    return packedPath(splits() ? partPath(base, static_cast<int>(part)) : base,
                      packing_.value_or(Packing::None));
}

std::string RecorderSink::refusal(const std::filesystem::path &base, IfExists ifExists) const {
    return splits() ? splitRefusal(base, ifExists) : nameRefusal(fileOf(base, 1), ifExists);
}

// Finds the name of a recording and opens its first file.
Result<void> RecorderSink::openFirst(IfExists ifExists) {
    if (ifExists != IfExists::NewName)
        if (const std::string why = refusal(options_.path, ifExists); !why.empty())
            return fail(ErrorCode::Io, "{}", why);
    for (int number = 0; number < mostNames; ++number) {
        base_ = numberedPath(options_.path, number);
        if (refusal(base_, IfExists::NewName).empty())
            break;
    }
    if (finished_.empty())
        firstBase_ = base_;
    if (splits()) {
        std::random_device random;
        descriptor_.recordingId = fmt::format("{:08x}{:08x}", random(), random());
        descriptor_.part = 1;
        descriptor_.partOf = base_.filename().string();
    }
    return open(fileOf(base_, 1));
}

Result<void> RecorderSink::open(const std::filesystem::path &path) {
    auto writer =
        SpikeWriter::create(path, descriptor_, IfExists::NewName, packing_.value_or(Packing::None));
    if (!writer)
        return failed(writer);
    writer_.emplace(std::move(*writer));
    tell();
    return {};
}

Result<void> RecorderSink::begin(const SourceInfo &info) {
    descriptor_ = {};
    descriptor_.shape = info.shape;
    rateHz_ = info.planeRateHz;
    // An assumed rate stays an assumption: writing it down would make it a fact.
    if (rateHz_ > 0 && !info.rateAssumed)
        descriptor_.rateHz = rateHz_;
    descriptor_.flip = options_.flip;
    descriptor_.device = info.name;
    descriptor_.serial = info.serial;
    descriptor_.clock = "planes";
    descriptor_.noise = options_.noise;
    descriptor_.createdBy = options_.createdBy;
    descriptor_.settings = options_.settings;
    epoch_.reset();
    next_ = 0;
    end_ = 0;
    complete_ = false;
    if (options_.packing == PackingWish::None)
        packing_ = Packing::None;
    else if (options_.packing == PackingWish::Zstd)
        packing_ = Packing::Zstd;
    packingWhy_ = packing_ == Packing::Zstd ? "zstd, as asked" : "plain";
    if (auto opened = openFirst(options_.ifExists); !opened || options_.seconds <= 0)
        return opened;
    const double planes = std::max(1.0, std::round(options_.seconds * rateHz_));
    end_ = static_cast<std::uint64_t>(planes);
    auto room = checkRoom(options_.path, info.shape, planes);
    if (!room)
        dropFile();
    return room;
}

void RecorderSink::dropFile() {
    writer_->discard();
    writer_.reset();
}

// By what the first planes show.
Result<void> RecorderSink::choosePacking(const SpikeBlock &block) {
    const PackingChoice choice =
        fovea::choosePacking(tryPacking(block, options_.flip),
                             rateHz_ * static_cast<double>(block.shape().pixels()) / 8);
    packing_ = choice.packing;
    packingWhy_ = choice.why;
    if (choice.packing == Packing::None)
        return {};
    dropFile();
    return openFirst(options_.ifExists);
}

Result<void> RecorderSink::write(const SpikeBlock &block) {
    if (!writer_)
        return fail(ErrorCode::WrongState, "{}: write without begin", name());
    Result<void> done;
    if (complete_)
        return done;
    if (options_.holdSeconds <= 0) {
        done = putUntilEnd(block);
    } else {
        // What is kept and what comes go one behind the other, also after the trigger.
        hold(block);
        done = triggered_ ? putHeld(heldAtOnce) : Result<void>{};
    }
    tell();
    return done;
}

// Numbers count, not planes: what was lost takes its time, too.
Result<void> RecorderSink::putUntilEnd(const SpikeBlock &block) {
    if (options_.seconds <= 0)
        return put(block);
    if (complete_)
        return {};
    if (epoch_ != block.epoch()) {
        end_ = block.firstPlane() + (end_ - next_);
        next_ = block.firstPlane();
    }
    Result<void> done;
    if (block.endPlane() <= end_)
        done = put(block);
    else if (block.firstPlane() < end_)
        done = put(*beginningOf(block, end_));
    next_ = std::min(block.endPlane(), end_);
    complete_ = next_ == end_;
    if (complete_)
        lost_ += end_ - written_;
    return done;
}

Result<void> RecorderSink::put(const SpikeBlock &block) {
    if (!packing_ && block.planeCount() > 0)
        if (auto chosen = choosePacking(block); !chosen)
            return chosen;
    if (epoch_ && *epoch_ != block.epoch()) {
        if (auto done = closeFile(); !done)
            return done;
        if (auto done = openFirst(IfExists::NewName); !done)
            return done;
    } else if (isPartFull(block)) {
        if (auto done = closeFile(); !done)
            return done;
        ++descriptor_.part;
        if (auto done = open(fileOf(base_, descriptor_.part)); !done)
            return done;
    }
    const bool continues = epoch_ == block.epoch();
    epoch_ = block.epoch();
    if (auto done = writer_->write(block); !done)
        return done;
    // What lacks before it, and in it.
    lost_ += continues ? block.firstPlane() - written_ : 0;
    lost_ += block.spanned() - block.planeCount();
    written_ = block.endPlane();
    return {};
}

bool RecorderSink::isPartFull(const SpikeBlock &block) const {
    const std::uint64_t planes = writer_->storedPlanes();
    if (!splits() || planes == 0)
        return false;
    const std::uint64_t raw = (block.planeCount() * std::uint64_t{block.shape().pixels()} + 7) / 8;
    const double seconds = static_cast<double>(writer_->planes()) / std::max(1.0, rateHz_);
    return (options_.splitBytes > 0 && writer_->storedBytes() + raw > options_.splitBytes) ||
           (options_.splitSeconds > 0 && seconds >= options_.splitSeconds);
}

void RecorderSink::hold(const SpikeBlock &block) {
    std::unique_ptr<SpikeBlock> copy;
    if (!spare_.empty() && spare_.back()->capacity() >= block.planeCount()) {
        copy = std::move(spare_.back());
        spare_.pop_back();
    } else {
        copy = std::make_unique<SpikeBlock>(block.shape(), std::max(1U, block.planeCount()));
    }
    copy->copyFrom(block);
    heldPlanes_ += copy->planeCount();
    held_.push_back(std::move(copy));
    if (triggered_)
        return;
    const auto tooMuch = [&] {
        const std::uint64_t oldest = held_.front()->planeCount();
        return held_.size() > mostHeld ||
               static_cast<double>(heldPlanes_ - oldest) >= options_.holdSeconds * rateHz_ ||
               heldPlanes_ * blockBytes(*held_.front()) >
                   options_.holdBytes * std::max<std::uint64_t>(1, oldest);
    };
    while (held_.size() > 1 && tooMuch()) {
        heldPlanes_ -= held_.front()->planeCount();
        if (spare_.size() < 2)
            spare_.push_back(std::move(held_.front()));
        held_.pop_front();
    }
}

Result<void> RecorderSink::putHeld(std::size_t most) {
    for (; most > 0 && !held_.empty(); --most) {
        const std::unique_ptr<SpikeBlock> block = std::move(held_.front());
        held_.pop_front();
        heldPlanes_ -= block->planeCount();
        if (auto done = putUntilEnd(*block); !done)
            return done;
    }
    return {};
}

Result<void> RecorderSink::closeFile() {
    if (!writer_)
        return {};
    auto path = writer_->close();
    planesBefore_ += writer_->storedPlanes();
    bytesBefore_ += writer_->storedBytes();
    const std::filesystem::path place = writer_->path();
    const bool kept = path || std::filesystem::exists(place);
    writer_.reset();
    if (kept)
        finished_.push_back(place);
    return path ? Result<void>{} : Result<void>(failed(path));
}

Result<void> RecorderSink::finish() {
    Result<void> written;
    if (triggered_ && writer_)
        written = putHeld(held_.size());
    held_.clear();
    spare_.clear();
    heldPlanes_ = 0;
    if (options_.holdSeconds > 0 && !triggered_ && writer_)
        dropFile();
    auto closed = closeFile();
    tell();
    return written ? closed : written;
}

Result<void> RecorderSink::takeName() {
    if (options_.ifExists != IfExists::Replace || finished_.empty())
        return {};
    std::vector<std::filesystem::path> old{options_.path};
    if (splits())
        for (const auto &part : findParts(options_.path))
            old.push_back(part);
    for (std::size_t i = 0; i < finished_.size() && finished_[i] == fileOf(firstBase_, i + 1);
         ++i) {
        const auto wanted = fileOf(options_.path, i + 1);
        if (finished_[i] == wanted)
            break;  // the name was free
        auto descriptor = readSidecar(sidecarPath(finished_[i]));
        if (!descriptor)
            return failed(descriptor);
        if (splits())
            descriptor->partOf = options_.path.filename().string();
        if (auto done = replaceRecording(finished_[i], wanted, std::move(*descriptor)); !done)
            return done;
        finished_[i] = wanted;
        if (!splits())
            break;
    }
    // The old one where it was packed in another way, or had more parts.
    const bool placed = finished_.front() == fileOf(options_.path, 1);
    for (const auto &file : old)
        if (placed && std::find(finished_.begin(), finished_.end(), file) == finished_.end())
            removeRecording(file);
    tell();
    return {};
}

void RecorderSink::tell() {
    RecorderStatus now;
    now.armed = options_.holdSeconds > 0 && !triggered_;
    now.complete = complete_;
    now.heldSeconds = rateHz_ > 0 ? static_cast<double>(heldPlanes_) / rateHz_ : 0;
    now.planes = planesBefore_ + (writer_ ? writer_->storedPlanes() : 0);
    now.bytes = bytesBefore_ + (writer_ ? writer_->storedBytes() : 0);
    now.lost = lost_;
    const double raw = rateHz_ * static_cast<double>(descriptor_.shape.pixels()) / 8;
    now.bytesPerSecond =
        now.planes > 0 ? static_cast<double>(now.bytes) / static_cast<double>(now.planes) * rateHz_
                       : raw;
    now.part = splits() ? descriptor_.part : 0;
    if (writer_)
        now.path = writer_->path();
    else if (!finished_.empty())
        now.path = finished_.back();
    now.packing = packing_ ? packingWhy_ : std::string();
    const std::lock_guard lock(mutex_);
    status_ = std::move(now);
}

RecorderStatus RecorderSink::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

}  // namespace fovea
