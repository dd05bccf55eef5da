// SPDX-License-Identifier: Apache-2.0
// The first device that is there, and the CPU behind it.
#include "engine/snn/cuda_executor.h"

#include "engine/cuda/backend.h"
#include "engine/snn/device_executor.h"
#include "engine/snn/make_executor.h"

namespace fovea {

Result<std::unique_ptr<Executor>> makeCudaExecutor(const Network &network, std::size_t batch,
                                                   Precision precision) {
    auto device = openCuda();
    if (!device)
        return failed(device);
    if (precision != Precision::Fp32)
        return fail(ErrorCode::Unsupported, "backend cuda has precision fp32 only, not {}",
                    toString(precision));
    // Nothing of a checked network is refused by the CPU in fp32.
    const auto onCpu = [&network, batch] {
        return makeExecutor(network, batch, {ExecutorBackend::Cpu}).value();
    };
    auto executor = std::make_unique<DeviceExecutor>(network, batch, std::move(*device), onCpu);
    if (auto made = executor->result(); !made)
        return failed(made);
    return executor;
}

}  // namespace fovea
