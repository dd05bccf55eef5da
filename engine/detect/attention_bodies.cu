// SPDX-License-Identifier: Apache-2.0
// The kernels of the attention chain.
#include "engine/detect/attention_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<attention_bodies::StpBody>();
template const DeviceKernel &deviceKernel<attention_bodies::SkipBody>();
template const DeviceKernel &deviceKernel<attention_bodies::ResetBody>();
template const DeviceKernel &deviceKernel<attention_bodies::LifBody>();
template const DeviceKernel &deviceKernel<attention_bodies::EnergyBody>();
template const DeviceKernel &deviceKernel<attention_bodies::RowEnergyBody>();
template const DeviceKernel &deviceKernel<attention_bodies::ScaleBody>();
template const DeviceKernel &deviceKernel<attention_bodies::RelaxBody>();
template const DeviceKernel &deviceKernel<attention_bodies::SmoothBody>();
template const DeviceKernel &deviceKernel<attention_bodies::StepBody>();
template const DeviceKernel &deviceKernel<attention_bodies::MaskBody>();
template const DeviceKernel &deviceKernel<attention_bodies::ErodeBody>();

}  // namespace fovea
