// SPDX-License-Identifier: Apache-2.0
// What the service says of itself: the status page, the first and the last line.
#pragma once

#include "app/fovea-detectd/readiness.h"
#include "app/frame_json.h"

#include <optional>
#include <string>

namespace fovea {

/// What the service knows beside the session.
struct ServiceState {
    std::string url;         ///< where the pages are
    std::string configFile;  ///< as given on the command line
    double uptimeSeconds = 0;
    std::uint64_t reloads = 0;  ///< configurations taken over since the start
    std::string reloadError;    ///< why the newest one was refused; empty when it was not
    ReadyState ready;
    Json recording;  ///< ServiceRecorder::json()
};

/// What is worth knowing of a configuration to read results: source, method, noise, outputs.
[[nodiscard]] Json configJson(const Config &config);

/// When the newest plane came, seconds since 1970; null before the first.
[[nodiscard]] Json lastPlaneTime(const SessionStatus &session);

/// The page /v1/status: the session's status and the service's own.
[[nodiscard]] Json statusJson(const ServiceState &service, const SessionStatus &session,
                              const Config &config);

/// The first line: the same under "status", with program and version.
[[nodiscard]] Json helloJson(const ServiceState &service, const SessionStatus &session,
                             const Config &config);

/// What the last line adds: planes, error. Nothing while planes are on their way.
[[nodiscard]] std::optional<Json> endJson(const SessionStatus &session);

}  // namespace fovea
