// SPDX-License-Identifier: Apache-2.0
// A spike camera on USB as a source of planes.
#pragma once

#include "drivers/usb/frame_reader.h"
#include "drivers/usb/usb_devices.h"
#include "engine/core/clock.h"
#include "engine/core/spike_source.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

namespace fovea {

struct UsbSettings {
    UsbMatch match;
    PlaneShape shape{400, 250};
    std::optional<double> planeRateHz;  ///< nothing: measured from the frame counter
    bool flip = true;                   ///< the camera sends its bottom row first
    RingSettings ring;
    /// A device may show before its permissions are set.
    std::chrono::milliseconds accessPatience{1000};
    std::chrono::milliseconds framePatience{2000};  ///< until the first frame is found
    std::chrono::milliseconds rateWindow{250};      ///< over which the rate is measured
};

/// What the camera and its link have done since the last open(), and how often it was opened.
struct UsbCounts {
    UsbFrameCounts frames;
    RingCounts ring;
    std::uint64_t opens = 0;
    double measuredRateHz = 0;  ///< from counter and arrival, over all of it; 0: not yet
};

/// Reads a camera behind an FT600 or FT601 for as long as it is there.
///
/// Planes are numbered from 0 after a close(); the numbers grow by the camera's own counter, so
/// what the device loses is a Gap of reason Link and what this computer could not take is one of
/// reason Buffer, both exact. When the camera comes back after a loss, or begins to count anew, the
/// numbers go on and the block's epoch grows: how long it was away is not known in planes. A lost
/// camera is looked for by its serial at each open(); nothing is remembered of the bus, so it is
/// found at any port and without udevd. Rate: what is set, or measured and rounded to what such
/// cameras do; once known it is kept when the camera comes back with the same. A thread of its own
/// keeps transfers going, whether or not anybody reads. Threads: see SpikeSource; counts() any.
class UsbSource final : public SpikeSource {
public:
    /// `clock` must outlive the source.
    UsbSource(UsbSettings settings, std::unique_ptr<UsbTransport> transport, Clock &clock);
    ~UsbSource() override;

    void interrupt() override;
    [[nodiscard]] UsbCounts counts() const;

protected:
    [[nodiscard]] Result<SourceInfo> doOpen() override;
    [[nodiscard]] Result<ReadOutcome> doRead(SpikeBlock &block,
                                             std::chrono::milliseconds timeout) override;
    void doDrain() override { haltStream(); }
    void doClose() override;

private:
    [[nodiscard]] Result<UsbDevice> find() const;
    [[nodiscard]] Result<SourceInfo> openDevice();
    [[nodiscard]] Result<void> claim();
    [[nodiscard]] SourceInfo describe();
    [[nodiscard]] Result<void> startStream();
    [[nodiscard]] Result<void> findFrame();
    [[nodiscard]] Result<double> findRate();
    [[nodiscard]] bool nextFrame(std::chrono::nanoseconds limit);
    [[nodiscard]] bool put(SpikeBlock &block);
    [[nodiscard]] tl::unexpected<Error> broken(ErrorCode code, UsbCode why) const;
    void publish();
    void haltStream();
    void release();

    const UsbSettings settings_;
    const std::unique_ptr<UsbTransport> transport_;
    Clock &clock_;
    UsbDevice device_;                    ///< the one that is or was open
    std::unique_ptr<TransferRing> ring_;  ///< exchanged with mutex_ held
    std::thread events_;
    std::atomic<bool> halting_{false};
    std::atomic<bool> interrupted_{false};

    std::optional<FrameReader> reader_;
    std::optional<UsbFrame> frame_;  ///< found, not yet given
    std::uint64_t nextPlane_ = 0;
    std::uint32_t epoch_ = 0;
    double rateHz_ = 0;  ///< 0: never opened
    UsbFrameCounts countsAtOpen_;
    Clock::TimePoint firstArrival_{};

    mutable std::mutex mutex_;
    UsbCounts counts_;
};

}  // namespace fovea
