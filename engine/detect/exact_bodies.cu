// SPDX-License-Identifier: Apache-2.0
// The kernels of the exact attention chain.
#include "engine/detect/exact_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

using namespace exact_bodies;

template const DeviceKernel &deviceKernel<StpBody>();
template const DeviceKernel &deviceKernel<SkipBody>();
template const DeviceKernel &deviceKernel<ResetBody>();
template const DeviceKernel &deviceKernel<EnergyBody>();
template const DeviceKernel &deviceKernel<RowEnergyBody>();
template const DeviceKernel &deviceKernel<ScaleBody>();
template const DeviceKernel &deviceKernel<InputBody>();
template const DeviceKernel &deviceKernel<RowBody>();
template const DeviceKernel &deviceKernel<StepBody>();

}  // namespace fovea
