// SPDX-License-Identifier: Apache-2.0
// The kernels of the exact attention chain.
#include "engine/detect/exact_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<exact_bodies::StpBody>();
template const DeviceKernel &deviceKernel<exact_bodies::SkipBody>();
template const DeviceKernel &deviceKernel<exact_bodies::ResetBody>();
template const DeviceKernel &deviceKernel<exact_bodies::EnergyBody>();
template const DeviceKernel &deviceKernel<exact_bodies::RowEnergyBody>();
template const DeviceKernel &deviceKernel<exact_bodies::ScaleBody>();
template const DeviceKernel &deviceKernel<exact_bodies::InputBody>();
template const DeviceKernel &deviceKernel<exact_bodies::RowBody>();
template const DeviceKernel &deviceKernel<exact_bodies::StepBody>();

}  // namespace fovea
