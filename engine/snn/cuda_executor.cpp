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
    if (const char *why = DeviceNetwork::refusal(**device, precision))
        return fail(ErrorCode::Unsupported, "{} cannot do {}: {}", (*device)->name(),
                    toString(precision), why);
    const auto onCpu = [&network, batch, precision] {
        auto same = makeExecutor(network, batch, {ExecutorBackend::Cpu, precision});
        // Nothing of a checked network is refused by the CPU in fp32.
        return same ? std::move(*same)
                    : makeExecutor(network, batch, {ExecutorBackend::Cpu}).value();
    };
    auto executor =
        std::make_unique<DeviceExecutor>(network, batch, std::move(*device), onCpu, precision);
    if (auto made = executor->result(); !made)
        return failed(made);
    return executor;
}

}  // namespace fovea
