// SPDX-License-Identifier: Apache-2.0
// A synthetic scene as a spike source: everybody's first camera.
#pragma once

#include "drivers/synthetic/settings.h"
#include "engine/core/clock.h"
#include "engine/core/plane_pace.h"
#include "engine/core/spike_source.h"

#include <atomic>
#include <memory>

namespace fovea {

namespace synthetic {
class Scene;
class Sensor;
}  // namespace synthetic

/// Spikes of moving objects seen by a noisy integrate-and-fire sensor, with the truth about them.
///
/// Paced, it is a live camera: plane n (from 0) is due (n + 1) / rate after open(), whether or not
/// anybody reads. It keeps bufferSeconds of planes for a late reader, the oldest of which are
/// overwritten by newer ones: a reader that is later than that gets a Gap of reason Buffer with the
/// exact number of lost planes, then the newest bufferSeconds. A block covers at most 10 ms.
/// Not paced, it is a film without end (or of the length set): every read fills the block.
///
/// read() gives at once what fills a block; otherwise it waits for that until the time-out and
/// gives what is due then, or Idle. All times are the clock's. After drain() it gives the planes
/// due until then, then End. Every open() starts the same scene again from its first plane.
/// Threads: see SpikeSource; truth() is valid as long as the source lives, null for bad settings.
class SyntheticSource final : public SpikeSource {
public:
    static constexpr double bufferSeconds = 0.2;

    /// `clock` must outlive the source.
    SyntheticSource(const SyntheticSettings &settings, Clock &clock);
    ~SyntheticSource() override;

    void interrupt() override;
    [[nodiscard]] const GroundTruth *truth() const override;
    [[nodiscard]] const SyntheticSettings &settings() const { return settings_; }

protected:
    [[nodiscard]] Result<SourceInfo> doOpen() override;
    [[nodiscard]] Result<ReadOutcome> doRead(SpikeBlock &block,
                                             std::chrono::milliseconds timeout) override;
    void doDrain() override;
    void doClose() override;

private:
    [[nodiscard]] std::uint64_t due() const;
    [[nodiscard]] std::uint64_t waitForPlanes(std::uint64_t wanted,
                                              std::chrono::milliseconds timeout);
    void fill(SpikeBlock &block, std::uint64_t count);

    const SyntheticSettings settings_;
    Clock &clock_;
    std::unique_ptr<const synthetic::Scene> scene_;
    std::unique_ptr<synthetic::Sensor> sensor_;  ///< while open
    PlanePace pace_;
    std::uint64_t given_ = 0;  ///< planes given or lost since open()
    std::uint64_t end_ = 0;    ///< planes there will be
    std::atomic<bool> interrupted_{false};
};

}  // namespace fovea
