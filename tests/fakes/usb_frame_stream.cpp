// SPDX-License-Identifier: Apache-2.0
// Makes frames of the USB stream and remembers what it did to them.
#include "tests/fakes/usb_frame_stream.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cstring>

namespace fovea::test {

namespace {

std::uint64_t countIn(const std::map<std::uint64_t, std::uint64_t> &spans, std::uint64_t from,
                      std::uint64_t to, bool asSpans) {
    std::uint64_t sum = 0;
    for (const auto &[first, length] : spans) {
        if (!asSpans)
            sum += first >= from && first < to ? length : 0;
        else
            sum +=
                std::max(from, std::min(to, first + length)) - std::min(to, std::max(from, first));
    }
    return sum;
}

}  // namespace

UsbFrameStream::UsbFrameStream(PlaneShape shape, std::uint32_t firstCounter)
    : shape_(shape), firstCounter_(firstCounter) {
    frames_.resize(contents, std::vector<std::uint8_t>(UsbFrameHeader::frameBytes(shape)));
    for (std::size_t i = 0; i < contents; ++i)
        for (std::size_t byte = UsbFrameHeader::bytes; byte < frames_[i].size(); ++byte)
            frames_[i][byte] = static_cast<std::uint8_t>(randomAt(11, i, byte));
}

void UsbFrameStream::useRecording(std::span<const unsigned char> bytes) {
    const std::size_t planes = bytes.size() / shape_.bytes();
    for (std::size_t i = 0; i < contents && planes > 0; ++i)
        std::memcpy(frames_[i].data() + UsbFrameHeader::bytes,
                    bytes.data() + i % planes * shape_.bytes(), shape_.bytes());
}

void UsbFrameStream::setFault(std::uint64_t frame, const FrameFault &fault) {
    const std::lock_guard lock(mutex_);
    faults_[frame] = fault;
}

void UsbFrameStream::setFaultEvery(std::uint64_t every, const FrameFault &fault) {
    const std::lock_guard lock(mutex_);
    every_ = every;
    everyFrom_ = next_ + 1;
    everyFault_ = fault;
}

void UsbFrameStream::beginFrame() {
    FrameFault fault;
    if (again_ > 0) {
        --again_;
    } else {
        if (every_ > 0 && next_ >= everyFrom_ && (next_ - everyFrom_) % every_ == 0)
            fault = everyFault_;
        if (const auto chosen = faults_.find(next_); chosen != faults_.end())
            fault = chosen->second;
        if (fault.lose > 0)
            lost_[next_] = fault.lose;
        next_ += fault.lose;
        if (fault.repeats > 0)
            repeats_[next_] = fault.repeats;
        again_ = fault.repeats;
        ++next_;
    }
    const std::uint64_t index = next_ - 1;
    current_ = &frames_[index % contents];
    UsbFrameHeader header;
    header.counter = (firstCounter_ + static_cast<std::uint32_t>(index)) ^ fault.counterXor;
    header.write(current_->data());
    if (fault.badSync)
        (*current_)[0] ^= 1U;
    at_ = 0;
    end_ = current_->size() - fault.cutBytes;
}

void UsbFrameStream::read(std::span<std::uint8_t> target) {
    const std::lock_guard lock(mutex_);
    while (!target.empty()) {
        if (at_ == end_)
            beginFrame();
        const std::size_t bytes = std::min(target.size(), end_ - at_);
        std::memcpy(target.data(), current_->data() + at_, bytes);
        at_ += bytes;
        target = target.subspan(bytes);
    }
}

std::uint64_t UsbFrameStream::lost(std::uint64_t from, std::uint64_t to) const {
    const std::lock_guard lock(mutex_);
    return countIn(lost_, from, to, true);
}

std::uint64_t UsbFrameStream::repeats(std::uint64_t from, std::uint64_t to) const {
    const std::lock_guard lock(mutex_);
    return countIn(repeats_, from, to, false);
}

std::uint64_t UsbFrameStream::sent() const {
    const std::lock_guard lock(mutex_);
    return next_;
}

std::span<const std::uint8_t> UsbFrameStream::payload(std::uint64_t index) const {
    return std::span(frames_[index % contents]).subspan(UsbFrameHeader::bytes);
}

}  // namespace fovea::test
