// SPDX-License-Identifier: Apache-2.0
// The kernels of tensor cores: many places a warp where there are many, few else.
#include "engine/snn/tensor_bodies.h"

#include "engine/cuda/kernel.cuh"

namespace fovea {

using snn_bodies::TensorBody;

template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 4, 4, 1>>();
template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 4, 2, 2>>();
template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 4, 1, 4>>();
template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 1, 1, 1>>();
template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 1, 1, 2>>();
template const DeviceKernel &deviceKernel<TensorBody<Bf16Tiles, 1, 1, 4>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 4, 4, 1>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 4, 2, 2>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 4, 1, 4>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 1, 1, 1>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 1, 1, 2>>();
template const DeviceKernel &deviceKernel<TensorBody<Int8Tiles, 1, 1, 4>>();

}  // namespace fovea
