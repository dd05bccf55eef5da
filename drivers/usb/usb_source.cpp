// SPDX-License-Identifier: Apache-2.0
// Opens the camera, finds its frames, fills blocks, says what was lost.
#include "drivers/usb/usb_source.h"

#include "drivers/usb/ft60x.h"
#include "drivers/usb/usb_messages.h"
#include "engine/core/plane_rate.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds pumpTime{20};
constexpr milliseconds endingTime{400};  ///< of the second that stopping may take
constexpr milliseconds accessRetry{50};

UsbFrameCounts since(const UsbFrameCounts &now, const UsbFrameCounts &before) {
    return {now.frames - before.frames,
            now.repeated - before.repeated,
            now.late - before.late,
            now.lostOnLink - before.lostOnLink,
            now.lostOnHost - before.lostOnHost,
            now.damaged - before.damaged,
            now.skippedBytes - before.skippedBytes,
            now.resyncs - before.resyncs,
            now.counterRestarts - before.counterRestarts};
}

}  // namespace

UsbSource::UsbSource(UsbSettings settings, std::unique_ptr<UsbTransport> transport, Clock &clock)
    : settings_(std::move(settings)), transport_(std::move(transport)), clock_(clock) {}

UsbSource::~UsbSource() {
    release();
}

void UsbSource::interrupt() {
    interrupted_ = true;
    clock_.wake();
    const std::lock_guard lock(mutex_);
    if (ring_)
        ring_->wake();
}

tl::unexpected<Error> UsbSource::broken(ErrorCode code, UsbCode why) const {
    return fail(code, "{}: {}", nameOf(device_), explain(why, device_));
}

/// The camera that is asked for, or the one that was open before.
Result<UsbDevice> UsbSource::find() const {
    UsbMatch match = settings_.match;
    if (match.serial.empty())
        match.serial = device_.serial;
    UsbMatch any = match;
    any.serial.clear();
    std::vector<UsbDevice> fitting;
    std::string others;
    for (UsbDevice &device : transport_->devices()) {
        if (!any.fits(device))
            continue;
        others += (others.empty() ? "" : ", ") + nameOf(device);
        if (match.fits(device))
            fitting.push_back(std::move(device));
    }
    if (fitting.empty() && others.empty())
        return fail(ErrorCode::NoDevice,
                    "usb{}{}: no camera is plugged in (looked for {}; 'lsusb' lists what is there)",
                    match.serial.empty() ? "" : ":", match.serial, match.text());
    if (fitting.empty())
        return fail(ErrorCode::NoDevice, "usb:{}: no such camera is plugged in; there are: {}",
                    match.serial, others);
    const auto free = std::find_if(fitting.begin(), fitting.end(), [](const UsbDevice &device) {
        return device.permitted && !device.inUse;
    });
    return free == fitting.end() ? fitting.front() : *free;
}

Result<void> UsbSource::claim() {
    const Clock::TimePoint deadline = clock_.now() + settings_.accessPatience;
    for (;;) {
        const UsbCode code = transport_->open(device_);
        if (code == UsbCode::Ok)
            return {};
        if (interrupted_)
            return fail(ErrorCode::Cancelled, "{}: stopped while opening", nameOf(device_));
        if (code != UsbCode::Access || clock_.now() >= deadline)
            return broken(ErrorCode::NoDevice, code);
        clock_.waitUntil(clock_.now() + accessRetry);
    }
}

/// What is known before the first frame.
SourceInfo UsbSource::describe() {
    SourceInfo info;
    info.shape = settings_.shape;
    info.name = device_.name.empty() ? "USB camera" : device_.name;
    info.serial = device_.serial;
    info.live = true;
    if (slow(device_) || transport_->maxPacketBytes() < ft60x::superSpeedPacket)
        info.warnings.emplace_back(
            "in a USB 2 port or on a USB 2 cable: about 40 MB/s get through, the camera loses the "
            "rest; use a USB 3 port (blue)");
    std::array<std::uint8_t, ft60x::configBytes> config{};
    if (transport_->controlIn(ft60x::readConfigRequest, ft60x::readConfigValue, config) !=
        UsbCode::Ok)
        info.warnings.emplace_back("the bridge chip does not tell its configuration");
    return info;
}

Result<void> UsbSource::startStream() {
    if (transport_->maxPacketBytes() == 0)
        return broken(ErrorCode::NoDevice, UsbCode::NotFound);
    {
        const std::lock_guard lock(mutex_);
        ring_ = std::make_unique<TransferRing>(*transport_, settings_.ring, clock_);
    }
    if (const UsbCode code = ring_->start(); code != UsbCode::Ok)
        return broken(ErrorCode::NoDevice, code);
    halting_ = false;
    events_ = std::thread([this] {
        while (!halting_ && !ring_->failure())
            ring_->pump(pumpTime);
    });
    frame_.reset();
    reader_.emplace(*ring_, settings_.shape, clock_);
    return {};
}

bool UsbSource::nextFrame(std::chrono::nanoseconds limit) {
    if (!frame_)
        frame_ = reader_->next(limit);
    return frame_.has_value();
}

/// The next frame while opening; counting begins with it.
Result<void> UsbSource::findFrame() {
    const Clock::TimePoint deadline = clock_.now() + settings_.framePatience;
    frame_.reset();
    countsAtOpen_ = reader_->counts();
    while (!nextFrame(pumpTime)) {
        if (interrupted_)
            return fail(ErrorCode::Cancelled, "{}: stopped while opening", nameOf(device_));
        if (const auto failure = ring_->failure())
            return broken(ErrorCode::NoDevice, *failure);
        if (clock_.now() < deadline)
            continue;
        const std::uint64_t bytes = ring_->counts().bytes;
        if (bytes == 0)
            return fail(ErrorCode::NoDevice,
                        "{}: the camera sends nothing; check its power, plug it in again",
                        nameOf(device_));
        return fail(ErrorCode::NoDevice,
                    "{}: {} bytes came, but no frames of {} ({} bytes each) are in them; is that "
                    "the camera's size? (source.shape, --shape)",
                    nameOf(device_), bytes, toString(settings_.shape),
                    UsbFrameHeader::frameBytes(settings_.shape));
    }
    return {};
}

/// Planes a second as its counter goes, from frames that are then forgotten.
Result<double> UsbSource::findRate() {
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

Result<SourceInfo> UsbSource::openDevice() {
    Result<UsbDevice> found = find();
    if (!found)
        return failed(found);
    device_ = std::move(*found);
    if (auto claimed = claim(); !claimed)
        return failed(claimed);
    SourceInfo info = describe();
    if (auto started = startStream(); !started)
        return failed(started);
    if (ring_->depth() < settings_.ring.inFlight)
        info.warnings.push_back(fmt::format("only {} of {} transfers are in flight: {}",
                                            ring_->depth(), settings_.ring.inFlight,
                                            explain(UsbCode::NoMemory, device_)));
    if (auto first = findFrame(); !first)
        return failed(first);
    const Result<double> rate = findRate();
    if (!rate)
        return tl::make_unexpected(rate.error());
    if (rateHz_ > 0)
        ++epoch_;
    rateHz_ = info.planeRateHz = *rate;
    firstArrival_ = reader_->arrived();
    return info;
}

Result<SourceInfo> UsbSource::doOpen() {
    interrupted_ = false;
    release();  // what is left of a camera that was lost
    Result<SourceInfo> info = openDevice();
    if (!info) {
        release();
        return info;
    }
    const std::lock_guard lock(mutex_);
    ++counts_.opens;
    return info;
}

/// Gives the frame that was found; false when it must begin another block.
bool UsbSource::put(SpikeBlock &block) {
    if (frame_->counterRestarted) {
        if (!block.empty())
            return false;
        block.begin(nextPlane_, rateHz_, ++epoch_);
    }
    block.appendGap(frame_->lostOnLink, DropReason::Link);
    block.appendGap(frame_->lostOnHost, DropReason::Buffer);
    unpackPlane(frame_->payload, 0, settings_.shape.width, settings_.flip, settings_.shape,
                block.append());
    block.setCaptureTime(reader_->arrived());
    nextPlane_ += frame_->lostOnLink + frame_->lostOnHost + 1;
    frame_.reset();
    return true;
}

Result<ReadOutcome> UsbSource::doRead(SpikeBlock &block, std::chrono::milliseconds timeout) {
    if (block.shape() != settings_.shape || block.capacity() == 0)
        return fail(ErrorCode::InvalidArgument,
                    "{}: the block is for {} planes of {}, planes are {}", nameOf(device_),
                    block.capacity(), toString(block.shape()), toString(settings_.shape));
    const Clock::TimePoint deadline = clock_.now() + timeout;
    block.begin(nextPlane_, rateHz_, epoch_);
    while (!block.full() && !interrupted_.exchange(false)) {
        const auto left = std::max(deadline - clock_.now(), Clock::TimePoint::duration{0});
        if (!nextFrame(left) || !put(block))
            break;
    }
    publish();
    if (!block.empty())
        return ReadOutcome::Planes;
    interrupted_ = false;
    if (!reader_->ended())
        return ReadOutcome::Idle;
    if (const auto failure = ring_->failure())
        return broken(ErrorCode::DeviceLost, *failure);
    return ReadOutcome::End;
}

void UsbSource::publish() {
    const std::lock_guard lock(mutex_);
    counts_.frames = since(reader_->counts(), countsAtOpen_);
    counts_.ring = ring_->counts();
    const UsbFrameCounts &frames = counts_.frames;
    const double planes =
        static_cast<double>(frames.frames + frames.lostOnLink + frames.lostOnHost + frames.damaged);
    const double seconds =
        std::chrono::duration<double>(reader_->arrived() - firstArrival_).count();
    counts_.measuredRateHz = seconds > 0 ? planes / seconds : 0;
}

UsbCounts UsbSource::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

/// No new bytes; what came can still be read.
void UsbSource::haltStream() {
    halting_ = true;
    if (events_.joinable())
        events_.join();
    if (ring_)
        (void)ring_->stop(endingTime);
}

/// Nothing is remembered: the next camera may be another one.
void UsbSource::doClose() {
    release();
    device_ = {};
    nextPlane_ = 0;
    epoch_ = 0;
    rateHz_ = 0;
}

void UsbSource::release() {
    haltStream();
    transport_->close();
    reader_.reset();
    frame_.reset();
    const std::lock_guard lock(mutex_);
    ring_.reset();
}

}  // namespace fovea
