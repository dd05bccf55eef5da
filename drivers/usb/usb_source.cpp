// SPDX-License-Identifier: Apache-2.0
// Opens the camera, finds its frames, fills blocks, says what was lost.
#include "drivers/usb/usb_source.h"

#include "drivers/usb/ft60x.h"
#include "drivers/usb/usb_messages.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds pumpTime{20};
constexpr milliseconds endingTime{400};  ///< of the second that stopping may take
constexpr milliseconds accessRetry{50};

}  // namespace

UsbSource::UsbSource(UsbSettings settings, std::unique_ptr<UsbTransport> transport, Clock &clock)
    : LiveSource(settings.shape, settings, clock), settings_(std::move(settings)),
      transport_(std::move(transport)) {}

UsbSource::~UsbSource() {
    close();
}

std::string UsbSource::label() const {
    return nameOf(device_);
}

tl::unexpected<Error> UsbSource::broken(UsbCode why) const {
    return fail(ErrorCode::NoDevice, "{}: {}", nameOf(device_), explain(why, device_));
}

std::optional<std::string> UsbSource::lossReason() const {
    const auto failure = ring_->failure();
    return failure ? std::optional(explain(*failure, device_)) : std::nullopt;
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
        if (interrupted())
            return fail(ErrorCode::Cancelled, "{}: stopped while opening", nameOf(device_));
        if (code != UsbCode::Access || clock_.now() >= deadline)
            return broken(code);
        clock_.waitUntil(clock_.now() + accessRetry);
    }
}

/// What is known before the first frame.
SourceInfo UsbSource::describe() {
    SourceInfo info;
    info.name = device_.name.empty() ? "USB camera" : device_.name;
    info.serial = device_.serial;
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
        return broken(UsbCode::NotFound);
    {
        const std::lock_guard lock(mutex());
        ring_ = std::make_unique<TransferRing>(*transport_, settings_.ring, clock_);
    }
    if (const UsbCode code = ring_->start(); code != UsbCode::Ok)
        return broken(code);
    halting_ = false;
    events_ = std::thread([this] {
        while (!halting_ && !ring_->failure())
            ring_->pump(pumpTime);
    });
    reader_.emplace(*ring_, UsbFrameParser(settings_.shape), clock_);
    return {};
}

Result<SourceInfo> UsbSource::openLink() {
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
    return info;
}

std::size_t UsbSource::frameBytes() const {
    return UsbFrameHeader::frameBytes(settings_.shape);
}

void UsbSource::unpack(const std::uint8_t *frame, std::uint64_t *words) const {
    unpackPlane(frame, 0, settings_.shape.width, settings_.flip, settings_.shape, words);
}

void UsbSource::wakeLink() {
    if (ring_)
        ring_->wake();
}

LiveCounts &UsbSource::readCounts() {
    counts_.frames = reader_->counts();
    counts_.ring = ring_->counts();
    return counts_;
}

UsbCounts UsbSource::counts() const {
    const std::lock_guard lock(mutex());
    return counts_;
}

void UsbSource::haltLink() {
    halting_ = true;
    if (events_.joinable())
        events_.join();
    if (ring_)
        (void)ring_->stop(endingTime);
}

void UsbSource::releaseLink() {
    haltLink();
    transport_->close();
    reader_.reset();
    const std::lock_guard lock(mutex());
    ring_.reset();
}

}  // namespace fovea
