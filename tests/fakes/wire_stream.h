// SPDX-License-Identifier: Apache-2.0
// The 1000-column camera's stream without a camera: known frames with faults at chosen places.
#pragma once

#include "datasets/wire_frames.h"

#include <map>
#include <span>
#include <vector>

namespace fovea::test {

/// What happens to one frame on the way.
struct WireFault {
    std::size_t loseAt = 0;     ///< these bytes of it are never sent
    std::size_t loseBytes = 0;  ///< may reach into the frames behind it
    bool decoy = false;         ///< pixels in its middle look like the start of a frame
};

/// Frame i (from 0) has the content i % contents. Uses headers only, so that a library of its own
/// can be made of it.
///
/// Threads: one at a time.
class WireStream {
public:
    static constexpr std::size_t contents = 8;

    explicit WireStream(WireLayout layout);

    void setFault(std::uint64_t frame, WireFault fault) { faults_[frame] = fault; }
    /// From the next frame on, every `every`-th has `fault`.
    void setFaultEvery(std::uint64_t every, WireFault fault);
    /// The stream begins with so many bytes of no frame.
    void setLead(std::size_t bytes) { lead_ = bytes; }

    /// The next bytes of the stream, without end.
    void read(std::span<std::uint8_t> target);

    /// Frames of [from, to) that a careful reader can get.
    [[nodiscard]] std::vector<std::uint64_t> whole(std::uint64_t from, std::uint64_t to) const;
    /// The bytes of frame `index` as sent.
    [[nodiscard]] std::vector<std::uint8_t> frame(std::uint64_t index) const;
    /// The frame of which the next byte is.
    [[nodiscard]] std::uint64_t next() const { return next_; }
    [[nodiscard]] WireLayout layout() const { return layout_; }

private:
    [[nodiscard]] WireFault fault(std::uint64_t frame) const;

    WireLayout layout_;
    std::vector<std::vector<std::uint8_t>> frames_;
    std::map<std::uint64_t, WireFault> faults_;
    std::uint64_t every_ = 0;
    std::uint64_t everyFrom_ = 0;
    WireFault everyFault_;
    std::size_t lead_ = 0;
    std::size_t lose_ = 0;
    std::uint64_t next_ = 0;
    std::size_t at_ = 0;
    std::vector<std::uint8_t> current_;
};

}  // namespace fovea::test
