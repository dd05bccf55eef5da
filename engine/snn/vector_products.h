// SPDX-License-Identifier: Apache-2.0
// The product of dense_kernels on vectors, for processors without matrix tiles.
#pragma once

#include "engine/snn/dense_kernels.h"

#include <optional>

namespace fovea::dense {

/// AVX-512 with VNNI (int8); bf16 where the processor has AVX512-BF16, too.
[[nodiscard]] std::optional<Kernels> vnniKernels();
/// AVX2: int8 alone.
[[nodiscard]] std::optional<Kernels> avx2Kernels();

}  // namespace fovea::dense
