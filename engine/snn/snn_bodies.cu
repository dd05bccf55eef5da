// SPDX-License-Identifier: Apache-2.0
// The kernels of networks.
#include "engine/snn/snn_bodies.h"

#include "engine/cuda/kernel.cuh"
#include "engine/snn/state_bodies.h"

namespace fovea {

template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<false, 1>>();
template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<false, 4>>();
template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<false, 8>>();
template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<true, 1>>();
template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<true, 4>>();
template const DeviceKernel &deviceKernel<snn_bodies::ConvBody<true, 8>>();
template const DeviceKernel &deviceKernel<snn_bodies::ElementBody<snn_bodies::SumOp>>();
template const DeviceKernel &deviceKernel<snn_bodies::ElementBody<snn_bodies::ScaleOp>>();
template const DeviceKernel &deviceKernel<snn_bodies::ElementBody<snn_bodies::ActivationOp>>();
template const DeviceKernel &deviceKernel<snn_bodies::ElementBody<snn_bodies::PoolOp>>();
template const DeviceKernel &deviceKernel<snn_bodies::ElementBody<snn_bodies::UpsampleOp>>();
template const DeviceKernel &deviceKernel<snn_bodies::DelayBody>();
template const DeviceKernel &deviceKernel<snn_bodies::StartBody>();
template const DeviceKernel &deviceKernel<snn_bodies::MaskBody>();
template const DeviceKernel &deviceKernel<snn_bodies::CalibrateBody>();
template const DeviceKernel &deviceKernel<snn_bodies::PlaneBody>();
template const DeviceKernel &deviceKernel<snn_bodies::CountBody>();
template const DeviceKernel &deviceKernel<snn_bodies::ClockBody>();

}  // namespace fovea
