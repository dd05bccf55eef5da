// SPDX-License-Identifier: Apache-2.0
// Opens the card, finds its frames, fills blocks, says what was lost.
#include "drivers/pcie/pcie_source.h"

#include "engine/core/plane_rate.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds pumpTime{20};
constexpr milliseconds endingTime{400};  ///< of the second that stopping may take

WireFrameCounts since(const WireFrameCounts &now, const WireFrameCounts &before) {
    return {now.frames - before.frames,         now.lostOnLink - before.lostOnLink,
            now.lostOnHost - before.lostOnHost, now.skippedBytes - before.skippedBytes,
            now.lostSyncs - before.lostSyncs,   now.falseStarts - before.falseStarts};
}

}  // namespace

PcieSource::PcieSource(PcieSettings settings, Clock &clock)
    : settings_(std::move(settings)), clock_(clock) {}

PcieSource::~PcieSource() {
    release();
}

void PcieSource::interrupt() {
    interrupted_ = true;
    const std::lock_guard lock(mutex_);
    if (card_)
        card_->wake();
}

bool PcieSource::nextFrame(std::chrono::nanoseconds limit) {
    if (frame_)
        return true;
    frame_ = reader_->next(limit);
    if (frame_)
        lastFrame_ = clock_.now();
    return frame_.has_value();
}

std::string PcieSource::unsynced() const {
    return fmt::format("pcie: {} bytes came, but no frames of {} ({} bytes each) are in them; is "
                       "that the camera's size? (source.shape, --shape)",
                       card_->counts().bytes, toString(settings_.layout.shape()),
                       settings_.layout.frameBytes());
}

/// The next frame while opening; counting begins with it.
Result<void> PcieSource::findFrame() {
    const Clock::TimePoint deadline = clock_.now() + settings_.framePatience;
    frame_.reset();
    countsAtOpen_ = reader_->counts();
    while (!nextFrame(pumpTime)) {
        if (interrupted_)
            return fail(ErrorCode::Cancelled, "pcie: stopped while opening");
        if (const auto failure = card_->failure())
            return fail(ErrorCode::NoDevice, "pcie: {}", *failure);
        if (clock_.now() >= deadline)
            return fail(ErrorCode::NoDevice, "{}", unsynced());
    }
    return {};
}

/// Planes a second as they arrive, from frames that are then forgotten.
Result<double> PcieSource::findRate() {
    if (settings_.planeRateHz)
        return *settings_.planeRateHz;
    const Clock::TimePoint start = reader_->arrived();
    const std::uint64_t first = frame_->number;
    while (reader_->arrived() - start < settings_.rateWindow)
        if (auto found = findFrame(); !found)
            return failed(found);
    const double seconds = std::chrono::duration<double>(reader_->arrived() - start).count();
    return roundPlaneRate(static_cast<double>(frame_->number - first) / seconds, rateHz_);
}

Result<SourceInfo> PcieSource::openCard() {
    {
        const std::lock_guard lock(mutex_);
        card_ = std::make_unique<CardReader>(settings_.card);
        // An interrupt() that came before had nothing to wake.
        if (interrupted_)
            card_->wake();
    }
    Result<CardReader::Opened> opened = card_->start();
    if (!opened)
        return failed(opened);
    reader_.emplace(*card_, settings_.layout);
    if (auto first = findFrame(); !first)
        return failed(first);
    const Result<double> rate = findRate();
    if (!rate)
        return tl::make_unexpected(rate.error());
    SourceInfo info;
    info.shape = settings_.layout.shape();
    info.name = "PCIe camera";
    info.live = true;
    info.planeRateHz = *rate;
    info.warnings = std::move(opened->warnings);
    if (rateHz_ > 0)
        ++epoch_;
    rateHz_ = *rate;
    firstArrival_ = reader_->arrived();
    return info;
}

Result<SourceInfo> PcieSource::doOpen() {
    interrupted_ = false;
    release();  // what is left of a camera that was lost
    Result<SourceInfo> info = openCard();
    if (!info) {
        release();
        return info;
    }
    const std::lock_guard lock(mutex_);
    ++counts_.opens;
    return info;
}

/// Gives the frame that was found.
void PcieSource::put(SpikeBlock &block) {
    block.appendGap(frame_->lostOnLink, DropReason::Link);
    block.appendGap(frame_->lostOnHost, DropReason::Buffer);
    settings_.layout.unpack(frame_->bytes, settings_.flip, block.append());
    block.setCaptureTime(reader_->arrived());
    nextPlane_ += frame_->lostOnLink + frame_->lostOnHost + 1;
    frame_.reset();
}

Result<ReadOutcome> PcieSource::doRead(SpikeBlock &block, milliseconds timeout) {
    const PlaneShape shape = settings_.layout.shape();
    if (block.shape() != shape || block.capacity() == 0)
        return fail(ErrorCode::InvalidArgument,
                    "pcie: the block is for {} planes of {}, planes are {}", block.capacity(),
                    toString(block.shape()), toString(shape));
    const Clock::TimePoint deadline = clock_.now() + timeout;
    block.begin(nextPlane_, rateHz_, epoch_);
    while (!block.full() && !interrupted_.exchange(false)) {
        const auto left = std::max(deadline - clock_.now(), Clock::TimePoint::duration{0});
        if (!nextFrame(left))
            break;
        put(block);
    }
    publish();
    if (!block.empty())
        return ReadOutcome::Planes;
    interrupted_ = false;
    if (!halted_ && clock_.now() - lastFrame_ > settings_.framePatience && !card_->failure())
        return fail(ErrorCode::DeviceLost, "{}", unsynced());
    if (!reader_->ended())
        return ReadOutcome::Idle;
    const auto failure = card_->failure();
    if (failure && !halted_)
        return fail(ErrorCode::DeviceLost, "pcie: {}", *failure);
    return ReadOutcome::End;
}

void PcieSource::publish() {
    const std::lock_guard lock(mutex_);
    counts_.frames = since(reader_->counts(), countsAtOpen_);
    counts_.card = card_->counts();
    const WireFrameCounts &frames = counts_.frames;
    const double seconds =
        std::chrono::duration<double>(reader_->arrived() - firstArrival_).count();
    const auto planes = static_cast<double>(frames.frames + frames.lostOnLink + frames.lostOnHost);
    counts_.measuredRateHz = seconds > 0 ? planes / seconds : 0;
}

PcieCounts PcieSource::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

/// No new bytes; what came can still be read.
void PcieSource::haltStream() {
    halted_ = true;
    if (card_)
        (void)card_->stop(endingTime);
}

void PcieSource::doClose() {
    release();
    nextPlane_ = 0;
    epoch_ = 0;
    rateHz_ = 0;
}

void PcieSource::release() {
    haltStream();
    reader_.reset();
    frame_.reset();
    halted_ = false;
    const std::lock_guard lock(mutex_);
    card_.reset();
}

std::optional<std::string> describePcieCard(const std::string &node) {
    std::error_code ignored;
    if (!std::filesystem::exists(node, ignored))
        return std::nullopt;
    return fmt::format("{}, {}, {}", toString(WireLayout{}.shape()), node,
                       ::access(node.c_str(), R_OK | W_OK) == 0 ? "ready" : "no permission");
}

}  // namespace fovea
