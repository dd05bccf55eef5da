// SPDX-License-Identifier: Apache-2.0
// The kernels of the attention chain.
#include "engine/detect/attention_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

using namespace attention_bodies;

template const DeviceKernel &deviceKernel<StpBody>();
template const DeviceKernel &deviceKernel<SkipBody>();
template const DeviceKernel &deviceKernel<ResetBody>();
template const DeviceKernel &deviceKernel<LifBody>();
template const DeviceKernel &deviceKernel<EnergyBody>();
template const DeviceKernel &deviceKernel<RowEnergyBody>();
template const DeviceKernel &deviceKernel<ScaleBody>();
template const DeviceKernel &deviceKernel<RelaxBody>();
template const DeviceKernel &deviceKernel<SmoothBody>();
template const DeviceKernel &deviceKernel<StepBody>();
template const DeviceKernel &deviceKernel<MaskBody>();
template const DeviceKernel &deviceKernel<ErodeBody>();

}  // namespace fovea
