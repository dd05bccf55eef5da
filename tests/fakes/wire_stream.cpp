// SPDX-License-Identifier: Apache-2.0
// Makes frames of random pixels with the ids of the wire, loses what the test says.
#include "tests/fakes/wire_stream.h"

#include "engine/core/random.h"

#include <algorithm>

namespace fovea::test {

namespace {

constexpr std::size_t blockBytes = WireLayout::blockBytes;

void setId(std::uint8_t *block, unsigned channel, unsigned line) {
    block[62] = static_cast<std::uint8_t>((block[62] & 0x0FU) | (line & 0x0FU) << 4);
    block[63] = static_cast<std::uint8_t>(channel << 6 | line >> 4);
}

}  // namespace

WireStream::WireStream(WireLayout layout) : layout_(layout) {
    Random random(7);
    const std::uint32_t half = layout.height / 2;
    for (std::size_t content = 0; content < contents; ++content) {
        std::vector<std::uint8_t> bytes(layout.frameBytes());
        for (std::uint8_t &byte : bytes)
            byte = static_cast<std::uint8_t>(random.below(256));
        for (std::uint32_t row = 0; row < layout.height; ++row)
            for (unsigned side = 0; side < 2; ++side)
                setId(bytes.data() + (std::size_t{2} * row + side) * blockBytes,
                      (row < half ? 0 : 2) + side, row < half ? half - row : row - half + 1);
        frames_.push_back(std::move(bytes));
    }
}

void WireStream::setFaultEvery(std::uint64_t every, WireFault fault) {
    every_ = every;
    everyFrom_ = next_ + 1;
    everyFault_ = fault;
}

WireFault WireStream::fault(std::uint64_t frame) const {
    const auto found = faults_.find(frame);
    if (found != faults_.end())
        return found->second;
    return every_ != 0 && frame >= everyFrom_ && (frame - everyFrom_) % every_ == 0 ? everyFault_
                                                                                    : WireFault{};
}

std::vector<std::uint8_t> WireStream::frame(std::uint64_t index) const {
    std::vector<std::uint8_t> bytes = frames_[index % contents];
    if (fault(index).decoy) {
        const std::size_t middle = bytes.size() / 2 / blockBytes * blockBytes;
        setId(bytes.data() + middle - blockBytes, 3, layout_.height / 2);
        setId(bytes.data() + middle, 0, layout_.height / 2);
    }
    return bytes;
}

void WireStream::read(std::span<std::uint8_t> target) {
    const std::size_t lead = std::min(lead_, target.size());
    std::fill_n(target.begin(), lead, std::uint8_t{0xA5});
    lead_ -= lead;
    for (std::size_t done = lead; done < target.size();) {
        if (at_ == current_.size()) {
            current_ = frame(next_);
            at_ = 0;
        }
        const WireFault now = fault(next_);
        if (at_ == now.loseAt && lose_ == 0)
            lose_ = now.loseBytes;
        const std::size_t lost = std::min(lose_, current_.size() - at_);
        lose_ -= lost;
        at_ += lost;
        const std::size_t until =
            at_ < now.loseAt && now.loseBytes > 0 ? now.loseAt : current_.size();
        const std::size_t bytes = std::min(until - at_, target.size() - done);
        std::copy_n(current_.begin() + static_cast<std::ptrdiff_t>(at_), bytes,
                    target.begin() + static_cast<std::ptrdiff_t>(done));
        at_ += bytes;
        done += bytes;
        if (at_ == current_.size())
            ++next_;
    }
}

std::vector<std::uint64_t> WireStream::whole(std::uint64_t from, std::uint64_t to) const {
    const std::size_t frameBytes = layout_.frameBytes();
    std::vector<std::uint64_t> frames;
    std::size_t missing = 0;  // of the bytes from this frame on
    bool pairBefore = true;   // the last id of the frame before came, or nothing did
    for (std::uint64_t i = 0; i < to; ++i) {
        const WireFault now = fault(i);
        const WireFault next = fault(i + 1);
        const std::size_t here = std::min(missing, frameBytes);
        const std::size_t own = now.loseBytes > 0 ? now.loseAt + now.loseBytes : 0;
        const bool pairBehind = next.loseBytes == 0 || next.loseAt >= blockBytes;
        if (here == 0 && own == 0 && pairBefore && pairBehind && i >= from)
            frames.push_back(i);
        pairBefore = std::max(here, own) + WireLayout::idBytes <= frameBytes;
        missing = std::max(missing - here, own > frameBytes ? own - frameBytes : 0);
    }
    return frames;
}

}  // namespace fovea::test
