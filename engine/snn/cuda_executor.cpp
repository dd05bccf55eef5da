// SPDX-License-Identifier: Apache-2.0
// The executor on a graphics processor.
#include "engine/snn/cuda_executor.h"

namespace fovea {

Result<std::unique_ptr<Executor>> makeCudaExecutor(const Network &, std::size_t, Precision) {
    return fail(ErrorCode::NoDevice, "networks do not run on a graphics processor in this build");
}

}  // namespace fovea
