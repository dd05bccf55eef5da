// SPDX-License-Identifier: Apache-2.0
// The camera's byte stream without a device: numbered frames with faults at chosen places.
#pragma once

#include "datasets/usb_frames.h"

#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace fovea::test {

/// What happens to one frame.
struct FrameFault {
    std::uint32_t lose = 0;        ///< this frame and those after it are never sent (so many)
    std::uint32_t repeats = 0;     ///< sent so often more
    std::uint32_t cutBytes = 0;    ///< the last bytes are not sent
    std::uint32_t counterXor = 0;  ///< on the counter
    bool badSync = false;
};

/// Frame i (from 0) carries the counter firstCounter + i and the content i % contents.
///
/// Threads: any.
class UsbFrameStream {
public:
    static constexpr std::size_t contents = 64;

    explicit UsbFrameStream(PlaneShape shape, std::uint32_t firstCounter = 0);

    /// Takes the planes of a raw recording (bottom row first) as the contents.
    void useRecording(std::span<const unsigned char> bytes);
    void setFault(std::uint64_t frame, const FrameFault &fault);
    /// From the frame sent next on, every `every`-th frame has `fault`.
    void setFaultEvery(std::uint64_t every, const FrameFault &fault);

    /// The next bytes of the stream, without end.
    void read(std::span<std::uint8_t> target);

    /// Frames of [from, to) that were never sent, or sent more than once.
    [[nodiscard]] std::uint64_t lost(std::uint64_t from, std::uint64_t to) const;
    [[nodiscard]] std::uint64_t repeats(std::uint64_t from, std::uint64_t to) const;
    /// Frames begun or lost so far.
    [[nodiscard]] std::uint64_t sent() const;
    /// The stored bytes of frame `index`: what a parser must give.
    [[nodiscard]] std::span<const std::uint8_t> payload(std::uint64_t index) const;
    [[nodiscard]] PlaneShape shape() const { return shape_; }

private:
    void beginFrame();

    const PlaneShape shape_;
    const std::uint32_t firstCounter_;
    std::vector<std::vector<std::uint8_t>> frames_;  ///< header and payload of each content
    mutable std::mutex mutex_;
    std::map<std::uint64_t, FrameFault> faults_;
    std::uint64_t every_ = 0;
    std::uint64_t everyFrom_ = 0;
    FrameFault everyFault_;
    std::map<std::uint64_t, std::uint64_t> lost_;     ///< frame -> how many from it on
    std::map<std::uint64_t, std::uint64_t> repeats_;  ///< frame -> how often more
    std::uint64_t next_ = 0;
    std::vector<std::uint8_t> *current_ = nullptr;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::uint32_t again_ = 0;
};

}  // namespace fovea::test
