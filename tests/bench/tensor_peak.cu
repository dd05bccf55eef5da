// SPDX-License-Identifier: Apache-2.0
// The kernels of the peak.
#include "tests/bench/tensor_peak.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

template const DeviceKernel &deviceKernel<PeakBody<Bf16Tiles>>();
template const DeviceKernel &deviceKernel<PeakBody<Int8Tiles>>();

}  // namespace fovea
