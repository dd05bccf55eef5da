// SPDX-License-Identifier: Apache-2.0
// Running a Session from the command line: until it is finished, or until somebody stops it.
#pragma once

#include "app/interrupts.h"
#include "app/progress.h"
#include "engine/pipeline/session.h"

#include <functional>
#include <string>

namespace fovea {

/// Called about twenty times a second; an error stops the session.
using SessionTick = std::function<Result<void>(const SessionStatus &)>;

/// Waits until the source has ended and all outputs are through, then stops the session. Loss and
/// return of a camera are told on stderr. Errors:
/// the source's, an output's (at once, not at the end), the tick's. When `interrupts` came first
/// the outputs get the time `outputs` to finish; only if they do the error is ErrorCode::Cancelled.
[[nodiscard]] Result<SessionStatus>
finishSession(Session &session, const Interrupts &interrupts, const SessionTick &tick,
              std::chrono::nanoseconds outputs = std::chrono::seconds{1});

/// Calls a function for each result, on the sink's thread.
class ResultSink final : public FrameSink {
public:
    using Take = std::function<Result<void>(const FrameResult &)>;
    explicit ResultSink(Take take) : take_(std::move(take)) {}
    [[nodiscard]] std::string name() const override { return "results"; }
    [[nodiscard]] Result<void> consume(const FrameResult &frame) override { return take_(frame); }

private:
    Take take_;
};

/// Detects in a camera until somebody stops it or it ends; `opened` is told what it is, `take` gets
/// every result (on another thread) as far as it keeps up.
[[nodiscard]] Result<SessionStatus>
detectInCamera(Config config, const Interrupts &interrupts,
               const std::function<void(const SourceInfo &)> &opened, const ResultSink::Take &take);

/// Plays the recording of `config.source` as fast as possible with detection on, and calls `take`
/// (on another thread) for every result in its range, none left out. The half second before the
/// range is played, too, so that the detector knows the background and the objects.
[[nodiscard]] Result<SessionStatus> detectInFile(Config config, double planeRateHz,
                                                 const Interrupts &interrupts, bool quiet,
                                                 const ResultSink::Take &take);

}  // namespace fovea
