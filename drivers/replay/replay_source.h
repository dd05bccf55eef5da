// SPDX-License-Identifier: Apache-2.0
// A recording as a spike source: a file is a device.
#pragma once

#include "datasets/spike_file.h"
#include "drivers/replay/play_head.h"
#include "engine/core/clock.h"
#include "engine/core/spike_source.h"

#include <atomic>
#include <filesystem>
#include <optional>

namespace fovea {

struct ReplaySettings {
    std::filesystem::path path;
    SpikeFileOptions file;
    PlaySettings play;
};

/// Plays a spike file with the Playback interface; how it plays is written at PlayHead.
///
/// Planes have the numbers of the file (from 0); its gaps are passed on with their exact place,
/// length and reason, planes left out to keep pace are Gaps of reason Skipped. The capture time of
/// a block is when it was read. After drain() comes End.
/// A read error of the file ends the source (state Draining, then End). An opening that was
/// interrupted cannot be tried again.
/// Threads: see SpikeSource and Playback; playback() is valid as long as the source lives.
class ReplaySource final : public SpikeSource {
public:
    /// `clock` must outlive the source.
    ReplaySource(ReplaySettings settings, Clock &clock);

    void interrupt() override;
    [[nodiscard]] Playback *playback() override { return &head_; }

protected:
    [[nodiscard]] Result<SourceInfo> doOpen() override;
    [[nodiscard]] Result<ReadOutcome> doRead(SpikeBlock &block,
                                             std::chrono::milliseconds timeout) override;
    void doDrain() override { ended_ = true; }
    void doClose() override { file_.reset(); }

private:
    [[nodiscard]] Result<ReadOutcome> perform(const PlayHead::Task &task, SpikeBlock &block);
    [[nodiscard]] Result<void> readPlanes(const PlayHead::Task &task, SpikeBlock &block) const;
    void skip(const PlayHead::Task &task, SpikeBlock &block) const;

    std::stop_source opening_;
    const ReplaySettings settings_;
    Clock &clock_;
    PlayHead head_;
    std::optional<SpikeFile> file_;  ///< while open
    bool ended_ = false;             ///< drained, or the file failed
    std::atomic<bool> interrupted_{false};
};

}  // namespace fovea
