// SPDX-License-Identifier: Apache-2.0
// Makes kernels of bodies, for *.cu files only. Compiled as C++ it makes those for the CPU alone.
#pragma once

#include "engine/cuda/both.h"
#include "engine/cuda/device.h"

#include <type_traits>

namespace fovea {

template <class Body> void runOnHost(const void *body, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t thread = first; thread < last; ++thread)
        (*static_cast<const Body *>(body))(thread);
}

/// What a body asks of the device: lanes that run a thread, and the least compute capability.
template <class Body, class = void> struct WarpOf {
    static constexpr unsigned lanes = 1;
    static constexpr int architecture = 0;
};
template <class Body> struct WarpOf<Body, std::void_t<decltype(Body::architecture)>> {
    static constexpr unsigned lanes = Body::lanes;
    static constexpr int architecture = Body::architecture;
};

#ifdef __CUDACC__
template <class Body> __global__ void runBody(Body body, std::uint64_t threads) {
    const std::uint64_t thread =
        (std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x) / WarpOf<Body>::lanes;
    if (thread < threads)
        body(thread);
}

template <class Body>
const char *launchBody(const void *body, std::uint64_t threads, void *stream) {
    constexpr unsigned perBlock = 128;
    const std::uint64_t blocks = (threads * WarpOf<Body>::lanes + perBlock - 1) / perBlock;
    if (blocks == 0)
        return nullptr;
    if (blocks > 0x7FFFFFFF)
        return "more threads than a launch may have";
    runBody<<<static_cast<unsigned>(blocks), perBlock, 0, static_cast<cudaStream_t>(stream)>>>(
        *static_cast<const Body *>(body), threads);
    const cudaError_t error = cudaGetLastError();
    return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

template <class Body> const char *refusalOf() {
    cudaFuncAttributes attributes{};
    const cudaError_t error = cudaFuncGetAttributes(&attributes, runBody<Body>);
    if (error != cudaSuccess) {
        (void)cudaGetLastError();
        return cudaGetErrorString(error);
    }
    return attributes.ptxVersion >= WarpOf<Body>::architecture
               ? nullptr
               : "device or build are older than these tensor cores (compute capability 8.0)";
}
#endif

template <class Body> const DeviceKernel &deviceKernel() {
    static_assert(std::is_trivially_copyable_v<Body> && sizeof(Body) <= 4096 - 8,
                  "parameters of a kernel are copied as bytes, 4 kB at most");
#ifdef __CUDACC__
    static const DeviceKernel kernel{Body::name(), sizeof(Body), runOnHost<Body>, launchBody<Body>,
                                     WarpOf<Body>::architecture != 0 ? refusalOf<Body> : nullptr};
#else
    static const DeviceKernel kernel{Body::name(), sizeof(Body), runOnHost<Body>, nullptr};
#endif
    return kernel;
}

}  // namespace fovea
