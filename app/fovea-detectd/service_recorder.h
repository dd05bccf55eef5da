// SPDX-License-Identifier: Apache-2.0
// The service's recording: begun and ended by the configuration.
#pragma once

#include "app/frame_json.h"
#include "datasets/recorder.h"
#include "engine/pipeline/session.h"

#include <mutex>
#include <optional>

namespace fovea {

/// ErrorCode::Usage when a recording cannot be made as `config` says.
[[nodiscard]] Result<void> checkRecord(const Config &config);

/// Records what a Session sees as the section `record` says. A recording never costs the service
/// its work: one that cannot go on ends with a reason in log and status, and the rest goes on.
///
/// Threads: one; json() from any.
class ServiceRecorder {
public:
    explicit ServiceRecorder(Session &session) : session_(session) {}

    /// The output to start the session with; nothing when none is configured. The source stays
    /// that of `config` from now on.
    [[nodiscard]] std::optional<Output> begin(const Config &config);
    /// A configuration that was read again: begins, ends or changes the recording. One that has
    /// ended begins anew.
    void take(const RecordConfig &wanted);
    /// Ends what a lost camera ends, and tells why a recording ended by itself.
    void watch(const SessionStatus &status);
    /// For the status page: null when nothing was ever recorded.
    [[nodiscard]] Json json() const;

private:
    [[nodiscard]] std::optional<Output> make(const RecordConfig &wanted);
    void end(const char *why);
    void tell(const SinkStatus &output);

    Session &session_;
    SourceConfig source_;
    RecordConfig wanted_;
    OutputId id_ = 0;           ///< 0 until it is known
    std::uint64_t losses_ = 0;  ///< of the camera, told so far
    mutable std::mutex mutex_;  ///< of what follows
    std::shared_ptr<RecorderSink> sink_;
    bool active_ = false;
    std::string error_;
};

}  // namespace fovea
