// SPDX-License-Identifier: Apache-2.0
// The executor on a graphics processor.
#pragma once

#include "engine/snn/executor.h"

#include <memory>

namespace fovea {

/// NoDevice says what is missing; Unsupported what of the network or the precision it cannot run.
[[nodiscard]] Result<std::unique_ptr<Executor>>
makeCudaExecutor(const Network &network, std::size_t batch, Precision precision);

}  // namespace fovea
