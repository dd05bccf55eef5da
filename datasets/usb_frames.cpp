// SPDX-License-Identifier: Apache-2.0
// Locks on the headers of the USB stream, follows the counter, says what is missing and why.
#include "datasets/usb_frames.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace fovea {

namespace {

// The furthest that two frames which follow each other may count apart when nothing is known yet.
constexpr std::uint32_t lockStep = 65536;

// How far `counter` is ahead of `other`, over the wrap; negative when behind.
std::int32_t ahead(std::uint32_t counter, std::uint32_t other) {
    return static_cast<std::int32_t>(counter - other);
}

}  // namespace

std::optional<UsbFrameHeader> UsbFrameHeader::read(const std::uint8_t *source) {
    std::uint32_t sync = 0;
    UsbFrameHeader header;
    std::memcpy(&sync, source, sizeof sync);
    std::memcpy(&header.counter, source + counterOffset, sizeof header.counter);
    return sync == syncWord ? std::optional(header) : std::nullopt;
}

void UsbFrameHeader::write(std::uint8_t *target) const {
    std::memset(target, 0, bytes);
    const std::uint32_t sync = syncWord;
    std::memcpy(target, &sync, sizeof sync);
    std::memcpy(target + counterOffset, &counter, sizeof counter);
}

UsbFrameParser::UsbFrameParser(PlaneShape shape) : frameBytes_(UsbFrameHeader::frameBytes(shape)) {}

void UsbFrameParser::feed(std::span<const std::uint8_t> bytes) {
    assert(window_.needsFood() && !cut_);
    window_.feed(bytes);
}

void UsbFrameParser::cut(std::uint64_t bytes) {
    assert(window_.needsFood() && !cut_);
    cut_ = bytes;
}

void UsbFrameParser::skip(std::size_t bytes) {
    window_.skip(bytes);
    skippedSince_ += bytes;
    counts_.skippedBytes += bytes;
}

/// The stream has a cut here: nothing before it can be continued.
void UsbFrameParser::endPiece() {
    skip(window_.size());
    window_.keepRest();
    droppedSince_ += *cut_;
    cut_.reset();
    locked_ = false;
}

/// Goes to the next sync word; false: there is none that is complete.
bool UsbFrameParser::findSync() {
    constexpr std::size_t word = sizeof UsbFrameHeader::syncWord;
    if (window_.size() < word)
        return false;
    const std::uint32_t sync = UsbFrameHeader::syncWord;
    std::array<std::uint8_t, word> wanted{};
    std::memcpy(wanted.data(), &sync, word);
    const std::uint8_t *begin = window_.view(0, window_.size());
    const std::uint8_t *end = begin + window_.size();
    const std::uint8_t *found = std::search(begin, end, wanted.begin(), wanted.end());
    const bool there = found != end;
    skip(there ? static_cast<std::size_t>(found - begin) : window_.size() - (word - 1));
    return there;
}

/// Goes to a header that is followed by one that counts on.
bool UsbFrameParser::findLock() {
    while (findSync()) {
        if (window_.size() < frameBytes_ + UsbFrameHeader::bytes)
            return false;
        const auto here = UsbFrameHeader::read(window_.view(0, UsbFrameHeader::bytes));
        const auto there = UsbFrameHeader::read(window_.view(frameBytes_, UsbFrameHeader::bytes));
        // Bytes that never change may look like two headers, but they do not count on.
        if (here && there && there->counter != here->counter &&
            there->counter - here->counter <= lockStep) {
            locked_ = true;
            return true;
        }
        skip(1);
    }
    return false;
}

std::optional<UsbFrame> UsbFrameParser::next() {
    for (;;) {
        if (!locked_ && !findLock()) {
            cut_ ? endPiece() : window_.keepRest();
            return std::nullopt;
        }
        std::optional<std::uint32_t> following;
        if (window_.size() >= frameBytes_ + UsbFrameHeader::bytes) {
            const auto header =
                UsbFrameHeader::read(window_.view(frameBytes_, UsbFrameHeader::bytes));
            if (!header) {
                locked_ = false;
                ++counts_.resyncs;
                skip(1);
                continue;
            }
            following = header->counter;
        } else if (!cut_) {
            window_.keepRest();
            return std::nullopt;
        } else if (window_.size() < frameBytes_) {
            endPiece();
            return std::nullopt;
        }
        if (auto frame = takeFrame(following))
            return frame;
    }
}

/// Whether the frame with `counter` is the one to give out next. Which of two strange counters is
/// wrong is told by the one that follows.
UsbFrameParser::Verdict UsbFrameParser::judge(std::uint32_t counter,
                                              std::optional<std::uint32_t> following) {
    const std::int32_t step = ahead(counter, last_);
    if (!begun_ || step == 1)
        return Verdict::Frame;
    if (step == 0) {
        ++counts_.repeated;
        return Verdict::LeaveOut;
    }
    if (step < 0 && step >= -static_cast<std::int32_t>(lateFrames)) {
        ++counts_.late;
        return Verdict::LeaveOut;
    }
    const bool countsOn = following && ahead(*following, counter) >= 0 &&
                          ahead(*following, counter) <= static_cast<std::int32_t>(longestHole);
    if (following && !countsOn)
        return Verdict::Damaged;
    restarted_ = step < 0 || step > static_cast<std::int32_t>(longestHole);
    return restarted_ && !countsOn ? Verdict::Damaged : Verdict::Frame;
}

/// Says where `missing` planes went. Bytes that were dropped or skipped explain as many of them as
/// they had room for; the device has lost the rest.
void UsbFrameParser::countHole(std::uint32_t missing, UsbFrame &frame) {
    const std::uint64_t room = (skippedSince_ + droppedSince_) / frameBytes_;
    const std::uint64_t explained = std::min<std::uint64_t>(missing, room);
    if (droppedSince_ > 0)
        frame.lostOnHost = explained;
    frame.lostOnLink = missing - frame.lostOnHost;
    counts_.lostOnHost += frame.lostOnHost;
    counts_.damaged += explained - frame.lostOnHost;
    counts_.lostOnLink += missing - explained;
}

std::optional<UsbFrame> UsbFrameParser::takeFrame(std::optional<std::uint32_t> following) {
    const std::uint8_t *bytes = window_.view(0, frameBytes_);
    const std::uint32_t counter = UsbFrameHeader::read(bytes)->counter;
    restarted_ = false;
    const Verdict verdict = judge(counter, following);
    if (verdict == Verdict::Damaged) {
        skip(frameBytes_);
        return std::nullopt;
    }
    window_.skip(frameBytes_);
    if (verdict == Verdict::LeaveOut)
        return std::nullopt;
    UsbFrame frame;
    frame.counter = counter;
    frame.bytes = bytes + UsbFrameHeader::bytes;
    frame.restarted = restarted_;
    if (restarted_)
        ++counts_.counterRestarts;
    else if (begun_)
        countHole(counter - last_ - 1, frame);
    frame.number = nextNumber_ + frame.lostOnLink + frame.lostOnHost;
    nextNumber_ = frame.number + 1;
    last_ = counter;
    begun_ = true;
    skippedSince_ = droppedSince_ = 0;
    ++counts_.frames;
    return frame;
}

}  // namespace fovea
