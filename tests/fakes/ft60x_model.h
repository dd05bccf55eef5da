// SPDX-License-Identifier: Apache-2.0
// The camera behind its FT601 chip, without a bus: answers requests, streams frames, fails by
// script.
#pragma once

#include "tests/fakes/usb_frame_stream.h"

#include <atomic>
#include <chrono>
#include <optional>

namespace fovea::test {

/// What happens to one transfer of the stream.
enum class TransferFault : std::uint8_t {
    Stall,     ///< it and all after it fail until the halt is cleared
    Overflow,  ///< fails; its bytes are lost
    Error,     ///< fails; its bytes are lost
    Short,     ///< ends after half of its bytes; none is lost
    TimedOut,  ///< the same, but says that it took too long
    Hang,      ///< it and all after it never end by themselves
    Unplug,    ///< the cable is pulled
};

/// What a transfer brought.
struct BulkIn {
    enum class End : std::uint8_t { Done, NotYet, Stall, Overflow, Error, TimedOut, Gone };
    End end = End::Done;
    std::size_t bytes = 0;
};

/// Streams whether or not it is asked only as far as its small FIFO goes: bytes come when a
/// transfer takes them. With a pace they come no sooner than they are due.
///
/// Threads: any.
class Ft60xModel {
public:
    explicit Ft60xModel(PlaneShape shape, std::string serial = "F601-0001",
                        std::uint32_t firstCounter = 0);

    [[nodiscard]] UsbFrameStream &frames() { return frames_; }
    [[nodiscard]] const std::string &serial() const { return serial_; }
    /// Device descriptor and configuration descriptor as the kernel shows them.
    [[nodiscard]] std::vector<std::uint8_t> descriptors() const;

    /// Vendor request to the device; nothing when the chip has no such request.
    [[nodiscard]] std::optional<std::vector<std::uint8_t>>
    controlIn(std::uint8_t request, std::uint16_t value, std::size_t length) const;
    /// 20 bytes on endpoint 0x01; false when they are no command.
    [[nodiscard]] bool command(std::span<const std::uint8_t> bytes);
    /// What the oldest transfer that waits on endpoint 0x82 gets.
    [[nodiscard]] BulkIn bulkIn(std::span<std::uint8_t> target);
    void clearHalt();

    /// The `transfer`-th transfer from now on (0: the next one) has this fault.
    void failTransfer(std::uint64_t transfer, TransferFault fault);
    /// Every `every`-th transfer from now on has it; 0: none.
    void failEvery(std::uint64_t every, TransferFault fault);
    /// Bytes a second; 0: as fast as they are asked for. Acts from the next begin of the stream.
    void setPace(double bytesPerSecond) { pace_ = bytesPerSecond; }
    void unplug() { plugged_ = false; }
    /// A chip that was pulled forgets that it streamed.
    void plugIn();
    [[nodiscard]] bool plugged() const { return plugged_; }

    [[nodiscard]] bool streaming() const;
    [[nodiscard]] std::uint64_t halts() const { return haltsCleared_; }
    [[nodiscard]] std::uint64_t commands() const { return commands_; }

private:
    [[nodiscard]] std::optional<TransferFault> nextFault();
    [[nodiscard]] bool due(std::size_t bytes);

    const std::string serial_;
    UsbFrameStream frames_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, TransferFault> faults_;
    std::uint64_t every_ = 0;
    std::uint64_t everyFrom_ = 0;
    TransferFault everyFault_{};
    std::uint64_t transfers_ = 0;
    bool streaming_ = false;
    bool halted_ = false;
    bool hanging_ = false;
    std::atomic<bool> plugged_{true};
    std::atomic<double> pace_{0};
    std::atomic<std::uint64_t> haltsCleared_{0};
    std::atomic<std::uint64_t> commands_{0};
    std::chrono::steady_clock::time_point begun_{};
    double sent_ = 0;  ///< bytes since then
};

}  // namespace fovea::test
