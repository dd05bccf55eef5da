// SPDX-License-Identifier: Apache-2.0
// The kernels of the adaptive method.
#include "engine/recon/adaptive_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<adaptive_bodies::SegmentBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::QuarterBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::AlignBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::ReferenceBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::DeviationBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::MergeBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::PatchBody>();
template const DeviceKernel &deviceKernel<adaptive_bodies::SmoothBody>();

}  // namespace fovea
