// SPDX-License-Identifier: Apache-2.0
// Everything that a bug report needs, as text.
#pragma once

#include "engine/pipeline/session.h"

#include <QString>

namespace fovea {

class LogModel;

/// Version, system, settings, counters, and the last lines of the log.
[[nodiscard]] QString makeReport(const Config &config, const SessionStatus &status,
                                 const LogModel &log);

}  // namespace fovea
