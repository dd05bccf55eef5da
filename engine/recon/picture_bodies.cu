// SPDX-License-Identifier: Apache-2.0
// The kernels of TFP and TFI.
#include "engine/recon/picture_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<picture_bodies::RateBody<6>>();
template const DeviceKernel &deviceKernel<picture_bodies::RateBody<8>>();
template const DeviceKernel &deviceKernel<picture_bodies::RateBody<12>>();
template const DeviceKernel &deviceKernel<picture_bodies::IntervalBody>();

}  // namespace fovea
