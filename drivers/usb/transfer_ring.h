// SPDX-License-Identifier: Apache-2.0
// Keeps the camera's stream flowing: transfers in flight, spare buffers, what happens when they
// fail.
#pragma once

#include "drivers/usb/usb_transport.h"
#include "engine/core/clock.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

/// 256 KiB is a millisecond at 250 MB/s and far above the price of a transfer; 16 in flight keep
/// below the kernel's default limit of 16 MiB.
struct RingSettings {
    std::size_t slotBytes = 256 << 10;  ///< a multiple of 1024
    std::size_t inFlight = 16;
    std::size_t spare = 240;  ///< buffers that a late reader may hold: 60 MiB, 0.25 s at 250 MB/s
    std::chrono::milliseconds watchdog{200};  ///< no transfer ends for so long: the stream is dead
    std::size_t errorsPerSecond = 8;          ///< more than these, and the camera is lost
};

struct RingCounts {
    std::uint64_t transfers = 0;  ///< that brought bytes
    std::uint64_t bytes = 0;
    std::uint64_t shortTransfers = 0;
    std::uint64_t droppedSlots = 0;  ///< whole transfers let go because no buffer was free
    std::uint64_t droppedBytes = 0;
    std::uint64_t stalls = 0;
    std::uint64_t overflows = 0;
    std::uint64_t errors = 0;    ///< of any other kind
    std::uint64_t restarts = 0;  ///< of the stream, after a stall or by the watchdog
    std::size_t leastSpare = 0;  ///< fewest free buffers so far
};

/// Reads one endpoint for ever, whether or not anybody takes what came. A transfer that ends is
/// replaced at once by a spare buffer. When none is spare, the whole transfer is let go and the
/// next piece says how many bytes are missing before it: the camera never waits, and no loss is
/// silent.
///
/// After a stall, or when no transfer ends for the watchdog's time, all transfers are ended and the
/// stream is begun anew, once; if it does not flow then, or errors come too often, or the device is
/// gone, failure() says so.
/// Threads: start, pump and stop belong to one thread at a time; take, giveBack, wake, failure and
/// counts may be used from any.
class TransferRing {
public:
    using Milliseconds = std::chrono::milliseconds;

    struct Piece {
        UsbTransport::Slot slot = 0;
        std::span<const std::uint8_t> bytes;
        std::optional<std::uint64_t> cutBefore;  ///< bytes missing before it; 0: maybe some
        Clock::TimePoint arrived{};
    };

    /// `transport` and `clock` must outlive it.
    TransferRing(UsbTransport &transport, const RingSettings &settings, Clock &clock);

    /// The opened device begins to stream.
    [[nodiscard]] UsbCode start();
    /// Waits up to `limit` for transfers and keeps them going; to be called without pause.
    void pump(Milliseconds limit);
    /// Ends all transfers, waiting up to `limit`; what came can still be taken. False: some did not
    /// end.
    bool stop(Milliseconds limit);

    /// The oldest piece; nothing after `limit`, after wake(), or when the ring has failed or
    /// stopped and all was taken.
    [[nodiscard]] std::optional<Piece> take(std::chrono::nanoseconds limit);
    /// The buffer of a piece may be used again.
    void giveBack(const Piece &piece);
    /// Ends a take() that waits, or the next one.
    void wake();

    /// Nothing can be taken now, and nothing will come.
    [[nodiscard]] bool ended() const;
    /// Why no more bytes will come; nothing while they do.
    [[nodiscard]] std::optional<UsbCode> failure() const;
    [[nodiscard]] RingCounts counts() const;
    /// Transfers that the kernel took at start(): fewer than asked for when its memory is short.
    [[nodiscard]] std::size_t depth() const;

private:
    /// Ending: no transfer is begun, those in flight are awaited, then the stream begins anew.
    enum class Phase : std::uint8_t { Stopped, Flowing, Ending };

    [[nodiscard]] UsbCode beginStream();
    void endStream();
    void completed(UsbTransport::Slot slot, UsbCode status, std::size_t bytes);
    void keep(UsbTransport::Slot slot, std::size_t bytes);
    void countFault(UsbCode status);
    void submitSpares();
    void fail(UsbCode code);
    void beginAnew();
    void watch();

    UsbTransport &transport_;
    const RingSettings settings_;
    Clock &clock_;
    std::uint32_t commands_ = 0;
    bool begun_ = false;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Phase phase_ = Phase::Stopped;
    std::optional<UsbCode> failure_;
    std::size_t depth_ = 0;
    std::size_t inFlight_ = 0;
    std::vector<UsbTransport::Slot> spare_;
    std::deque<Piece> full_;
    std::optional<std::uint64_t> cut_;  ///< before the next piece
    bool woken_ = false;
    bool flowedSinceRestart_ = false;
    bool halted_ = false;
    Clock::TimePoint lastProgress_{};
    std::deque<Clock::TimePoint> faults_;  ///< of the last second
    RingCounts counts_;
};

}  // namespace fovea
