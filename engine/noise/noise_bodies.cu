// SPDX-License-Identifier: Apache-2.0
// The kernels of the injectors.
#include "engine/noise/noise_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

using namespace noise_bodies;

template const DeviceKernel &deviceKernel<DenseMaskBody>();
template const DeviceKernel &deviceKernel<RareMaskBody>();
template const DeviceKernel &deviceKernel<ApplyBody>();
template const DeviceKernel &deviceKernel<StuckBody>();
template const DeviceKernel &deviceKernel<BrightBody>();
template const DeviceKernel &deviceKernel<TakeOverBody>();

}  // namespace fovea
