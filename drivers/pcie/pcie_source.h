// SPDX-License-Identifier: Apache-2.0
// A spike camera behind a PCIe capture card as a source of planes.
#pragma once

#include "datasets/wire_frames.h"
#include "drivers/pcie/card_reader.h"
#include "engine/core/live_source.h"

#include <memory>

namespace fovea {

struct PcieSettings : LiveSettings {
    CardSettings card;
    WireLayout layout;
    bool flip = false;  ///< the camera sends its bottom row first
};

/// What camera and card have done since the last open().
struct PcieCounts : LiveCounts {
    WireFrameCounts frames;
    CardCounts card;
};

using WireFrameReader = PieceReader<CardReader, WireFrameParser>;

/// Reads the 1000-column camera for as long as card and library give bytes.
///
/// Frames carry no numbers: planes are numbered by the bytes between frames. A vendor library that
/// does not come back from a call is a loss, too; open() then says so until it has come back.
/// Threads: see SpikeSource; counts() any.
class PcieSource final : public LiveSource {
public:
    /// `clock` must outlive the source.
    PcieSource(PcieSettings settings, Clock &clock);
    ~PcieSource() override;

    [[nodiscard]] PcieCounts counts() const;

protected:
    [[nodiscard]] std::string label() const override { return "pcie"; }
    [[nodiscard]] Result<SourceInfo> openLink() override;
    [[nodiscard]] FrameStream &frames() override { return *reader_; }
    [[nodiscard]] std::size_t frameBytes() const override { return settings_.layout.frameBytes(); }
    void unpack(const std::uint8_t *frame, std::uint64_t *words) const override;
    [[nodiscard]] std::optional<std::string> lossReason() const override;
    void haltLink() override;
    void releaseLink() override;
    void wakeLink() override;
    LiveCounts &readCounts() override;

private:
    const PcieSettings settings_;
    std::unique_ptr<CardReader> card_;  ///< exchanged with mutex() held
    std::optional<WireFrameReader> reader_;
    PcieCounts counts_;  ///< with mutex() held
};

/// What is known of the card without opening it, for a list; nothing when there is none. Says
/// nothing of the library, whose path only a configuration knows.
[[nodiscard]] std::optional<std::string> describePcieCard(const std::string &node = jr6101::node);

}  // namespace fovea
