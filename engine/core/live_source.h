// SPDX-License-Identifier: Apache-2.0
// What all cameras have in common, whatever link they hang on.
#pragma once

#include "engine/core/frame_stream.h"
#include "engine/core/spike_source.h"

#include <mutex>

namespace fovea {

struct LiveSettings {
    std::optional<double> planeRateHz;              ///< nothing: measured as planes arrive
    std::chrono::milliseconds framePatience{2000};  ///< with bytes that hold no frame
    std::chrono::milliseconds rateWindow{250};      ///< over which the rate is measured
};

/// What any camera has done.
struct LiveCounts {
    std::uint64_t opens = 0;
    double measuredRateHz = 0;  ///< by arrival, since the last open(); 0: not yet
};

/// From the frames of a camera to blocks, with every loss told.
///
/// Planes are numbered from 0 after a close(). What is missing before a frame is a Gap: of reason
/// Link, or of reason Buffer where this computer let the bytes go. When the camera comes back after
/// a loss, or begins to count anew, the numbers go on and the block's epoch grows: how long it was
/// away is not known in planes. A link that brings nothing more is a loss, and so are bytes without
/// a frame for `framePatience`. Rate: what is set, or measured and rounded to what such cameras do;
/// once known it is kept when the camera comes back with the same. Threads: see SpikeSource.
class LiveSource : public SpikeSource {
public:
    void interrupt() final;

protected:
    /// `clock` must outlive the source. A derived class closes itself in its destructor.
    LiveSource(PlaneShape shape, const LiveSettings &settings, Clock &clock)
        : clock_(clock), shape_(shape), settings_(settings) {}

    [[nodiscard]] Result<SourceInfo> doOpen() final;
    [[nodiscard]] Result<ReadOutcome> doRead(SpikeBlock &block,
                                             std::chrono::milliseconds timeout) final;
    void doDrain() final { haltLink(); }
    void doClose() final;

    /// What messages begin with.
    [[nodiscard]] virtual std::string label() const = 0;
    /// Finds the device and begins its stream. What is not said in the answer is filled in here.
    [[nodiscard]] virtual Result<SourceInfo> openLink() = 0;
    /// Of the open device.
    [[nodiscard]] virtual FrameStream &frames() = 0;
    /// Of a frame on the link.
    [[nodiscard]] virtual std::size_t frameBytes() const = 0;
    virtual void unpack(const std::uint8_t *frame, std::uint64_t *words) const = 0;
    /// Why no more bytes will come; nothing while they may.
    [[nodiscard]] virtual std::optional<std::string> lossReason() const = 0;
    /// No new bytes; what came can still be read.
    virtual void haltLink() = 0;
    /// Lets the device go; nothing may be open.
    virtual void releaseLink() = 0;
    /// Which device it was is forgotten: the next one may be another.
    virtual void forgetDevice() {}
    /// Ends a wait for frames. Called with mutex() held.
    virtual void wakeLink() = 0;
    /// Reads what link and frames have counted, for other threads. Called with mutex() held.
    virtual LiveCounts &readCounts() = 0;

    [[nodiscard]] std::mutex &mutex() const { return mutex_; }
    [[nodiscard]] bool interrupted() const { return interrupted_; }

    Clock &clock_;

private:
    [[nodiscard]] bool nextFrame(std::chrono::nanoseconds limit);
    [[nodiscard]] Result<void> findFrame();
    [[nodiscard]] Result<double> findRate();
    [[nodiscard]] Result<SourceInfo> openStream();
    [[nodiscard]] bool put(SpikeBlock &block);
    [[nodiscard]] std::string noFrames();
    void publish();

    const PlaneShape shape_;
    const LiveSettings settings_;
    std::atomic<bool> interrupted_{false};
    std::optional<StreamFrame> frame_;  ///< found, not yet given
    std::uint64_t nextPlane_ = 0;
    std::uint32_t epoch_ = 0;
    double rateHz_ = 0;             ///< 0: never opened
    std::uint64_t firstPlane_ = 0;  ///< since the last open
    Clock::TimePoint firstArrival_{};
    mutable std::mutex mutex_;
};

}  // namespace fovea
