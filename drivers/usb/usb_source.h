// SPDX-License-Identifier: Apache-2.0
// A spike camera on USB as a source of planes.
#pragma once

#include "datasets/usb_frames.h"
#include "drivers/usb/transfer_ring.h"
#include "drivers/usb/usb_devices.h"
#include "engine/core/live_source.h"

#include <memory>
#include <thread>

namespace fovea {

struct UsbSettings : LiveSettings {
    UsbMatch match;
    PlaneShape shape{400, 250};
    bool flip = true;  ///< the camera sends its bottom row first
    RingSettings ring;
    /// A device may show before its permissions are set.
    std::chrono::milliseconds accessPatience{1000};
};

/// What the camera and its link have done since the last open().
struct UsbCounts : LiveCounts {
    UsbFrameCounts frames;
    RingCounts ring;
};

using UsbFrameReader = PieceReader<TransferRing, UsbFrameParser>;

/// Reads a camera behind an FT600 or FT601 for as long as it is there.
///
/// The plane numbers grow by the camera's own counter, so that every loss is exact. A lost camera
/// is looked for by its serial at each open(); nothing is remembered of the bus, so it is found at
/// any port and without udevd. A thread of its own keeps transfers going, whether or not anybody
/// reads. Threads: see SpikeSource; counts() any.
class UsbSource final : public LiveSource {
public:
    /// `clock` must outlive the source.
    UsbSource(UsbSettings settings, std::unique_ptr<UsbTransport> transport, Clock &clock);
    ~UsbSource() override;

    [[nodiscard]] UsbCounts counts() const;

protected:
    [[nodiscard]] std::string label() const override;
    [[nodiscard]] Result<SourceInfo> openLink() override;
    [[nodiscard]] FrameStream &frames() override { return *reader_; }
    [[nodiscard]] std::size_t frameBytes() const override;
    void unpack(const std::uint8_t *frame, std::uint64_t *words) const override;
    [[nodiscard]] std::optional<std::string> lossReason() const override;
    void haltLink() override;
    void releaseLink() override;
    void forgetDevice() override { device_ = {}; }
    void wakeLink() override;
    LiveCounts &readCounts() override;

private:
    [[nodiscard]] Result<UsbDevice> find() const;
    [[nodiscard]] Result<void> claim();
    [[nodiscard]] SourceInfo describe();
    [[nodiscard]] Result<void> startStream();
    [[nodiscard]] tl::unexpected<Error> broken(UsbCode why) const;

    const UsbSettings settings_;
    const std::unique_ptr<UsbTransport> transport_;
    UsbDevice device_;                    ///< the one that is or was open
    std::unique_ptr<TransferRing> ring_;  ///< exchanged with mutex() held
    std::thread events_;
    std::atomic<bool> halting_{false};
    std::optional<UsbFrameReader> reader_;
    UsbCounts counts_;  ///< with mutex() held
};

}  // namespace fovea
