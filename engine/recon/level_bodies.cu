// SPDX-License-Identifier: Apache-2.0
// The kernels of the stability method and of TFSTP.
#include "engine/recon/level_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<level_bodies::StabilityBody>();
template const DeviceKernel &deviceKernel<level_bodies::FollowBody>();

}  // namespace fovea
