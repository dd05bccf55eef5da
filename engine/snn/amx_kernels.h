// SPDX-License-Identifier: Apache-2.0
// Matrix tiles of newer Intel processors (AMX): 16 rows by 16 columns at once.
#pragma once

#include "engine/snn/dense_kernels.h"

#include <optional>

namespace fovea::dense {

/// Nothing unless the processor has int8 and bf16 tiles and the system lets us use them.
[[nodiscard]] std::optional<Kernels> amxKernels();

}  // namespace fovea::dense
