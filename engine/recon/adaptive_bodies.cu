// SPDX-License-Identifier: Apache-2.0
// The kernels of the adaptive method.
#include "engine/recon/adaptive_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

using namespace adaptive_bodies;

template const DeviceKernel &deviceKernel<SegmentBody>();
template const DeviceKernel &deviceKernel<QuarterBody>();
template const DeviceKernel &deviceKernel<AlignBody>();
template const DeviceKernel &deviceKernel<ReferenceBody>();
template const DeviceKernel &deviceKernel<DeviationBody>();
template const DeviceKernel &deviceKernel<MergeBody>();
template const DeviceKernel &deviceKernel<PatchBody>();
template const DeviceKernel &deviceKernel<SmoothBody>();

}  // namespace fovea
