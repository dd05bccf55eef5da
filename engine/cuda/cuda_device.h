// SPDX-License-Identifier: Apache-2.0
// The way to NVIDIA's graphics processors.
#pragma once

#include "engine/cuda/device.h"

namespace fovea {

/// Opens the first usable graphics processor: null, and `why` says in words what is missing (no
/// CUDA in this build, no driver, no device, a device that is too old or broken). The program needs
/// no driver to start: the runtime is linked in and looks for the driver when this is called.
[[nodiscard]] Device *openCudaDevice(const char **why);

}  // namespace fovea
