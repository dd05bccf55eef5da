// SPDX-License-Identifier: Apache-2.0
// A device on the CUDA runtime. Compiled as C++, without nvcc, it says that there is none.
#include "engine/cuda/cuda_device.h"

#include <new>

#ifdef __CUDACC__
#include <cuda_runtime.h>
#endif

namespace fovea {

#ifndef __CUDACC__

Device *openCudaDevice(const char **why) {
    *why = "this build has no CUDA";
    return nullptr;
}

#else

namespace {

DeviceStatus status(cudaError_t error) {
    return {error == cudaSuccess ? nullptr : cudaGetErrorString(error)};
}

cudaEvent_t toCuda(DeviceEvent *event) {
    return reinterpret_cast<cudaEvent_t>(event);
}

cudaGraphExec_t toCuda(DeviceGraph *graph) {
    return reinterpret_cast<cudaGraphExec_t>(graph);
}

class CudaDevice final : public Device {
public:
    explicit CudaDevice(int number) : number_(number) {}
    ~CudaDevice() override {
        (void)finishAll();
        for (cudaStream_t stream : streams_)
            if (stream != nullptr)
                (void)cudaStreamDestroy(stream);
    }
    /// The first call that makes the driver do something.
    cudaError_t open() {
        if (const cudaError_t error = use(); error != cudaSuccess)
            return error;
        if (const cudaError_t error = cudaGetDeviceProperties(&properties_, number_);
            error != cudaSuccess)
            return error;
        for (cudaStream_t &stream : streams_)
            if (const cudaError_t error = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
                error != cudaSuccess)
                return error;
        return cudaSuccess;
    }

    const char *name() const override { return properties_.name; }
    const char *refusal(const DeviceKernel &kernel) const override {
        if (kernel.onCuda == nullptr)
            return "this kernel was compiled without CUDA";
        if (const cudaError_t error = use(); error != cudaSuccess)
            return cudaGetErrorString(error);
        return kernel.refusal != nullptr ? kernel.refusal() : nullptr;
    }

    DeviceStatus allocate(std::size_t bytes, void **memory) override {
        *memory = nullptr;
        if (cudaError_t error = on([&] { return cudaMalloc(memory, bytes); });
            error != cudaSuccess) {
            (void)cudaGetLastError();  // too little memory is no reason to give the device up
            return status(error);
        }
        // Zeros for all streams: they do not wait for the default one.
        if (cudaError_t error = cudaMemset(*memory, 0, bytes); error != cudaSuccess)
            return status(error);
        return status(cudaStreamSynchronize(cudaStreamLegacy));
    }
    DeviceStatus allocatePinned(std::size_t bytes, void **memory) override {
        *memory = nullptr;
        const cudaError_t error =
            on([&] { return cudaHostAlloc(memory, bytes, cudaHostAllocDefault); });
        if (error != cudaSuccess)
            (void)cudaGetLastError();
        return status(error);
    }
    void release(void *memory) override {
        if (memory == nullptr)
            return;
        (void)finishAll();
        (void)cudaFree(memory);
    }
    void releasePinned(void *memory) override {
        if (memory == nullptr)
            return;
        (void)finishAll();
        (void)cudaFreeHost(memory);
    }

    DeviceStatus copy(DeviceStream stream, void *target, const void *source,
                      std::size_t bytes) override {
        return status(on(
            [&] { return cudaMemcpyAsync(target, source, bytes, cudaMemcpyDefault, of(stream)); }));
    }
    DeviceStatus clear(DeviceStream stream, void *target, std::size_t bytes) override {
        return status(on([&] { return cudaMemsetAsync(target, 0, bytes, of(stream)); }));
    }
    DeviceStatus launch(const DeviceKernel &kernel, const void *body,
                        std::uint64_t threads) override {
        if (kernel.onCuda == nullptr)
            return {"this kernel was compiled without CUDA"};
        if (const cudaError_t error = use(); error != cudaSuccess)
            return status(error);
        return {kernel.onCuda(body, threads, of(DeviceStream::Compute))};
    }

    DeviceStatus makeEvent(DeviceEvent **event) override {
        cudaEvent_t made = nullptr;
        // Who waits sleeps: a spinning thread would take a core from the rest of the program.
        const cudaError_t error = on([&] {
            return cudaEventCreateWithFlags(&made, cudaEventBlockingSync | cudaEventDisableTiming);
        });
        *event = reinterpret_cast<DeviceEvent *>(made);
        return status(error);
    }
    void release(DeviceEvent *event) override {
        if (event != nullptr && use() == cudaSuccess)
            (void)cudaEventDestroy(toCuda(event));
    }
    DeviceStatus record(DeviceStream stream, DeviceEvent *event) override {
        return status(on([&] { return cudaEventRecord(toCuda(event), of(stream)); }));
    }
    DeviceStatus waitFor(DeviceStream stream, DeviceEvent *event) override {
        return status(on([&] { return cudaStreamWaitEvent(of(stream), toCuda(event), 0); }));
    }
    DeviceStatus finish(DeviceEvent *event) override {
        return status(on([&] { return cudaEventSynchronize(toCuda(event)); }));
    }
    DeviceStatus finishAll() override {
        cudaError_t first = use();
        for (cudaStream_t stream : streams_)
            if (const cudaError_t error = cudaStreamSynchronize(stream); first == cudaSuccess)
                first = error;
        return status(first);
    }

    DeviceStatus beginGraph() override {
        return status(on([&] {
            return cudaStreamBeginCapture(of(DeviceStream::Compute),
                                          cudaStreamCaptureModeThreadLocal);
        }));
    }
    DeviceStatus endGraph(DeviceGraph **graph) override {
        *graph = nullptr;
        cudaGraph_t captured = nullptr;
        cudaGraphExec_t made = nullptr;
        cudaError_t error =
            on([&] { return cudaStreamEndCapture(of(DeviceStream::Compute), &captured); });
        if (error == cudaSuccess)
            error = cudaGraphInstantiate(&made, captured, 0);
        if (captured != nullptr)
            (void)cudaGraphDestroy(captured);
        *graph = reinterpret_cast<DeviceGraph *>(made);
        return status(error);
    }
    DeviceStatus run(DeviceGraph *graph) override {
        return status(
            on([&] { return cudaGraphLaunch(toCuda(graph), of(DeviceStream::Compute)); }));
    }
    void release(DeviceGraph *graph) override {
        if (graph != nullptr && use() == cudaSuccess)
            (void)cudaGraphExecDestroy(toCuda(graph));
    }

private:
    /// The device is a setting of the calling thread, and stages may move between threads.
    [[nodiscard]] cudaError_t use() const { return cudaSetDevice(number_); }
    template <class Call> [[nodiscard]] cudaError_t on(Call call) const {
        const cudaError_t error = use();
        return error != cudaSuccess ? error : call();
    }
    [[nodiscard]] cudaStream_t of(DeviceStream stream) const {
        return streams_[static_cast<std::size_t>(stream)];
    }

    int number_;
    cudaDeviceProp properties_{};
    cudaStream_t streams_[deviceStreamCount] = {};
};

}  // namespace

Device *openCudaDevice(const char **why) {
    int devices = 0;
    cudaError_t error = cudaGetDeviceCount(&devices);
    *why = devices == 0 ? "no NVIDIA graphics processor was found" : nullptr;
    for (int number = 0; error == cudaSuccess && number < devices; ++number) {
        auto *device = new (std::nothrow) CudaDevice(number);
        if (device == nullptr) {
            *why = "not enough memory";
            return nullptr;
        }
        const cudaError_t opened = device->open();
        if (opened == cudaSuccess) {
            *why = nullptr;
            return device;
        }
        *why = cudaGetErrorString(opened);
        delete device;
        (void)cudaGetLastError();
    }
    if (error == cudaErrorInsufficientDriver)
        *why = "no NVIDIA driver, or one that is older than this build's CUDA";
    else if (error != cudaSuccess)
        *why = cudaGetErrorString(error);
    (void)cudaGetLastError();
    return nullptr;
}

#endif

}  // namespace fovea
