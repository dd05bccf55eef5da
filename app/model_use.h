// SPDX-License-Identifier: Apache-2.0
// The network that a configuration names, loaded before anything else begins.
#pragma once

#include "engine/pipeline/config.h"

namespace fovea {

/// It is used: as detector, as picture of a view, or for single pictures.
[[nodiscard]] bool wantsModel(const Config &config);

/// Loads `config.model` where it is wanted and puts it into `config.recon`, too. A file that is
/// missing or no network is ErrorCode::BadFile; Usage when none is named.
[[nodiscard]] Result<void> prepareModel(Config &config);

}  // namespace fovea
