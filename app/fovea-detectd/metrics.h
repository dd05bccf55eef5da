// SPDX-License-Identifier: Apache-2.0
// What a Prometheus server reads: only what is measured, in base units.
#pragma once

#include "engine/core/frame_sink.h"
#include "engine/pipeline/session.h"

#include <memory>
#include <string>

namespace fovea {

/// Counts results as they come; knows what the session's status does not.
///
/// Threads: consume belongs to one thread, text may be called from any.
class MetricsSink final : public FrameSink {
public:
    MetricsSink();
    ~MetricsSink() override;

    [[nodiscard]] std::string name() const override { return "metrics"; }
    [[nodiscard]] Result<void> consume(const FrameResult &frame) override;

    /// The Prometheus text format, with `status` as it is now.
    [[nodiscard]] std::string text(const SessionStatus &status) const;

private:
    struct Counters;
    std::unique_ptr<Counters> counters_;
};

}  // namespace fovea
