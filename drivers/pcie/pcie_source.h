// SPDX-License-Identifier: Apache-2.0
// A spike camera behind a PCIe capture card as a source of planes.
#pragma once

#include "drivers/pcie/card_reader.h"
#include "drivers/pcie/wire_reader.h"
#include "engine/core/clock.h"
#include "engine/core/spike_source.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

namespace fovea {

struct PcieSettings {
    CardSettings card;
    WireLayout layout;
    std::optional<double> planeRateHz;              ///< nothing: measured by arrival
    bool flip = false;                              ///< the camera sends its bottom row first
    std::chrono::milliseconds framePatience{2000};  ///< until a frame is found in what comes
    std::chrono::milliseconds rateWindow{250};      ///< over which the rate is measured
};

/// What camera and card have done since the last open(), and how often it was opened.
struct PcieCounts {
    WireFrameCounts frames;
    CardCounts card;
    std::uint64_t opens = 0;
    double measuredRateHz = 0;  ///< from arrival, over all of it; 0: not yet
};

/// Reads the 1000-column camera for as long as card and library give bytes.
///
/// Frames carry no numbers. Planes are numbered from 0 after a close(), and by the bytes between
/// frames: those that are missing or damaged are a Gap of reason Link, those that this computer let
/// go one of reason Buffer. When the camera comes back after a loss the numbers go on and the
/// block's epoch grows. A vendor library that does not come back from a call is a loss, too; open()
/// then says so until it has come back. Threads: see SpikeSource; counts() any.
class PcieSource final : public SpikeSource {
public:
    /// `clock` must outlive the source.
    PcieSource(PcieSettings settings, Clock &clock);
    ~PcieSource() override;

    void interrupt() override;
    [[nodiscard]] PcieCounts counts() const;

protected:
    [[nodiscard]] Result<SourceInfo> doOpen() override;
    [[nodiscard]] Result<ReadOutcome> doRead(SpikeBlock &block,
                                             std::chrono::milliseconds timeout) override;
    void doDrain() override { haltStream(); }
    void doClose() override;

private:
    [[nodiscard]] Result<SourceInfo> openCard();
    [[nodiscard]] Result<void> findFrame();
    [[nodiscard]] Result<double> findRate();
    [[nodiscard]] bool nextFrame(std::chrono::nanoseconds limit);
    void put(SpikeBlock &block);
    [[nodiscard]] std::string unsynced() const;
    void publish();
    void haltStream();
    void release();

    const PcieSettings settings_;
    Clock &clock_;
    std::unique_ptr<CardReader> card_;  ///< exchanged with mutex_ held
    std::atomic<bool> interrupted_{false};

    std::optional<WireReader> reader_;
    std::optional<WireFrame> frame_;  ///< found, not yet given
    Clock::TimePoint lastFrame_{};
    std::uint64_t nextPlane_ = 0;
    std::uint32_t epoch_ = 0;
    double rateHz_ = 0;  ///< 0: never opened
    bool halted_ = false;
    WireFrameCounts countsAtOpen_;
    Clock::TimePoint firstArrival_{};

    mutable std::mutex mutex_;
    PcieCounts counts_;
};

/// What is known of the card without opening it, for a list; nothing when there is none. Says
/// nothing of the library, whose path only a configuration knows.
[[nodiscard]] std::optional<std::string> describePcieCard(const std::string &node = jr6101::node);

}  // namespace fovea
